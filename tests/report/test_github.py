from __future__ import annotations

from pathlib import Path

from migration_lint.report import render

from .samples import FORGED

EXPECTED = Path(__file__).parent / "expected"


def test_the_whole_report_is_as_stored() -> None:
    assert render(FORGED, "github") == (EXPECTED / "github.txt").read_text(encoding="utf-8")


def test_a_change_cannot_forge_a_command() -> None:
    lines = render(FORGED, "github").splitlines()
    assert len(lines) == len(FORGED.findings) + len(FORGED.notes) + 1
    assert "::error::forged" not in "\n".join(line for line in lines if not line.startswith("::error file="))
    assert lines[0].startswith("::error file=migrations/a%3Ab%2Cc%25%0A.py,line=3,endLine=3,title=")
