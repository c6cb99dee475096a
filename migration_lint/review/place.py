"""Where on a diff each finding can stand, and which patches the diff has room for.

What was judged may be another state of the files than the request's head: hosts check out the merge of it and
its target. There the numbers are others, so that each place is found by its text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migration_lint.check.finding import SEVERITIES, ContractPatch, ContractPlace, Finding, gravest_first
from migration_lint.named_tuple import NamedTuple
from migration_lint.report.excerpt import MOST_LINES, Excerpt, agreement, same
from migration_lint.report.hunks import Line, Replacement, replacements
from migration_lint.report.screen import visible
from migration_lint.review.findings import Given
from migration_lint.review.marker import CommentMarker, digest
from migration_lint.severity import Severity

_Lines = Mapping[int, Line]
Shown = Mapping[str, _Lines]  # path → the lines of head that the diff shows


class Policy(NamedTuple):
    """What gets a comment of its own."""

    most: int = 100  # findings, the gravest: more of them nobody reads
    least: Severity = "info"


USUAL = Policy()


class PlacedReport(NamedTuple):
    """A report with its places in the request's head."""

    findings: tuple[Finding, ...]  # their lines are those of head where that is known
    lines: Mapping[str, tuple[int, int]]  # fingerprint → first and last line on the diff
    uncertain: frozenset[str]  # fingerprints of findings whose line counts in what was judged
    excerpts: Mapping[str, Excerpt]


class Suggestion(NamedTuple):
    """A part of a patch, with its lines as head counts them."""

    path: str
    contracts: tuple[str, ...]
    part: Replacement
    fits: bool


def place(given: Given, shown: Shown, commit: str) -> PlacedReport:
    """Each finding and each contract's place, in the numbers of the commit that is the request's head."""
    exact = given.judged.kind == "commit" and given.judged.commit == commit
    lines: dict[str, tuple[int, int]] = {}
    uncertain: set[str] = set()
    findings: list[Finding] = []
    for finding in given.report.findings:
        excerpt = given.excerpts.get(finding.fingerprint, Excerpt())
        found = locate(shown.get(finding.path, {}), finding.line, finding.end_line, excerpt, exact)
        contracts = tuple(
            _contract(each, shown, given.contract_excerpts.get(each, Excerpt()), exact)
            for each in finding.contracts
        )
        finding = finding._replace(contracts=contracts)
        if found is not None:
            lines[finding.fingerprint] = found
            if not exact:
                last = found[0] + finding.end_line - finding.line
                finding = finding._replace(line=found[0], end_line=last)
        elif finding.line and not exact:
            uncertain.add(finding.fingerprint)
        findings.append(finding)
    return PlacedReport(tuple(findings), lines, frozenset(uncertain), given.excerpts)


def chosen(placed: PlacedReport, policy: Policy) -> frozenset[str]:
    """The fingerprints of the findings that get a comment of their own."""
    worthy = SEVERITIES[: SEVERITIES.index(policy.least) + 1]
    named = [
        each.fingerprint
        for each in gravest_first(placed.findings)
        if each.fingerprint in placed.lines and each.severity in worthy
    ]
    return frozenset(named[: policy.most])


def locate(lines: _Lines, line: int, end_line: int, told: Excerpt, exact: bool) -> tuple[int, int] | None:
    """The first and last line to comment on: the whole of a place, or its first line that the diff shows.

    With `exact` the numbers are those of head, and the text only confirms them.
    """
    if not line:
        return None
    if exact:
        present = [number for number in range(line, min(end_line, line + 500) + 1) if number in lines]
        if not present:
            return None
        whole = len(present) == end_line - line + 1 and len({lines[each].hunk for each in present}) == 1
        return (line, end_line) if whole else (present[0], present[0])
    start = find(lines, told)
    if start is None:
        return None
    last = start + max(end_line, line) - line
    whole = all(
        number in lines and lines[number].hunk == lines[start].hunk for number in range(start, last + 1)
    )
    return (start, last) if whole else (start, start)


