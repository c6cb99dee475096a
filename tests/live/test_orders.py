"""Branches that a change adds beside each other: Alembic runs them on PostgreSQL in both orders.

Where both orders run, and do not come to the same table, `check` says more than of one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ..projects import FIRST, PRODUCER, PROJECT, VERSIONS, Runner, Verdict, script
from .alembic_run import run
from .conftest import Server

NEEDS = {PRODUCER: f"{PROJECT[PRODUCER]}    needs:\n      - unique: [kind, exit_code]\n"}
NOTED = {PRODUCER: f"{PROJECT[PRODUCER]}      note: {{type: text, nullable: true}}\n"}
INDEX = 'op.create_index("ix", "deployment_events", ["kind", "exit_code"], unique=True)'


def sql(statement: str) -> str:
    return f"op.execute({statement!r})"


ALTER = "ALTER TABLE deployment_events "
WIDER = 'op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger())'
NARROWER = 'op.alter_column("deployment_events", "exit_code", type_=sa.Integer())'
ADDED = 'op.add_column("deployment_events", sa.Column("note", sa.Text()))'
ANEW = sql("CREATE UNIQUE INDEX IF NOT EXISTS ix ON deployment_events (kind, exit_code)")
OLD = 'op.create_table("old_events", sa.Column("id", sa.Integer()))'

#: What each of two branches does, and the producer's contract in head where it is another.
BRANCHES: dict[str, tuple[str, str, dict[str, str]]] = {
    "retyped and back": (WIDER, NARROWER, {}),
    "a new column is dropped if it is there": (sql(f"{ALTER} DROP COLUMN IF EXISTS note"), ADDED, NOTED),
    "NULL is allowed, and not": (
        sql(f"{ALTER} ALTER hint DROP NOT NULL"),
        sql(f"{ALTER} ALTER hint SET NOT NULL"),
        {},
    ),
    "an index is dropped, and made if it is not there": (sql("DROP INDEX IF EXISTS ix"), ANEW, NEEDS),
    "renamed, and back if it is there": (
        'op.rename_table("deployment_events", "ev")',
        sql("ALTER TABLE IF EXISTS ev RENAME TO deployment_events"),
        {},
    ),
    "two columns": (ADDED, ADDED.replace("note", "more"), {}),
    "a column, and what is made of it": (ADDED, sql(f"{ALTER} ALTER note SET NOT NULL"), {}),
    "a table, and a column of it": (OLD, 'op.add_column("old_events", sa.Column("x", sa.Text()))', {}),
    "a column is renamed that is altered": (
        sql(f"{ALTER} ALTER kind SET DEFAULT 'x'"),
        'op.alter_column("deployment_events", "kind", new_column_name="sort")',
        {},
    ),
}
_SHAPE = """
SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public' UNION ALL SELECT indexname, '', '', '', '' FROM pg_indexes
WHERE schemaname = 'public' ORDER BY 1, 2
"""


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


@pytest.fixture(scope="module")
def engine(postgresql: Server) -> Iterator[sa.Engine]:
    made = sa.create_engine(postgresql.url.replace("postgresql:", "postgresql+psycopg:"))
    yield made
    made.dispose()


def _first() -> str:
    body = PROJECT[FIRST].partition("def upgrade():\n")[2].replace("\n    ", "\n").removeprefix("    ")
    return f"{body}\n{INDEX}\n"


def shape(engine: sa.Engine, *bodies: str) -> list[Any] | None:
    """What is there when these have run, in this order; None where the server refuses one."""
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            for body in (_first(), *bodies):
                run(connection, body)
            return [tuple(each) for each in connection.execute(sa.text(_SHAPE))]
        except sa.exc.DBAPIError:
            return None
        finally:
            transaction.rollback()


def verdict(runner: Runner, one: str, other: str, down: str, contract: dict[str, str]) -> Verdict:
    first = PROJECT[FIRST] + f"    {INDEX}\n"
    new = {f"{VERSIONS}/b2.py": script(one), f"{VERSIONS}/c3.py": script(other, "c3", down)}
    return runner.change({**new, **contract}, {FIRST: first, **({} if contract is NOTED else contract)})


@pytest.mark.parametrize("case", BRANCHES)
def test_both_orders_are_judged_where_they_differ(case: str, engine: sa.Engine, runner: Runner) -> None:
    one, other, contract = BRANCHES[case]
    there, back = shape(engine, one, other), shape(engine, other, one)
    assert there is not None
    beside = set(verdict(runner, one, other, "a1", contract).findings)
    behind = set(verdict(runner, one, other, "b2", contract).findings)
    more = {each.rule for each in beside - behind} - {"history-multiple-heads"}
    assert bool(more) == (back is not None and back != there)
