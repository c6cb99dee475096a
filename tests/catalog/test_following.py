"""What an operation sets off, by what earlier revisions made: functions, triggers, parents."""

from __future__ import annotations

import pytest

from migration_lint.catalog.replay import steps
from migration_lint.reading.sql import read_sql

from .revisions import after, follows

_TABLES = "CREATE TABLE t (id int, hint text); CREATE TABLE other (id int PRIMARY KEY, x text);"
_TIDY = (
    "CREATE FUNCTION tidy() RETURNS int LANGUAGE plpgsql AS"
    " $$ BEGIN ALTER TABLE t DROP COLUMN hint; RETURN 1; END $$;"
)
_TRIGGER = (
    "CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM tidy(); RETURN NEW; END $$;"
    "CREATE TRIGGER tr AFTER INSERT ON other FOR EACH ROW EXECUTE FUNCTION tg();"
)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 LIMIT tidy()",
        "CREATE TABLE made AS SELECT tidy()",
        "ALTER TABLE other ADD CHECK (tidy() = 1)",
        "ALTER TABLE other ADD COLUMN y int DEFAULT tidy()",
        "ALTER TABLE other ALTER x TYPE int USING tidy()",
        "CREATE INDEX ON other (tidy())",
    ],
)
def test_a_function_of_an_earlier_revision_is_followed(text: str) -> None:
    assert follows(after(_TABLES, _TIDY), text) == ["drop_column t.hint"]


def test_what_follows_stands_where_its_cause_stands() -> None:
    (call,) = read_sql("SELECT tidy()", "postgresql").operations
    cause, found = steps(after(_TABLES, _TIDY), "b", [call])
    assert (found.via, found.sql, found.line) == ("the function tidy", "SELECT tidy()", cause.line)


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE other ALTER x SET DEFAULT tidy()",
        "ALTER TABLE other ADD CHECK (tidy() = 1) NOT VALID",
        "CREATE TABLE made (a int DEFAULT tidy())",
        "CREATE VIEW made AS SELECT tidy()",
        "CREATE MATERIALIZED VIEW made AS SELECT tidy() WITH NO DATA",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT tidy()'",
        "CREATE TRIGGER u AFTER UPDATE ON other EXECUTE FUNCTION tidy()",
        "SELECT lower('tidy()'), count(*) FROM other o(tidy) WHERE id IN (1)",
        "INSERT INTO tidy (id) VALUES (1)",
        "SELECT x::tidy(3) FROM other",
    ],
)
def test_what_only_mentions_a_function_runs_nothing(text: str) -> None:
    assert follows(after(_TABLES, _TIDY), text) == []


def test_a_function_that_nobody_makes_may_do_anything() -> None:
    assert follows(after(_TABLES), "SELECT made_elsewhere()") == ["opaque *"]
    assert follows(after(_TABLES), "SELECT now(), lower(x), st_area(y) FROM other") == []


def test_of_several_bodies_any_may_run() -> None:
    two = after(_TABLES, _TIDY, "CREATE FUNCTION tidy(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    assert follows(two, "SELECT tidy(1)") == ["drop_column t.hint perhaps"]
    replaced = after(
        _TABLES, _TIDY, "CREATE OR REPLACE FUNCTION tidy() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    )
    assert follows(replaced, "SELECT tidy()") == []
    dropped = after(_TABLES, _TIDY, "DROP FUNCTION tidy()")
    assert follows(dropped, "SELECT tidy()") == ["opaque *"]


def test_a_name_that_the_server_ships_may_be_the_projects_own() -> None:
    own = after(_TABLES, _TIDY, "CREATE FUNCTION lower(int) RETURNS int LANGUAGE sql AS 'SELECT tidy()'")
    assert follows(own, "SELECT lower(1)") == ["drop_column t.hint perhaps"]
    assert follows(own, "SELECT upper('a')") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("INSERT INTO other VALUES (1)", ["drop_column t.hint perhaps"]),
        (
            "WITH i AS (INSERT INTO other VALUES (1) RETURNING 1) SELECT * FROM i",
            ["drop_column t.hint perhaps"],
        ),
        ("COPY other FROM '/data'", ["drop_column t.hint perhaps"]),
        ("SELECT * FROM other", []),
        ("DROP TRIGGER tr ON other; INSERT INTO other VALUES (1)", []),
        ("ALTER TABLE other RENAME TO o2; INSERT INTO o2 VALUES (1)", ["drop_column t.hint perhaps"]),
        ("DROP TABLE other; CREATE TABLE other (id int); INSERT INTO other VALUES (1)", []),
        ("CREATE VIEW v AS SELECT * FROM other; INSERT INTO v VALUES (1)", ["drop_column t.hint perhaps"]),
    ],
)
def test_a_trigger_runs_where_its_table_is_written(text: str, found: list[str]) -> None:
    assert follows(after(_TABLES, _TIDY, _TRIGGER), text) == found


