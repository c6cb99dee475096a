"""How messages list things, and how code writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Literal


def listed(words: Iterable[str], last: Literal["and", "or"]) -> str:
    """`a`, `a and b`, `a, b and c`; nothing for no words."""
    *before, final = list(words) or [""]
    return f"{', '.join(before)} {last} {final}" if before else final


def python_text(value: str) -> str:
    """A Python literal of a text, in double quotes."""
    return json.dumps(value, ensure_ascii=False)
