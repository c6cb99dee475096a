"""The report as GitLab Code Quality: the artifact `codequality`, shown in merge requests.

Source: GitLab's "Code Quality report format"; a description is shown as text, on one line.
"""

from __future__ import annotations

import json

from migration_lint.check.finding import Finding, Report
from migration_lint.report.columns import gravest_first
from migration_lint.report.screen import visible
from migration_lint.severity import Severity

_SEVERITIES: dict[Severity, str] = {"error": "critical", "warning": "minor", "info": "info"}


def render(report: Report) -> str:
    """A JSON array with one object a finding, in ASCII, with a line end."""
    return json.dumps([_issue(finding) for finding in gravest_first(report)], indent=2) + "\n"


def _issue(finding: Finding) -> dict[str, object]:
    lines = {"begin": finding.line or 1}
    if finding.end_line > lines["begin"]:
        lines["end"] = finding.end_line
    return {
        "type": "issue",
        "description": visible(
            f"{finding.message}; {finding.fix.splitlines()[0]}" if finding.fix else finding.message
        ),
        "check_name": visible(finding.rule),
        "categories": ["Compatibility"],
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": visible(finding.path), "lines": lines},
    }