def test_a_default_runs_where_a_row_is_inserted() -> None:
    catalog = after(_TABLES, _TIDY, "ALTER TABLE other ALTER x SET DEFAULT tidy()")
    assert follows(catalog, "INSERT INTO other (id) VALUES (1)") == ["drop_column t.hint perhaps"]
    assert follows(catalog, "TABLE other") == []


@pytest.mark.parametrize(
    ("made", "text"),
    [
        ("CREATE OPERATOR === (leftarg = int, rightarg = int, function = tidy)", "SELECT 1 === 2"),
        ("CREATE CAST (a AS int) WITH FUNCTION tidy(a)", "SELECT x::int FROM other"),
        ("CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION tidy()", "CREATE TABLE made (i int)"),
        ("CREATE AGGREGATE agg (int) (sfunc = tidy, stype = int)", "SELECT agg(id) FROM other"),
        ("CREATE DOMAIN d AS int CHECK (tidy() = 1)", "SELECT 1::d"),
        ("CREATE RULE r AS ON DELETE TO other DO ALSO SELECT tidy()", "DELETE FROM other"),
        ("CREATE POLICY p ON other USING (tidy() = 1)", "TABLE other"),
        ("CREATE VIEW v AS SELECT tidy()", "TABLE v"),
    ],
)
def test_what_is_attached_runs_when_it_is_met(made: str, text: str) -> None:
    assert follows(after(_TABLES, _TIDY, made), text)[-1].startswith("drop_column t.hint")


@pytest.mark.parametrize(
    "gone", ["DROP OPERATOR === (int, int); DROP FUNCTION tidy()", "DROP FUNCTION tidy CASCADE"]
)
def test_what_is_attached_goes_with_its_function(gone: str) -> None:
    made = "CREATE OPERATOR === (leftarg = int, rightarg = int, function = tidy)"
    assert follows(after(_TABLES, _TIDY, made, gone), "ALTER TABLE other ADD COLUMN y int") == []


def test_what_is_attached_stays_where_another_function_of_the_name_goes() -> None:
    made = "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION tidy()"
    other = "CREATE FUNCTION app.tidy() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    catalog = after(_TABLES, _TIDY, made, other, "DROP FUNCTION app.tidy()")
    assert follows(catalog, "CREATE TABLE made (i int)") != []


