"""Side by side with squawk on the example; `python -m tests.benchmarks.squawk` does it on packages too."""

from __future__ import annotations

from pathlib import Path

import pytest

from .benchmarks.squawk.__main__ import EXAMPLE, STORED, compared
from .benchmarks.squawk.comparing import squawk
from .benchmarks.squawk.report import render


@pytest.mark.long
def test_the_example_beside_squawk(tmp_path: Path) -> None:
    """`python -m tests.benchmarks.squawk deployment_events --write` stores what comes out."""
    try:
        squawk()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    found = render(compared(EXAMPLE, tmp_path))
    assert found == (STORED / f"{EXAMPLE}.md").read_text(encoding="utf-8")
