"""Changed files as a patch that `git apply` and `patch -p1` take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import unified_diff

#: What a patch says of a last line that has no end.
_NO_END = "\\ No newline at end of file\n"


def patch(changes: Iterable[tuple[str, str | None, str]]) -> str:
    """The patch for files, each as path, text before (None: there was none) and text after."""
    made = ""
    for path, before, after in changes:
        old = "/dev/null" if before is None else f"a/{path}"
        for line in unified_diff(_lines(before or ""), _lines(after), old, f"b/{path}"):
            made += line if line.endswith("\n") else f"{line}\n{_NO_END}"
    return made


def _lines(text: str) -> list[str]:
    # Not `splitlines`, which takes U+2028 and others for the end of a line, and git does not.
    return re.findall(r"[^\n]*\n|[^\n]+", text)
