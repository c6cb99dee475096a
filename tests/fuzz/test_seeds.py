"""What the fuzzers found once, and a short run of each with a fixed seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.targets import TARGETS

SEEDS = sorted(path for path in Path(__file__).with_name("seeds").iterdir() if path.is_file())


@pytest.fixture(autouse=True)
def _faults_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATION_LINT_DEBUG", "1")


@pytest.mark.parametrize("seed", SEEDS, ids=[path.name for path in SEEDS])
def test_what_failed_once(seed: Path) -> None:
    TARGETS[seed.name.partition("-")[0]].check(seed.read_bytes().decode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_short_run(name: str) -> None:
    assert fuzz(TARGETS[name], seconds=60, examples=_EXAMPLES[name], seed=1, keep=None) == 0


_EXAMPLES = {"program": 15, "script": 40, "sql": 150, "tree": 10}
