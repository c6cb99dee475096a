"""The fingerprints by which GitHub code scanning follows a result from commit to commit.

They are those of `fingerprints.ts` in github/codeql-action, which adds them to a file that has none where it
finds the sources: a rolling hash over the 100 characters that begin with a line, blanks left out, and after a
colon how many lines before it in the file have the same one.
"""

from __future__ import annotations

from collections import deque

WINDOW = 100
_FACTOR = 37
_MASK = (1 << 64) - 1
_FIRST = pow(_FACTOR, WINDOW, 1 << 64)
_END = 65_535  # stands for the end of the file


def line_hashes(text: str) -> list[str]:
    """The fingerprint of each line of a file. Lines end with CR, LF or both."""
    units = _units(text)
    lines: list[str] = []
    seen: dict[str, int] = {}
    window = deque([0] * WINDOW, WINDOW)
    starts: deque[bool] = deque([False] * WINDOW, WINDOW)  # whether a line begins there
    value = 0
    at_start = True
    for unit, pads in [*((unit, False) for unit in units), (_END, False), *[(0, True)] * WINDOW]:
        if starts[0]:
            name = f"{value:x}"
            seen[name] = seen.get(name, 0) + 1
            lines.append(f"{name}:{seen[name]}")
        value = (value * _FACTOR + unit - _FIRST * window[0]) & _MASK
        window.append(unit)
        starts.append(at_start and not pads)
        at_start = unit == 10 and not pads
    return lines


def _units(text: str) -> list[int]:
    """What counts, as UTF-16 code units: JavaScript reads files by these."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    data = plain.encode("utf-16-le", "surrogatepass")
    return [low | high << 8 for low, high in zip(data[::2], data[1::2], strict=True)]
