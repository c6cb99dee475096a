"""A column that is made anew beside the old one, and takes its place: whether its values come along."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from .projects import Runner, revision

CORE = """\
t = sa.table("deployment_events", sa.column("kind"), sa.column("hint"), sa.column("tip"))
op.execute({})"""
SQL = 'op.execute("{}")'


@pytest.mark.parametrize(
    ("form", "statement", "severity"),
    [
        (SQL, "UPDATE deployment_events SET tip = hint", ""),
        (SQL, "UPDATE deployment_events SET kind = 'a', tip = trim(Hint) WHERE true", ""),
        (SQL, "UPDATE deployment_events AS e SET tip = e.hint WHERE e.hint IS NOT NULL", ""),
        (SQL, "UPDATE deployment_events SET tip = hint WHERE tip IS NULL", ""),
        (SQL, "UPDATE deployment_events SET tip = hint WHERE kind = 'a'", "warning"),
        (SQL, "UPDATE deployment_events SET tip = hint WHERE hint IS NULL", "warning"),
        (SQL, "UPDATE deployment_events SET tip = 'hint'", "error"),
        (SQL, "UPDATE deployment_events SET kind = 'a' WHERE tip = hint", "error"),
        (SQL, "UPDATE deployment_events SET tip = 'a' WHERE hint = 'b'", "error"),
        (SQL, "UPDATE deployment_events SET hint = trim(hint), kind = tip", "error"),
        (SQL, "SELECT hint, tip FROM deployment_events", "error"),
        (CORE, "t.update().values(tip=t.c.hint)", ""),
        (CORE, "sa.update(t).values({'tip': sa.func.trim(t.c.hint)})", ""),
        (CORE, "t.update().where(t.c.kind == 'a').values(tip=t.c.hint)", "warning"),
        (CORE, "t.update().values(kind='a')", "error"),
        (CORE, "t.update().values(tip='a')", "error"),
    ],
)
def test_its_values_come_along_where_a_statement_copies_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, statement: str, severity: str
) -> None:
    body = f"""\
    op.add_column("deployment_events", sa.Column("tip", sa.Text(), nullable=False, server_default=""))
    {textwrap.indent(form.format(statement), "    ").lstrip()}
    op.drop_column("deployment_events", "hint")
    op.alter_column("deployment_events", "tip", new_column_name="hint")
    """
    found = Runner(tmp_path, capsys).change(revision(body)).findings
    told = [each.severity for each in found if each.rule == "contract-column-recreated"]
    assert told == ([severity] if severity else [])


@pytest.mark.parametrize(("statement", "kept"), [("SET hint = old", True), ("SET old = hint", False)])
def test_the_old_one_may_be_called_otherwise_meanwhile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], statement: str, kept: bool
) -> None:
    body = f"""\
    op.alter_column("deployment_events", "hint", new_column_name="old")
    op.add_column("deployment_events", sa.Column("hint", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE deployment_events {statement}")
    op.drop_column("deployment_events", "old")
    """
    rules = Runner(tmp_path, capsys).change(revision(body)).rules
    assert ("contract-column-recreated" not in rules) is kept
