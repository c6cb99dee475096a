"""The JSON report of a run that had the change and may have been in its hands: nothing in it is believed.

What it says is shown as text, and where. Which repository, which request and which address come from
elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from migration_lint.check.finding import (
    LONGEST_FIX,
    LONGEST_MESSAGE,
    MOST_ITEMS,
    SEVERITIES,
    Acknowledging,
    ContractPatch,
    ContractPlace,
    Finding,
    Report,
)
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.report.excerpt import AROUND, MOST_LINES, Excerpt
from migration_lint.report.json import FORM, MOST_FINDINGS, MOST_NOTES, MOST_PATCHES

# No report of this program goes beyond any of these: see `bounded` and the form's own limits.
LARGEST = 20_000_000  # bytes
LONGEST_TEXT = max(LONGEST_FIX, LONGEST_MESSAGE)  # characters; what is over is cut off
LONGEST_NAME = 1_000  # characters of what names something
LONGEST_PATH = 4_096
LARGEST_NUMBER = 10_000_000  # a line, a column

_T = TypeVar("_T")
_HEXADECIMAL = frozenset("0123456789abcdef")


class ReportSubject(NamedTuple):
    """What the report says that it is about."""

    project: str  # the judged folder; "" for the root of the repository
    kind: str  # of the tree that was judged: "commit", "worktree", …
    commit: str  # "" where it is not known
    parents: tuple[str, ...]  # of the commit


class Given(NamedTuple):
    """A report, and whether it fails: what it fails on stays with the run that made it.

    `excerpts` has the text of the lines of findings, by fingerprint, and of contract places.
    """

    report: Report
    failed: bool
    judged: ReportSubject
    excerpts: Mapping[str, Excerpt] = {}
    contract_excerpts: Mapping[ContractPlace, Excerpt] = {}
    left_out: int = 0  # findings that the report had no room for


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
        fix = "make it with migration-lint check --format json, in this version"
        raise CannotJudge(Problem(f"this report cannot be read: {bad}", path, fix=fix)) from None


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
        if not isinstance(self.value, str) or len(self.value) > LONGEST_PATH:
            raise self.bad(f"a text of at most {LONGEST_PATH} characters")
        return self.value

    def label(self) -> str:
        """What something is called, for people to read: too long a name is cut off."""
        if not isinstance(self.value, str):
            raise self.bad("a text")
        return self.value[:LONGEST_NAME]

    def maybe(self) -> str | None:
        return None if self.value is None else self.label()

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
    _check_form(document)
    if document.child("findings").value is None:
        raise document.child("findings").bad("a list")
    read = document.child("findings").items(MOST_FINDINGS, _finding)
    findings = tuple(finding for finding, _, _ in read)
    seen: set[str] = set()
    for place, finding in enumerate(findings):
        if finding.fingerprint in seen:
            raise _Bad(f"findings[{place}] has the fingerprint of another one")
        seen.add(finding.fingerprint)
    summary = document.child("summary")
    contracts = summary.child("contracts")
    report = Report(
        findings=findings,
        notes=summary.child("notes").items(MOST_NOTES, _Item.text),
        suppressed=summary.child("suppressed").number(),
        baselined=summary.child("baselined").number(),
        revisions=summary.child("revisions").number(),
        contracts=None if contracts.value is None else contracts.number(),
        patches=document.child("patches").items(MOST_PATCHES, _patch),
        acknowledging=document.child("acknowledging").items(MOST_PATCHES, _acknowledging),
    )
    return Given(
        report,
        summary.child("failed").flag(),
        _judged(document.child("judged")),
        {finding.fingerprint: excerpt for finding, excerpt, _ in read},
        {place: excerpt for _, _, places in read for place, excerpt in places},
        summary.child("left_out").child("findings").number(),
    )


def _check_form(document: _Item) -> None:
    """Whether it is a report of the form that is read here; one that is none says what it lacks."""
    form = document.child("report").value
    if form == FORM:
        return
    if isinstance(form, str) and form.startswith("migration-lint/") and len(form) < 40:
        tool = document.child("tool").value
        version = tool.get("version") if isinstance(tool, dict) else None
        by = f" by version {version}" if isinstance(version, str) and len(version) < 40 else ""
        raise _Bad(
            f"it has the form {form}, made{by}, and this version reads {FORM}: "
            "use the same version of migration-lint for both"
        )
    raise _Bad("it does not say of which form it is")


def _judged(item: _Item) -> ReportSubject:
    if item.value is None:
        return ReportSubject("", "", "", ())
    head = item.child("head")
    return ReportSubject(
        item.child("project").path(),
        head.child("kind").name(),
        head.child("commit").maybe() or "",
        head.child("parents").items(MOST_ITEMS, _Item.name),
    )


_Places = tuple[tuple[ContractPlace, Excerpt], ...]


def _finding(item: _Item) -> tuple[Finding, Excerpt, _Places]:
    severity = next((each for each in SEVERITIES if each == item.child("severity").value), None)
    if severity is None:
        raise item.child("severity").bad("one of error, warning and info")
    fingerprint = item.child("fingerprint").name()
    if not 8 <= len(fingerprint) <= 64 or not _HEXADECIMAL.issuperset(fingerprint):
        raise item.child("fingerprint").bad("8 to 64 hexadecimal digits")
    line = item.child("line").number()
    places = item.child("contracts").items(MOST_ITEMS, _contract)
    finding = Finding(
        rule=item.child("rule").label(),
        severity=severity,
        message=item.child("message").text(),
        path=item.child("path").path(),
        line=line,
        column=item.child("column").number(),
        end_line=max(item.child("end_line").number(), line),
        end_column=item.child("end_column").number(),
        revision=item.child("revision").maybe(),
        table=item.child("table").maybe(),
        element=item.child("element").maybe(),
        contracts=tuple(place for place, _ in places),
        fix=item.child("fix").text(),
        notes=item.child("notes").items(MOST_ITEMS, _Item.text),
        fingerprint=fingerprint,
    )
    return finding, _excerpt(item.child("excerpt")), places


def _excerpt(item: _Item) -> Excerpt:
    if item.value is None:
        return Excerpt()
    return Excerpt(
        item.child("lines").items(MOST_LINES, _Item.text),
        item.child("above").items(AROUND, _Item.text),
        item.child("below").items(AROUND, _Item.text),
    )


def _contract(item: _Item) -> tuple[ContractPlace, Excerpt]:
    place = ContractPlace(
        item.child("path").path(),
        item.child("line").number(),
        item.child("id").label(),
        item.child("text").text(),
    )
    return place, _excerpt(item.child("excerpt"))


def _patch(item: _Item) -> ContractPatch:
    diff = item.child("patch").value
    if not isinstance(diff, str):
        raise item.child("patch").bad("a text")
    return ContractPatch(item.child("path").path(), diff)


def _acknowledging(item: _Item) -> Acknowledging:
    contract = item.child("contract").label()
    path, diff = _patch(item)
    return Acknowledging(contract, path, item.child("entries").items(MOST_ITEMS, _entry), diff)


def _entry(item: _Item) -> tuple[str, str]:
    return item.child("table").label(), item.child("revision").label()
