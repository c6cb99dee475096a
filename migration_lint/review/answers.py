"""What hosts answer, read by shape: what is missing or of another type counts as not there."""

from __future__ import annotations

from collections.abc import Iterator

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
