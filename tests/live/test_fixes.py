"""The safe form that a finding gives: it runs on a real server, and nothing is found in it."""

from __future__ import annotations

import functools
import re
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from migration_lint.check.finding import Finding
from migration_lint.check.pipeline import run_check
from migration_lint.rulebook.example import _CREATE, expand
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.rule import Example, ExampleState

from .alembic_run import run
from .conftest import Server, emptied
from .described import described

pytestmark = pytest.mark.one_in(2)

RULES = [rule for rule in load(builtin_files()) if rule.group not in ("contract", "parity", "history")]
#: What a safe form must not run into. That data is lost, or code has to follow, some changes have in them.
SILENT = [rule.name for rule in RULES if rule.group in ("locking", "validation", "transaction")]
#: What these say to write comes in addition to what there is.
ADDED = ("design-foreign-key-unindexed",)
#: Fixes of these leave another catalog than the script would have, and how they say so.
OTHERWISE = {
    "compat-column-renamed": "add the new column beside the old one",
    "compat-table-renamed": "leave the old name as a view",
    "data-column-dropped": "in a later revision, drop it",
    "data-table-dropped": "give it another name",
    "data-table-recreated": "change the table that is there instead",
    "design-foreign-key-unindexed": "create_index",
    "design-index-duplicate": "leave it out",
    "design-primary-key-missing": "number the rows",
    "design-sequence-too-small": "change the sequence in the same revision",
    "lock-column-filled": "NOT NULL.* come.* last|add a plain column",
    "lock-type-changed": "a column of the new type beside the old one",
    "validation-not-null": "a CHECK does the same|drop the CHECK after it",
}
ENV = "context.configure(connection=connection, opts=dict(lock_timeout='2s'))\n"


class Fix(NamedTuple):
    """What a rule says to write instead of what its example has."""

    name: str
    rule: str
    example: Example


def fixes() -> Iterator[Fix]:
    for rule in RULES:
        for example in rule.examples:
            unknown = (
                "of_long_ago" in example.change.upgrade
            )  # no migration makes it, and no server has it here
            if example.finds and not unknown and not example.before.files:  # those are about another dialect
                yield Fix(f"{rule.name}: {example.name}", rule.name, example)


FIXES = {fix.name: fix for fix in fixes()}


def check(folder: Path, rule: str, example: Example) -> list[Finding]:
    """What is found in an example's change, with its rule switched on."""
    trees = expand(example)
    switched = f'[severity]\n{rule} = "warning"\n' if rule.startswith("design-") else ""
    for name, files in (("before", trees.before), ("after", trees.after)):
        files = {"migration-lint.toml": switched, **files} if switched else files
        for path, text in files.items():
            file = folder / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    after = folder / "after"
    found = run_check(after, base=f"{folder / 'before'}/", head=f"{after}/", environ={}, use_cache=False)
    return [each for each in found.findings if each.rule in {rule.name for rule in RULES}]


def code_of(fix: str) -> str:
    """The code in a fix, which stands four blanks in; "" if it has none, or one with gaps."""
    lines = [line for line in fix.split("\n")[1:] if line.startswith("    ")]
    code = textwrap.dedent("\n".join(lines))
    return "" if "…" in code else code


def mended(fix: Fix, found: Finding, folder: Path) -> str:
    """The example's change with the code of the fix in it; "" if that has none."""
    code, unsafe = code_of(found.fix), fix.example.change.upgrade
    if not code:
        return ""
    if fix.rule == "transaction-lock-timeout":
        return f"{code}\n{unsafe}"
    if ", index=True" in unsafe:  # the column itself is as it was
        return unsafe.replace(", index=True", "") + f"\n{code}"
    if fix.rule in ("data-table-recreated", "data-column-swapped"):  # instead of two statements
        return code
    if fix.rule in ADDED:
        return f"{unsafe}\n{code}"
    if fix.rule == "transaction-enum-value-used":  # it is about the statement before
        return f"{code}\n" + unsafe.partition("\n")[2]
    script = (folder / (found.path or "")).read_text().splitlines()
    statement = textwrap.dedent("\n".join(script[found.line - 1 : found.end_line]))
    if statement not in unsafe:  # it stands in a further revision of the example
        return f"{unsafe}\n{code}"
    return unsafe.replace(statement, code)


