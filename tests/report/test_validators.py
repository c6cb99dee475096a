"""The formats of others, held against their own schemas and readers."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest
from junitparser import JUnitXml

from migration_lint.report import render

from .npm import installed, run_node
from .test_formats import SAMPLES
from .test_hostile_text import HOSTILE, report_of

REPORTS = {**SAMPLES, **{name: report_of(text) for name, text in HOSTILE.items()}}
MULTITOOL = ("@microsoft/sarif-multitool-linux", "5.7.0")


def test_sarif_keeps_the_schema_of_the_standard() -> None:
    folder = installed(*MULTITOOL) / MULTITOOL[0]
    schema = json.loads((folder / "sarif-2.1.0.json").read_bytes())
    validator = jsonschema.validators.validator_for(schema)(schema)
    for report in REPORTS.values():
        validator.validate(json.loads(render(report, "sarif")))


def test_sarif_is_what_code_scanning_takes(tmp_path: Path) -> None:
    program = installed(*MULTITOOL) / MULTITOOL[0] / "Sarif.Multitool"
    if not os.access(program, os.X_OK):
        pytest.skip("the multitool's program is not one for this system")
    remarked: set[str] = set()
    for number, report in enumerate(REPORTS.values()):
        (tmp_path / f"{number}.sarif").write_text(render(report, "sarif"), encoding="utf-8")
    done = subprocess.run(
        [
            program,
            "validate",
            tmp_path / "*.sarif",
            "--rule-kind",
            "Sarif;Ghas",
            "--output",
            tmp_path / "found.json",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )  # its exit status says nothing
    assert f"{len(REPORTS)} files scanned" in done.stdout, done.stdout + done.stderr
    for run in json.loads((tmp_path / "found.json").read_bytes())["runs"]:
        remarked.update(result["ruleId"] for result in run["results"])
    assert not remarked, done.stdout[-3_000:]


def test_rdjson_keeps_the_diagnostic_format(tmp_path: Path) -> None:
    name = "@umbrelladocs/rdformat-validator"
    script = installed(name, "1.0.1") / name / "bin/rdformat-validator.js"
    files = []
    for number, report in enumerate(REPORTS.values()):
        file = tmp_path / f"{number}.json"
        file.write_text(render(report, "rdjson"), encoding="utf-8")
        files.append(str(file))
    done = run_node(script, "--strict", "--no-extra-fields", *files)
    assert f"Valid files: {len(files)}" in done.stdout, done.stdout[-2_000:]


@pytest.mark.parametrize("name", REPORTS)
def test_junit_counts_what_it_holds(name: str) -> None:
    report = REPORTS[name]
    suites = JUnitXml.fromstring(render(report, "junit").encode())
    (suite,) = suites
    failures = sum(bool(case.result) for case in suite)
    assert (suite.tests, suite.failures) == (len(list(suite)), failures)
    assert failures == report.count("error")


@pytest.mark.parametrize("name", REPORTS)
def test_code_quality_has_what_gitlab_asks_for(name: str) -> None:
    """As "Code Quality report format" has it: these keys, these severities, no fingerprint twice."""
    issues = json.loads(render(REPORTS[name], "gitlab"))
    for issue in issues:
        assert all(isinstance(issue[key], str) for key in ("description", "check_name", "fingerprint"))
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        location = issue["location"]
        assert location["path"]
        assert not location["path"].startswith("./")
        assert location["lines"]["begin"] >= 1
        assert location["lines"].get("end", location["lines"]["begin"]) >= location["lines"]["begin"]
    named = [issue["fingerprint"] for issue in issues if issue["fingerprint"]]
    assert len(set(named)) == len(named)
