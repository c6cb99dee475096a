"""The order in which a person reads many findings: revision by revision, what is gravest last.

A terminal shows the end of what was printed.
"""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.check.finding import SEVERITIES, Finding, gravest_first
from migration_lint.named_tuple import NamedTuple


class Group(NamedTuple):
    """What was found of one revision; of a file, where that belongs to none."""

    revision: str  # "": none
    path: str
    findings: tuple[Finding, ...]  # the gravest last


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """The findings by revision; the group with the gravest finding comes last, else they keep their order."""
    found: dict[str, list[Finding]] = {}
    for each in findings:
        found.setdefault(each.revision or each.path, []).append(each)
    groups = [
        Group(each[0].revision or "", each[0].path, tuple(sorted(each, key=_gravity)))
        for each in found.values()
    ]
    return sorted(groups, key=lambda group: _gravity(group.findings[-1]))


def parted(findings: Iterable[Finding], most: int) -> tuple[list[Finding], list[Finding]]:
    """The gravest of some findings, as many as are wanted, and the others; both in the order given."""
    ordered = list(findings)
    kept = {id(each) for each in gravest_first(ordered)[:most]}
    return [each for each in ordered if id(each) in kept], [each for each in ordered if id(each) not in kept]


def _gravity(finding: Finding) -> int:
    return -SEVERITIES.index(finding.severity)
