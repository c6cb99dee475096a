"""The report for reviewdog: its Diagnostic Format as one JSON object (rdjson)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from migration_lint.check.finding import ContractPatch, Finding, Report, gravest_first
from migration_lint.report.columns import ByteColumns
from migration_lint.report.hunks import Replacement, replacements
from migration_lint.report.links import HOME, rule_url
from migration_lint.report.screen import visible
from migration_lint.rulebook.rule import Rule
from migration_lint.severity import Severity

_SEVERITIES: dict[Severity, str] = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}

Json = dict[str, object]


def render(report: Report) -> str:
    """One DiagnosticResult, in ASCII, with a line end. Columns count bytes, as reviewdog has it."""
    columns = ByteColumns(report.source)
    result: Json = {
        "source": {"name": "migration-lint", "url": HOME},
        "diagnostics": [
            *(_diagnostic(finding, columns, report.rule) for finding in gravest_first(report.findings)),
            *(each for patch in report.patches for each in _suggestions(patch)),
        ],
    }
    return json.dumps(result, indent=2) + "\n"


def _diagnostic(finding: Finding, columns: ByteColumns, rule: Callable[[str], Rule | None]) -> Json:
    said = [finding.message]
    said += [f"{place.where}  {place.text}" for place in finding.contracts]
    said += [line for text in (finding.fix, *finding.notes) for line in text.splitlines()]
    return {
        "message": "\n".join(visible(line) for line in said),
        "location": _location(finding, columns),
        "severity": _SEVERITIES[finding.severity],
        "code": _code(finding, rule),
    }


def _code(finding: Finding, rule: Callable[[str], Rule | None]) -> Json:
    url = rule_url(rule(finding.rule))
    return {"value": visible(finding.rule), **({"url": url} if url else {})}


def _suggestions(patch: ContractPatch) -> Iterator[Json]:
    """What a contract should say: a suggestion is about the file that its diagnostic stands in."""
    for part in replacements(patch.diff):
        where = _whole(part)
        yield {
            "message": "What migration-lint contract sync would write",
            "location": {"path": visible(patch.path), "range": where},
            "severity": "INFO",
            "suggestions": [{"range": where, "text": "".join(f"{line}\n" for line in part.after)}],
        }


def _whole(part: Replacement) -> Json:
    """From the beginning of its first line to the beginning of the line below."""
    return {"start": {"line": part.first, "column": 1}, "end": {"line": part.last + 1, "column": 1}}


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
