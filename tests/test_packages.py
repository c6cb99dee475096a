"""Real migrations, of published packages: what `check --all` prints is what a person found by reading.

`python -m tests.benchmarks.packages` judges the largest of them, too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .benchmarks.packages import PACKAGES, Unavailable, judged, stored

#: Of each dialect the one that takes the least time.
NAMES = ("optuna", pytest.param("zenml", marks=pytest.mark.long))


@pytest.mark.parametrize("name", NAMES)
def test_real_history(name: str, tmp_path: Path) -> None:
    try:
        found = judged(PACKAGES[name], tmp_path)
    except Unavailable as missing:
        pytest.skip(str(missing))
    assert found == stored(PACKAGES[name]).read_text(encoding="utf-8")
