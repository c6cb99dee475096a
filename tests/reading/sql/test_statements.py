"""Every statement under `statements/`, with the operations that it is read as.

A file is for one dialect. A case is the SQL, then `→` and an operation a line, as `conftest.line` writes
it; an empty line ends it. `…` stands for a part that is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

Reads = Callable[..., list[str]]
_ARROW = "    → "


def cases() -> Iterator[ParameterSet]:
    for path in sorted(Path(__file__).with_name("statements").glob("*.txt")):
        title = ""
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            if block.startswith("== "):
                title = block[3:].strip()
                continue
            lines = block.strip("\n").split("\n")
            text = "\n".join(line for line in lines if not line.startswith(_ARROW))
            expected = [line[len(_ARROW) :] for line in lines if line.startswith(_ARROW)]
            yield pytest.param(path.stem, text, expected, id=f"{path.stem}: {title}: {text[:50]!r}")


@pytest.mark.parametrize(("dialect", "text", "expected"), list(cases()))
def test_statement(reads: Reads, dialect: str, text: str, expected: list[str]) -> None:
    assert (reads(text, dialect) or ["nothing"]) == expected
