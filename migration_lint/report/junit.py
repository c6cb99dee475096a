"""The report as JUnit XML, for the test page of a CI server: a test case for each finding.

A finding that fails the run is a failure, another one passes and has its text as output. Where nothing is
found there is one case that passes: some servers take a file without any for broken. Source: the schema of
Jenkins' xUnit plugin, junit-10.xsd.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from migration_lint.check.finding import Finding, Report
from migration_lint.report.screen import visible
from migration_lint.report.text import closing_line
from migration_lint.severity import at_least


def render(report: Report) -> str:
    """One XML document, in UTF-8 as soon as it is saved, with a line end."""
    failures = sum(at_least(finding.severity, report.fail_on) for finding in report.findings)
    tests = len(report.findings) or 1
    counts = f'tests="{tests}" failures="{failures}" errors="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="migration-lint" {counts}>',
        f'  <testsuite name="migration-lint" {counts} skipped="0">',
    ]
    if report.findings:
        for finding in report.findings:
            lines += _case(finding, report)
    else:
        lines.append(f'    <testcase classname="migration-lint" name={_attribute(closing_line(report))}/>')
    lines += _output("    ", report.notes)
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"]) + "\n"


def _case(finding: Finding, report: Report) -> Iterable[str]:
    name = f"{finding.rule}: {finding.where} {finding.message}"
    yield f"    <testcase classname={_attribute(finding.path)} name={_attribute(name)}>"
    said = [finding.message, f"  --> {finding.where}"]
    said += [f"  ::: {each.where}  {each.text}" for each in finding.contracts]
    more = [f"fix: {finding.fix}"] if finding.fix else []
    lines = [*said, *(f"  = {line}" for text in (*more, *finding.notes) for line in text.splitlines())]
    if at_least(finding.severity, report.fail_on):
        attributes = f"type={_attribute(finding.rule)} message={_attribute(finding.message)}"
        yield f"      <failure {attributes}>{_text(lines)}</failure>"
    else:
        yield from _output("      ", lines)
    yield "    </testcase>"


def _output(indent: str, lines: Iterable[str]) -> list[str]:
    text = _text(lines)
    return [f"{indent}<system-out>{text}</system-out>"] if text else []


def _text(lines: Iterable[str]) -> str:
    return escape("\n".join(visible(line) for line in lines))


def _attribute(text: str) -> str:
    return quoteattr(visible(text))
