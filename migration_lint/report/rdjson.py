"""The report for reviewdog: its Diagnostic Format as one JSON object (rdjson)."""

from __future__ import annotations

import json

from migration_lint.check.finding import Finding, Report
from migration_lint.report.columns import ByteColumns, gravest_first
from migration_lint.report.screen import visible
from migration_lint.severity import Severity

_SEVERITIES: dict[Severity, str] = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}

Json = dict[str, object]


def render(report: Report) -> str:
    """One DiagnosticResult, in ASCII, with a line end. Columns count bytes, as reviewdog has it."""
    columns = ByteColumns(report.source)
    result: Json = {
        "source": {"name": "migration-lint"},
        "diagnostics": [_diagnostic(finding, columns) for finding in gravest_first(report)],
    }
    return json.dumps(result, indent=2) + "\n"


def _diagnostic(finding: Finding, columns: ByteColumns) -> Json:
    said = [finding.message]
    said += [f"{place.where}  {place.text}" for place in finding.contracts]
    said += [line for text in (finding.fix, *finding.notes) for line in text.splitlines()]
    return {
        "message": "\n".join(visible(line) for line in said),
        "location": _location(finding, columns),
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": visible(finding.rule)},
    }


def _location(finding: Finding, columns: ByteColumns) -> Json:
    location: Json = {"path": visible(finding.path)}
    if finding.line:
        location["range"] = {
            "start": _position(columns, finding.path, finding.line, finding.column),
            "end": _position(columns, finding.path, finding.end_line or finding.line, finding.end_column),
        }
    return location


def _position(columns: ByteColumns, path: str, line: int, column: int) -> Json:
    at = columns.column(path, line, column)
    return {"line": line} if at is None else {"line": line, "column": at}
