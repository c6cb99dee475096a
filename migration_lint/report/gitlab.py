"""The report as GitLab Code Quality: the artifact `codequality`, shown in merge requests.

Source: GitLab's "Code Quality report format"; a description is shown as text, on one line.
"""

from __future__ import annotations

import json

from migration_lint.check.finding import Finding, Report, gravest_first
from migration_lint.report.screen import visible
from migration_lint.severity import Severity

MOST = 5_000  # issues
LONGEST = 1_000  # characters of a description

_SEVERITIES: dict[Severity, str] = {"error": "critical", "warning": "minor", "info": "info"}


def render(report: Report) -> str:
    """A JSON array with one object a finding, in ASCII, with a line end."""
    findings = gravest_first(report.findings)
    issues = [_issue(finding) for finding in findings[:MOST]]
    if len(findings) > MOST:
        issues.append(_left_out(len(findings) - MOST, findings[MOST]))
    return json.dumps(issues, indent=2) + "\n"


def _left_out(count: int, first: Finding) -> dict[str, object]:
    """What stands in the place of all that there is no room for."""
    said = f"{count} more findings are left out, because nobody could read them here"
    return {**_issue(first), "description": said, "check_name": "migration-lint", "severity": "info"}


def _issue(finding: Finding) -> dict[str, object]:
    lines = {"begin": finding.line or 1}
    if finding.end_line > lines["begin"]:
        lines["end"] = finding.end_line
    return {
        "type": "issue",
        "description": _description(finding),
        "check_name": visible(finding.rule),
        "categories": ["Compatibility"],
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": visible(finding.path), "lines": lines},
    }


def _description(finding: Finding) -> str:
    said = f"{finding.message}; {finding.fix.splitlines()[0]}" if finding.fix else finding.message
    return visible(said if len(said) <= LONGEST else f"{said[:LONGEST]}…")
