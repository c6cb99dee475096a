"""A history that is cut off: what made a table is gone from head, which knows no more than it still says."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import FIRST, PROJECT, VERSIONS, Files, Runner, script

SECOND = f"{VERSIONS}/b2.py"
ADDS = 'op.add_column("deployment_events", sa.Column("region", sa.Text()))'
BEFORE: Files = {SECOND: script(ADDS)}
CUT: Files = {FIRST: None, SECOND: script(ADDS, down=None)}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def contract_rules(runner: Runner, more: str) -> set[str]:
    new = {f"{VERSIONS}/c3.py": script(more, "c3", "b2")}
    return {rule for rule in runner.change({**CUT, **new}, BEFORE).rules if rule.startswith("contract-")}


def test_it_says_nothing_of_the_columns(runner: Runner) -> None:
    assert PROJECT[FIRST]
    found = runner.change(CUT, BEFORE).rules
    assert "history-removed-revision" in found
    assert not {rule for rule in found if rule.startswith("contract-")}


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ('op.drop_column("deployment_events", "hint")', "contract-column-dropped"),
        ('op.execute("ALTER TABLE deployment_events DROP hint")', "contract-column-dropped"),
        ('op.alter_column("deployment_events", "hint", new_column_name="tip")', "contract-column-dropped"),
        ('op.alter_column("deployment_events", "hint", type_=sa.Integer())', "contract-column-type-changed"),
        ('op.drop_table("deployment_events")', "contract-table-dropped"),
        ('op.rename_table("deployment_events", "events")', "contract-table-dropped"),
    ],
)
def test_what_the_change_does_counts_all_the_same(runner: Runner, more: str, rule: str) -> None:
    assert contract_rules(runner, more) == {rule}
