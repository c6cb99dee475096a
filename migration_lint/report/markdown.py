"""The report as Markdown, for a job's summary or the body of a review.

What a change does to protected tables comes first: who is behind, and what each contract should say. Source
of the limits: GitHub takes a job summary of 1 MiB and a comment of 65,536 characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from migration_lint.check.finding import ContractPlace, Finding, Report, gravest_first
from migration_lint.named_tuple import NamedTuple
from migration_lint.report.markdown_text import cell, code, inline, linked
from migration_lint.report.text import closing_line
from migration_lint.severity import Severity

#: Bytes of a job's summary, with some to spare for what else its step writes there.
LARGEST = 1_000_000
LONGEST_TEXT = 2_000  # characters of one text in a table

_MARKS: dict[Severity, str] = {"error": "❌ error", "warning": "⚠️ warning", "info": "ℹ️ info"}

#: What stands in a contract's place before the declaration that it should hold.
_WANTED = ("; expected: ", "; to be added: ")


class _Piece(NamedTuple):
    """Lines that stand or fall together, with what is between them and those above."""

    text: str
    above: str = "\n\n"
    findings: int = 0


Link = Callable[[str, int], str]  # path, line → the address of the page that shows it; "": there is none


def render(
    report: Report, largest: int = LARGEST, project: str = "", link: Link = lambda path, line: ""
) -> str:
    """The report in at most so many bytes of UTF-8; what does not fit is left out, and the end says so."""
    about = f" {code(project)}" if project else ""
    findings = gravest_first(report.findings)
    protected = [finding for finding in findings if finding.contracts]
    others = [finding for finding in findings if not finding.contracts]
    pieces = [_Piece(f"### migration-lint{about}: {inline(closing_line(report))}", "")]
    pieces += _table(
        "#### Protected tables",
        ("", "Change", "Contract", "What to write", "What to do"),
        protected,
        lambda finding: _changed(finding, link),
    )
    pieces += _table(
        "#### Other findings" if protected else "#### Findings",
        ("", "Finding", "Where", "What to do"),
        others,
        lambda finding: _other(finding, link),
    )
    pieces += [
        _Piece(f"- {inline(note)}", "\n" if number else "\n\n") for number, note in enumerate(report.notes)
    ]
    return "".join(_fitted(pieces, largest)) + "\n"


def _table(
    title: str, heads: Sequence[str], findings: Iterable[Finding], cells: Callable[[Finding], Iterator[str]]
) -> Iterator[_Piece]:
    for number, finding in enumerate(findings):
        if not number:
            yield _Piece(f"{title}\n\n{_row(heads)}\n{_row('---' for _ in heads)}")
        yield _Piece(_row(cells(finding)), "\n", 1)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell(each) for each in cells)} |"


def _changed(finding: Finding, link: Link) -> Iterator[str]:
    yield _MARKS[finding.severity]
    yield f"{_text(finding.message)}<br>{_where(finding, link)} {code(finding.rule)}"
    yield "<br>".join(_contract(place, link) for place in finding.contracts)
    yield "<br>".join(_wanted(place) for place in finding.contracts)
    yield _advice(finding)


def _other(finding: Finding, link: Link) -> Iterator[str]:
    yield _MARKS[finding.severity]
    yield f"{_text(finding.message)}<br>{code(finding.rule)}"
    yield _where(finding, link)
    yield _advice(finding)


def _where(finding: Finding, link: Link) -> str:
    return linked(finding.where, link(finding.path, finding.line))


def _contract(place: ContractPlace, link: Link) -> str:
    said = next((place.text.partition(sign)[0] for sign in _WANTED if sign in place.text), place.text)
    where = linked(place.where, link(place.path, place.line))
    return f"{code(place.id)} {_text(said)} ({where})" if place.id else f"{where} {_text(said)}"


def _wanted(place: ContractPlace) -> str:
    return next((code(_cut(place.text.partition(sign)[2])) for sign in _WANTED if sign in place.text), "")


def _advice(finding: Finding) -> str:
    lines = [line for text in (finding.fix, *finding.notes) for line in text.split("\n") if line.strip()]
    first = len(finding.fix.split("\n")[:1])
    return "<br>".join(
        _text(line) if number < first or not line.startswith(" ") else code(_cut(line.strip()))
        for number, line in enumerate(lines)
    )


def _text(text: str) -> str:
    return inline(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _fitted(pieces: Sequence[_Piece], largest: int) -> Iterator[str]:
    left = largest - 200  # for the sentence that says what is left out
    for number, piece in enumerate(pieces):
        text = piece.above + piece.text
        left -= len(text.encode("utf-8", "replace"))
        if left < 0:
            findings = sum(each.findings for each in pieces[number:])
            what = f"{findings} more finding{'' if findings == 1 else 's'}" if findings else "notes"
            yield f"\n\n*Left out, because there is no room for it: {what}.*"
            return
        yield text
