"""Where the fuzzers begin: the scripts and statements of the other tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from migration_lint.operations import Dialect

_TESTS = Path(__file__).parent.parent
_STATEMENTS = _TESTS / "reading" / "sql" / "statements"


@cache
def scripts() -> list[str]:
    """Migration scripts of the tests and examples, each text once."""
    folders = [_TESTS / "reading" / "scripts", _TESTS / "cases", _TESTS.parent / "examples"]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    texts = dict.fromkeys(path.read_text(encoding="utf-8", errors="replace") for path in paths)
    return [text for text in texts if "alembic" in text]


@cache
def statements() -> list[tuple[Dialect, str]]:
    """Statements with the dialect that they are written in."""
    dialects: dict[str, Dialect] = {
        "postgresql": "postgresql",
        "mysql": "mysql",
        "sqlite": "sqlite",
        "mssql": "mssql",
        "oracle": "oracle",
    }
    found: list[tuple[Dialect, str]] = []
    for name, dialect in dialects.items():
        for block in (_STATEMENTS / f"{name}.txt").read_text(encoding="utf-8").split("\n\n"):
            lines = [line for line in block.split("\n") if not line.startswith(("    → ", "== "))]
            text = "\n".join(lines).strip("\n").replace("…", "\ue000")
            if text:
                found.append((dialect, text))
    return found
