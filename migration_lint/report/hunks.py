"""Unified diffs as code hosts and `contract sync` write them: which lines they show, what they replace."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple

_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_HEADER = lazy_pattern(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Line(NamedTuple):
    """One line of the new text that a diff shows. Numbers count from 1."""

    text: str
    old: int | None  # its number in the old text; None: it is new
    hunk: int  # hosts take a range of lines only within one hunk


class Replacement(NamedTuple):
    """Lines of the old text, from `first` to `last`, and what stands in their place. Never no line at all."""

    first: int
    last: int
    before: tuple[str, ...]
    after: tuple[str, ...]


class _Row(NamedTuple):
    mark: str  # " ", "-" or "+"
    text: str
    old: int
    new: int
    hunk: int


def shown_lines(diff: str) -> dict[int, Line]:
    """The lines of the new text that `diff` shows, by their number: the ones a comment can stand on.

    `diff` is the hunks of one file; what is no hunk, such as a header, is passed over.
    """
    return {
        row.new: Line(row.text, None if row.mark == "+" else row.old, row.hunk)
        for row in _rows(diff)
        if row.mark != "-"
    }


def shown_files(diff: str) -> dict[str, dict[int, Line]]:
    """The same of every file in what `git diff` prints, by its new path. A file that is gone has none."""
    found: dict[str, dict[int, Line]] = {}
    for part in re.split(r"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        header, at, hunks = part.partition("\n@@ ")
        name = re.search(r"^\+\+\+ (.*?)\t?$", header, re.MULTILINE)
        if name is not None and at and name[1] != "/dev/null":
            found[_plain(name[1]).removeprefix("b/")] = shown_lines(f"@@ {hunks}")
    return found


def _plain(name: str) -> str:
    """A path as git quotes it: in quotes, with octal escapes, where it has characters that are not plain."""
    if not (len(name) > 1 and name[0] == name[-1] == '"'):
        return name
    raw = re.sub(
        rb"\\([0-7]{3}|.)",
        lambda found: bytes([int(found[1], 8)]) if len(found[1]) == 3 else _ESCAPES.get(found[1], found[1]),
        name[1:-1].encode("utf-8", "surrogateescape"),
    )
    return raw.decode("utf-8", "surrogateescape")


def replacements(diff: str) -> list[Replacement]:
    """What `diff` puts in the place of which lines of the old text.

    Where it only adds, the line before is replaced by itself and what is added, or else the line after: a
    suggestion replaces at least one line. A diff that adds to nothing gives none.
    """
    rows = list(_rows(diff))
    made: list[Replacement] = []
    at = 0
    while at < len(rows):
        if rows[at].mark == " ":
            at += 1
            continue
        end = at
        while end < len(rows) and rows[end].mark != " " and rows[end].hunk == rows[at].hunk:
            end += 1
        start = at
        at = end
        if not any(row.mark == "-" for row in rows[start:end]):
            if start and rows[start - 1].hunk == rows[start].hunk:
                start -= 1
            elif end < len(rows) and rows[end].hunk == rows[start].hunk:
                end += 1
            else:
                continue
        part = rows[start:end]
        old = [row for row in part if row.mark != "+"]
        after = tuple(row.text for row in part if row.mark != "-")
        made.append(Replacement(old[0].old, old[-1].old, tuple(row.text for row in old), after))
    return made


def _rows(diff: str) -> Iterator[_Row]:
    old = new = hunk = left_old = left_new = 0
    for line in diff.split("\n"):
        if left_old <= 0 and left_new <= 0:
            header = _HEADER.match(line)
            if header is not None:
                hunk += 1
                old, new = int(header[1]), int(header[3])
                left_old, left_new = int(header[2] or 1), int(header[4] or 1)
            continue
        mark, text = line[:1] or " ", line[1:]
        if mark == "\\":
            continue
        if mark not in " -+":
            left_old = left_new = 0  # it breaks off: nothing below is known to be where it says
            continue
        yield _Row(mark, text, old, new, hunk)
        if mark != "+":
            old, left_old = old + 1, left_old - 1
        if mark != "-":
            new, left_new = new + 1, left_new - 1
