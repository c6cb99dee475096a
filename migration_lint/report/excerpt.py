"""The text of the lines that something stands on, with what is around them.

By it a reader of the report finds the place in another state of the file, where the numbers are others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from migration_lint.named_tuple import NamedTuple

MOST_LINES = 20  # of one place; a longer one is told by its beginning
AROUND = 3  # lines above it, and below
LONGEST_LINE = 400  # characters; what is over is left out, and not compared


class Excerpt(NamedTuple):
    """Lines without their ends, each cut to LONGEST_LINE. No `lines`: the text is not known."""

    lines: tuple[str, ...] = ()
    above: tuple[str, ...] = ()  # the nearest one last
    below: tuple[str, ...] = ()  # the nearest one first; none where the place is longer than MOST_LINES


class Excerpts:
    """Excerpts from files, each of which is read once."""

    def __init__(self, source: Callable[[str], str | None]) -> None:
        self._source = source
        self._files: dict[str, Sequence[str]] = {}

    def at(self, path: str, line: int, end_line: int = 0) -> Excerpt:
        """What stands at lines that count from 1; nothing for a whole file, or one that cannot be shown."""
        lines = self._lines(path) if line else ()
        last = max(line, end_line)
        if not 0 < line <= last <= len(lines):
            return Excerpt()
        shown = min(last, line + MOST_LINES - 1)
        return Excerpt(
            tuple(lines[line - 1 : shown]),
            tuple(lines[max(line - 1 - AROUND, 0) : line - 1]),
            tuple(lines[last : last + AROUND]) if shown == last else (),
        )

    def _lines(self, path: str) -> Sequence[str]:
        if path not in self._files:
            text = self._source(path) or ""
            lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self._files[path] = [each[:LONGEST_LINE] for each in (lines if lines[-1] else lines[:-1])]
        return self._files[path]


def same(line: str, told: str) -> bool:
    """Whether a line of a file is the one that an excerpt tells of."""
    return line.rstrip("\r")[:LONGEST_LINE] == told


def agreement(above: Iterable[str | None], below: Iterable[str | None], told: Excerpt) -> int:
    """How many lines around a place are those of the excerpt, counted outward until one is not.

    `above` begins with the nearest line, as `below` does; None is a line that is not known.
    """
    return _run(above, reversed(told.above)) + _run(below, told.below)


def _run(found: Iterable[str | None], told: Iterable[str]) -> int:
    count = 0
    for line, expected in zip(found, told, strict=False):
        if line is None or not same(line, expected):
            break
        count += 1
    return count
