"""What each format makes of a report, whole.

`UPDATE_EXPECTED=1 pytest tests/report/test_formats.py` writes every stored output anew: read the difference.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from migration_lint import __version__
from migration_lint.check.finding import Report
from migration_lint.report import FORMATS, Format, render
from migration_lint.report.line_hash import line_hashes
from migration_lint.report.links import HOME, rule_url
from migration_lint.report.markdown import render as as_markdown
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load

from .samples import AWKWARD_LINES, FORGED, TWO_PLACES, finding

EXPECTED = Path(__file__).parent / "expected"
RULES = {rule.name: rule for rule in load(builtin_files())}
SAMPLES = {
    "two-places": dataclasses.replace(TWO_PLACES, rule=RULES.get),
    "awkward-lines": AWKWARD_LINES,
    "forged": FORGED,
    "nothing": Report(revisions=2),
}
MANY = Report(
    findings=tuple(
        finding(f"number {number}", number, severity="warning" if number % 2 else "error")._replace(
            fingerprint=str(number)
        )
        for number in range(1, 31)
    ),
    revisions=1,
)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("text", "json")])
def test_the_whole_report_is_as_stored(name: str, form: Format) -> None:
    stored = EXPECTED / form / f"{name}.txt"
    made = render(SAMPLES[name], form)
    if os.environ.get("UPDATE_EXPECTED"):
        stored.parent.mkdir(exist_ok=True)
        stored.write_text(made, encoding="utf-8")
    assert made == stored.read_text(encoding="utf-8")


def test_github_shows_ten_of_each_kind_and_the_log_has_the_rest() -> None:
    lines = render(MANY, "github").splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert sum(line.startswith("::warning ") for line in lines) == 10
    assert lines.index("not annotated, because GitHub shows ten of each kind:") == 20
    assert lines[-2] == "error[contract-column-dropped]: number 30 (migrations/versions/a.py:30)"
    assert lines[-1] == "15 errors, 15 warnings in 1 revision"


@pytest.mark.parametrize("largest", [1_000, 2_500, 1_000_000])
def test_a_summary_has_its_limit_and_says_what_it_leaves_out(largest: int) -> None:
    made = as_markdown(MANY, largest)
    rows = [line for line in made.splitlines() if "number" in line]
    assert len(made.encode()) <= largest
    assert rows[0].startswith("| ❌ error |")  # the most severe first
    left_out = f"*Left out, because there is no room for it: {30 - len(rows)} more findings.*"
    assert (left_out in made) == (len(rows) < 30)


def test_a_file_has_at_most_as_many_results_as_a_host_takes() -> None:
    import json

    found = MANY.findings[0]._replace(severity="info")
    many = [found] * 25_010 + [found._replace(severity="error")]
    run = json.loads(render(Report(findings=tuple(many)), "sarif"))["runs"][0]
    assert len(run["results"]) == 25_000
    assert run["results"][0]["level"] == "error"
    assert run["invocations"][0]["toolExecutionNotifications"] == [
        {"level": "note", "message": {"text": "11 findings are left out: a host takes 25,000 at most"}}
    ]


def test_code_quality_has_as_many_issues_as_anybody_reads() -> None:
    import json

    many = tuple(
        finding("x" * 3_000, 1, severity="warning")._replace(fingerprint=str(place)) for place in range(5_003)
    )
    issues = json.loads(render(Report(findings=many), "gitlab"))
    assert len(issues) == 5_001
    assert issues[-1]["description"] == "3 more findings are left out, because nobody could read them here"
    assert max(len(each["description"]) for each in issues) == 1_001
    assert len({each["fingerprint"] for each in issues}) == 5_001


#: What GitHub's own action makes of such files.
LINES = {
    "": "c129715d7a2bc9a3:1",
    " a\nb\n  \t\tc\n d": "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1",
}


def test_the_line_hashes_are_those_of_code_scanning() -> None:
    for text, expected in LINES.items():
        assert line_hashes(text) == expected.split()
    long = "x" * 40 + "\n"
    made = line_hashes(long * 6)
    assert [each.rpartition(":")[2] for each in made] == ["1", "2", "3", "4", "1", "1", "1"]
    assert (
        line_hashes((" " + long).replace("\n", "\r\n") * 6)
        == made
        == line_hashes(long.replace("\n", "\r") * 6)
    )


def test_another_place_of_the_rules_is_said_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RULES["contract-column-dropped"]
    monkeypatch.setenv("MIGRATION_LINT_RULES_URL", "https://git.example/tools/lint/-/blob/main/rules/")
    end = "contract/contract-column-dropped.md"
    assert rule_url(rule) == f"https://git.example/tools/lint/-/blob/main/rules/{end}"
    for wrong in ("javascript:alert(1)", "https://x/ )[", "http://plain.example", ""):
        monkeypatch.setenv("MIGRATION_LINT_RULES_URL", wrong)
        assert rule_url(rule) == f"{HOME}/blob/v{__version__}/rules/{end}"
    assert rule_url(rule._replace(builtin=False)) == ""
