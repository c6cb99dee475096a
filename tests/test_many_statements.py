"""A text of very many statements takes as long as it is: nothing looks at each once for each other."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest

from migration_lint.check.pipeline import run_check

from .projects import FIRST, PROJECT, VERSIONS, script, write

OTHER = {FIRST: PROJECT[FIRST] + '    op.create_table("other", sa.Column("id", sa.Integer()))\n'}


def calls(base: Path, head: Path, statement: str, count: int) -> int:
    """How many functions of Python a check of so many statements calls."""
    write(head, {f"{VERSIONS}/b2.py": script(f"op.execute({statement!r} * {count})")})
    counted = 0

    def count_it(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count_it)
    try:
        run_check(head, base=str(base), head=str(head), environ={}, use_cache=False)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize(
    "statement",
    ["SELECT 1;", "INSERT INTO other VALUES (1);", "DELETE FROM other;", "SET lock_timeout = '1s';"],
)
def test_twice_as_many_take_twice_as_many_steps(tmp_path: Path, statement: str) -> None:
    base, head = (write(tmp_path / name, {**PROJECT, **OTHER}) for name in ("before", "after"))
    calls(base, head, statement, 1)  # what is made only once
    few, many, more = (calls(base, head, statement, count) for count in (100, 300, 500))
    assert more - many < 1.2 * (many - few)
