"""`.ci/release`: the tag, the version and the change log agree before anything is released."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migration_lint import __version__

from .documented import ROOT

HEAD = "# Changelog\n\n"
NOTES = "### Added\n\n- `check`: judges a change.\n"
READY = f"{HEAD}## [Unreleased]\n\n## [{__version__}] - 2026-03-02\n\n{NOTES}"


def ran(folder: Path, log: str, *tag: str) -> tuple[int, str, str]:
    """The exit status, the notes and the complaints."""
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    (folder / "migration_lint").mkdir()
    shutil.copy(ROOT / "migration_lint/__init__.py", folder / "migration_lint")
    (folder / "CHANGELOG.md").write_text(log)
    done = subprocess.run(
        [sys.executable, folder / ".ci/release", *tag], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_the_notes_of_a_release_are_its_part_of_the_change_log(tmp_path: Path) -> None:
    assert ran(tmp_path, READY, f"v{__version__}") == (0, NOTES, "")


@pytest.mark.parametrize(
    ("log", "tag", "told"),
    [
        (READY, "v9.9.9", f"the tag is v9.9.9, and the version is {__version__}"),
        (f"{HEAD}## [Unreleased]\n", f"v{__version__}", f"no part ## [{__version__}]"),
        (READY.replace(NOTES, ""), f"v{__version__}", "says nothing under"),
        (
            READY.replace("## [Unreleased]\n", f"## [Unreleased]\n\n{NOTES}"),
            f"v{__version__}",
            "move them under",
        ),
        (READY.replace(" - 2026-03-02", ""), f"v{__version__}", "has no date"),
        (READY.replace("### Added", "### New"), None, "### New under"),
        (f"{HEAD}{NOTES}", None, "does not begin with ## [Unreleased]"),
    ],
)
def test_what_does_not_agree_stops_it(log: str, tag: str | None, told: str, tmp_path: Path) -> None:
    status, notes, said = ran(tmp_path, log, *([tag] if tag else []))
    assert (status, notes) == (1, "")
    assert told in said


def test_the_change_log_here_has_its_form() -> None:
    done = subprocess.run([sys.executable, ROOT / ".ci/release"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
