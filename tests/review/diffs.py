"""Files before and after a change, and what a code host shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher, unified_diff
from typing import NamedTuple

CONTEXT = 3


class Change(NamedTuple):
    before: str
    after: str

    def diff(self) -> str:
        """The hunks, as hosts give them: without a header, without a line end at the end."""
        lines = list(unified_diff(_lines(self.before), _lines(self.after), lineterm="", n=CONTEXT))
        return "\n".join(lines[2:])

    def hunks(self) -> list[tuple[int, ...]]:
        """The numbers of the lines of `after` that each hunk shows."""
        matcher = SequenceMatcher(None, _lines(self.before), _lines(self.after))
        return [
            tuple(number for _, _, _, first, last in group for number in range(first + 1, last + 1))
            for group in matcher.get_grouped_opcodes(CONTEXT)
        ]

    def unchanged(self) -> dict[int, int]:
        """Line of `after` → line of `before`, where nothing has changed."""
        matcher = SequenceMatcher(None, _lines(self.before), _lines(self.after))
        return {
            new + place + 1: old + place + 1
            for old, new, size in matcher.get_matching_blocks()
            for place in range(size)
        }


def moved(before: str, after: str, line: int) -> int | None:
    """Where a line of `before` is in `after`, as hosts follow it from push to push; None: it has changed."""
    return Change(after, before).unchanged().get(line)


def shows(change: Change, line: int | None) -> bool:
    """Whether a line of the text after is in a hunk."""
    return any(line in hunk for hunk in change.hunks())


def whole_diff(files: Mapping[str, Change]) -> str:
    """What git prints of all files."""
    return "".join(
        f"diff --git a/{path} b/{path}\nindex 1..2 100644\n"
        f"--- {'a/' + path if change.before else '/dev/null'}\n"
        f"+++ {'b/' + path if change.after else '/dev/null'}\n{change.diff()}\n"
        for path, change in files.items()
    )


def _lines(text: str) -> list[str]:
    """As git counts them: nothing but a line feed ends a line."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]
