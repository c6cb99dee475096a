"""How text from a change is put into Markdown that GitHub and GitLab render.

Nothing in it becomes markup, HTML, a link, a mention, a reference to an issue, or a command of the host: what
a report quotes is from a change that nobody has approved yet. Sources: GitHub Flavored Markdown 0.29
(backslash escapes, code spans, fences) and GitLab's list of special references.
"""

from __future__ import annotations

import re

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.report.screen import visible

#: What is markup anywhere in a line, and what is only where a line begins: lists, headings, commands.
_MARKUP = lazy_pattern(r"[\\`*_{}\[\]<>&|~#$!^@]")
_AT_START = lazy_pattern(r"^(\d{1,9}(?=[.)])|(?=[-+=:/?%'\"]))")
#: What hosts take for a mention or a reference where a word follows: `@team`, `#12`, `!3`, `~label`. They
#: look for it after the backslashes are gone, so that an invisible character has to stand between.
_REFERENCE = lazy_pattern(r"[@#!~%&$^*\[](?=[\w\"{])|\bG[HL]-(?=\d)", re.IGNORECASE)
_KEPT_APART = "\u2060"  # WORD JOINER: no width, no break
_LINK = lazy_pattern(r"(?i)\b(https?|ftp|mailto|www)(?=[:.])")


def inline(text: str) -> str:
    """Text as prose on one line, in which nothing is markup."""
    apart = _REFERENCE.sub(lambda match: f"{match[0]}{_KEPT_APART}", visible(text))
    return _AT_START.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", _LINK.sub(rf"\1{_KEPT_APART}", apart)))


def code(text: str) -> str:
    """Text as code within a line. In a code span no host looks for mentions or references."""
    shown = visible(text)
    if not shown.strip():
        return "\u2014" if not shown else f"`{shown}`"
    ticks = "`" * _longer_than(shown, 0)
    space = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def fence(text: str, info: str = "", filled: bool = True) -> str:
    """Lines as a block of code. `info` follows the opening fence; not `filled`: a block without a line."""
    ticks = "`" * _longer_than(text, 2)
    return f"{ticks}{info}\n{text}\n{ticks}" if filled else f"{ticks}{info}\n{ticks}"


def linked(text: str, url: str) -> str:
    """Text as code that leads to an address of ours; "" is none."""
    return f"[{code(text)}]({url})" if url else code(text)


def cell(markdown: str) -> str:
    """What `inline` or `code` gave, within a table: there a bar ends the cell, even in a code span."""
    return re.sub(r"(\\*)\|", lambda bar: bar[0] if len(bar[1]) % 2 else rf"{bar[1]}\|", markdown)


def _longer_than(text: str, least: int) -> int:
    return max(least, *(len(run) for run in re.findall("`+", text)), 0) + 1
