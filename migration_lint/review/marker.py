"""The first line of every comment of ours: by it a later run knows what it said, and about what.

It is an HTML comment, which hosts do not show. Only the first line counts, and no text from a report ever
stands on it; who wrote the comment is asked of the host besides.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from migration_lint.named_tuple import NamedTuple

State = Literal["open", "closed"]

_PATTERN = re.compile(
    r"<!-- migration-lint/v1 name=(?P<name>[A-Za-z0-9._-]{1,64}(?:/[0-9a-f]{8})?) key=(?P<key>[0-9a-z]{1,64})"
    r" kin=(?P<kin>[0-9a-f]{0,32}) anchor=(?P<anchor>[0-9a-f]{0,16}) body=(?P<body>[0-9a-f]{16})"
    r" state=(?P<state>open|closed) -->\r?(?:\n|\Z)"
)


#: The commit in a link. A link to an earlier one still shows what it is about: nothing has to be said anew.
_COMMIT = re.compile(
    r"(?:(?<=/blob/)|(?<=/src/commit/)|(?<=/src/)|(?<=&version=GC))(?:[0-9a-f]{64}|[0-9a-f]{40})(?=[/&)])"
)


class About(NamedTuple):
    """What a comment is about, by the name of the review, and by names of its own.

    `name` tells several reviews of one request apart, and the projects of one repository. `key` is the
    finding's; `kin` stays when it is said in other words, or its file gets another name; `anchor` stands for
    the text of its lines, of which several findings may be kin.
    """

    name: str
    key: str
    kin: str = ""
    anchor: str = ""


class CommentMarker(NamedTuple):
    """`body` is the digest of what follows the marker."""

    about: About
    body: str
    state: State


def marked(about: About, text: str, state: State = "open") -> str:
    """`text` with its marker above it."""
    said = f"name={about.name} key={about.key} kin={about.kin} anchor={about.anchor}"
    return f"<!-- migration-lint/v1 {said} body={digest(_COMMIT.sub('', text))} state={state} -->\n{text}"


def marker_of(comment: str) -> CommentMarker | None:
    """The marker of a comment; None if it does not begin with one."""
    found = _PATTERN.match(comment)
    if found is None:
        return None
    state: State = "open" if found["state"] == "open" else "closed"
    about = About(found["name"], found["key"], found["kin"], found["anchor"])
    return CommentMarker(about, found["body"], state)


def text_of(comment: str) -> str:
    """What follows the marker."""
    found = _PATTERN.match(comment)
    return comment[found.end() :] if found is not None else comment


def digest(*parts: str, length: int = 16) -> str:
    """A short name for a text, or for several: the beginning of their SHA-256, in hexadecimal digits."""
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:length]
