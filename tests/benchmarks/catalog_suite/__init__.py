"""PostgreSQL's own regression suite as the judge of what is read and replayed.

    python -m tests.benchmarks.catalog_suite src/test/regress/sql

takes folders or files of SQL as psql runs them. Each file gets a fresh database of a real server and runs
statement by statement; where a statement succeeds, the difference that it makes to the server's catalog is
held against the difference that `read_sql` and `steps` make of it. What the server refuses does not count.

psql      a file → statements, with lines
server    a connection, and the facts of its catalog
ours      a `Catalog` → the same facts; and a table taken over from the server
judge     one file, statement by statement
"""

from __future__ import annotations
