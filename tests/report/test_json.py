"""The JSON report and its published form.

`UPDATE_EXPECTED=1` writes the stored report anew. The stored form it never writes over: a change of the form
is another version, with a file of its own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from migration_lint.check.finding import (
    LONGEST_MESSAGE,
    ContractPatch,
    ContractPlace,
    Finding,
    Report,
    bounded,
)
from migration_lint.cli import main
from migration_lint.report import render
from migration_lint.report.json import FORM, LARGEST, MOST_FINDINGS
from migration_lint.report.schema import json_schema
from migration_lint.review.findings import read_findings

from ..projects import PROJECT, Repository, revision
from .samples import AWKWARD_LINES, TWO_PLACES, finding
from .test_formats import SAMPLES
from .test_hostile_text import HOSTILE, report_of

EXPECTED = Path(__file__).parent / "expected/json"
REPORTS = {**SAMPLES, **{name: report_of(text) for name, text in HOSTILE.items()}}


def test_the_whole_report_is_as_stored() -> None:
    stored = EXPECTED / "two-places.txt"
    made = render(SAMPLES["two-places"], "json")
    if os.environ.get("UPDATE_EXPECTED"):
        stored.parent.mkdir(exist_ok=True)
        stored.write_text(made, encoding="utf-8")
    assert made == stored.read_text(encoding="utf-8")


def test_a_change_of_the_form_is_another_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever changes the form raises FORM, and stores it under its new name beside the old one."""
    assert main(["report-schema"]) == 0
    printed = capsys.readouterr().out
    stored = EXPECTED / f"schema-{FORM.rpartition('/')[2]}.json"
    if not stored.exists():
        stored.write_text(printed, encoding="utf-8")
    assert printed == stored.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_keeps_its_form(name: str) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(render(REPORTS[name], "json")))


def test_it_says_what_was_judged(tmp_path: Path) -> None:
    """A merge that CI made, in a folder of projects."""
    repository = Repository.new(
        tmp_path / "repository", {f"shop/{path}": text for path, text in PROJECT.items()}
    )
    drop = revision('op.drop_column("deployment_events", "hint")')
    main_before = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({f"shop/{path}": text for path, text in drop.items()})
    branch = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "-q", "--detach", main_before)
    repository.git("merge", "-q", "--no-ff", "-m", "merge", branch)
    merge = repository.git("rev-parse", "HEAD")
    report = tmp_path / "report.json"
    arguments = ["--base", main_before, "--head", "HEAD", "--format", f"json={report}"]
    assert main(["check", str(tmp_path / "repository/shop"), *arguments]) == 1
    document = json.loads(report.read_bytes())
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    judged = document["judged"]
    assert (judged["project"], judged["head"]["kind"]) == ("shop", "commit")
    assert judged["head"]["commit"] == merge
    assert judged["head"]["parents"] == [main_before, branch]
    assert judged["head"]["tree"] == repository.git("rev-parse", "HEAD^{tree}")
    assert judged["base"]["commit"] == main_before
    assert judged["databases"] == [
        {"name": "shop/alembic.ini", "dialect": "postgresql", "version": "", "revisions": 2}
    ]
    [found] = document["findings"]
    assert (found["table"], found["element"]) == ("deployment_events", "hint")
    assert found["excerpt"]["lines"] == ['    op.drop_column("deployment_events", "hint")']
    assert found["rule_url"].endswith("/rules/contract/contract-column-dropped.md")
    assert found["patches"] == [each["path"] for each in document["patches"]]
    assert found["contracts"][0]["excerpt"]["lines"][0].strip().startswith("hint:")


@pytest.mark.parametrize("head", ["index", "worktree", "folder"])
def test_it_says_what_is_no_commit(tmp_path: Path, head: str) -> None:
    repository = Repository.new(tmp_path / "repository", PROJECT)
    report = tmp_path / "report.json"
    named = str(tmp_path / "repository") if head == "folder" else head
    base = str(tmp_path / "repository") if head == "folder" else "HEAD"
    project = str(tmp_path / "repository")
    assert main(["check", project, "--base", base, "--head", named, "--format", f"json={report}"]) == 0
    judged = json.loads(report.read_bytes())["judged"]
    built_on = None if head == "folder" else repository.git("rev-parse", "HEAD")
    assert (judged["head"]["kind"], judged["head"]["commit"], judged["head"]["tree"]) == (
        head,
        built_on,
        None,
    )


