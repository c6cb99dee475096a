"""How text from a change is put on a screen: what it may hold, how wide it is, when it has colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO

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


def wants_colour(stream: IO[str], environ: Mapping[str, str]) -> bool:
    """Whether to write colour to `stream`: on a terminal only, unless the environment says otherwise.

    NO_COLOR (no-color.org) wins over FORCE_COLOR and CLICOLOR_FORCE, and these win over what `stream` is.
    """
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb" and environ.get("CLICOLOR") != "0"