class Safe(NamedTuple):
    """What a fix says to write: the code, "" if it gives none; and the rules that still speak up."""

    code: str
    left: frozenset[str]
    words: str = ""  # the whole fix


@functools.cache  # each server of another version runs the same
def safe_form(name: str) -> Safe:
    fix = FIXES[name]
    with tempfile.TemporaryDirectory() as folder:
        unsafe = check(Path(folder, "unsafe"), fix.rule, fix.example)
        found = next(each for each in unsafe if each.rule == fix.rule)
        code = mended(fix, found, Path(folder, "unsafe/after"))
        if not code:
            return Safe("", frozenset())
        config = {path: text for path, text in fix.example.change.files.items() if path.endswith(".toml")}
        env = {"migrations/env.py": ENV, **config}
        again = check(
            Path(folder, "safe"), fix.rule, fix.example._replace(change=ExampleState(code, {}, env))
        )
    heard = {each.rule for each in again if each.severity != "info"} & {fix.rule, *SILENT}
    also = {each.rule for each in unsafe} - {fix.rule} if fix.rule in ADDED else set[str]()
    return Safe(code, frozenset(heard - also), found.fix)


@pytest.mark.sampled
@pytest.mark.parametrize("name", FIXES)
def test_a_fix_runs_and_is_silent(name: str, postgresql: Server, engine: sa.Engine) -> None:
    fix = FIXES[name]
    if postgresql.version < 13:
        pytest.skip("gen_random_uuid(), which all examples have, came with 13")
    code, left, words = safe_form(name)
    if not code:
        pytest.skip("its fix is no code that stands for itself")
    assert left == frozenset()

    with engine.connect() as connection:
        filled(connection, fix)
        run(connection, code)
        connection.commit()
        after = described(connection)
        filled(connection, fix)
        try:
            run(connection, fix.example.change.upgrade)
        except (DBAPIError, InvalidRequestError):  # the server refuses it, which is what the rule is about
            return
        connection.commit()
        if described(connection) != after:
            assert re.search(OTHERWISE[fix.rule], words)


def filled(connection: sa.Connection, fix: Fix) -> None:
    """Makes what the example begins with, and rows."""
    connection.rollback()
    emptied(connection)
    connection.exec_driver_sql("DROP SCHEMA IF EXISTS archive CASCADE")
    run(connection, f"{_CREATE}\n{fix.example.before.upgrade}\n")
    if "CHECK" not in fix.example.before.upgrade:
        connection.exec_driver_sql(
            "INSERT INTO deployment_events (deployment_id, kind, exit_code, hint) "
            "SELECT gen_random_uuid(), 'k', 0, n::text FROM generate_series(1, 9) n"
        )
    if '"deployments"' in fix.example.before.upgrade:
        connection.exec_driver_sql("INSERT INTO deployments SELECT deployment_id FROM deployment_events")
    connection.exec_driver_sql(
        "CREATE FUNCTION next_token() RETURNS text LANGUAGE sql AS 'SELECT now()::text'"
    )
    connection.commit()


def test_most_rules_give_code() -> None:
    """So that the test above tests something."""
    assert {fix.rule for name, fix in FIXES.items() if safe_form(name).code} >= {
        "lock-index-created",
        "lock-index-dropped",
        "lock-column-filled",
        "lock-type-changed",
        "lock-key-built",
        "validation-check",
        "validation-foreign-key",
        "validation-not-null",
        "transaction-concurrently",
        "transaction-enum-value-used",
        "transaction-lock-held",
        "transaction-lock-timeout",
        "lock-table-rebuilt",
    }
