"""Migrations that harm nobody: nothing is said of them. `tests/live` runs them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from .benchmarks.ten_tools.judging import Check, found

BENIGN = yaml.safe_load((Path(__file__).parent / "benign/migrations.yaml").read_text(encoding="utf-8"))
#: As careful projects have it; without it the first lock of a change is told of.
ENV = "context.configure(connection=connection, opts=dict(lock_timeout='2s'))\n"


@pytest.mark.parametrize("row", BENIGN, ids=lambda row: str(row["name"]))
def test_nothing_is_said(row: dict[str, str], tmp_path: Path) -> None:
    example = {"try": row["do"], "start": row.get("start", ""), "env": ENV, "downgrade": _DOWN}
    assert found(Check(row["name"], (), example=example), tmp_path) == set()


#: What a downgrade does is another matter.
_DOWN = 'raise NotImplementedError("restore a backup")'


def test_there_are_sixty() -> None:
    assert len({row["name"] for row in BENIGN}) == len(BENIGN) >= 60
