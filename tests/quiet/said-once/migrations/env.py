# Never run. It sets a lock_timeout.
lock_timeout = "2s"
