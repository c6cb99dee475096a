"""The report for programs: one JSON object, in the form that `report-schema` describes.

A change of the form gives it another FORM: a reader that does not know it says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from migration_lint import __version__
from migration_lint.check.finding import (
    MOST_ITEMS,
    Acknowledging,
    ContractPatch,
    ContractPlace,
    Finding,
    Judged,
    Report,
)
from migration_lint.report.excerpt import Excerpt, Excerpts
from migration_lint.report.links import rule_url
from migration_lint.rulebook.rule import Rule
from migration_lint.severity import SEVERITIES

if TYPE_CHECKING:
    from migration_lint.change.identity import Identity

FORM = "migration-lint/v2"

#: What a report holds at most, so that whoever reads one can say beforehand how much that is.
LARGEST = 16_000_000  # bytes of findings
LARGEST_PATCHES = 2_000_000  # bytes
LARGEST_ACKNOWLEDGING = 500_000  # bytes
LARGEST_NOTES = 500_000  # bytes
MOST_FINDINGS = 10_000
MOST_PATCHES = 200
MOST_NOTES = 200
LONGEST_NOTE = 2_000  # characters

Json = dict[str, Any]


def render(report: Report) -> str:
    """The report as indented JSON, in ASCII, with a line end.

    Every finding has every key; null stands for "does not apply". `contract` is the first of
    `contracts`, for those who want just one. A patch is a unified diff of one contract file. What does not
    fit is left out, the least severe first, and `summary.left_out` counts it.
    """
    patches = _fitting_patches(report.patches)
    findings = _fitting_findings(report, {each.path for each in patches})
    notes = _fitting_notes(report.notes)
    acknowledging = _fitting_acknowledging(report.acknowledging)
    judged = report.judged()
    document = {
        "report": FORM,
        "tool": {"name": "migration-lint", "version": __version__},
        "judged": None if judged is None else _judged(judged),
        "findings": findings,
        "patches": [{"path": each.path, "patch": each.diff} for each in patches],
        "acknowledging": acknowledging,
        "summary": {
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "infos": report.count("info"),
            "suppressed": report.suppressed,
            "baselined": report.baselined,
            "revisions": report.revisions,
            "contracts": report.contracts,
            "fail_on": report.fail_on,
            "failed": report.failed,
            "notes": notes,
            "left_out": {
                "findings": len(report.findings) - len(findings),
                "patches": len(report.patches) - len(patches),
                "notes": len(report.notes) - len(notes),
                "acknowledging": len(report.acknowledging) - len(acknowledging),
            },
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _fitting_patches(patches: Sequence[ContractPatch]) -> list[ContractPatch]:
    kept: list[ContractPatch] = []
    size = 0
    for each in patches[:MOST_PATCHES]:
        size += _size({"path": each.path, "patch": each.diff})
        if size <= LARGEST_PATCHES:
            kept.append(each)
    return kept


def _fitting_acknowledging(acknowledging: Sequence[Acknowledging]) -> list[Json]:
    kept: list[Json] = []
    size = 0
    for each in acknowledging[:MOST_PATCHES]:
        made = {
            "contract": each.contract,
            "path": each.path,
            "entries": [{"table": table, "revision": revision} for table, revision in each.entries],
            "patch": each.diff,
        }
        size += _size(made)
        if size <= LARGEST_ACKNOWLEDGING and len(each.entries) <= MOST_ITEMS:
            kept.append(made)
    return kept


def _fitting_notes(notes: Sequence[str]) -> list[str]:
    kept: list[str] = []
    size = 0
    for note in notes[:MOST_NOTES]:
        size += _size(note[:LONGEST_NOTE])
        if size <= LARGEST_NOTES:
            kept.append(note[:LONGEST_NOTE])
    return kept


def _size(entry: Json | str) -> int:
    """How much an entry of a list takes in the report, its indentation and the comma included."""
    text = json.dumps(entry, indent=2)
    return len(text) + 6 * (text.count("\n") + 1) + 2


def _fitting_findings(report: Report, patched: set[str]) -> list[Json]:
    """As many findings as there is room for, the gravest, in the order of the report."""
    excerpts = Excerpts(report.source)
    kept: dict[int, Json] = {}
    size = 0
    gravest = sorted(
        range(len(report.findings)), key=lambda place: SEVERITIES.index(report.findings[place].severity)
    )
    for place in gravest[:MOST_FINDINGS]:
        made = _finding(report.findings[place], excerpts, report.rule, patched)
        size += _size(made)
        if size > LARGEST:
            break
        kept[place] = made
    return [kept[place] for place in sorted(kept)]


def _judged(judged: Judged) -> Json:
    return {
        "project": judged.project,
        "base": None if judged.base is None else _tree(judged.base),
        "head": _tree(judged.head),
        "databases": [each._asdict() for each in judged.databases],
    }


def _tree(tree: Identity) -> Json:
    return {
        "kind": tree.kind,
        "name": tree.name,
        "commit": tree.commit or None,
        "tree": tree.tree or None,
        "parents": list(tree.parents),
    }


def _finding(
    finding: Finding, excerpts: Excerpts, rule: Callable[[str], Rule | None], patched: set[str]
) -> Json:
    contracts = [_contract(place, excerpts) for place in finding.contracts]
    return {
        "rule": finding.rule,
        "rule_url": rule_url(rule(finding.rule)) or None,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "end_line": finding.end_line,
        "column": finding.column,
        "end_column": finding.end_column,
        "excerpt": _text(excerpts.at(finding.path, finding.line, finding.end_line)),
        "revision": finding.revision,
        "table": finding.table,
        "element": finding.element,
        "contract": contracts[0] if contracts else None,
        "contracts": contracts,
        "fix": finding.fix,
        "notes": list(finding.notes),
        "patches": list(dict.fromkeys(each.path for each in finding.contracts if each.path in patched)),
        "fingerprint": finding.fingerprint,
    }


def _contract(place: ContractPlace, excerpts: Excerpts) -> Json:
    return {
        "path": place.path,
        "line": place.line,
        "id": place.id,
        "text": place.text,
        "excerpt": _text(excerpts.at(place.path, place.line)),
    }


def _text(excerpt: Excerpt) -> Json | None:
    """The lines, and those around them; null where they are not known."""
    if not excerpt.lines:
        return None
    return {name: list(lines) for name, lines in excerpt._asdict().items()}
