from __future__ import annotations

import re
from pathlib import Path

import pytest

from migration_lint.check.finding import Report
from migration_lint.report import render

from .samples import AWKWARD_LINES, TWO_PLACES, finding

EXPECTED = Path(__file__).parent / "expected"


@pytest.mark.parametrize(("name", "report"), [("two_places", TWO_PLACES), ("awkward_lines", AWKWARD_LINES)])
def test_the_whole_report_is_as_stored(name: str, report: Report) -> None:
    assert render(report, "text") == (EXPECTED / f"{name}.txt").read_text(encoding="utf-8")


def test_nothing_that_a_terminal_obeys_comes_through() -> None:
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]", render(AWKWARD_LINES, "text")
    )


def test_colour_changes_nothing_but_colour() -> None:
    coloured = render(TWO_PLACES, "text", colour=True)
    assert "\x1b[1;31merror[contract-column-dropped]\x1b[0m: " in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(TWO_PLACES, "text")


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (Report(revisions=3), "no findings in 3 revisions"),
        (Report(revisions=1), "no findings in 1 revision"),
        (Report(), "no findings: the change has no new, edited or removed revision"),
        (Report(revisions=2, suppressed=1), "no findings in 2 revisions, 1 suppressed"),
        (Report(findings=(finding("a"), finding("b")), revisions=1), "2 errors in 1 revision"),
        (
            Report(findings=(finding("a", severity="info"), finding("b", severity="warning")), revisions=2),
            "1 warning, 1 info in 2 revisions",
        ),
        (Report(findings=(finding("a"),)), "1 error"),
    ],
)
def test_the_closing_line_counts(report: Report, line: str) -> None:
    assert render(report, "text").splitlines()[-1] == line


def test_a_report_without_findings_is_one_line() -> None:
    assert render(Report(revisions=3), "text") == "no findings in 3 revisions\n"
