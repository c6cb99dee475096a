"""Judges one of the changes beside this file: `python try.py drop-hint-both`.

`project/` is the state before. A folder of `changes/` holds the files that a change adds or replaces;
laid over a copy of `project/` it is the state after.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from migration_lint.cli import main

HERE = Path(__file__).parent


def judge(change: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        before, after = HERE / "project", Path(folder, "after")
        shutil.copytree(before, after)
        shutil.copytree(HERE / "changes" / change, after, dirs_exist_ok=True)
        return main(["check", str(after), "--base", str(before), "--head", str(after)])


if __name__ == "__main__":
    changes = sorted(path.name for path in (HERE / "changes").iterdir())
    if len(sys.argv) != 2 or sys.argv[1] not in changes:
        sys.exit(f"say which change to judge: {', '.join(changes)}")
    sys.exit(judge(sys.argv[1]))
