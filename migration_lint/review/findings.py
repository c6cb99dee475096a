"""The JSON report of a run that had the change and may have been in its hands: nothing in it is believed.

What it says is shown as text, and where. Which repository, which request and which address come from
elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from migration_lint.check.finding import SEVERITIES, ContractPatch, ContractPlace, Finding, Report
from migration_lint.errors import CannotJudge, Problem

LARGEST = 20_000_000  # bytes
MOST_FINDINGS = 2_000
MOST_ITEMS = 200  # of one list
LONGEST_TEXT = 4_000  # characters of a message, a fix, a note; what is over is cut off
LONGEST_NAME = 1_000  # characters of what names something
LARGEST_NUMBER = 10_000_000  # a line, a column

_T = TypeVar("_T")
_HEXADECIMAL = frozenset("0123456789abcdef")


class Given(NamedTuple):
    """A report, and whether it fails: what it fails on stays with the run that made it."""

    report: Report
    failed: bool


def read_findings(data: bytes, path: str) -> Given:
    """The report that is in a file. Raises CannotJudge with the first thing that is wrong with it."""
    try:
        if len(data) > LARGEST:
            raise _Bad(f"it has more than {LARGEST} bytes")
        try:
            document = json.loads(data, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise _Bad("it is no JSON") from None
        return _given(_Item(document, ""))
    except _Bad as bad:
        fix = "make it with migration-lint check --format json"
        raise CannotJudge(Problem(f"this is no report: {bad}", path, fix=fix)) from None


class _Bad(Exception):
    pass


def _no_constant(name: str) -> float:
    raise ValueError(name)


class _Item(NamedTuple):
    """A value of the document, and where it stands: `findings[3].line`."""

    value: object
    at: str

    def bad(self, expected: str) -> _Bad:
        return _Bad(f"{self.at or 'it'} is not {expected}")

    def child(self, key: str) -> _Item:
        if not isinstance(self.value, dict):
            raise self.bad("an object")
        return _Item(self.value.get(key), f"{self.at}.{key}".lstrip("."))

    def items(self, most: int, read: Callable[[_Item], _T]) -> tuple[_T, ...]:
        if self.value is None:
            return ()
        if not isinstance(self.value, list):
            raise self.bad("a list")
        if len(self.value) > most:
            raise _Bad(f"{self.at} has more than {most} entries")
        return tuple(read(_Item(value, f"{self.at}[{place}]")) for place, value in enumerate(self.value))

    def text(self) -> str:
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.bad("a text")
        return self.value if len(self.value) <= LONGEST_TEXT else f"{self.value[:LONGEST_TEXT]}…"

    def name(self) -> str:
        if not isinstance(self.value, str) or len(self.value) > LONGEST_NAME:
            raise self.bad(f"a text of at most {LONGEST_NAME} characters")
        return self.value

    def maybe(self) -> str | None:
        return None if self.value is None else self.name()

    def path(self) -> str:
        path = self.name()
        if path.startswith("/") or ".." in path.split("/"):
            raise self.bad("a path within the repository")
        return path

    def number(self) -> int:
        if self.value is None:
            return 0
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.bad("a whole number")
        if not 0 <= self.value <= LARGEST_NUMBER:
            raise self.bad(f"between 0 and {LARGEST_NUMBER}")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.bad("true or false")
        return self.value


def _given(document: _Item) -> Given:
    if document.child("findings").value is None:
        raise document.child("findings").bad("a list")
    findings = document.child("findings").items(MOST_FINDINGS, _finding)
    seen: set[str] = set()
    for place, finding in enumerate(findings):
        if finding.fingerprint in seen:
            raise _Bad(f"findings[{place}] has the fingerprint of another one")
        seen.add(finding.fingerprint)
    summary = document.child("summary")
    report = Report(
        findings=findings,
        notes=summary.child("notes").items(MOST_ITEMS, _Item.text),
        suppressed=summary.child("suppressed").number(),
        revisions=summary.child("revisions").number(),
        patches=document.child("patches").items(MOST_ITEMS, _patch),
    )
    return Given(report, summary.child("failed").flag())


def _finding(item: _Item) -> Finding:
    severity = next((each for each in SEVERITIES if each == item.child("severity").value), None)
    if severity is None:
        raise item.child("severity").bad("one of error, warning and info")
    fingerprint = item.child("fingerprint").name()
    if not 8 <= len(fingerprint) <= 64 or not _HEXADECIMAL.issuperset(fingerprint):
        raise item.child("fingerprint").bad("8 to 64 hexadecimal digits")
    line = item.child("line").number()
    return Finding(
        rule=item.child("rule").name(),
        severity=severity,
        message=item.child("message").text(),
        path=item.child("path").path(),
        line=line,
        column=item.child("column").number(),
        end_line=max(item.child("end_line").number(), line),
        end_column=item.child("end_column").number(),
        revision=item.child("revision").maybe(),
        table=item.child("table").maybe(),
        contracts=item.child("contracts").items(MOST_ITEMS, _contract),
        fix=item.child("fix").text(),
        notes=item.child("notes").items(MOST_ITEMS, _Item.text),
        fingerprint=fingerprint,
    )


def _contract(item: _Item) -> ContractPlace:
    return ContractPlace(
        item.child("path").path(),
        item.child("line").number(),
        item.child("id").name(),
        item.child("text").text(),
    )


def _patch(item: _Item) -> ContractPatch:
    diff = item.child("patch").value
    if not isinstance(diff, str):
        raise item.child("patch").bad("a text")
    return ContractPatch(item.child("path").path(), diff)
