"""A hundred of the drifts of `drifts.py`, some of each kind: none is silent."""

from __future__ import annotations

from pathlib import Path

from .drifts import drifts, silent

EACH = 3


def test_no_drift_is_silent(tmp_path: Path) -> None:
    every = list(drifts())
    assert len({each.name for each in every}) == len(every) > 300
    tried = every[::EACH]
    assert len(tried) > 100
    assert silent(tried, tmp_path) == []
