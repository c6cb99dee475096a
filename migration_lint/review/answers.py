"""What hosts answer, read by what they document: what is missing or of another type is never guessed.

An answer that is not understood is not "nothing there": whoever took it for that would say everything anew,
or close what stands. Each of these raises NotUnderstood, which names what was looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from migration_lint.review.transport import Json

_MOMENT = re.compile(
    r"(?P<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<part>\d+))?(?P<zone>[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class NotUnderstood(Exception):
    """An answer without what its host documents: "`head.sha` is no text"."""


def within(value: Json, *keys: str) -> Json:
    """What stands under `keys`; None if it is null, or one of the keys is not there."""
    for place, key in enumerate(keys):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _other(keys[:place], "object")
        value = value.get(key)
    return value


def text(value: Json, *keys: str) -> str:
    """The text under `keys`; a number as its digits."""
    found = within(value, *keys)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str):
        raise _other(keys, "text")
    return found


def left_out(value: Json, key: str) -> bool:
    """Whether an object has no such key, or null there, where its host documents that it need not have it."""
    return _object(value).get(key) is None


def _is_null(value: Json, key: str) -> bool:
    if key not in _object(value):
        raise _other((key,), "text, number or null")
    return within(value, key) is None


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _other((), "object")
    return value


def maybe_text(value: Json, key: str, *more: str) -> str:
    """The same; "" where the host says that there is none: null under the first key."""
    return "" if _is_null(value, key) else text(value, key, *more)


def number(value: Json, *keys: str) -> int:
    """The whole number under `keys`."""
    found = within(value, *keys)
    if not isinstance(found, int) or isinstance(found, bool):
        raise _other(keys, "whole number")
    return found


def maybe_number(value: Json, key: str, *more: str) -> int | None:
    """The same; None where the host says that there is none."""
    return None if _is_null(value, key) else number(value, key, *more)


def flag(value: Json, *keys: str) -> bool:
    """What is true or false under `keys`."""
    found = within(value, *keys)
    if not isinstance(found, bool):
        raise _other(keys, "flag")
    return found


def maybe_flag(value: Json, key: str, *more: str) -> bool:
    """The same; False where the host does not say."""
    return not _is_null(value, key) and flag(value, key, *more)


def moment(value: Json, *keys: str) -> datetime:
    """The time under `keys`, as ISO 8601 writes it, with its zone."""
    written = text(value, *keys)
    found = _MOMENT.fullmatch(written)
    try:
        if found is not None:
            zone = "+00:00" if found["zone"] in "Zz" else found["zone"]
            return datetime.fromisoformat(f"{found['second']}.{(found['part'] or '')[:6]:0<6}{zone}")
    except ValueError:
        pass
    raise _other(keys, "time")


def items(value: Json, *keys: str) -> Iterator[Json]:
    """The entries of the list under `keys`."""
    found = within(value, *keys)
    if not isinstance(found, list):
        raise _other(keys, "list")
    yield from found


def _other(keys: tuple[str, ...], expected: str) -> NotUnderstood:
    what = f"`{'.'.join(keys)}`" if keys else "it"
    return NotUnderstood(f"{what} is {'neither true nor false' if expected == 'flag' else f'no {expected}'}")


def whole_diff(found: str) -> str:
    """What git prints of a change: the page of a proxy in its place would seem to be a change of nothing."""
    if found.strip() and not found.lstrip().startswith("diff --git "):
        raise NotUnderstood("it is no diff")
    return found


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
