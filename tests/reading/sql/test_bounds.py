"""Texts made to be slow: each is read in one pass or is opaque, never a hang and never a crash."""

from __future__ import annotations

import time

import pytest

from migration_lint.operations import Dialect
from migration_lint.reading.sql import read_sql

pytestmark = pytest.mark.one_in(3)

_SIZE = 200_000
#: Far more than one pass needs on a busy machine, and far less than a quadratic one would take.
_SECONDS = 20

_HOSTILE = {
    "quotes": "'" * _SIZE,
    "a string that does not end": "SELECT '" + "a" * _SIZE,
    "escaped quotes": "SELECT '" + "\\'" * (_SIZE // 2),
    "parentheses": "ALTER TABLE t ADD c int DEFAULT " + "(" * _SIZE,
    "comments": "/*" * (_SIZE // 2),
    "dollar quotes": "$a$ " * (_SIZE // 4),
    "brackets": "[" * _SIZE,
    "nested calls": "SELECT " + "set_config(" * (_SIZE // 11),
    "calls that may change something": "SELECT " + "drop_x(" * (_SIZE // 7),
    "copies without data": "COPY t FROM stdin;\n" * (_SIZE // 19),
    "nested IF": "DO $$ BEGIN " + "IF a THEN " * (_SIZE // 10) + "END $$",
    "nested loops": "DO $$ BEGIN " + "FOREACH x IN ARRAY ARRAY['a'] LOOP " * (_SIZE // 36) + "END $$",
    "text that doubles": "DO $$ DECLARE v text := 'aaaa'; BEGIN "
    + "v := v || v; " * (_SIZE // 13)
    + "EXECUTE v; END $$",
    "a text made long": f"DO $$ BEGIN EXECUTE format('{'%1$s' * (_SIZE // 8)}', '{'a' * _SIZE}'); END $$",
    "batches": "IF 1=1 " * (_SIZE // 7),
    "rows": "INSERT INTO t VALUES " + "(1,'a')," * (_SIZE // 8),
    "a word that was taken before it is looked for": "ALTER DEFINER = VIEW 'x'@'%' EVENT e",
    "a name of many parts": "DROP TABLE " + "a." * (_SIZE // 2),
}


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite", "mssql", "oracle"])
@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_text_is_read_in_bounded_time(name: str, dialect: Dialect) -> None:
    started = time.monotonic()
    read_sql(_HOSTILE[name], dialect)
    assert time.monotonic() - started < _SECONDS


def test_what_a_comment_or_quote_swallows_is_opaque() -> None:
    for text in ("SELECT 'a; DROP TABLE t", "/* DROP TABLE t", "SELECT $x$ DROP TABLE t", 'SELECT "a'):
        (operation,) = read_sql(text, "postgresql").operations
        assert operation.kind == "opaque"
        assert operation.tables == ("*",)


def test_dumped_rows_beyond_the_limit_are_still_data() -> None:
    text = "INSERT INTO t VALUES " + "(1)," * 100_000 + "(2); DROP TABLE u"
    assert [operation.kind for operation in read_sql(text, "postgresql").operations] == ["dml", "drop_table"]


def test_a_batch_beyond_the_limit_may_do_anything() -> None:
    text = "INSERT INTO t VALUES " + "(1)," * 100_000 + "(2) DROP TABLE u"
    assert [operation.kind for operation in read_sql(text, "mssql").operations] == ["opaque"]
