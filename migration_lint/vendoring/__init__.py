"""Files of other repositories that lie in this one, and the lock that says which and of what commit."""

from __future__ import annotations

from migration_lint.vendoring.lock import LOCK, Pin, VendoringLock, content_hash, lock_text, read_lock

__all__ = ["LOCK", "VendoringLock", "Pin", "content_hash", "lock_text", "read_lock"]
