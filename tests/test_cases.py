"""Each folder of `cases/` is one case of the gate's decision table: a tree before, one after, the report.

    cases/<name>/before/        what was there
    cases/<name>/after/         what the change makes of it
    cases/<name>/expected.txt   the exit status and, whole, what the command prints

The same by hand: `cd tests/cases/<name> && python -m migration_lint check after --base before --head after`.
`UPDATE_EXPECTED=1 pytest tests/test_cases.py` writes every `expected.txt` anew: read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .projects import report

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_case(case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(CASES / case)
    found = report(capsys, "check", "after", "--base", "before", "--head", "after")
    expected = Path("expected.txt")
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")
