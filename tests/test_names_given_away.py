"""A column, or a table, whose name another one takes in the same change."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import PROJECT, VERSIONS, Runner, script

NOTES = """\
op.create_table(
    "audit", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("note", sa.Integer())
)
"""
RENAMED = 'op.alter_column("audit", "note", new_column_name="note_old")\n'
ADDED = 'op.add_column("audit", sa.Column("note", sa.Text()))\n'
FILLED = 'op.execute("UPDATE audit SET note = note_old::text")\n'


@pytest.mark.parametrize(
    ("change", "told"),
    [(RENAMED, True), (RENAMED + ADDED, True), (RENAMED + ADDED + FILLED, False)],
    ids=["renamed", "with another in its place", "that is filled"],
)
def test_running_code_is_told_of_unless_the_other_one_holds_the_same(
    change: str, told: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {**PROJECT, f"{VERSIONS}/a2_audit.py": script(NOTES, "a2", "a1")}
    found = Runner(tmp_path, capsys).change({f"{VERSIONS}/b1_note.py": script(change, "b1", "a2")}, before)
    assert ("compat-column-renamed" in found.rules) is told
