"""Changed files as a patch that `git apply` and `patch -p1` take."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff

#: What a patch says of a last line that has no end.
_NO_END = "\\ No newline at end of file\n"


def patch(changes: Iterable[tuple[str, str | None, str]]) -> str:
    """The patch for files, each as path, text before (None: there was none) and text after."""
    made = ""
    for path, before, after in changes:
        old = "/dev/null" if before is None else f"a/{path}"
        lines = unified_diff(
            (before or "").splitlines(keepends=True), after.splitlines(keepends=True), old, f"b/{path}"
        )
        for line in lines:
            made += line if line.endswith("\n") else f"{line}\n{_NO_END}"
    return made
