"""What keeps a check quiet. Each folder of `quiet/` is a project with one configuration.

    quiet/<name>/expected.txt   the exit status and, whole, what `check --all` prints

`UPDATE_EXPECTED=1 pytest tests/test_quiet.py` writes every `expected.txt` anew: read the difference.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .projects import report

QUIET = Path(__file__).parent / "quiet"


@pytest.mark.parametrize("case", sorted(path.name for path in QUIET.iterdir()))
def test_quiet(case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(QUIET / case)
    found = report(capsys, "check", ".", "--all", "--head", ".")
    expected = Path("expected.txt")
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_a_baseline_lists_what_is_found_and_is_written_anew_with_its_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(QUIET / "baseline", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    baseline = Path("migration-lint.baseline.yaml")
    written = report(capsys, "check", ".", "--all", "--head", ".", "--write-baseline", str(baseline))
    assert "exit status 0" in written
    lines = [line for line in baseline.read_text().splitlines() if line.startswith("- ")]
    assert [line.partition(", rule: ")[2] for line in lines] == [
        '"data-column-dropped", path: "migrations/versions/b2_drop_note.py", '
        'reason: "ran everywhere in 2025"}',
        '"data-table-dropped", path: "migrations/versions/c3_drop_audit.py", reason: "there before"}',
    ]
    assert "no findings in 3 revisions, 2 in the baseline" in report(
        capsys, "check", ".", "--all", "--head", "."
    )


def test_a_baseline_needs_every_revision(capsys: pytest.CaptureFixture[str]) -> None:
    assert "fix: add --all\n" in report(capsys, "check", ".", "--write-baseline", "some.yaml")


def test_a_change_does_not_excuse_itself_by_start_after(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    shutil.copytree(QUIET / "start-after", after)
    shutil.copytree(QUIET / "start-after", before)
    (before / "migrations/versions/c3_drop_audit.py").unlink()
    (after / "migration-lint.toml").write_text('start-after = "c3"\n')
    found = report(capsys, "check", str(after), "--base", f"{before}/", "--head", f"{after}/")
    assert "warning[data-table-dropped]" in found


def test_an_edited_revision_from_before_the_start_is_told_and_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    shutil.copytree(QUIET / "start-after", after)
    shutil.copytree(QUIET / "start-after", before)
    script = after / "migrations/versions/b2_drop_note.py"
    script.write_text(script.read_text().replace('"note")', '"seen_at")', 1))
    found = report(capsys, "check", str(after), "--base", f"{before}/", "--head", f"{after}/")
    assert "error[history-edited-revision]" in found
    assert "data-column-dropped" not in found
