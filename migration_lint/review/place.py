"""Where on a diff each finding can stand, and which patches the diff has room for."""

from __future__ import annotations

from collections.abc import Mapping

from migration_lint.check.finding import SEVERITIES, ContractPatch, Finding
from migration_lint.report.hunks import Line, fits, replacements
from migration_lint.report.screen import visible
from migration_lint.review.body import ROOM, finding_text, patch_text
from migration_lint.review.findings import Given
from migration_lint.review.host import Host
from migration_lint.review.marker import digest
from migration_lint.review.plan import Remark

MOST = 100  # findings with a comment of their own, the gravest: more of them nobody reads

_Shown = Mapping[str, Mapping[int, Line]]


def place_remarks(given: Given, shown: _Shown, host: Host) -> tuple[list[Remark], set[str]]:
    """What is said on lines of the diff, and the keys of what only the summary says.

    `shown` is the diff: path → the lines of head that it shows.
    """
    remarks: list[Remark] = []
    places = {
        finding.fingerprint: lines
        for finding in sorted(given.report.findings, key=lambda each: SEVERITIES.index(each.severity))
        if (lines := _lines(finding, shown.get(finding.path, {}))) is not None
    }
    chosen = dict(list(places.items())[:MOST])
    for finding in given.report.findings:
        lines = chosen.get(finding.fingerprint)
        if lines is None:
            continue
        kin = digest(finding.rule, finding.path, finding.revision or "", finding.table or "")
        text = finding_text(finding, host.longest)
        remarks.append(Remark(finding.fingerprint, kin, finding.path, lines[1], text, lines[0]))
    apart = {finding.fingerprint for finding in given.report.findings} - chosen.keys()
    for patch in given.report.patches:
        for remark, fitting in _suggestions(patch, given, shown.get(patch.path, {}), host):
            if fitting:
                remarks.append(remark)
            else:
                apart.add(remark.key)
    return remarks, apart


def _lines(finding: Finding, shown: Mapping[int, Line]) -> tuple[int, int] | None:
    """The first and last line to comment on: the whole operation, or its first line that the diff shows."""
    if not finding.line:
        return None
    present = [
        number
        for number in range(finding.line, min(finding.end_line, finding.line + 500) + 1)
        if number in shown
    ]
    if not present:
        return None
    hunk = {shown[number].hunk for number in present}
    whole = len(present) == finding.end_line - finding.line + 1 and len(hunk) == 1
    return (finding.line, finding.end_line) if whole else (present[0], present[0])


def _suggestions(
    patch: ContractPatch, given: Given, shown: Mapping[int, Line], host: Host
) -> list[tuple[Remark, bool]]:
    """Each part of a patch as a suggestion, and whether the diff has room for it."""
    contracts = dict.fromkeys(
        place.id
        for finding in given.report.findings
        for place in finding.contracts
        if place.path == patch.path
    )
    if not contracts or not _is_contract(patch.path):
        return []
    made: dict[str, tuple[Remark, bool]] = {}
    for each in replacements(patch.diff):
        # Named by what it says, so that it stays the same when lines move above it.
        key = "p" + digest(patch.path, *each.before, "", *each.after, length=32)
        text = patch_text(each, list(contracts), host.suggestion)
        remark = Remark(key, digest("patch", patch.path), patch.path, each.last, text, each.first)
        fitting = fits(each, shown) and all(map(_plain, each.after)) and len(text) < host.longest - ROOM
        made.setdefault(key, (remark, fitting))
    return list(made.values())


def _is_contract(path: str) -> bool:
    """Whether this may be a contract: one click applies a suggestion, so that no other file gets one."""
    return path.endswith((".yaml", ".yml")) and not any(part.startswith(".") for part in path.split("/"))


def _plain(line: str) -> bool:
    """Whether a person sees all that a line holds, and no host takes it for a command."""
    return visible(line) == line and not line.startswith("/")
