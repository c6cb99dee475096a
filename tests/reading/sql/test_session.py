"""What one text of SQL leaves to the next, as a value that forks and joins."""

from __future__ import annotations

import pytest

from migration_lint.operations import HOLE
from migration_lint.reading.sql import SqlSession, read_sql


def after(*texts: str, dialect: str = "postgresql", session: SqlSession | None = None) -> SqlSession:
    found = SqlSession() if session is None else session
    for text in texts:
        found = read_sql(text, dialect, found).session  # type: ignore[arg-type]
    return found


def test_reading_changes_no_session() -> None:
    session = after("SET search_path TO a; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    same = after("SET search_path TO a; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    assert session == same
    assert hash(session) == hash(same)
    after("SET search_path TO b; DROP FUNCTION f; PREPARE p AS SELECT 1", session=session)
    assert session == same


@pytest.mark.parametrize(
    ("texts", "path"),
    [
        (("SET search_path TO a, B, \"C\", 'd'",), ("a", "b", "C", "d")),
        (('SET "search_path" = a, "$user", pg_catalog',), ("a",)),
        (("SET search_path TO DEFAULT",), ()),
        (("SET SCHEMA 'a'",), ("a",)),
        (("SET LOCAL search_path TO a",), ("a",)),
        (("SET LOCAL search_path TO a", "COMMIT"), ()),
        (("SET search_path TO a", "COMMIT"), ("a",)),
        (("SET search_path TO a", "ROLLBACK"), ()),
        (("SET search_path TO a; COMMIT; SET search_path TO b; ROLLBACK",), ("a",)),
        (("SAVEPOINT s; SET search_path TO a; ROLLBACK TO SAVEPOINT s",), ()),
        (("SET search_path TO a; SAVEPOINT s; SET LOCAL search_path TO b; RELEASE s",), ("b",)),
        (("SELECT set_config('search_path', 'a, b', false)",), ("a", "b")),
        (("SELECT set_config('search_path', 'a', true)", "COMMIT"), ()),
        (("SELECT set_config('search_path', x, false) FROM t",), (HOLE,)),
        (("SET search_path TO a", "RESET ALL"), ()),
        (("SET search_path TO a", "DISCARD ALL"), ()),
        (("DO $$ BEGIN SET search_path TO a; END $$",), ("a",)),
        (("DO $$ BEGIN IF x THEN SET search_path TO a; END IF; END $$",), (HOLE,)),
    ],
)
def test_the_search_path(texts: tuple[str, ...], path: tuple[str, ...]) -> None:
    assert (after(*texts).now.path or ()) == path


def test_set_local_without_a_transaction_does_nothing() -> None:
    session = SqlSession().in_autocommit(True)
    assert after("SET LOCAL search_path TO a", session=session).now.path in (None, ())


def test_a_join_holds_what_either_may() -> None:
    made = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE t; END $$"
    one, other = after("SET search_path TO a", made), after("SET standard_conforming_strings = off")
    assert one.join(one) is one
    both = one.join(other)
    assert both == other.join(one)
    assert both.now.path == (HOLE,)
    dropped = read_sql("SELECT f()", "postgresql", both).operations
    assert [(each.kind, each.conditional, each.calls) for each in dropped] == [
        ("dml", False, ("f",)),
        ("opaque", True, ()),
    ]
    (unsure,) = read_sql("SELECT 'a\\''; DROP TABLE t; --'", "postgresql", both).operations
    assert (unsure.kind, unsure.tables) == ("opaque", ("*",))


def test_a_prepared_statement_is_run_where_it_is_executed() -> None:
    prepared = after("PREPARE p AS SELECT tidy()")
    (executed,) = read_sql("EXECUTE p", "postgresql", prepared).operations
    assert executed.calls == ("tidy",)
    (unknown,) = read_sql("EXECUTE q", "postgresql", prepared).operations
    assert unknown.kind == "opaque"


def test_mysql_keeps_its_variables_and_its_mode() -> None:
    session = after("SET @s = 'DROP TABLE t'", dialect="mysql")
    session = after("PREPARE x FROM @s", session=session, dialect="mysql")
    assert [each.kind for each in read_sql("EXECUTE x", "mysql", session).operations] == ["drop_table"]
    session = after("SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'", dialect="mysql")
    read = read_sql("SELECT 'a\\'; DROP TABLE \"t\"", "mysql", session).operations
    assert [(each.kind, each.table) for each in read] == [("dml", None), ("drop_table", "t")]
