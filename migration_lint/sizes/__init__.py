"""How large the tables of a running database are, as a committed file says."""
