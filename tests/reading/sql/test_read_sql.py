"""What goes in and out of `read_sql` beside the operations themselves."""

from __future__ import annotations

from migration_lint.operations import HOLE
from migration_lint.reading.sql import SqlSession, read_sql


def test_an_operation_carries_its_own_statement_only() -> None:
    text = "-- first\nALTER TABLE t DROP a ; \n\n DROP TABLE u -- last\n"
    assert [operation.sql for operation in read_sql(text, "postgresql").operations] == [
        "ALTER TABLE t DROP a",
        "DROP TABLE u",
    ]


def test_a_changed_search_path_goes_from_text_to_text() -> None:
    first = read_sql("SET search_path TO tenant, public", "postgresql")
    second = read_sql("DROP TABLE a, other.b", "postgresql", first.session)
    assert [(each.schema, each.table, each.search_path) for each in second.operations] == [
        ("tenant", "a", ("tenant", "public")),
        ("other", "b", ()),
    ]
    assert read_sql("RESET search_path", "postgresql", second.session).session == SqlSession()


def test_under_an_unknown_search_path_nobody_knows_which_table_is_meant() -> None:
    tenant = SqlSession().with_schema("tenant")
    for text in (f"SET search_path TO {HOLE}", f"SELECT set_config('search_path', {HOLE}, false)"):
        session = read_sql(text, "postgresql", tenant).session
        assert session.schema == HOLE

        dropped = read_sql("ALTER TABLE t DROP COLUMN c", "postgresql", session).operations

        assert [(each.kind, each.tables) for each in dropped] == [("opaque", (f"{HOLE}.t",))]


def test_a_routine_made_in_one_text_is_read_when_another_calls_it() -> None:
    made = read_sql(
        "CREATE FUNCTION fix() RETURNS void AS $$ BEGIN ALTER TABLE t RENAME a TO b; END $$ LANGUAGE plpgsql",
        "postgresql",
    )
    assert [(each.kind, [done.kind for done in each.does]) for each in made.operations] == [
        ("other_ddl", ["rename_column"])
    ]
    called = read_sql("SELECT fix()", "postgresql", made.session)
    assert [(each.kind, each.calls) for each in called.operations] == [("dml", ()), ("rename_column", ())]
    alone = read_sql("SELECT fix()", "postgresql")
    assert [(each.kind, each.calls) for each in alone.operations] == [("dml", ("fix",))]


def test_a_routine_that_calls_itself_ends() -> None:
    text = (
        "CREATE FUNCTION f() RETURNS void AS $$ BEGIN PERFORM f(); DROP TABLE t; END $$ LANGUAGE plpgsql;"
        "SELECT f()"
    )
    kinds = {operation.kind for operation in read_sql(text, "postgresql").operations}
    assert {"drop_table", "opaque"} <= kinds


def test_what_hangs_on_a_condition_says_so() -> None:
    text = "DO $$ BEGIN IF a > 1 THEN DROP TABLE t; DROP TABLE u; ELSE DROP TABLE v; END IF; END $$"
    first, second, third = read_sql(text, "postgresql").operations
    assert first.conditional
    assert first.reason == "runs only if a > 1"
    assert first.branch == second.branch != third.branch
    assert third.branch is not None
    assert third.branch.endswith(":else")


def test_an_opaque_statement_says_why_and_names_what_it_may_touch() -> None:
    (operation,) = read_sql("ALTER TABLE s.t FROBNICATE c", "postgresql").operations
    assert operation.kind == "opaque"
    assert operation.reason == '"FROBNICATE" is not an action of ALTER TABLE that is known'
    assert operation.tables == ("s.t",)


def test_a_hole_never_shows_in_a_reason() -> None:
    for text in (f"ALTER TABLE t {HOLE}", HOLE, f"DROP {HOLE} x", f"FOO {HOLE}", f"DO $$ {HOLE} $$"):
        for operation in read_sql(text, "postgresql").operations:
            assert HOLE not in (operation.reason or "")


def test_no_text_and_only_comments_do_nothing() -> None:
    for text in ("", " \n", ";;", "-- x", "/* a /* b */ c */"):
        assert read_sql(text, "postgresql").operations == ()
