"""A report with annotations in Bitbucket's Code Insights: at most 1,000, and 100 with a request.

A report is made anew where it is to say something else. It names what it says when all of it is there, so
that one that was left in the middle is made again.
"""

from __future__ import annotations

from migration_lint.check.finding import Finding
from migration_lint.report.screen import visible
from migration_lint.report.text import closing_line
from migration_lint.review.answers import items, text
from migration_lint.review.host import Conclusion
from migration_lint.review.marker import digest
from migration_lint.review.target import ReviewTarget
from migration_lint.review.transport import Json, Refused, Transport
from migration_lint.severity import Severity

BATCH = 100
MOST = 1_000
LONGEST_SUMMARY = 450
LONGEST_DETAILS = 2_000
SAYS = "Says"  # the field with the digest

_SEVERITIES: dict[Severity, str] = {"error": "HIGH", "warning": "MEDIUM", "info": "LOW"}


def conclude_report(transport: Transport, commit: str, target: ReviewTarget, conclusion: Conclusion) -> bool:
    """Bring the report of the commit up to date; whether there was anything to do."""
    placed, left_out = conclusion.annotated(MOST)
    annotations = [_annotation(finding) for finding in placed]
    counted = closing_line(conclusion.given.report)
    report: dict[str, Json] = {
        "title": target.title,
        "details": (f"{counted}; {left_out}" if left_out else counted)[:LONGEST_DETAILS],
        "report_type": "TEST",
        "reporter": "migration-lint",
        "result": "FAILED" if conclusion.given.failed else "PASSED",
    }
    says = digest(repr(report), repr(annotations))
    path = f"{commit}/reports/migration-lint-{digest(target.scope)}"
    try:
        there = transport.get(path)
        if any(text(each, "title") == SAYS and text(each, "value") == says for each in items(there, "data")):
            return False
        transport.write("DELETE", path, None)
    except Refused as refusal:
        if refusal.status != 404:
            raise
    transport.write("PUT", path, {**report, "result": "PENDING", "data": []})
    for start in range(0, len(annotations), BATCH):
        batch: list[Json] = [*annotations[start : start + BATCH]]
        transport.write("POST", f"{path}/annotations", batch)
    transport.write("PUT", path, {**report, "data": [{"type": "TEXT", "title": SAYS, "value": says}]})
    return True


def _annotation(finding: Finding) -> dict[str, Json]:
    lines = [f"{place.where}  {place.text}" for place in finding.contracts]
    lines += [f"fix: {finding.fix}"] if finding.fix else []
    details = "\n".join(visible(line) for part in (*lines, *finding.notes) for line in part.splitlines())
    made: dict[str, Json] = {
        "external_id": finding.fingerprint,
        "annotation_type": "BUG",
        "path": visible(finding.path),
        "line": finding.line,
        "summary": visible(f"{finding.rule}: {finding.message}")[:LONGEST_SUMMARY],
        "severity": _SEVERITIES[finding.severity],
    }
    return {**made, "details": details[:LONGEST_DETAILS]} if details else made
