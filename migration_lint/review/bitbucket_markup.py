"""Comments in the Markdown of Bitbucket Cloud, which is Python-Markdown without HTML.

An HTML comment would be seen by everybody, so that the marker is a link definition that nothing refers to. A
backslash escapes fewer characters, and a cell has no line breaks. Code is left as it is.
"""

from __future__ import annotations

import re

#: What Python-Markdown lets a backslash escape: github.com/Python-Markdown/markdown, `ESCAPED_CHARS`.
_ESCAPED = frozenset("\\`*_{}[]()>#+-.!")
_MARKER = re.compile(r"<!-- (migration-lint/v1 [^>\n]*) -->(?:\n|\Z)")
_DEFINITION = re.compile(r"\[//\]: # \((migration-lint/v1 [^)\r\n]*)\)\s*")
#: Fences, code in a line, an escaped character, a line break.
_PARTS = re.compile(
    r"(?P<fence>^(?P<ticks>`{3,}).*?^(?P=ticks)$)|(?P<code>(?<![\\`])(?P<run>`+)(?!`).*?(?<!`)(?P=run)(?!`))"
    r"|\\(?P<escaped>[^\w\s])|(?P<break><br>)",
    re.MULTILINE | re.DOTALL,
)


def to_bitbucket(comment: str) -> str:
    """A comment of ours as Bitbucket is to have it."""
    marker = _MARKER.match(comment)
    if marker is None:
        return _PARTS.sub(_part, comment)
    return f"[//]: # ({marker[1]})\n\n{_PARTS.sub(_part, comment[marker.end() :])}"


def from_bitbucket(raw: str) -> str:
    """What Bitbucket has, with its marker as on other hosts."""
    marker = _DEFINITION.match(raw)
    return raw if marker is None else f"<!-- {marker[1]} -->\n{raw[marker.end() :]}"


def _part(found: re.Match[str]) -> str:
    if found["break"]:
        return " · "
    escaped = found["escaped"]
    if escaped is None or escaped in _ESCAPED:
        return found[0]
    return f"&#{ord(escaped)};"
