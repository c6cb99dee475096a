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
    before = Catalog.from_json(json.loads(json.dumps(before.to_json())))
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
