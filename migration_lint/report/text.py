"""The report for people: rule, sentence, the migration's line with a caret, the contracts, the fix."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.check.finding import SEVERITIES, Finding, Report
from migration_lint.named_tuple import NamedTuple
from migration_lint.report.counts import by_file, by_rule
from migration_lint.report.grouping import Group, grouped, parted
from migration_lint.report.screen import Style, cells, folded, visible
from migration_lint.severity import Severity

TAB = 4  # columns
ROOM = 110  # columns for a line of source, at most; a longer one is cut around what is underlined
BESIDE = 8  # columns that stand before a line of source: its number and the bars
LEAD = 20  # columns that stay visible before the underlined part of a cut line
FEW = 8  # lines of one operation that are shown whole; a longer one keeps its first and last ones
ENDS = 3
LEAST = 40  # columns that are filled even where a terminal has fewer
UNTITLED = 10  # findings that need no title for each revision

#: Bold red and magenta, as compilers have them: yellow and cyan cannot be read on a light background.
_STYLES: dict[Severity, Style] = {"error": "1;31", "warning": "1;35", "info": "1"}
_BOLD: Style = "1"
_QUIET: Style = "1;34"

Paint = Callable[[Style, str], str]


class ReportView(NamedTuple):
    """How much of a report a person wants to see."""

    most: int = 100  # findings, the gravest; the others are counted
    statistics: bool = False  # how many there are by rule and by file, and none of them
    quiet: bool = False  # findings alone: no notes, no advice, and nothing where nothing is found
    width: int = 0  # columns of the terminal; 0: it goes to none, and no line is wrapped

    @property
    def room(self) -> int:
        """The columns for a line of source."""
        return min(ROOM, max(self.width, LEAST) - BESIDE) if self.width else ROOM


USUAL = ReportView()


def render(report: Report, colour: bool = False, view: ReportView = USUAL) -> str:
    """The whole report, with a line end. With `colour`, in ANSI escapes."""
    paint: Paint = (
        (lambda style, text: f"\x1b[{style}m{text}\x1b[0m") if colour else (lambda style, text: text)
    )
    if view.quiet and not report.findings:
        return ""
    shown, left_out = parted(report.findings, 0 if view.statistics else view.most)
    groups = grouped(shown)
    blocks = []
    for group in groups:
        if len(groups) > 1 and len(shown) > UNTITLED:
            blocks.append(paint(_BOLD, visible(_title(group))))
        blocks += [
            "\n".join(_diagnostic(finding, report.source, paint, view.room)) for finding in group.findings
        ]
    if view.statistics and report.findings:
        blocks.append("\n".join(("by rule", *by_rule(report.findings))))
        blocks.append("\n".join(("by file", *by_file(report.findings))))
    elif left_out:
        said = f"the gravest {len(shown):,} are shown, `--most {len(report.findings)}` shows all; left out:"
        blocks.append("\n".join((said if shown else "left out:", *by_rule(left_out))))
    ending: list[str] = []
    if not view.quiet:
        ending += [f"{paint(_BOLD, 'note')}: {visible(note)}" for note in report.notes]
        if report.advice:
            blocks.append(
                "\n".join((paint(_BOLD, "what next"), *(f"  {visible(each)}" for each in report.advice)))
            )
    text = "\n\n".join([*blocks, "\n".join([*ending, closing_line(report)])]) + "\n"
    return folded(text, max(view.width, LEAST)) if view.width else text


def _title(group: Group) -> str:
    """`== revision 4f1c2a9d7b31: 1 error, 2 warnings ==`"""
    counts = [
        _counted(number, severity)
        for severity in SEVERITIES
        if (number := sum(each.severity == severity for each in group.findings))
    ]
    return f"== {f'revision {group.revision}' if group.revision else group.path}: {', '.join(counts)} =="


def closing_line(report: Report) -> str:
    """What was found, in numbers: `2 errors, 1 warning in 3 revisions`."""
    counts = [
        _counted(number, noun)
        for number, noun in (
            (report.count("error"), "error"),
            (report.count("warning"), "warning"),
            (report.count("info"), "info"),
        )
        if number
    ]
    where = f" in {_counted(report.revisions, 'revision')}"
    if report.contracts is not None:
        where = f" in {_counted(report.contracts, 'contract')}"
    elif not report.revisions:
        where = ": the change has no new, edited or removed revision" if not counts else ""
    return (
        (", ".join(counts) or "no findings")
        + where
        + (f", {report.suppressed} suppressed" if report.suppressed else "")
        + (f", {report.baselined} in the baseline" if report.baselined else "")
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _diagnostic(finding: Finding, source: Callable[[str], str | None], paint: Paint, room: int) -> list[str]:
    style = _STYLES[finding.severity]
    excerpt = _excerpt(finding, source(finding.path) if finding.line else None, room)
    gutter = " " * max((len(row.number) for row in excerpt), default=1)
    bar = paint(_QUIET, "|")

    place = finding.where
    name = paint(style, f"{finding.severity}[{visible(finding.rule)}]")
    lines = [
        f"{name}: {paint(_BOLD, visible(finding.message))}",
        f"{gutter}{paint(_QUIET, '-->')} {visible(place)}",
    ]
    if excerpt:
        lines.append(f"{gutter} {bar}")
    for row in excerpt:
        number = paint(_QUIET, row.number.rjust(len(gutter))) if row.number else gutter
        lines.append(f"{number} {bar} {paint(style, row.text) if row.marks else row.text}".rstrip())
    for contract in finding.contracts:
        at = contract.where
        lines.append(
            f"{gutter}{paint(_QUIET, ':::')} {visible(at)}"
            + (f"  {visible(contract.text)}" if contract.text else "")
        )
    for note in ((f"fix: {finding.fix}",) if finding.fix else ()) + finding.notes:
        first, *more = note.splitlines()
        label, colon, rest = first.partition(":")
        lines.append(f"{gutter} {paint(_QUIET, '=')} {paint(_BOLD, visible(label))}{colon}{visible(rest)}")
        lines += [f"{gutter}   {visible(line)}".rstrip() for line in more]
    return lines


class _Row(NamedTuple):
    number: str  # "": not a line of the source
    text: str
    marks: bool = False  # it underlines the row above


def _excerpt(finding: Finding, source: str | None, room: int) -> list[_Row]:
    """The operation's lines of `source`, underlined; none if the source cannot be shown."""
    if source is None:
        return []
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    last = max(finding.line, finding.end_line)
    if last > len(lines):
        return []
    wanted = lines[finding.line - 1 : last]
    if len(wanted) == 1:
        return _single(finding.line, wanted[0], finding.column, finding.end_column, room)
    return _several(finding.line, wanted, room)


