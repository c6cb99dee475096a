"""`.sql` files: each statement, under the name that sqlc, yesql, goyesql or aiosql gives it."""

from __future__ import annotations

import re

from migration_lint.named_tuple import NamedTuple

_NAME = re.compile(
    r"^\s*--\s*(?:name|query)\s*:\s*([A-Za-z_][\w.\-]*[!<$^#*]*)(?:\s+:\w+)*\s*$", re.IGNORECASE
)
_PART = re.compile(
    r"""
    (?P<skip>--[^\n]*|/\*.*?(?:\*/|\Z)|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|'(?:[^']|'')*'?|"[^"]*"?|`[^`]*`?)
  | (?P<end>;)
    """,
    re.DOTALL | re.VERBOSE,
)

_COMMENTS = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)


class Query(NamedTuple):
    """`name`: "" where it has none. Lines count from 1."""

    name: str
    text: str
    line: int
    end_line: int


def queries(text: str) -> list[Query]:
    """The statements of a file, in order; what lies between two names belongs to the first."""
    found: list[Query] = []
    name = ""
    start = 0
    lines = text.splitlines(keepends=True)
    at = 0
    for line in lines:
        match = _NAME.match(line)
        if match is not None:
            found += _split(name, text[start:at], text.count("\n", 0, start) + 1)
            name = match[1].rstrip("!<$^#*")
            start = at + len(line)
        at += len(line)
    return [*found, *_split(name, text[start:], text.count("\n", 0, start) + 1)]


def _split(name: str, text: str, line: int) -> list[Query]:
    ends = [match.end() for match in _PART.finditer(text) if match["end"]]
    found: list[Query] = []
    start = 0
    for end in [*ends, len(text)]:
        part = text[start:end]
        comments = _COMMENTS.match(part)
        start += comments.end() if comments else 0
        part = text[start:end]
        bare = part.rstrip("; \n\r\t")
        first = len(part) - len(part.lstrip())
        if bare.strip():
            begin = line + text.count("\n", 0, start + first)
            found.append(Query(name, bare.strip(), begin, begin + bare.strip().count("\n")))
        start = end
    return found