def test_a_procedure_of_an_earlier_revision_is_no_longer_opaque() -> None:
    made = "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN DROP TABLE t; END $$"
    found = list(steps(after(_TABLES, made), "b", read_sql("CALL p()", "postgresql").operations))
    assert [each.kind for each in found] == ["dml", "drop_table"]
    made = "CREATE PROCEDURE P() BEGIN DROP TABLE t; END"
    catalog = after("CREATE TABLE t (a int)", made, dialect="mysql")
    found = list(steps(catalog, "b", read_sql("CALL p()", "mysql").operations))
    assert [each.kind for each in found] == ["dml", "drop_table"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ALTER TABLE par DROP COLUMN a", ["drop_column child.a", "drop_column grand.a"]),
        ("ALTER TABLE par RENAME a TO b", ["rename_column child.a b", "rename_column grand.a b"]),
        ("ALTER TABLE par ALTER a TYPE text", ["alter_type child.a", "alter_type grand.a"]),
        ("ALTER TABLE child NO INHERIT par; ALTER TABLE par DROP COLUMN a", []),
        (
            "ALTER TABLE par RENAME TO p2; ALTER TABLE p2 DROP a",
            ["drop_column child.a", "drop_column grand.a"],
        ),
        ("DROP TABLE par CASCADE", ["drop_table child", "drop_table grand"]),
    ],
)
def test_children_have_what_their_parents_have(text: str, found: list[str]) -> None:
    made = (
        "CREATE TABLE par (a int); CREATE TABLE child () INHERITS (par);"
        "CREATE TABLE grand () INHERITS (child)"
    )
    assert follows(after(made), text) == found


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("CREATE TABLE t () INHERITS (p)", ["drop_column t.a"]),
        ("CREATE TABLE t (a int) INHERITS (p)", []),
        ("CREATE TABLE t (a int); ALTER TABLE t INHERIT p", []),
        ("CREATE TABLE t () INHERITS (p); ALTER TABLE p DROP a, ADD a int", ["drop_column t.a"]),
        ("CREATE TABLE t (); ALTER TABLE t INHERIT q; ALTER TABLE q ADD a int", []),
        ("CREATE TABLE t () INHERITS (p, o)", []),
        ("CREATE TABLE t () INHERITS (p, o); ALTER TABLE t NO INHERIT o", ["drop_column t.a"]),
        ("CREATE TABLE t () INHERITS (p, o); ALTER TABLE o DROP a", ["drop_column t.a"]),
        ("CREATE TABLE t () INHERITS (p, o); ALTER TABLE ONLY o DROP a", []),
        ("CREATE TABLE t () INHERITS (p); ALTER TABLE t NO INHERIT p, INHERIT p", []),
        (
            "CREATE TABLE b () INHERITS (p); CREATE TABLE c () INHERITS (p);"
            "CREATE TABLE t () INHERITS (b, c)",
            ["drop_column b.a", "drop_column c.a", "drop_column t.a"],
        ),
    ],
)
def test_a_child_keeps_a_column_of_its_own_or_of_another_parent(made: str, found: list[str]) -> None:
    before = "CREATE TABLE p (a int); CREATE TABLE o (a int); CREATE TABLE q ()"
    assert follows(after(before, made), "ALTER TABLE p DROP a") == found


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("CREATE TABLE t (a int, b int); ALTER TABLE w ATTACH PARTITION t DEFAULT", ["drop_column t.a"]),
        ("CREATE TABLE t PARTITION OF w (a NOT NULL) DEFAULT", ["drop_column t.a"]),
        ("CREATE TABLE t PARTITION OF w DEFAULT; ALTER TABLE w DETACH PARTITION t", []),
    ],
)
def test_a_partition_has_no_column_of_its_own(made: str, found: list[str]) -> None:
    before = "CREATE TABLE w (a int, b int) PARTITION BY LIST (b)"
    assert follows(after(before, made), "ALTER TABLE w DROP a") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["drop_column t.a"]),
        ("ALTER TYPE ty RENAME TO ty2", ["drop_column t.a"]),
        ("ALTER TYPE ty SET SCHEMA s", ["drop_column t.a"]),
        ("ALTER TABLE t NOT OF", []),
        ("CREATE TYPE other AS (a int); ALTER TABLE t OF other", []),
    ],
)
def test_a_table_is_of_a_type_from_one_statement_to_another(text: str, found: list[str]) -> None:
    made = "CREATE TYPE ty AS (a int); CREATE TABLE t (a int); ALTER TABLE t OF ty"
    name = "ty2" if "ty2" in text else "s.ty" if "SCHEMA" in text else "ty"
    assert follows(after(made, text), f"ALTER TYPE {name} DROP ATTRIBUTE a CASCADE") == found


def test_cascade_takes_what_depends_on_a_function() -> None:
    made = (
        "CREATE FUNCTION f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';"
        "CREATE TABLE t (a text, b text GENERATED ALWAYS AS (f(a)) STORED, c text DEFAULT f('x'),"
        " CONSTRAINT k CHECK (f(a) > ''));"
        "CREATE VIEW v AS SELECT f('x')"
    )
    assert follows(after(made), "DROP FUNCTION f(text) CASCADE") == [
        "drop_column t.b",
        "set_default t.c",
        "drop_constraint t",
        "drop_view v",
    ]
    assert follows(after(made), "ALTER TABLE t DROP a CASCADE") == ["drop_column t.b"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SET search_path TO s, public; ALTER TABLE t DROP hint", "public.t"),
        ("SET search_path TO missing, public; ALTER TABLE t DROP hint", "public.t"),
        ("SET search_path TO s, public; ALTER TABLE u DROP hint", "s.u"),
        ("CREATE TABLE s.t (hint text); SET search_path TO s, public; ALTER TABLE t DROP hint", "s.t"),
    ],
)
def test_a_name_is_found_on_the_search_path(text: str, found: str) -> None:
    catalog = after(_TABLES, "CREATE TABLE s.u (hint text); CREATE TABLE public.u (hint text)")
    *_, dropped = steps(catalog, "b", read_sql(text, "postgresql").operations)
    assert f"{dropped.schema}.{dropped.table}" == found


