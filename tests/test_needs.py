"""What a contract needs beside columns, and what no longer meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import FIRST, PRODUCER, PROJECT, Runner, revision, script

BASE = """\
op.create_table(
    "deployment_events",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("kind", sa.String(90), nullable=False),
    sa.Column("exit_code", sa.Integer()),
    sa.Column("hint", sa.String(90), nullable=False, server_default=""),
)
op.create_index("one", "deployment_events", ["kind", "exit_code"], unique=True)
"""
DROPPED = 'op.drop_index("one", table_name="deployment_events")\n'
#: As MySQL takes it, for which the names of columns are the same in any case.
MADE = 'op.create_index("other", "deployment_events", ["KIND", "Exit_Code"], unique=True)\n'
KEY = 'op.create_unique_constraint("key", "deployment_events", ["kind", "exit_code"]{})\n'


@pytest.mark.parametrize(
    ("dialect", "body", "broken"),
    [
        ("postgresql", DROPPED, True),
        ("mysql", DROPPED, True),
        ("mysql", DROPPED + MADE, False),
        ("postgresql", DROPPED + KEY.format(""), False),
        ("postgresql", DROPPED + KEY.format(", deferrable=True"), True),
    ],
)
def test_a_need(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], dialect: str, body: str, broken: bool
) -> None:
    producer = PROJECT[PRODUCER].replace("text", "varchar(90)")
    names = "[Kind, Exit_code]" if dialect == "mysql" else "[kind, exit_code]"
    before = {
        "migration-lint.toml": f'dialect = "{dialect}"\n',
        FIRST: script(BASE, "a1", None),
        PRODUCER: f"{producer}    needs:\n      - unique: {names}\n",
    }
    found = Runner(tmp_path, capsys).change(revision(body), before)
    assert ("contract-need-broken" in found.rules) is broken
