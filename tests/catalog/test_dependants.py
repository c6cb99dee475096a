"""What CASCADE takes along: columns of a type, tables of a parent, defaults that ask a function, in steps."""

from __future__ import annotations

import pytest

from .revisions import after, follows

_TABLES = "CREATE SCHEMA s; CREATE TABLE t (id int); CREATE TABLE s.inner (id int);"
_FUNCTION = "CREATE FUNCTION s.f() RETURNS text LANGUAGE sql AS 'SELECT 1';"
_TRIGGER = (
    "CREATE FUNCTION s.tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION s.tg();"
)
_ALIKE = "CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("CREATE DOMAIN s.d AS text; ALTER TABLE t ADD a s.d", ["drop_column t.a"]),
        ("CREATE TYPE s.e AS ENUM ('a'); ALTER TABLE t ADD a s.e[]", ["drop_column t.a"]),
        (
            "CREATE TYPE s.e AS ENUM ('a'); CREATE DOMAIN d AS s.e; ALTER TABLE t ADD a d",
            ["drop_enum", "drop_column t.a"],
        ),
        ("CREATE EXTENSION citext SCHEMA s; ALTER TABLE t ADD a s.citext", ["drop_column t.a"]),
        ("ALTER TABLE t ADD a s.inner", ["drop_column t.a"]),
        ("ALTER TABLE t INHERIT s.inner; CREATE TABLE u () INHERITS (t)", ["drop_table t", "drop_table u"]),
        (
            "CREATE TABLE s.p (id int) PARTITION BY LIST (id); CREATE TABLE u PARTITION OF s.p DEFAULT",
            ["drop_table u"],
        ),
        ("CREATE SEQUENCE s.q; ALTER TABLE t ADD a int DEFAULT nextval('s.q')", ["set_default t.a"]),
        (_FUNCTION + "ALTER TABLE t ADD a text DEFAULT s.f()", ["set_default t.a"]),
        ("CREATE EXTENSION x SCHEMA s; ALTER TABLE t ADD a uuid DEFAULT s.made()", ["set_default t.a"]),
        (_FUNCTION + "ALTER TABLE t ADD CONSTRAINT c CHECK (s.f() > '')", ["drop_constraint t"]),
        (_FUNCTION + "CREATE VIEW v AS SELECT s.f() AS a", ["drop_view v"]),
        (_TRIGGER, ["other_ddl public.t"]),
        (_TRIGGER + _ALIKE, ["other_ddl public.t perhaps"]),
        # What hangs on nothing in it, or goes with the schema itself.
        ("CREATE DOMAIN s.d AS text; ALTER TABLE s.inner ADD a s.d", []),
        ("CREATE DOMAIN d AS text; ALTER TABLE t ADD a d", []),
        ("ALTER TABLE t ADD a text DEFAULT 's.f()'", []),
        (_FUNCTION + "ALTER TABLE t ADD a text DEFAULT public.f()", []),
        (_FUNCTION.replace("f()", "now()") + "ALTER TABLE t ADD a timestamptz DEFAULT now()", []),
    ],
)
def test_a_schema_takes_what_hangs_on_what_is_in_it(made: str, found: list[str]) -> None:
    catalog = after(_TABLES, made)
    assert follows(catalog, "DROP SCHEMA s CASCADE") == found
    assert follows(catalog, "DROP SCHEMA s") == []


_DICTIONARY = "ALTER TABLE t ADD a text, ADD v tsvector GENERATED ALWAYS AS (to_tsvector('{}', a)) STORED"