def test_what_one_finding_says_is_bounded() -> None:
    names = ", ".join(f"ix_{number}" for number in range(4_000))
    place = ContractPlace("contracts/a.yaml", 1, "a", names)
    made = bounded(Finding("r", "error", names, "a.py", contracts=(place,) * 300, notes=(names,) * 300))
    assert len(made.message) <= LONGEST_MESSAGE
    assert made.message.endswith(" more characters)")
    assert (len(made.contracts), len(made.notes)) == (100, 100)
    assert made.notes[-1] == "left out: 200 more contracts and 201 more notes"
    short = Finding("r", "error", "short", "a.py", contracts=(place._replace(text="x"),), notes=("a: b",))
    assert bounded(short) == short


@pytest.mark.parametrize(("number", "size"), [(12_000, 10), (4_200, 1_900)])
def test_a_report_is_bounded_and_says_what_it_leaves_out(number: int, size: int) -> None:
    """Whatever a run finds, what it writes is read."""
    findings = tuple(
        finding("x" * size, place % 900 + 1, severity="error" if place == number - 1 else "warning")._replace(
            fingerprint=f"{place:032x}", notes=("n" * size, "m" * size)
        )
        for place in range(number)
    )
    patches = tuple(ContractPatch(f"{place}.yaml", "+x\n" * 200) for place in range(250))
    made = render(Report(findings=findings, patches=patches, notes=("a note",) * 300), "json")
    document = json.loads(made)
    kept = len(document["findings"])
    assert kept <= MOST_FINDINGS
    assert len(made) < LARGEST * 1.25
    assert document["summary"]["left_out"] == {
        "findings": number - kept,
        "patches": 50,
        "notes": 100,
        "acknowledging": 0,
    }
    assert kept < number
    assert document["findings"][-1]["severity"] == "error"  # the gravest stays
    assert document["summary"]["warnings"] == number - 1
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    given = read_findings(made.encode(), "report.json")
    assert (len(given.report.findings), given.left_out) == (kept, number - kept)


def test_every_finding_has_the_same_keys() -> None:
    first, second = json.loads(render(TWO_PLACES, "json"))["findings"]
    assert first.keys() == second.keys()
    assert second["contract"] is None
    assert second["contracts"] == []


def test_text_from_the_change_comes_back_as_it_was_and_travels_in_ascii() -> None:
    text = render(AWKWARD_LINES, "json")
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["findings"][2]["message"] == AWKWARD_LINES.findings[2].message


def test_nothing_found() -> None:
    document = json.loads(render(Report(revisions=2), "json"))
    assert document["findings"] == []
    assert document["summary"]["failed"] is False


def test_a_report_of_very_many_short_lines_is_one_that_can_be_read() -> None:
    """What indents a line counts, too, and notes count in the characters that stand for theirs."""
    places = tuple(ContractPlace("c.yaml", line, "a", "x") for line in range(1, 101))
    findings = tuple(
        Finding("rule", "error", "m", "m.py", line=1, contracts=places, fingerprint=f"{number:032x}")
        for number in range(1_500)
    )
    patches = tuple(ContractPatch(f"{number}.yaml", "+\n" * 3_000) for number in range(190))
    notes = tuple("\u2028" * 2_000 for _ in range(200))
    made = render(Report(findings=findings, patches=patches, notes=notes), "json").encode()
    assert len(made) < LARGEST + 3_000_000
    given = read_findings(made, "report.json")
    left_out = json.loads(made)["summary"]["left_out"]
    assert left_out["findings"] == given.left_out == 1_500 - len(given.report.findings) > 0
    assert left_out["notes"] == 200 - len(given.report.notes) > 0