@pytest.mark.parametrize(
    ("path", "kind", "tables"),
    [
        ("s", "opaque", ("public.\ue000",)),
        ("public, s", "other_ddl", ()),
        ('"$user", public', "other_ddl", ()),
        ("DEFAULT", "other_ddl", ()),
        ("s, public", "opaque", ("public.u",)),
        ("missing, public", "other_ddl", ()),
        ("FROM CURRENT", "opaque", ("*",)),
    ],
)
@pytest.mark.parametrize(
    "text",
    ["ALTER ROLE api {}", "ALTER USER api {}", "ALTER ROLE api IN DATABASE d {}", "ALTER DATABASE d {}"],
)
def test_new_sessions_may_find_other_tables(text: str, path: str, kind: str, tables: tuple[str, ...]) -> None:
    catalog = after(_TABLES, "CREATE TABLE s.u (hint text); CREATE TABLE public.u (hint text)")
    said = f"SET search_path {path}" if path.startswith("FROM") else f"SET search_path TO {path}"
    (found,) = steps(catalog, "b", read_sql(text.format(said), "postgresql").operations)
    assert (found.kind, found.tables) == (kind, tables)


def test_a_table_of_a_type_has_what_is_said_of_its_columns_beside() -> None:
    made = "CREATE TABLE p OF ty (id WITH OPTIONS PRIMARY KEY, name DEFAULT '', UNIQUE (name))"
    catalog = after(f"CREATE TYPE ty AS (id int, name text); {made} PARTITION BY LIST (id)")
    table = catalog.table(None, "p")
    assert table is not None
    columns = [(each.name, each.type, each.nullable, each.default) for each in table.columns.values()]
    assert columns == [("id", "int", False, None), ("name", "text", True, "''")]
    assert [(each.kind, each.columns) for each in table.constraints] == [
        ("primary_key", ("id",)),
        ("unique", ("name",)),
    ]


def test_a_view_of_what_is_temporary_is_temporary() -> None:
    text = (
        "CREATE TEMP TABLE t (id int); CREATE VIEW v AS SELECT id FROM t; CREATE VIEW w AS SELECT id FROM v;"
        "CREATE VIEW x AS SELECT id FROM public.t"
    )
    assert [each.name for each in after(_TABLES, text).views.values()] == ["x"]


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("CREATE SCHEMA e", "e.made"),
        ("CREATE SCHEMA d; ALTER SCHEMA d RENAME TO e", "e.made"),
        ("CREATE SCHEMA e; DROP SCHEMA e CASCADE", "public.made"),
        ("", "public.made"),
    ],
)
def test_a_table_is_made_in_the_first_schema_that_is_there(made: str, found: str) -> None:
    text = f"{made}; SET search_path TO e, public; CREATE TABLE made (a int)"
    *_, table = after(_TABLES, text).tables()
    assert f"{table.schema}.{table.name}" == found


def test_postgresql_renames_a_table_as_an_index_and_a_column_as_an_attribute() -> None:
    catalog = after(_TABLES, "CREATE INDEX i ON t (id)")
    for text, kind in (
        ("ALTER INDEX t RENAME TO u", "rename_table"),
        ("ALTER INDEX i RENAME TO u", "rename_index"),
        ("ALTER TYPE t RENAME ATTRIBUTE hint TO x", "rename_column"),
        ("ALTER TYPE unknown RENAME ATTRIBUTE hint TO x", "other_ddl"),
    ):
        (found,) = steps(catalog.copy(), "b", read_sql(text, "postgresql").operations)
        assert found.kind == kind


def test_a_temporary_table_hides_no_longer_than_its_transaction() -> None:
    text = "CREATE TEMP TABLE t (hint text); ALTER TABLE t DROP hint; {} ALTER TABLE t DROP hint"
    for between, gone in (("", False), ("COMMIT;", True), ("DISCARD TEMP;", True), ("DROP TABLE t;", True)):
        catalog = after(_TABLES)
        list(steps(catalog, "b", read_sql(text.format(between), "postgresql").operations))
        table = catalog.table(None, "t")
        assert table is not None
        assert ("hint" not in table.columns) == gone
