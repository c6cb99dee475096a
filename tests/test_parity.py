"""Each folder of `parity/` is the example's project with some files laid over it, and what `parity` says.

    parity/<name>/files/         the files that differ from examples/deployment_events/project
    parity/<name>/expected.txt   the exit status and, whole, what the command prints

`UPDATE_EXPECTED=1 pytest tests/test_parity.py` writes every `expected.txt` anew: read the difference.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .projects import report

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "examples/deployment_events/project"
CASES = Path(__file__).parent / "parity"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_case(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = shutil.copytree(PROJECT, tmp_path / "project")
    shutil.copytree(CASES / case / "files", project, dirs_exist_ok=True)
    monkeypatch.chdir(project)
    found = report(capsys, "parity")
    expected = CASES / case / "expected.txt"
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")
