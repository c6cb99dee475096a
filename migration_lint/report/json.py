"""The report for programs: one JSON object."""

from __future__ import annotations

import json

from migration_lint.check.finding import ContractPlace, Finding, Report


def render(report: Report) -> str:
    """The report as indented JSON, in ASCII, with a line end.

    Every finding has every key; null stands for "does not apply". `contract` is the first of
    `contracts`, for those who want just one. A patch is a unified diff of one contract file.
    """
    document = {
        "findings": [_finding(finding) for finding in report.findings],
        "patches": [{"path": each.path, "patch": each.diff} for each in report.patches],
        "summary": {
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "infos": report.count("info"),
            "suppressed": report.suppressed,
            "baselined": report.baselined,
            "revisions": report.revisions,
            "failed": report.failed,
            "notes": list(report.notes),
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    contracts = [_contract(place) for place in finding.contracts]
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "end_line": finding.end_line,
        "column": finding.column,
        "end_column": finding.end_column,
        "revision": finding.revision,
        "table": finding.table,
        "contract": contracts[0] if contracts else None,
        "contracts": contracts,
        "fix": finding.fix,
        "notes": list(finding.notes),
        "fingerprint": finding.fingerprint,
    }


def _contract(place: ContractPlace) -> dict[str, object]:
    return {"path": place.path, "line": place.line, "id": place.id, "text": place.text}
