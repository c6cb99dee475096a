"""The report as annotations of a GitHub Actions run: one workflow command a line.

The escapes are those of the `command.ts` of actions/toolkit, which the runner undoes. GitHub shows ten
annotations of each kind for a step: those after them stand in the log alone.
"""

from __future__ import annotations

from migration_lint.check.finding import Finding, Report
from migration_lint.report.screen import visible
from migration_lint.report.text import closing_line
from migration_lint.severity import Severity

MOST = 10  # annotations of one kind in a step

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report) -> str:
    """One command a finding and a note, and the line that counts; each ends its line."""
    lines = []
    left = dict.fromkeys(_COMMANDS, MOST)
    left["info"] -= len(report.notes)
    logged = []
    for finding in report.findings:
        left[finding.severity] -= 1
        if left[finding.severity] >= 0:
            lines.append(_annotation(finding))
        else:
            said = visible(f"{finding.message} ({finding.where})")
            logged.append(f"{finding.severity}[{visible(finding.rule)}]: {said}")
    lines += [f"::notice title=migration-lint::{_data(visible(note))}" for note in report.notes]
    if logged:
        lines += ["not annotated, because GitHub shows ten of each kind:", *logged]
    return "\n".join([*lines, closing_line(report)]) + "\n"


def _annotation(finding: Finding) -> str:
    properties: list[tuple[str, str]] = [("file", visible(finding.path))]
    if finding.line:
        properties.append(("line", str(finding.line)))
        properties.append(("endLine", str(finding.end_line or finding.line)))
        # GitHub takes columns only within one line.
        if finding.column and finding.end_line in (0, finding.line):
            properties.append(("col", str(finding.column)))
            if finding.end_column:
                properties.append(("endColumn", str(finding.end_column)))
    properties.append(("title", visible(finding.rule)))
    said = ",".join(f"{name}={_property(value)}" for name, value in properties)
    return f"::{_COMMANDS[finding.severity]} {said}::{_data(_body(finding))}"


def _body(finding: Finding) -> str:
    lines = [finding.message]
    lines += [f"{place.where}  {place.text}" for place in finding.contracts]
    lines += [f"fix: {line}" if not number else line for number, line in enumerate(finding.fix.splitlines())]
    return "\n".join(visible(line) for line in (*lines, *finding.notes))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
