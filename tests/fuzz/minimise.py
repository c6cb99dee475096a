"""Makes a text that fails as small as it gets while it fails in the same way."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

_PIECE = re.compile(r"\w+|\s+|.", re.DOTALL)


def minimised(text: str, fails: Callable[[str], bool], seconds: float = 25) -> str:
    """`text` without whatever lines, and then words, it fails without."""
    until = time.monotonic() + seconds
    text = _fewer(text.splitlines(keepends=True), fails, until)
    return _fewer(_PIECE.findall(text), fails, until)


def _fewer(pieces: list[str], fails: Callable[[str], bool], until: float) -> str:
    size = max(1, len(pieces) // 2)
    while size:
        at = 0
        while at < len(pieces):
            if time.monotonic() > until:
                return "".join(pieces)
            without = pieces[:at] + pieces[at + size :]
            if without and fails("".join(without)):
                pieces = without
            else:
                at += size
        size //= 2
    return "".join(pieces)
