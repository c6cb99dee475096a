"""The regression suites of PostgreSQL, MariaDB and SQLite as the judge of what is read and replayed.

    python -m tests.benchmarks.catalog_suite src/test/regress/sql
    python -m tests.benchmarks.catalog_suite --dialect mariadb mysql-test/main
    python -m tests.benchmarks.catalog_suite --dialect sqlite test

takes folders or files of a suite. Each file gets a fresh database of a real server and runs statement by
statement; where a statement succeeds, the difference that it makes to the server's catalog is held against
the difference that `read_sql` and `steps` make of it. What the server refuses does not count. The suites are
those of the servers' sources; MariaDB's is Debian's package mariadb-test-data, too.

languages   a file → statements, with lines: what psql, mysqltest and Tcl make of it
servers     a connection, and what the server's catalog holds
facts       tables and views → single facts, of both sides
ours        a `Catalog` → the same; and a table taken over from the server
judge       one file, statement by statement
suites      which language and which server belong together
"""

from __future__ import annotations
