"""How fast a server reads a table, writes it anew, and builds an index.

    python -m tests.benchmarks.durations [--megabytes 1000]

The rates of `migration_lint/effects/duration.py` stand on what this prints: megabytes of table a second, of
a table that fits into memory, on each PostgreSQL and on MariaDB with their settings as they come. Each
statement is run three times, and the slowest counts; PostgreSQL takes each back.
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

import psycopg
import sqlalchemy as sa

from ..database import servers

ROW = 120  # bytes of text in each row, so that a row is as wide as they often are
MEGABYTE = 1_000_000


class Measured(NamedTuple):
    """A statement, and the rate that it shows."""

    rate: str  # what the product calls it
    statement: str


STATEMENTS = (
    Measured("read", "ALTER TABLE audit ALTER COLUMN n SET NOT NULL"),
    Measured("read", "ALTER TABLE audit ADD CHECK (n > 0)"),
    Measured("read", "ALTER TABLE audit ADD FOREIGN KEY (team_id) REFERENCES team"),
    Measured("write", "ALTER TABLE audit ALTER COLUMN n TYPE numeric"),
    Measured("write", "ALTER TABLE audit ADD COLUMN at timestamptz DEFAULT clock_timestamp()"),
    Measured("build", "CREATE INDEX ON audit (n)"),
    Measured("build", "CREATE INDEX ON audit (team_id, at_random)"),
    Measured("build", "CREATE INDEX ON audit (note)"),
)


#: The same for MariaDB, each followed by what takes it back.
MARIADB = (
    (Measured("read", "SELECT sum(length(note)) FROM audit"), "DO 0"),
    (Measured("write", "ALTER TABLE audit MODIFY n decimal(20)"), "ALTER TABLE audit MODIFY n bigint"),
    (
        Measured("write", "ALTER TABLE audit ADD CHECK (n > 0)"),
        "ALTER TABLE audit DROP CONSTRAINT CONSTRAINT_1",
    ),
    (Measured("build", "CREATE INDEX i ON audit (n)"), "DROP INDEX i ON audit"),
    (Measured("build", "CREATE INDEX i ON audit (team_id, at_random)"), "DROP INDEX i ON audit"),
    (Measured("build", "CREATE INDEX i ON audit (note)"), "DROP INDEX i ON audit"),
)


def filled(connection: psycopg.Connection, megabytes: int) -> int:
    """Makes the table, of about so many megabytes; gives how many it has."""
    rows = megabytes * MEGABYTE // (ROW + 60)
    connection.execute("CREATE TABLE team (id int PRIMARY KEY)")
    connection.execute("INSERT INTO team SELECT n FROM generate_series(0, 999) n")
    connection.execute("CREATE TABLE audit (n bigint, team_id int, at_random float, note text)")
    connection.execute(
        "INSERT INTO audit SELECT n, n %% 1000, random(), md5(n::text) || repeat('x', %s)"
        " FROM generate_series(1, %s) n",
        (ROW - 32, rows),
    )
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM (ANALYZE) audit")
    connection.autocommit = False
    found = connection.execute("SELECT pg_table_size('audit')").fetchone()
    assert found is not None
    return int(found[0]) // MEGABYTE


def seconds(connection: psycopg.Connection, statement: str, runs: int = 3) -> float:
    """The slowest of some runs, each taken back."""
    slowest = 0.0
    for _ in range(runs):
        begun = time.perf_counter()
        connection.execute(statement.encode())
        slowest = max(slowest, time.perf_counter() - begun)
        connection.rollback()
    return slowest


def on_mariadb(megabytes: int) -> None:
    """Prints each statement for MariaDB with its rate."""
    with servers.mariadb() as url, sa.create_engine(url).connect() as connection:
        rows = megabytes * MEGABYTE // (ROW + 60)
        connection.exec_driver_sql(
            "CREATE TABLE audit"
            " (id int PRIMARY KEY, n bigint, team_id int, at_random double, note varchar(200))"
        )
        connection.exec_driver_sql(
            "INSERT INTO audit SELECT seq, seq, seq MOD 1000, rand(), concat(md5(seq), repeat('x', "
            f"{ROW - 32})) FROM seq_1_to_{rows}"
        )
        connection.commit()
        connection.exec_driver_sql("ANALYZE TABLE audit").all()
        found = connection.exec_driver_sql(
            "SELECT data_length FROM information_schema.tables WHERE table_name = 'audit'"
        ).scalar()
        size = int(found or 0) // MEGABYTE
        print(f"MariaDB, a table of {size} MB")
        for each, back in MARIADB:
            slowest = 0.0
            for _ in range(3):
                begun = time.perf_counter()
                connection.exec_driver_sql(each.statement).close()
                slowest = max(slowest, time.perf_counter() - begun)
                connection.exec_driver_sql(back)
            told(each, size, slowest)


def told(each: Measured, size: int, took: float) -> None:
    """Prints one statement."""
    print(f"  {each.rate:<6} {size / took:>7.0f} MB/s  {took:>6.2f} s  {each.statement}", flush=True)


def main() -> None:
    """Prints each statement with its rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    asked = parser.parse_args()
    for install in servers.postgresql_installs():
        with (
            servers.postgresql(install) as url,
            psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as connection,
        ):
            size = filled(connection, asked.megabytes)
            print(f"PostgreSQL {install.version}, a table of {size} MB")
            for each in STATEMENTS:
                told(each, size, seconds(connection, each.statement))
    try:
        on_mariadb(asked.megabytes)
    except servers.NoServer as missing:
        print(missing)


if __name__ == "__main__":
    main()
