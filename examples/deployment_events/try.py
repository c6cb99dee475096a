"""Judges one of the changes beside this file: `python try.py drop-hint-both`.

`project/` is the state before. A folder of `changes/` holds the files that a change adds or replaces;
laid over a copy of `project/` it is the state after. For `sqlalchemy/drop-hint-both` and its like, what
`in_sqlalchemy/` has under the same names is laid over both.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from migration_lint.cli import main

HERE = Path(__file__).parent
SQLALCHEMY = HERE / "in_sqlalchemy"


def judge(change: str) -> int:
    language, _, name = change.rpartition("/")
    homes = [HERE, SQLALCHEMY] if language else [HERE]
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before"), Path(folder, "after")
        for home in homes:
            compiled = shutil.ignore_patterns("__pycache__")  # what running Alembic there leaves
            shutil.copytree(home / "project", before, dirs_exist_ok=True, ignore=compiled)
        shutil.copytree(before, after)
        for home in homes:
            if (home / "changes" / name).exists():
                shutil.copytree(home / "changes" / name, after, dirs_exist_ok=True)
        return main(["check", str(after), "--base", str(before), "--head", str(after)])


def names() -> list[str]:
    """All changes, those of the services in SQLAlchemy last."""
    own = sorted(path.name for path in (HERE / "changes").iterdir())
    return [*own, *sorted(f"sqlalchemy/{path.name}" for path in (SQLALCHEMY / "changes").iterdir())]


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in names():
        sys.exit(f"say which change to judge: {', '.join(names())}")
    sys.exit(judge(sys.argv[1]))
