"""Names in a migration that nothing bears: whoever wrote them is asked whether another was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import PROJECT, report, revision, write

SAID = "note: migrations/versions/b2.py:9: no migration makes "
TABLE = "; did you mean deployment_events?"


def notes(capsys: pytest.CaptureFixture[str], folder: Path, body: str) -> list[str]:
    base = write(folder / "base", PROJECT)
    head = write(folder / "head", {**PROJECT, **revision(body)})
    told = report(capsys, "check", head, "--base", base, "--head", head)
    return [line for line in told.splitlines() if "no migration makes" in line]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('op.drop_table("deploymnt_events")', "the table deploymnt_events" + TABLE),
        (
            'op.execute("DROP TABLE Deployment_event")',
            "the table deployment_event; did you mean deployment_events?",
        ),
        (
            'op.drop_column("deploymentevents", "x")',
            "the table deploymentevents; did you mean deployment_events?",
        ),
        (
            'op.drop_column("deployment_events", "hnt")',
            "the column deployment_events.hnt; did you mean hint?",
        ),
        (
            'op.create_index("i", "deployment_events", ["kind", "exitcode"])',
            "the column deployment_events.exitcode; did you mean exit_code?",
        ),
        (
            'op.create_unique_constraint("u", "deployment_events", ["knd"])',
            "the column deployment_events.knd; did you mean kind?",
        ),
        (
            'op.alter_column("deployment_events", "exitcode", nullable=True)',
            "the column deployment_events.exitcode; did you mean exit_code?",
        ),
    ],
)
def test_a_slip(body: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert notes(capsys, tmp_path, body) == [SAID + said]


@pytest.mark.parametrize(
    "body",
    [
        'op.drop_column("deployment_events", "hint")',
        'op.drop_table("users")',
        'op.execute("DROP TABLE IF EXISTS deploymnt_events")',
        'op.create_table("deployment_event", sa.Column("id", sa.Integer()))\n'
        'op.drop_table("deployment_event")',
        'op.rename_table("deployment_events", "deployments_events")\nop.drop_table("deployments_events")',
        'op.add_column("deployment_events", sa.Column("hints", sa.Text()))\n'
        'op.drop_column("deployment_events", "hints")',
        'op.alter_column("deployment_events", "hint", new_column_name="hints")\n'
        'op.drop_column("deployment_events", "hints")',
        'op.drop_column("users", "hnt")',
        'op.create_index("i", "deployment_events", [sa.text("lower(hint)")])',
        'op.add_column("deployment_events", sa.Column("hints", sa.Text()))\n'
        'op.create_index("i", "deployment_events", ["hints", "kind"])',
    ],
)
def test_no_slip(body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert notes(capsys, tmp_path, body) == []


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ('op.drop_colum("deployment_events", "hint")', " (did you mean `drop_column`?)"),
        (
            'with op.batch_alter_table("deployment_events") as batch:\n    batch.drop_colum("hint")',
            " (did you mean `drop_column`?)",
        ),
        ('op.vacuum("deployment_events")', ""),
    ],
)
def test_a_directive(body: str, asked: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = write(tmp_path / "base", PROJECT)
    head = write(tmp_path / "head", {**PROJECT, **revision(body)})
    told = report(capsys, "check", head, "--base", base, "--head", head)
    assert f"is no directive of Alembic's own{asked}; api.consumer" in told
