"""How messages list things."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal


def listed(words: Iterable[str], last: Literal["and", "or"]) -> str:
    """`a`, `a and b`, `a, b and c`; nothing for no words."""
    *before, final = list(words) or [""]
    return f"{', '.join(before)} {last} {final}" if before else final
