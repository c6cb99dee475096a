"""A project with a long history and hundreds of findings: what a person sees of them, and does next.

What is printed is compared whole with `many/<name>.txt`. `UPDATE_EXPECTED=1` writes these files anew: read
the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migration_lint.check.pipeline import run_check

from .projects import PROJECT, revision, write

EXPECTED = Path(__file__).parent / "many"

TABLE = (
    'op.create_table("t{0}", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("x", sa.Integer()))'
)
CHANGES = 'op.add_column("t{0}", sa.Column("y", sa.Text()))\nop.create_index("ix_t{0}_y", "t{0}", ["y"])'
DROPS = 'op.drop_column("t{0}", "x")\nop.execute("DROP TABLE t{0}")'


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ninety revisions that nobody has judged before, and one that drops what a contract covers."""
    files: dict[str, str] = dict(PROJECT)
    down = "a1"
    for number in range(30):
        for part, body in enumerate((TABLE, CHANGES, DROPS)):
            name = f"r{number:02}{part}"
            files.update(revision(body.format(number), name, down))
            down = name
    files.update(revision('op.drop_column("deployment_events", "hint")', "z9", down))
    monkeypatch.chdir(write(tmp_path / "old", files))
    return Path()


def test_progress_moves_from_the_first_script_to_the_last(old: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    run_check(
        old,
        all_revisions=True,
        environ=os.environ,
        use_cache=False,
        progress=lambda stage, done, total: steps.append((stage, done, total)),
    )
    for stage in ("reading", "judging"):
        assert [each[1:] for each in steps if each[0] == stage] == [(number, 92) for number in range(1, 93)]
