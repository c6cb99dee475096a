"""A live database → how large its tables are, and how often they are written.

Nothing is written, and no table is read but SQLite's: the servers' own statistics are asked. Rows are those
that the server believes in; writes are counted twice, some seconds apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from migration_lint.database.connection import connected, dialect_of
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.sizes.document import Document, Measured
from migration_lint.sizes.model import TableSize

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

#: PostgreSQL: each table with itself and its partitions: it is as large as these are.
_PARTS = """
    WITH RECURSIVE part (root, oid) AS (
        SELECT oid, oid FROM pg_class WHERE relkind IN ('r', 'p') AND relpersistence <> 't'
        UNION ALL
        SELECT root, inhrelid FROM part JOIN pg_inherits ON inhparent = part.oid
        WHERE (SELECT relkind FROM pg_class WHERE oid = root) = 'p'
    )
"""
#: Each statement gives a schema ("" for the connection's own), a table, its rows, bytes and indexes.
_POSTGRESQL = f"""
    {_PARTS}
    SELECT n.nspname, r.relname, coalesce(sum(greatest(c.reltuples, 0)) FILTER (WHERE c.relkind = 'r'), 0),
        sum(pg_table_size(c.oid)),
        (SELECT count(*) FROM pg_index WHERE indrelid = r.oid)
    FROM part
    JOIN pg_class r ON r.oid = part.root
    JOIN pg_namespace n ON n.oid = r.relnamespace
    JOIN pg_class c ON c.oid = part.oid
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND left(n.nspname, 8) <> 'pg_toast'
    GROUP BY n.nspname, r.relname, r.oid
"""
_MYSQL = """
    SELECT '', table_name, table_rows, data_length,
        (SELECT count(DISTINCT index_name) FROM information_schema.statistics s
         WHERE s.table_schema = t.table_schema AND s.table_name = t.table_name)
    FROM information_schema.tables t WHERE table_schema = database() AND table_type = 'BASE TABLE'
"""
#: The same of the rows written since the server began to count.
_POSTGRESQL_WRITTEN = f"""
    {_PARTS}
    SELECT n.nspname, r.relname, sum(n_tup_ins + n_tup_upd + n_tup_del)
    FROM part
    JOIN pg_class r ON r.oid = part.root
    JOIN pg_namespace n ON n.oid = r.relnamespace
    JOIN pg_stat_user_tables s ON s.relid = part.oid
    GROUP BY n.nspname, r.relname
"""
_MYSQL_WRITTEN = """
    SELECT '', object_name, count_write FROM performance_schema.table_io_waits_summary_by_table
    WHERE object_schema = database() AND @@performance_schema
"""


class _Asked(NamedTuple):
    """What is asked of a kind of server."""

    tables: Callable[[Connection], list[tuple[str, str, int, int, int]]]
    written: str  # "": it counts none


class Found(NamedTuple):
    """What a database holds, and the tables that a file of sizes has no way to name."""

    document: Document
    left_out: tuple[str, ...] = ()


def measure(text: str, seconds: float) -> Found:
    """The tables of a database, with the writes of so many seconds.

    `text` is a URL as SQLAlchemy takes it. Raises CannotJudge where the database cannot be asked.
    """
    with connected(text) as connection:
        dialect = dialect_of(connection.engine)
        asked = _ASKED[dialect]
        before = _written(connection, asked)
        begun = time.monotonic()
        if before:
            time.sleep(seconds)
        after = _written(connection, asked)
        passed = max(time.monotonic() - begun, 1e-3)
        rows = asked.tables(connection)
        version = ".".join(map(str, (connection.dialect.server_version_info or ())[:2]))
    tables, left_out = [], []
    for schema, name, number, size, indexes in sorted(rows):
        label = f"{schema}.{name}" if schema else name
        if "." in schema or "." in name:
            left_out.append(label)
            continue
        now = after.get((schema, name))
        # A count that has begun anew in between says nothing.
        writes = None if now is None else max(now - before.get((schema, name), 0), 0) / passed
        tables.append(Measured(label, TableSize(number or 0, size or 0, indexes, writes)))
    day = datetime.now(timezone.utc).date().isoformat()
    return Found(Document(f"{_SPOKEN[dialect]} {version}", day, tuple(tables)), tuple(left_out))


def _written(connection: Connection, asked: _Asked) -> Mapping[tuple[str, str], int]:
    if not asked.written:
        return {}
    connection.rollback()  # PostgreSQL shows a transaction the same statistics twice
    return {(schema, name): int(number) for schema, name, number in connection.exec_driver_sql(asked.written)}


def _by(statement: str) -> Callable[[Connection], list[tuple[str, str, int, int, int]]]:
    def ask(connection: Connection) -> list[tuple[str, str, int, int, int]]:
        return [
            (schema, name, int(rows or 0), int(size or 0), int(indexes or 0))
            for schema, name, rows, size, indexes in connection.exec_driver_sql(statement)
        ]

    return ask


def _sqlite(connection: Connection) -> list[tuple[str, str, int, int, int]]:
    """SQLite keeps no statistics: rows are counted, and the file is shared out among the tables by them."""
    names = [
        name
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
        )
    ]
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
    whole = pages * (connection.exec_driver_sql("PRAGMA page_size").scalar() or 0)
    rows: dict[str, int] = {}
    indexes: dict[str, int] = {}
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        rows[name] = connection.exec_driver_sql(f"SELECT count(*) FROM {quoted}").scalar() or 0
        indexes[name] = len(connection.exec_driver_sql(f"PRAGMA index_list({quoted})").all())
    total = sum(rows.values()) or 1
    return [("", name, rows[name], whole * rows[name] // total, indexes[name]) for name in names]


_ASKED: Mapping[Dialect, _Asked] = {
    "postgresql": _Asked(_by(_POSTGRESQL), _POSTGRESQL_WRITTEN),
    "mysql": _Asked(_by(_MYSQL), _MYSQL_WRITTEN),
    "mariadb": _Asked(_by(_MYSQL), _MYSQL_WRITTEN),
    "sqlite": _Asked(_sqlite, ""),
}
_SPOKEN: Mapping[Dialect, str] = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "sqlite": "SQLite",
}
