"""What each dialect makes of a statement: which table its names mean, and what is left of it.

`outcomes(dialect, [BASE, …], CHANGE, "t")` gives what the change does to the table under contract.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from migration_lint.catalog.difference import difference
from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay import replay
from migration_lint.catalog.stored import catalog_from_json, catalog_to_json
from migration_lint.operations import Dialect, Operation
from migration_lint.reading.sql import read_sql


def of(dialect: Dialect, step: str | Operation) -> Sequence[Operation]:
    return read_sql(step, dialect).operations if isinstance(step, str) else [step]


def outcomes(
    dialect: Dialect,
    base: Sequence[str | Operation],
    change: str | Operation,
    table: str,
    *,
    schema: str | None = None,
    tables_by_case: bool = False,
) -> list[str]:
    """Each text of `base`, and `change`, is a revision; `table` is what a contract calls the table."""
    before = Catalog(dialect, schema, tables_by_case=tables_by_case)
    for number, step in enumerate(base):
        replay(before, f"r{number}", of(dialect, step))
    before = catalog_from_json(*json.loads(json.dumps(catalog_to_json(before))))
    after, journal = before.copy(), Journal()
    replay(after, "new", of(dialect, change), journal)
    wanted = before.key_of(table)
    names = [TableName(*wanted)]
    found = difference(before, after, journal, lambda name: before.key(*name) == wanted, named=names)
    return [
        " ".join(filter(None, (each.kind, each.column, "perhaps" if each.conditional else "")))
        for each in found.outcomes
    ]


# --- names


@pytest.mark.parametrize("table", ["events", "EVENTS", "app.events", "APP.EVENTS", "App.EVENTS"])
@pytest.mark.parametrize("made", ["events", '"EVENTS"', "app.Events", '"APP"."EVENTS"'])
@pytest.mark.parametrize("name", ["Events", '"EVENTS"', "APP.events", 'app."EVENTS"'])
def test_oracle_has_one_table_for_upper_case_and_for_no_quotes(table: str, made: str, name: str) -> None:
    base = [f'CREATE TABLE {made} (id NUMBER(10), "HINT" VARCHAR2(50))']
    told = outcomes("oracle", base, f"ALTER TABLE {name} DROP COLUMN hint", table, schema="app")
    assert told == ([] if table == "App.EVENTS" else ["column_dropped hint"])


def test_oracle_keeps_mixed_case_apart() -> None:
    base = ["CREATE TABLE events (id NUMBER(10))", 'CREATE TABLE "Events" (id NUMBER(10))']
    assert outcomes("oracle", base, 'DROP TABLE "Events"', "events") == []
    assert outcomes("oracle", base, 'DROP TABLE "Events"', "Events") == ["table_dropped"]


@pytest.mark.parametrize("name", ["events", "EVENTS"])
def test_oracle_has_one_table_for_what_directives_and_statements_call_it(name: str) -> None:
    dropped = Operation(kind="drop_table", table=name)
    assert outcomes("oracle", ["CREATE TABLE Events (id NUMBER(10))"], dropped, "EVENTS") == ["table_dropped"]


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_case_tells_tables_apart_where_the_server_is_set_so(dialect: Dialect) -> None:
    base = ["CREATE TABLE a (Hint int)", "CREATE TABLE A (x int)"]
    by_case = {"tables_by_case": True}
    assert outcomes(dialect, base, "DROP TABLE A", "a", **by_case) == []
    assert outcomes(dialect, base, "DROP TABLE a", "a", **by_case) == ["table_dropped"]
    assert outcomes(dialect, base, "ALTER TABLE a DROP COLUMN hint", "a", **by_case) == [
        "column_dropped Hint"
    ]
    assert outcomes(dialect, base[:1], "DROP TABLE A", "a") == ["table_dropped"]


@pytest.mark.parametrize(
    "name", ["shop..t", "SHOP..t", "[shop]..[t]", "srv.shop..t", "shop.dbo.t", "srv.shop.dbo.t", "dbo.t", "t"]
)
def test_sql_server_looks_in_the_default_schema_where_none_is_said(name: str) -> None:
    base = ["CREATE TABLE t (id int, hint varchar(50))"]
    assert outcomes("mssql", base, f"ALTER TABLE {name} DROP COLUMN hint", "t") == ["column_dropped hint"]
    assert outcomes("mssql", base, f"DROP TABLE {name}", "t") == ["table_dropped"]
    renames = f"EXEC sp_rename '{name}.hint', 'tip', 'COLUMN'"
    assert outcomes("mssql", base, renames, "t") == ["column_renamed hint"]


@pytest.mark.parametrize("name", ["shop.sales.t", "sales.t", "tempdb..t", "shop..u"])
def test_sql_server_takes_another_schema_for_another_table(name: str) -> None:
    assert outcomes("mssql", ["CREATE TABLE t (id int)"], f"DROP TABLE {name}", "t") == []


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
@pytest.mark.parametrize("schema", [None, "test"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RENAME TABLE app.t TO t", ["table_moved"]),
        ("ALTER TABLE app.t RENAME t", ["table_moved"]),
        ("ALTER TABLE app.t RENAME TO u", ["table_renamed"]),
        ("USE app; RENAME TABLE app.t TO t", []),
        ("USE app; RENAME TABLE t TO t", []),
        ("USE other; RENAME TABLE app.t TO t", ["table_moved"]),
        ("RENAME TABLE app.t TO u, u TO app.t", []),
        ("ALTER TABLE app.t RENAME COLUMN a TO b", ["column_renamed a"]),
    ],
)
def test_a_name_without_a_database_lands_in_the_current_one(
    dialect: Dialect, schema: str | None, text: str, expected: list[str]
) -> None:
    assert outcomes(dialect, ["CREATE TABLE app.t (a int)"], text, "app.t", schema=schema) == expected


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_elsewhere_a_table_that_is_renamed_stays_in_its_schema(dialect: Dialect) -> None:
    base = ["CREATE TABLE app.t (a int)"]
    assert outcomes(dialect, base, "ALTER TABLE app.t RENAME TO t", "app.t") == []


# --- what a restated column keeps


def nullable(dialect: Dialect, *texts: str) -> bool | None:
    """Whether the column `id` of `t` may be NULL after these revisions."""
    catalog = Catalog(dialect)
    for number, text in enumerate(texts):
        replay(catalog, f"r{number}", of(dialect, text))
    table = catalog.table(None, "t")
    assert table is not None
    return table.columns["id"].nullable


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
@pytest.mark.parametrize("made", ["id int PRIMARY KEY", "id int NOT NULL, x int, PRIMARY KEY (ID, x)"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ALTER TABLE t MODIFY id bigint", False),
        ("ALTER TABLE t CHANGE COLUMN id id int COMMENT 'key'", False),
        ("ALTER TABLE t CHANGE id old int, CHANGE old id int", False),
        ("ALTER TABLE t DROP PRIMARY KEY", False),
        ("ALTER TABLE t DROP PRIMARY KEY, MODIFY id int", True),
        ("ALTER TABLE t MODIFY id int, DROP PRIMARY KEY", True),
        ("ALTER TABLE t MODIFY id int, DROP PRIMARY KEY, ADD PRIMARY KEY (id)", False),
        ("ALTER TABLE t DROP PRIMARY KEY; ALTER TABLE t MODIFY id int", True),
        ("ALTER TABLE t DROP PRIMARY KEY, MODIFY id int AUTO_INCREMENT UNIQUE", False),
    ],
)
def test_a_column_of_the_primary_key_stays_not_null(
    dialect: Dialect, made: str, text: str, expected: bool
) -> None:
    assert nullable(dialect, f"CREATE TABLE t ({made})", text) is expected


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_a_column_that_numbers_rows_is_not_null(dialect: Dialect) -> None:
    assert nullable(dialect, "CREATE TABLE t (id int AUTO_INCREMENT UNIQUE)") is False


# --- MariaDB's own


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE OR REPLACE DATABASE shop", ["table_dropped"]),
        ("CREATE OR REPLACE SCHEMA `shop` CHARACTER SET utf8mb4", ["table_dropped"]),
        ("CREATE DATABASE IF NOT EXISTS shop", []),
        ("CREATE OR REPLACE DATABASE other", []),
        ("ALTER TABLE shop.t SEQUENCE=1", ["opaque"]),
        ("ALTER TABLE shop.t SEQUENCE 1", ["opaque"]),
        ("ALTER TABLE shop.t SEQUENCE=0", []),
        ("CREATE OR REPLACE SEQUENCE shop.t START WITH 5", ["table_dropped"]),
        ("CREATE OR REPLACE SEQUENCE shop.u", []),
        ("CREATE SEQUENCE IF NOT EXISTS shop.t", []),
        ("ALTER TABLE shop.t MODIFY a int WITHOUT SYSTEM VERSIONING", []),
        ("ALTER TABLE shop.t MODIFY a int WITH SYSTEM VERSIONING, ADD SYSTEM VERSIONING", []),
        ("ALTER TABLE shop.t DROP SYSTEM VERSIONING", []),
        ("ALTER TABLE shop.t MODIFY a bigint WITHOUT SYSTEM VERSIONING", ["column_retyped a"]),
    ],
)
def test_what_mariadb_does_to_a_table(text: str, expected: list[str]) -> None:
    base = ["CREATE TABLE shop.t (a int) WITH SYSTEM VERSIONING"]
    assert outcomes("mariadb", base, text, "shop.t", schema="test") == expected


@pytest.mark.parametrize(
    ("hiding", "text", "expected"),
    [
        ("CREATE TEMPORARY TABLE t (x int)", "DROP TABLE t", []),
        ("CREATE OR REPLACE TEMPORARY TABLE t (x int)", "DROP TABLE t", []),
        ("CREATE OR REPLACE TEMPORARY TABLE t (x int)", "DROP TABLE t; DROP TABLE t", ["table_dropped"]),
        ("CREATE TEMPORARY TABLE t (x int)", "CREATE OR REPLACE TABLE t (b int)", ["table_recreated"]),
        ("CREATE TEMPORARY TABLE t (x int)", "CREATE OR REPLACE TEMPORARY TABLE t (y int); DROP TABLE t", []),
        ("CREATE TEMPORARY TABLE t (x int)", "ALTER TABLE t RENAME u; DROP TABLE u", []),
        ("CREATE TEMPORARY TABLE t (x int)", "ALTER TABLE t RENAME u; DROP TABLE t", ["table_dropped"]),
    ],
)
def test_a_temporary_table_hides_another_until_it_is_gone(
    hiding: str, text: str, expected: list[str]
) -> None:
    told = outcomes("mariadb", ["CREATE TABLE t (a int)"], f"{hiding}; {text}", "t")
    assert [each for each in told if each.startswith("table")] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET sql_mode=ORACLE; ALTER TABLE t MODIFY a DATE", ["column_retyped a"]),
        ("SET SESSION sql_mode='ORACLE'; ALTER TABLE t MODIFY a DATE", ["column_retyped a"]),
        ("SET @@sql_mode = CONCAT(@@sql_mode, ',ORACLE'); ALTER TABLE t MODIFY a DATE", ["column_retyped a"]),
        ("SET NAMES utf8mb4, sql_mode=512; ALTER TABLE t MODIFY a DATE", ["column_retyped a"]),
        ("SET STATEMENT sql_mode='ORACLE' FOR ALTER TABLE t MODIFY a DATE", ["column_retyped a"]),
        ("SET sql_mode=@unknown; ALTER TABLE t MODIFY a DATE", ["column_retyped a"]),
        ("SET STATEMENT sql_mode='ORACLE' FOR SELECT 1; ALTER TABLE t MODIFY a DATE", []),
        ("SET GLOBAL sql_mode='ORACLE'; ALTER TABLE t MODIFY a DATE", []),
        ("SET @@global.sql_mode='ORACLE'; ALTER TABLE t MODIFY a DATE", []),
        ("SET sql_mode=ORACLE; SET sql_mode=DEFAULT; ALTER TABLE t MODIFY a DATE", []),
        ("SET @old=@@SQL_MODE, SQL_MODE='ORACLE'; SET SQL_MODE=@old; ALTER TABLE t MODIFY a DATE", []),
        ("SET sql_mode=REPLACE(@@sql_mode,'ONLY_FULL_GROUP_BY',''); ALTER TABLE t MODIFY a DATE", []),
        ("SET sql_mode=ORACLE; ALTER TABLE t MODIFY b NUMBER(10,2)", []),
        ("SET sql_mode=ANSI; ALTER TABLE t MODIFY c REAL", ["column_retyped c"]),
        ("ALTER TABLE t MODIFY c REAL", []),
    ],
)
def test_a_mode_changes_what_a_type_means(text: str, expected: list[str]) -> None:
    assert outcomes("mariadb", ["CREATE TABLE t (a date, b decimal(10,2), c double)"], text, "t") == expected


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_a_mode_changes_how_the_rest_of_a_text_is_read(dialect: Dialect) -> None:
    text = "SET sql_mode='NO_BACKSLASH_ESCAPES'; SELECT 'a\\'; DROP TABLE t -- '"
    assert outcomes(dialect, ["CREATE TABLE t (a int)"], text, "t") == ["table_dropped"]


# --- what was prepared, and what nobody could read


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PREPARE s FROM 'DROP TABLE t'", []),
        ("PREPARE s FROM 'DROP TABLE t'; EXECUTE S", ["table_dropped"]),
        ("PREPARE s FROM 'DROP TABLE u'; PREPARE s FROM 'DROP TABLE t'; EXECUTE s", ["table_dropped"]),
        ("PREPARE s FROM 'DROP TABLE t'; PREPARE s FROM 'DROP TABLE u'; EXECUTE s", []),
        ("EXECUTE s", ["opaque"]),
        ("SET @q = 'DROP TABLE u'; PREPARE s FROM @q; SET @q = 'DROP TABLE t'; EXECUTE s", []),
        (
            "CREATE PROCEDURE p() BEGIN IF x THEN SET @q = 'DROP TABLE t'; ELSE SET @q = 'SELECT 1'; END IF;"
            " PREPARE s FROM @q; EXECUTE s; END; CALL p()",
            ["table_dropped perhaps"],
        ),
        ("CREATE PROCEDURE p() BEGIN EXECUTE s; END; CALL p()", ["opaque"]),
    ],
)
def test_a_prepared_statement_does_what_it_does_where_it_is_executed(
    dialect: Dialect, text: str, expected: list[str]
) -> None:
    base = ["CREATE TABLE t (a int); PREPARE s FROM 'DROP TABLE t'"]
    assert outcomes(dialect, base, text, "t") == expected


@pytest.mark.parametrize("opaque", ["EXECUTE IMMEDIATE @made", "CALL elsewhere()"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DROP TABLE t", ["table_dropped"]),
        ("DROP TABLE IF EXISTS t", ["table_dropped"]),
        ("ALTER TABLE t DROP COLUMN a", ["column_dropped a"]),
        ("EXECUTE IMMEDIATE @made", ["opaque"]),
        ("DROP TABLE IF EXISTS u", []),
    ],
)
def test_what_was_opaque_may_have_made_a_table_again(opaque: str, text: str, expected: list[str]) -> None:
    base = ["CREATE TABLE t (a int)", "DROP TABLE t", opaque]
    assert outcomes("mariadb", base, text, "t") == expected
    assert "table_dropped" not in outcomes("mariadb", base[:2], "DROP TABLE IF EXISTS t", "t")


# --- character sets


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
@pytest.mark.parametrize(
    ("made", "text", "expected"),
    [
        ("CHARSET=latin1", "CONVERT TO CHARACTER SET utf8mb4", ["a mediumtext", "b text"]),
        ("DEFAULT CHARACTER SET utf8mb3", "CONVERT TO CHARSET utf8mb4", ["a mediumtext", "b text"]),
        (
            "COLLATE utf8_bin",
            "CONVERT TO CHARACTER SET 'utf8mb4' COLLATE utf8mb4_bin",
            ["a mediumtext", "b text"],
        ),
        ("CHARSET=utf8mb4", "CONVERT TO CHARACTER SET utf8mb4", []),
        ("CHARSET=utf8mb4", "CONVERT TO CHARACTER SET latin1", []),
        ("CHARSET=latin1", "CONVERT TO CHARACTER SET ascii", []),
        ("", "CONVERT TO CHARACTER SET utf8mb4", ["a mediumtext perhaps", "b text perhaps"]),
        ("", "CONVERT TO CHARACTER SET latin1", []),
        ("CHARSET=latin1", "CONVERT TO CHARACTER SET binary", ["a blob", "b tinyblob", "c varbinary(9)"]),
        ("CHARSET=latin1", "CONVERT TO CHARACTER SET DEFAULT", ["a mediumtext perhaps", "b text perhaps"]),
        ("CHARSET=gbk", "CONVERT TO CHARACTER SET utf8mb4", ["a mediumtext", "b text"]),
        ("CHARSET=utf8mb4", "CONVERT TO CHARACTER SET utf16", []),
        ("CHARSET=latin1", "DEFAULT CHARACTER SET utf8mb4", []),
        ("CHARSET=latin1", "ENGINE=InnoDB", []),
    ],
)
def test_text_that_is_converted_may_need_a_wider_type(
    dialect: Dialect, made: str, text: str, expected: list[str]
) -> None:
    catalog = Catalog(dialect)
    replay(catalog, "r0", of(dialect, f"CREATE TABLE t (a text, b tinytext, c varchar(9), d int) {made}"))
    journal = Journal()
    replay(catalog, "r1", of(dialect, f"ALTER TABLE t {text}"), journal)
    told = [
        f"{each.operation.column} {each.new}{' perhaps' if each.operation.conditional else ''}"
        for each in journal.entries
        if each.effect == "column_retyped"
    ]
    assert told == expected
