"""The first line of every comment of ours: by it a later run knows what it said, and about what.

It is an HTML comment, which hosts do not show. Only the first line counts, and no text from a report ever
stands on it; who wrote the comment is asked of the host besides.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal, NamedTuple

State = Literal["open", "closed"]

_PATTERN = re.compile(
    r"<!-- migration-lint/v1 name=(?P<name>[A-Za-z0-9._-]{1,64}) key=(?P<key>[0-9a-z]{1,64})"
    r" kin=(?P<kin>[0-9a-f]{0,32}) body=(?P<body>[0-9a-f]{16}) state=(?P<state>open|closed) -->\r?(?:\n|\Z)"
)


class Marker(NamedTuple):
    """`key` names what a comment is about, `kin` what stays when that is said in other words.

    `name` tells several runs on one request apart; `body` is the digest of what follows the marker.
    """

    name: str
    key: str
    kin: str
    body: str
    state: State


def marked(name: str, key: str, kin: str, text: str, state: State = "open") -> str:
    """`text` with its marker above it."""
    head = f"<!-- migration-lint/v1 name={name} key={key} kin={kin} body={digest(text)} state={state} -->"
    return f"{head}\n{text}"


def marker_of(comment: str) -> Marker | None:
    """The marker of a comment; None if it does not begin with one."""
    found = _PATTERN.match(comment)
    if found is None:
        return None
    state: State = "open" if found["state"] == "open" else "closed"
    return Marker(found["name"], found["key"], found["kin"], found["body"], state)


def text_of(comment: str) -> str:
    """What follows the marker."""
    found = _PATTERN.match(comment)
    return comment[found.end() :] if found is not None else comment


def digest(*parts: str, length: int = 16) -> str:
    """A short name for a text, or for several: the beginning of their SHA-256, in hexadecimal digits."""
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:length]
