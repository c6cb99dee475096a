"""Which columns SQLite numbers, as SQLite itself says: an INSERT that leaves the key out gets a number."""

from __future__ import annotations

import sqlite3

import pytest

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import replay
from migration_lint.reading.sql import read_sql

TABLES = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)",
    "CREATE TABLE t (id integer NOT NULL, x TEXT, PRIMARY KEY (id))",
    "CREATE TABLE t (id INTEGER NOT NULL CONSTRAINT pk_t PRIMARY KEY AUTOINCREMENT, x TEXT)",
    "CREATE TABLE t (id INT PRIMARY KEY, x TEXT)",
    "CREATE TABLE t (id BIGINT NOT NULL, x TEXT, PRIMARY KEY (id))",
    "CREATE TABLE t (id INTEGER, x TEXT, PRIMARY KEY (id, x))",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT) WITHOUT ROWID",
    "CREATE TABLE t (id INTEGER UNIQUE, x TEXT)",
)


@pytest.mark.parametrize("table", TABLES)
def test_sqlite_numbers_an_integer_that_is_the_whole_key(table: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(table)
    try:
        connection.execute("INSERT INTO t (x) VALUES ('x')")
        numbered = connection.execute("SELECT id FROM t").fetchone() != (None,)
    except sqlite3.IntegrityError:
        numbered = False

    catalog = Catalog("sqlite", None)
    replay(catalog, "a1", read_sql(table, "sqlite").operations)
    (found,) = catalog.tables()
    assert (found.columns["id"].generated is not None) is numbered
