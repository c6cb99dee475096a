"""Where a finding stands, in the ways that formats count.

A finding's own columns count characters (code points) from 1.
"""

from __future__ import annotations

from collections.abc import Callable


class ByteColumns:
    """Columns as bytes of UTF-8, from 1, as reviewdog counts them."""

    def __init__(self, source: Callable[[str], str | None]) -> None:
        self._source = source
        self._lines: dict[str, list[str]] = {}

    def column(self, path: str, line: int, column: int) -> int | None:
        """The column of the byte that a character begins with; None where the line cannot be had."""
        if path not in self._lines:
            self._lines[path] = (self._source(path) or "").split("\n")
        lines = self._lines[path]
        if not 0 < line <= len(lines) or column < 1:
            return None
        return len(lines[line - 1][: column - 1].encode("utf-8", "surrogatepass")) + 1
