"""Columns whose types are made of others: a real PostgreSQL says whether a change of those reaches them.

A producer writes the column and a consumer reads it. Where the server refuses what was written before, or
gives out something else than before, the check fails with a rule of contracts, and nowhere else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from migration_lint.check.pipeline import run_check

from ..projects import write
from .conftest import Server

ADDRESS = "CREATE TYPE address AS (street text, zip int)"
PERSON = "CREATE TYPE person AS (name text, home address)"
PLACES = "CREATE TABLE places (street text, zip int)"
#: What is written into a column of each type, as text.
TEXTS = {
    "address": "(s,1)",
    "places": "(s,1)",
    "located": "(s,1)",
    "numbered": "5",
    "person": '(n,"(s,1)")',
    "crew": '(n,"{""(s,1)""}")',
}


class Case(NamedTuple):
    type: str  # of the column
    change: tuple[str, ...]
    before: tuple[str, ...] = (ADDRESS,)  # statements in front of the table
    outside: tuple[str, ...] = ()  # those of no migration

    @property
    def written(self) -> str:
        name = self.type.removesuffix("[]").rpartition(".")[2]
        return f"ARRAY[$${TEXTS[name]}$$]::{self.type}" if self.type.endswith("[]") else f"$${TEXTS[name]}$$"


CREW = "CREATE TYPE crew AS (name text, homes located[])"
ROWS = "ALTER TABLE places"
IN_SCHEMA = ADDRESS.replace("address", "s.address")
NESTED = (ADDRESS, PERSON)
RENAMED = "ALTER TYPE address RENAME ATTRIBUTE zip TO code"
DROPPED = "ALTER TYPE address DROP ATTRIBUTE zip"
LOCATED = (ADDRESS, "CREATE DOMAIN located AS address")
OTHER_ADDRESS = "CREATE TYPE address AS (street text)"
BY_FUNCTION = f"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $x$BEGIN {RENAMED};RETURN 1;END$x$"

CASES = {
    "an attribute goes": Case("address", (DROPPED,)),
    "an attribute goes, if there is one": Case("address", (DROPPED.replace("zip", "IF EXISTS zip"),)),
    "an attribute goes that is not there": Case("address", (DROPPED.replace("zip", "IF EXISTS no"),)),
    "an attribute is renamed": Case("address", (RENAMED,)),
    "an attribute is renamed and back": Case(
        "address", (RENAMED, "ALTER TYPE address RENAME ATTRIBUTE code TO zip")
    ),
    "an attribute more": Case("address", ("ALTER TYPE address ADD ATTRIBUTE town text",)),
    "several at once": Case(
        "address", (f"{DROPPED} CASCADE, ADD ATTRIBUTE town text COLLATE \"C\" CASCADE",)
    ),
    "of an array": Case("address[]", (RENAMED,)),
    "of a domain": Case("located", (RENAMED,), LOCATED),
    "of a type in a type": Case("person", (DROPPED,), NESTED),
    "of an array of a domain in a type": Case("crew", (RENAMED,), (*LOCATED, CREW)),
    "of another type": Case("address", ("ALTER TYPE other DROP ATTRIBUTE b",), (
        ADDRESS, "CREATE TYPE other AS (a int, b int)"
    )),
    "a table's rows: a column is renamed": Case("places", (f"{ROWS} RENAME zip TO code",), (PLACES,)),
    "a table's rows: a column goes": Case("places", (f"{ROWS} DROP COLUMN zip",), (PLACES,)),
    "a table's rows: a column more": Case("places", (f"{ROWS} ADD COLUMN town text",), (PLACES,)),
    "a table's rows: by its type": Case("places", (RENAMED.replace("address", "places"),), (PLACES,)),
    "a table's rows: what is no column": Case(
        "places", ("CREATE INDEX i ON places (zip)", "ALTER TABLE places ALTER zip SET NOT NULL"), (PLACES,)
    ),
    "a type in it goes with CASCADE": Case("person", ("DROP TYPE address CASCADE",), NESTED),
    "a schema goes with a type in it": Case("person", ("DROP SCHEMA s CASCADE",), (
        "CREATE SCHEMA s", IN_SCHEMA, PERSON.replace("home address", "home s.address")
    )),
    "in a schema of the search path": Case("s.address", ("SET LOCAL search_path TO s, public", RENAMED), (
        "CREATE SCHEMA s", IN_SCHEMA
    )),
    "made anew under its name": Case("address", (
        "ALTER TABLE t ALTER x TYPE text", "DROP TYPE address", OTHER_ADDRESS,
        "ALTER TABLE t ALTER x TYPE address USING ROW('s')::address",
    )),
    "made anew as it was": Case("address", (
        "ALTER TABLE t ALTER x TYPE text", "DROP TYPE address", ADDRESS,
        "ALTER TABLE t ALTER x TYPE address USING x::address",
    )),
    "another one under its name": Case("address", (
        "ALTER TYPE address RENAME TO old", OTHER_ADDRESS,
        "ALTER TABLE t ALTER x TYPE address USING ROW('s')::address",
    )),
    "by a block": Case("address", (f"DO $x$BEGIN {RENAMED};END$x$",)),
    "by a function of base": Case("address", ("SELECT f()",), (ADDRESS, BY_FUNCTION)),
    "by a function of the change": Case("address", (BY_FUNCTION, "SELECT f()")),
    "a value of an enum in it": Case("address", ("ALTER TYPE mood RENAME VALUE '1' TO '2'",), (
        "CREATE TYPE mood AS ENUM ('1')", "CREATE TYPE address AS (street text, zip mood)"
    )),
    "one more value of an enum in it": Case("address", ("ALTER TYPE mood ADD VALUE '2'",), (
        "CREATE TYPE mood AS ENUM ('1')", "CREATE TYPE address AS (street text, zip mood)"
    )),
    "a domain of no migration loses its default": Case("numbered", (
        "ALTER DOMAIN numbered DROP DEFAULT",
    ), (), ("CREATE DOMAIN numbered AS int DEFAULT 1",)),
    "a view's rows": Case("places", ("ALTER VIEW places RENAME zip TO code",), (
        "CREATE VIEW places AS SELECT 's'::text AS street, 1 AS zip",
    )),
}  # fmt: skip


def is_the_same(run: Any, case: Case) -> bool:
    """Whether the server takes what the producer writes, and gives out what the consumer knows."""
    import psycopg

    run.execute("SAVEPOINT before")
    try:
        run.execute("INSERT INTO t (a, x) VALUES (2, " + case.written + ")")
        rows = run.execute("SELECT to_jsonb(x)::text FROM t").fetchall()
    except psycopg.DatabaseError:
        return False
    finally:
        run.execute("ROLLBACK TO before")
    return len(rows) == 2 and len(set(rows)) == 1 and rows == run.first


class _Connection:
    """A connection, with what the consumer read of it first."""

    def __init__(self, connection: Any) -> None:
        self.execute = connection.execute
        self.first: list[tuple[str]] = []


def script(revision: str, down: str | None, statements: tuple[str, ...]) -> str:
    body = "".join(f"    op.execute({each!r})\n" for each in statements)
    return (
        f"from alembic import op\nrevision = {revision!r}\ndown_revision = {down!r}\n\ndef upgrade():\n{body}"
    )


def contract(role: str, type: str) -> str:
    return (
        f"contract: migration-lint/v1\nid: w.{role}\nservice: w\nrole: {role}\ntables:\n  t:\n"
        f"    columns:\n      a: {{type: int4}}\n      x: {{type: '{type}'}}\n"
    )


@pytest.mark.parametrize("name", CASES)
def test_as_the_server_has_it(name: str, postgresql: Server, connection: Any, tmp_path: Path) -> None:
    case = CASES[name]
    base = (*case.before, f"CREATE TABLE t (a int, x {case.type})")
    run = _Connection(connection)
    for statement in (*case.outside, *base, f"INSERT INTO t VALUES (1, {case.written})"):
        run.execute(statement)
    run.first = run.execute("SELECT to_jsonb(x)::text FROM t, generate_series(1, 2)").fetchall()
    for statement in case.change:
        run.execute(statement)
    files = {
        "alembic.ini": "[alembic]\nscript_location = m\n",
        "m/versions/a1.py": script("a1", None, base),
        "contracts/p.yaml": contract("producer", case.type),
        "contracts/c.yaml": contract("consumer", case.type),
    }
    write(tmp_path / "base", files)
    write(tmp_path / "head", {**files, "m/versions/b2.py": script("b2", "a1", case.change)})
    report = run_check(
        tmp_path / "head",
        base=str(tmp_path / "base"),
        head=str(tmp_path / "head"),
        environ={},
        use_cache=False,
    )
    found = [each for each in report.findings if each.rule.startswith("contract-")]
    assert all(each.path == "m/versions/b2.py" and each.line for each in found)
    assert len(found) == (not is_the_same(run, case)), [each.message for each in found]