@pytest.mark.parametrize(
    ("made", "extension", "found"),
    [
        (
            "ALTER TABLE t ADD a citext, ADD b s.citext[], ADD c text",
            "citext",
            ["drop_column t.a", "drop_column t.b"],
        ),
        ("ALTER TABLE t ADD a vector(3)", "vector", ["drop_column t.a"]),
        ("CREATE DOMAIN d AS citext; ALTER TABLE t ADD a d", "citext", ["drop_enum", "drop_column t.a"]),
        ("ALTER TABLE t ADD a uuid DEFAULT uuid_generate_v4()", '"uuid-ossp"', ["set_default t.a"]),
        ("ALTER TABLE t ADD a text DEFAULT ''::citext", "citext", ["set_default t.a"]),
        (
            "ALTER TABLE t ADD a text GENERATED ALWAYS AS (soundex('a')) STORED",
            "fuzzystrmatch",
            ["drop_column t.a"],
        ),
        (
            "ALTER TABLE t ADD a text; CREATE INDEX i ON t (a) WHERE similarity(a, 'b') > 0",
            "pg_trgm",
            ["drop_index t"],
        ),
        ("ALTER TABLE t ADD a text; CREATE INDEX i ON t USING bloom (a)", "bloom", ["drop_index t"]),
        (
            "ALTER TABLE t ADD a text; CREATE VIEW v AS SELECT id FROM t WHERE 'b' <% a",
            "pg_trgm",
            ["drop_view v"],
        ),
        ("CREATE VIEW v AS SELECT id::text::citext AS a FROM t", "citext", ["drop_view v"]),
        ("CREATE VIEW v AS SELECT query FROM pg_stat_statements", "pg_stat_statements", ["drop_view v"]),
        (
            "CREATE FUNCTION f(citext) RETURNS int LANGUAGE sql AS 'SELECT 1';"
            "ALTER TABLE t ADD a int DEFAULT f('b')",
            "citext",
            ["other_ddl", "set_default t.a"],
        ),
        (_DICTIONARY.format("ours"), "unaccent", ["drop_column t.v"]),
        # What is not made of it.
        (_DICTIONARY.format("english"), "unaccent", []),
        ("ALTER TABLE t ADD a text DEFAULT lower('b')", "citext", []),
        ("ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid()", "pgcrypto", []),
        ("CREATE DOMAIN citext AS text; ALTER TABLE t ADD a citext", "citext", []),
        ("ALTER TABLE t ADD a text; CREATE INDEX i ON t (a)", "pg_trgm, hstore", []),
    ],
)
def test_an_extension_takes_what_is_made_of_it(made: str, extension: str, found: list[str]) -> None:
    catalog = after(_TABLES, made)
    assert follows(catalog, f"DROP EXTENSION IF EXISTS {extension} CASCADE") == found
    assert follows(catalog, f"DROP EXTENSION {extension}") == []


def test_a_schema_that_is_gone_leaves_none_of_its_types_and_functions() -> None:
    made = "CREATE DOMAIN s.d AS text; CREATE TYPE s.e AS ENUM ('a');" + _FUNCTION
    catalog = after(_TABLES, made, "DROP SCHEMA s CASCADE")
    assert (dict(catalog.domains), dict(catalog.enums), dict(catalog.routines)) == ({}, {}, {})


@pytest.mark.parametrize(
    ("made", "text", "found"),
    [
        (
            "CREATE TYPE e AS ENUM ('a'); CREATE DOMAIN d AS e; ALTER TABLE t ADD a d",
            "DROP TYPE e CASCADE",
            ["drop_enum", "drop_column t.a"],
        ),
        (
            "CREATE DOMAIN c AS text; CREATE DOMAIN d AS c[]; ALTER TABLE t ADD a d",
            "DROP DOMAIN c CASCADE",
            ["drop_enum", "drop_column t.a"],
        ),
        (
            "CREATE TYPE e AS ENUM ('a');"
            "ALTER TABLE t ADD a e, ADD b bool GENERATED ALWAYS AS (a = 'a') STORED",
            "DROP TYPE e CASCADE",
            ["drop_column t.a", "drop_column t.b"],
        ),
        (
            "CREATE TYPE e AS ENUM ('a'); ALTER TABLE t ADD a e; CREATE TABLE u () INHERITS (t)",
            "DROP TYPE e CASCADE",
            ["drop_column t.a", "drop_column u.a", "drop_column u.a"],
        ),
        ("CREATE TABLE r (a int); ALTER TABLE t ADD a r", "DROP TABLE r CASCADE", ["drop_column t.a"]),
        (
            "CREATE VIEW v AS SELECT 1 AS a; ALTER TABLE t ADD a v[]",
            "DROP VIEW v CASCADE",
            ["drop_column t.a"],
        ),
        # A name that is the server's own before it is a table's.
        ("CREATE TABLE date (a int); ALTER TABLE t ADD a date", "DROP TABLE date CASCADE", []),
        ("CREATE TABLE r (a int); ALTER TABLE t ADD a r", "DROP TABLE r", []),
    ],
)
def test_a_type_takes_the_columns_that_have_it(made: str, text: str, found: list[str]) -> None:
    assert follows(after(_TABLES, made), text) == found


def test_columns_that_go_with_their_type_are_gone() -> None:
    made = "CREATE TYPE e AS ENUM ('a'); ALTER TABLE t ADD a e; CREATE TABLE u () INHERITS (t)"
    catalog = after(_TABLES, made, "DROP TYPE e CASCADE")
    assert [list(table.columns) for table in catalog.tables()] == [["id"], ["id"], ["id"]]


def test_the_values_of_a_domain_are_those_of_its_enum() -> None:
    catalog = after("CREATE TYPE e AS ENUM ('a', 'b'); CREATE DOMAIN c AS e; CREATE DOMAIN d AS c")
    enum = catalog.enum_of("d")
    assert enum is not None
    assert enum.values == ("a", "b")