def find(lines: _Lines, told: Excerpt) -> int | None:
    """The line at which the text of an excerpt begins; None where it is nowhere, or as likely elsewhere."""
    if not told.lines:
        return None
    found: list[tuple[int, int]] = []
    for start, first in lines.items():
        if same(first.text, told.lines[0]) and _goes_on(lines, start, told.lines):
            above = (_text(lines, start - 1 - distance) for distance in range(len(told.above)))
            end = start + len(told.lines)
            below = (_text(lines, end + distance) for distance in range(len(told.below)))
            found.append((agreement(above, below, told), start))
    found.sort(reverse=True)
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return None
    return found[0][1]


def _goes_on(lines: _Lines, start: int, told: Sequence[str]) -> bool:
    """Whether what the diff shows of the lines below the first is as told."""
    for distance, expected in enumerate(told):
        line = lines.get(start + distance)
        if line is None:
            return True
        if not same(line.text, expected):
            return False
    return True


def still_said(marker: CommentMarker, shown: Shown, path: str, first: int, last: int) -> bool:
    """Whether people see a comment of ours on a line, where the host does not say that it is outdated.

    One that is closed is to be opened again only where its lines are what they were: it knows their digest.
    """
    lines = shown.get(path, {})
    if marker.state == "open":
        return last in lines
    there = [lines[each].text.strip() for each in range(first, last + 1) if each in lines]
    return bool(marker.about.anchor) and digest(*there[:MOST_LINES]) == marker.about.anchor


def _text(lines: _Lines, number: int) -> str | None:
    line = lines.get(number)
    return None if line is None else line.text


def _contract(place: ContractPlace, shown: Shown, told: Excerpt, exact: bool) -> ContractPlace:
    if exact or not place.line:
        return place
    found = find(shown.get(place.path, {}), told)
    return place._replace(line=found or 0)  # a number that may be another line's is worse than none


def suggestions(patch: ContractPatch, given: Given, shown: _Lines, commit: str) -> list[Suggestion]:
    """Each part of a patch, and whether the diff shows just the lines that it replaces."""
    contracts = dict.fromkeys(
        each.id for finding in given.report.findings for each in finding.contracts if each.path == patch.path
    )
    if not contracts or not is_contract(patch.path):
        return []
    exact = given.judged.commit == commit
    made: list[Suggestion] = []
    for part in replacements(patch.diff):
        moved = fitting(part, shown, exact)
        made.append(Suggestion(patch.path, tuple(contracts), moved or part, moved is not None))
    return made


def fitting(part: Replacement, shown: _Lines, exact: bool) -> Replacement | None:
    """A part of a patch with the lines of head; None where the diff does not show just these.

    None, too, where its lines hold what a person would not see. With `exact` its numbers are those of head.
    """
    first = _find_part(shown, part, exact)
    if first is None or not all(map(_plain, part.after)):
        return None
    return part._replace(first=first, last=first + len(part.before) - 1)


def _find_part(shown: _Lines, part: Replacement, exact: bool) -> int | None:
    """Where the lines that a part replaces stand, whole and in one hunk: at their number, or just once."""

    def stands(start: int) -> bool:
        lines = [shown.get(start + distance) for distance in range(len(part.before))]
        return (
            all(line is not None and line.text == text for line, text in zip(lines, part.before, strict=True))
            and len({line.hunk for line in lines if line is not None}) == 1
        )

    found = [start for start in shown if stands(start)]
    if exact:
        return part.first if part.first in found else None
    return found[0] if len(found) == 1 else None


def is_contract(path: str) -> bool:
    """Whether this may be a contract: one click applies a suggestion, so that no other file gets one."""
    return path.endswith((".yaml", ".yml")) and not any(part.startswith(".") for part in path.split("/"))


def _plain(line: str) -> bool:
    """Whether a person sees all that a line holds, and no host takes it for a command."""
    return visible(line) == line and not line.startswith("/")
