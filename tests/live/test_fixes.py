"""The safe form that a finding gives: it runs on a real server, and nothing is found in it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from migration_lint.check.finding import Finding
from migration_lint.check.pipeline import run_check
from migration_lint.rulebook.example import _CREATE, expand
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.rule import Example, State

from .alembic_run import run
from .conftest import Server

GROUPS = ("locking", "validation", "transaction")
RULES = [rule for rule in load(builtin_files()) if rule.group in GROUPS]
ENV = "context.configure(connection=connection, opts=dict(lock_timeout='2s'))\n"


class Fix(NamedTuple):
    """What a rule says to write instead of what its example has."""

    name: str
    rule: str
    example: Example


def fixes() -> Iterator[Fix]:
    for rule in RULES:
        for example in rule.examples:
            if example.finds:
                yield Fix(f"{rule.name}: {example.name}", rule.name, example)


def check(folder: Path, example: Example) -> list[Finding]:
    """What is found in an example's change."""
    trees = expand(example)
    for name, files in (("before", trees.before), ("after", trees.after)):
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


@pytest.fixture(scope="module")
def engine(postgresql: Server) -> Iterator[sa.Engine]:
    made = sa.create_engine(postgresql.url.replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.dispose()


@pytest.mark.parametrize("fix", list(fixes()), ids=lambda fix: str(fix.name))
def test_a_fix_runs_and_is_silent(fix: Fix, postgresql: Server, engine: sa.Engine, tmp_path: Path) -> None:
    if postgresql.version < 13:
        pytest.skip("gen_random_uuid(), which all examples have, came with 13")
    found = next(each for each in check(tmp_path / "unsafe", fix.example) if each.rule == fix.rule)
    code = code_of(found.fix)
    if not code:
        pytest.skip("its fix is no code that stands for itself")
    if "SET LOCAL lock_timeout" in code:
        code += "\n" + fix.example.change.upgrade

    if ", index=True" in fix.example.change.upgrade:  # the column itself is as it was
        code = fix.example.change.upgrade.replace(", index=True", "") + "\n" + code

    env = {"migrations/env.py": ENV, **fix.example.change.files}
    safe = fix.example._replace(change=State(code, {}, env))
    assert [each for each in check(tmp_path / "safe", safe) if each.severity != "info"] == []

    with engine.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
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
        run(connection, code)
        connection.commit()


def test_most_rules_give_code(tmp_path: Path) -> None:
    """So that the test above tests something."""
    with_code = set()
    for number, fix in enumerate(fixes()):
        for found in check(tmp_path / str(number), fix.example):
            if found.rule == fix.rule and code_of(found.fix):
                with_code.add(fix.rule)
    assert with_code >= {
        "lock-index-created",
        "lock-index-dropped",
        "lock-column-filled",
        "lock-type-changed",
        "lock-key-built",
        "validation-check",
        "validation-foreign-key",
        "validation-not-null",
        "transaction-lock-timeout",
    }
