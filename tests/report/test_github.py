from __future__ import annotations

from migration_lint.report import render

from .samples import FORGED


def test_a_change_cannot_forge_a_command() -> None:
    lines = render(FORGED, "github").splitlines()
    assert len(lines) == len(FORGED.findings) + len(FORGED.notes) + 1
    assert "::error::forged" not in "\n".join(line for line in lines if not line.startswith("::error file="))
    assert lines[0].startswith("::error file=migrations/a%3Ab%2Cc%25\\n.py,line=3,endLine=3,title=")
