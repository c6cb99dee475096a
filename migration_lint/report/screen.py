"""How text from a change is put on a screen: what it may hold, how wide it is, when it has colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.operations import HOLE

Style = str  # of SGR: "1;31"


def visible(text: str) -> str:
    """`text` on one line, with nothing in it that a terminal obeys or an eye misses.

    Control characters, escape sequences, line ends, bidirectional overrides, zero-width characters
    and lone surrogates come out as Python escapes: what a finding quotes is from a change that nobody
    has approved yet.
    """
    if text.isprintable():  # the rule, and fast
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    if char == HOLE:
        return "…"
    import unicodedata

    if unicodedata.category(char) == "Zs":  # other spaces are only spaces
        return char
    return char.encode("unicode_escape").decode("ascii")


def cells(char: str) -> int:
    """How many columns of a terminal a printable character takes: 0 combining, 2 wide, else 1."""
    if char.isascii():
        return 1
    import unicodedata

    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


_COLOUR = lazy_pattern(r"\x1b\[[0-9;]*m")
#: What text below the first line of a paragraph is lined up with; source and code keep their lines.
_MARK = lazy_pattern(r" *(?:::: |--> |= )|(?: {2})?(?=[^ ])")
_SOURCE = lazy_pattern(r" *\d* \|")


def folded(text: str, width: int) -> str:
    """A report for a terminal of so many columns: prose is wrapped between words, and stays lined up."""
    return "\n".join(part for line in text.split("\n") for part in _folded(line, width))


def _folded(line: str, width: int) -> list[str]:
    plain = _COLOUR.sub("", line)
    mark = _MARK.match(plain)
    if len(plain) <= width // 2 or _columns(plain) <= width or mark is None or _SOURCE.match(plain):
        return [line]
    hanging = " " * (mark.end() if mark[0].strip() else mark.end() + 2)
    indent = len(line) - len(line.lstrip(" "))
    parts, now = list[str](), line[:indent]
    for word in line[indent:].split(" "):
        longer = f"{now} {word}" if now.strip() else now + word
        if now.strip() and _columns(_COLOUR.sub("", longer)) > width:
            parts.append(now.rstrip(" "))
            longer = hanging + word
        now = longer
    return [*parts, now]


def _columns(text: str) -> int:
    return sum(map(cells, text))


def wants_colour(stream: IO[str], environ: Mapping[str, str]) -> bool:
    """Whether to write colour to `stream`: on a terminal only, unless the environment says otherwise.

    NO_COLOR (no-color.org) wins over FORCE_COLOR and CLICOLOR_FORCE, and these win over what `stream` is.
    """
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb" and environ.get("CLICOLOR") != "0"


def terminal_width(stream: IO[str]) -> int:
    """How many columns the terminal has that `stream` leads to; 0: it leads to none."""
    if not stream.isatty():
        return 0
    import shutil

    return shutil.get_terminal_size().columns