def _single(number: int, line: str, column: int, end_column: int, room: int) -> list[_Row]:
    indent = len(line) - len(line.lstrip())
    start = column - 1 if column else indent
    end = end_column - 1 if end_column > column else len(line.rstrip())
    shown = _Shown(line)
    left, right = shown.column(start), max(shown.column(end), shown.column(start) + 1)
    text, cut = shown.window(left, room)
    right = min(right, cut + room)
    return [
        _Row(str(number), text),
        _Row("", " " * (left - cut) + "^" * (right - left), marks=True),
    ]


def _several(first: int, lines: list[str], room: int) -> list[_Row]:
    """Lines of an operation that spans several, tied together by a bar from its start to its end."""
    whole = len(lines) <= FEW
    rows: list[_Row] = []
    for number, line in enumerate(lines, first):
        place = number - first
        if not whole and ENDS <= place < len(lines) - ENDS:
            if place == ENDS:
                rows.append(_Row("", "| ..."))
            continue
        text, _ = _Shown(line).window(0, room)
        rows.append(_Row(str(number), ("/ " if place == 0 else "| ") + text))
    end = _Shown(lines[-1].rstrip())
    rows.append(_Row("", "|" + "_" * min(end.width, room) + "^", marks=True))
    return rows


class _Shown:
    """A line of source as a terminal shows it: tabs spread, what is unsafe made visible."""

    def __init__(self, line: str) -> None:
        self._pieces: list[str] = []  # one a character of the line
        self._columns: list[int] = [0]  # where each piece begins, and where the last one ends
        for char in line:
            at = self._columns[-1]
            piece = " " * (TAB - at % TAB) if char == "\t" else visible(char)
            self._pieces.append(piece)
            self._columns.append(at + (cells(piece) if len(piece) == 1 else len(piece)))

    @property
    def width(self) -> int:
        return self._columns[-1]

    def column(self, index: int) -> int:
        """The terminal column, from 0, at which the line's character `index` begins."""
        return self._columns[min(index, len(self._pieces))]

    def window(self, focus: int, room: int) -> tuple[str, int]:
        """The part of the line that is shown, and the column of the line at which it begins.

        A line of at most `room` columns is shown whole; of a longer one, so much that the column `focus`
        is in sight. Where something is cut away stands an ellipsis.
        """
        if self.width <= room:
            return "".join(self._pieces), 0
        begin = 0 if focus < room - LEAD else min(focus - LEAD, self.width - room + 1)
        kept = [
            piece
            for piece, left, right in zip(self._pieces, self._columns, self._columns[1:], strict=False)
            if left >= begin + (1 if begin else 0) and right <= begin + room - 1
        ]
        first = next(left for left in self._columns if left >= begin + (1 if begin else 0))
        # A wide character that the cut goes through leaves a gap of one column.
        head = ("…" + " " * (first - begin - 1)) if begin else ""
        tail = "…" if self.width > begin + room - 1 else ""
        return head + "".join(kept) + tail, begin
