"""The product's promise: a breaking change passes only when both sides' contracts follow it.

Alembic has no batch form of dropping or renaming a table; inside `batch_alter_table` people use `op` for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from .projects import CONSUMER, PRODUCER, PROJECT, Files, Repository, Runner, Verdict, revision


class Breaking(NamedTuple):
    """One breaking change: the rule that finds it, and what a contract has to say instead of `old`."""

    rule: str
    old: str
    new: str | None  # None: nothing, the contract goes with its only table


CHANGES = {
    "rename a column": Breaking("contract-column-renamed", "hint:", "hint_text:"),
    "change a type": Breaking("contract-column-type-changed", "type: int4", "type: int8"),
    "drop a column": Breaking("contract-column-dropped", "      hint: {type: text, nullable: false}\n", ""),
    "drop the table": Breaking("contract-table-dropped", "", None),
    "rename the table": Breaking("contract-table-renamed", "  deployment_events:", "  events:"),
}

OP = {
    "rename a column": 'op.alter_column("deployment_events", "hint", new_column_name="hint_text")',
    "change a type": 'op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger())',
    "drop a column": 'op.drop_column("deployment_events", "hint")',
    "drop the table": 'op.drop_table("deployment_events")',
    "rename the table": 'op.rename_table("deployment_events", "events")',
}

BATCH = {
    "rename a column": 'batch_op.alter_column("hint", new_column_name="hint_text")',
    "change a type": 'batch_op.alter_column("exit_code", type_=sa.BigInteger())',
    "drop a column": 'batch_op.drop_column("hint")',
}

SQL = {
    "rename a column": "ALTER TABLE deployment_events RENAME COLUMN hint TO hint_text",
    "change a type": "ALTER TABLE deployment_events ALTER COLUMN exit_code TYPE bigint",
    "drop a column": "ALTER TABLE deployment_events DROP COLUMN hint",
    "drop the table": "DROP TABLE deployment_events",
    "rename the table": "ALTER TABLE deployment_events RENAME TO events",
}

BODIES = (
    {("op", change): body for change, body in OP.items()}
    | {
        ("batch_op", change): f'with op.batch_alter_table("deployment_events") as batch_op:\n    {body}'
        for change, body in BATCH.items()
    }
    | {
        (form, change): before + f'"{sql}"' + after
        for form, (before, after) in {
            "op.execute": ("op.execute(", ")"),
            "connection.execute": ("connection = op.get_bind()\nconnection.execute(sa.text(", "))"),
            "sa.DDL": ("op.execute(sa.DDL(", "))"),
        }.items()
        for change, sql in SQL.items()
    }
)

#: Whose contracts follow, what the exit status is, and who is behind.
FOLLOWERS = {
    "neither": ((), 1, {"worker.producer", "api.consumer"}),
    "the producer": ((PRODUCER,), 1, {"api.consumer"}),
    "the consumer": ((CONSUMER,), 1, {"worker.producer"}),
    "both": ((PRODUCER, CONSUMER), 0, set()),
    "both in a comment": ((), 1, {"worker.producer", "api.consumer"}),
}


def after(form: str, change: str, followers: str) -> Files:
    """What the change lays over the project: a revision, and the contracts of those who follow."""
    files: dict[str, str | bytes | None] = {**revision(BODIES[form, change])}
    breaking = CHANGES[change]
    for path in FOLLOWERS[followers][0]:
        assert breaking.old in PROJECT[path]
        files[path] = None if breaking.new is None else PROJECT[path].replace(breaking.old, breaking.new)
    if followers == "both in a comment":
        files |= {path: f"# {change}\n{PROJECT[path]}# done\n" for path in (PRODUCER, CONSUMER)}
    return files


def assert_gated(verdict: Verdict, change: str, followers: str) -> None:
    _, status, behind = FOLLOWERS[followers]
    assert (verdict.status, verdict.error) == (status, "")
    gated = [found for found in verdict.findings if found.rule.startswith("contract-")]
    assert [(found.rule, found.severity) for found in gated] == (
        [(CHANGES[change].rule, "error")] if status else []
    )
    assert {found.rule for found in verdict.findings} <= {CHANGES[change].rule, "lock-type-changed"}
    assert verdict.behind == behind


@pytest.mark.parametrize("followers", FOLLOWERS)
@pytest.mark.parametrize(("form", "change"), BODIES)
def test_it_takes_both_contracts(
    form: str, change: str, followers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = Runner(tmp_path, capsys).change(after(form, change, followers))
    assert_gated(verdict, change, followers)


@pytest.mark.parametrize("followers", FOLLOWERS)
@pytest.mark.parametrize("change", CHANGES)
def test_it_takes_both_contracts_on_a_branch(
    change: str, followers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = Repository.new(tmp_path / "repository", PROJECT)
    repository.git("checkout", "--quiet", "-b", "feature")
    repository.commit(after("op", change, followers))
    verdict = Runner(tmp_path, capsys).check(repository.path)  # the base is found: where it left main
    assert_gated(verdict, change, followers)
