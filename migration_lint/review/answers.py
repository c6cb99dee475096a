"""What hosts answer, read by shape: what is missing or of another type counts as not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from migration_lint.review.transport import Json


def within(value: Json, *keys: str) -> Json:
    """What stands under `keys`; None if there is nothing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: Json, *keys: str) -> str:
    """The text under `keys`, a number as its digits; "" if there is neither."""
    found = within(value, *keys)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) else ""


def number(value: Json, *keys: str) -> int | None:
    """The whole number under `keys`."""
    found = within(value, *keys)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def items(value: Json, *keys: str) -> Iterator[Json]:
    """The entries of the list under `keys`; none if there is no list."""
    found = within(value, *keys)
    yield from found if isinstance(found, list) else ()


def blob_link(folder: str, path: str, line: int) -> str:
    """The page of a file, or of a line of it; "" where `folder` is no address, or the path has no name there.

    `folder` is the page of a commit's files, as the host tells it.
    """
    if not re.fullmatch(r"https?://[\w.:-]+(/[\w.~%+-]+)*", folder, re.ASCII):
        return ""
    try:
        name = quote(path)
    except UnicodeEncodeError:
        return ""
    return f"{folder}/{name}#L{line}" if line else f"{folder}/{name}"
