from __future__ import annotations

import json
from pathlib import Path

import pytest

from migration_lint.catalog.types import canonical, same_type
from migration_lint.operations import DIALECTS, Dialect

#: What a real server's format_type() says of a column declared with each spelling
#: (`create table x (c SPELLING)`; `select format_type(atttypid, atttypmod) from pg_attribute …`).
SERVER: dict[str, str] = json.loads(
    Path(__file__).with_name("postgresql_types.json").read_text(encoding="utf-8")
)["format_type"]


@pytest.mark.parametrize("spelling", SERVER)
def test_postgresql_spelling_is_the_type_that_the_server_makes_of_it(spelling: str) -> None:
    assert canonical(spelling, "postgresql") == canonical(SERVER[spelling], "postgresql")


def test_postgresql_types_that_the_server_tells_apart_stay_apart() -> None:
    by_canonical: dict[str, set[str]] = {}
    for spelling, formatted in SERVER.items():
        by_canonical.setdefault(canonical(spelling, "postgresql"), set()).add(formatted)
    assert {name: types for name, types in by_canonical.items() if len(types) > 1} == {}


SAME: list[tuple[Dialect, str, tuple[str, ...]]] = [
    ("postgresql", "int4", ("INT", "INTEGER", "integer", " Int4 ", "SERIAL", "serial4")),
    ("postgresql", "int8", ("BIGINT", "int8", "bigserial")),
    ("postgresql", "varchar(50)", ('VARCHAR(50) COLLATE "C"', 'varchar(50) collate pg_catalog."de_DE"')),
    ("postgresql", "numeric(10,0)", ("DECIMAL(10)", "NUMERIC(10, 0)")),
    ("postgresql", "float8", ("FLOAT", "FLOAT(53)", "DOUBLE PRECISION", "DOUBLE")),
    ("postgresql", "geometry(point,4326)", ("geometry(POINT,4326)", "Geometry ( Point , 4326 )")),
    ("postgresql", '"Mood"', ('"Mood"', '"public"."Mood"')),
    ("mysql", "int", ("INT", "INT(11)", "INTEGER", "INTEGER(11)", "int4")),
    ("mysql", "int unsigned", ("INT(10) UNSIGNED", "INTEGER UNSIGNED", "int unsigned")),
    ("mysql", "bigint unsigned", ("BIGINT(20) UNSIGNED", "SERIAL")),
    ("mysql", "tinyint(1)", ("BOOL", "BOOLEAN", "TINYINT(1)")),
    ("mysql", "tinyint", ("TINYINT", "TINYINT(4)")),
    ("mysql", "decimal(10,0)", ("DECIMAL", "NUMERIC", "DECIMAL(10)", "dec(10, 0)", "FIXED")),
    ("mysql", "double", ("DOUBLE", "DOUBLE PRECISION", "REAL", "FLOAT(53)")),
    ("mysql", "float", ("FLOAT", "FLOAT(24)")),
    (
        "mysql",
        "varchar(50)",
        ("VARCHAR(50)", "NVARCHAR(50)", "NATIONAL VARCHAR(50)", "CHARACTER VARYING(50)"),
    ),
    (
        "mysql",
        "varchar(9)",
        ("VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "VARCHAR(9) CHARSET latin1"),
    ),
    ("mysql", "varbinary(9)", ("VARBINARY(9)", "VARCHAR(9) CHARACTER SET binary")),
    ("mysql", "char(1)", ("CHAR", "CHAR(1)", "NCHAR", "NATIONAL CHARACTER")),
    ("mysql", "datetime", ("DATETIME", "DATETIME(0)")),
    ("mysql", "enum('a','b')", ("ENUM('a','b')", 'enum("a", "b")', "Enum ( 'a' , 'b' ) COLLATE utf8mb4_bin")),
    ("mysql", "longtext", ("LONGTEXT", "TEXT(4294967295)")),
    ("mysql", "year", ("YEAR", "YEAR(4)")),
    ("mysql", "json", ("JSON",)),
    ("mariadb", "longtext", ("JSON", "LONGTEXT")),
    ("sqlite", "integer", ("INTEGER", "INT")),
    ("sqlite", "boolean", ("BOOLEAN", "BOOL")),
    ("sqlite", "varchar(50)", ("VARCHAR(50)", "varchar ( 50 )", "CHARACTER VARYING(50)")),
    ("mssql", "int", ("INTEGER", "INT", "[int]", "[sys].[int]")),
    ("mssql", "nvarchar(max)", ("NVARCHAR(max)", "[nvarchar](MAX)", "NATIONAL CHARACTER VARYING(MAX)")),
    ("mssql", "decimal(18,0)", ("DECIMAL", "NUMERIC(18, 0)", "DEC(18)")),
    ("mssql", "float", ("FLOAT", "FLOAT(53)", "DOUBLE PRECISION")),
    ("mssql", "real", ("REAL", "FLOAT(24)")),
    ("mssql", "datetime2", ("DATETIME2", "DATETIME2(7)")),
    ("mssql", "mytype", ("[dbo].[MyType]", "dbo.mytype", "MyType")),
    ("oracle", "number(38,0)", ("INTEGER", "INT", "SMALLINT", "NUMBER(38)", "NUMBER(*,0)", "DECIMAL")),
    ("oracle", "number(10,2)", ("NUMBER(10, 2)", "NUMERIC(10,2)", "DECIMAL(10,2)")),
    ("oracle", "varchar2(50)", ("VARCHAR2(50)", "VARCHAR(50)", "VARCHAR2(50 BYTE)")),
    ("oracle", "varchar2(50 char)", ("VARCHAR2(50 CHAR)", "varchar2( 50  char )")),
    ("oracle", "float(126)", ("FLOAT", "DOUBLE PRECISION", "FLOAT(126)")),
    ("oracle", "timestamp(6) with time zone", ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP(6) WITH TIME ZONE")),
]


@pytest.mark.parametrize(
    ("dialect", "expected", "spelling"),
    [(dialect, expected, spelling) for dialect, expected, spellings in SAME for spelling in spellings],
)
def test_one_spelling(dialect: Dialect, expected: str, spelling: str) -> None:
    assert canonical(spelling, dialect) == expected


@pytest.mark.parametrize(
    ("dialect", "one", "other"),
    [
        ("postgresql", "INTEGER", "BIGINT"),
        ("postgresql", "VARCHAR", "TEXT"),
        ("postgresql", "VARCHAR(50)", "VARCHAR(51)"),
        ("postgresql", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
        ("postgresql", "CHAR", '"char"'),
        ("postgresql", "INTEGER", "INTEGER[]"),
        ("postgresql", "mood", '"Mood"'),
        ("postgresql", "mood", "other.mood"),
        ("postgresql", "JSON", "JSONB"),
        ("mysql", "INT", "INT UNSIGNED"),
        ("mysql", "TINYINT(1)", "TINYINT(4)"),
        ("mysql", "ENUM('a','b')", "ENUM('a','B')"),
        ("mysql", "JSON", "LONGTEXT"),
        ("mysql", "FLOAT(24)", "FLOAT(25)"),
        ("sqlite", "VARCHAR(50)", "VARCHAR(60)"),
        ("mssql", "NVARCHAR(max)", "NVARCHAR(4000)"),
        ("oracle", "VARCHAR2(50 CHAR)", "VARCHAR2(50)"),
        ("oracle", "NUMBER", "NUMBER(38)"),
    ],
)
def test_types_apart(dialect: Dialect, one: str, other: str) -> None:
    assert not same_type(one, other, dialect)


def test_user_types_need_no_schema_where_it_is_the_default() -> None:
    assert canonical("app.mood", "postgresql", "app") == "mood"
    assert canonical("public.mood", "postgresql", "app") == "public.mood"


def test_an_unknown_type_is_the_same_as_no_other() -> None:
    assert not same_type(None, None, "postgresql")
    assert not same_type(None, "int", "postgresql")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "text", ["", "(", "a(b", "'x'", "a.", ".", "[", "numeric(", "a b ; c", "décimal(1)", '"']
)
def test_text_that_is_no_type_is_only_tidied(dialect: Dialect, text: str) -> None:
    assert isinstance(canonical(text, dialect), str)


@pytest.mark.parametrize(("dialect", "expected", "_spellings"), SAME)
def test_a_canonical_spelling_stays_as_it_is(
    dialect: Dialect, expected: str, _spellings: tuple[str, ...]
) -> None:
    assert canonical(expected, dialect) == expected
