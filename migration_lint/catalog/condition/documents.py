"""Texts of types that have several spellings: JSON, arrays, uuid; and what functions say of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal

from migration_lint.catalog.condition.tree import NotWorkedOut, Scalar

_KINDS: dict[type, str] = {
    dict: "object", list: "array", str: "string", bool: "boolean", int: "number", Decimal: "number",
    type(None): "null",
}  # fmt: skip
_ELEMENT = r'\s*(?:"([^"\\]*)"|([^{}",\\]*?))\s*(,|$)'
_UUID = r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_PLAIN = r"[^{}\",\\\s]+"


class Normal(str):
    """A text of a type that has several spellings: held in the one of the server, so that equal is equal."""

    __slots__ = ()

    @classmethod
    def of(cls, text: Scalar) -> Normal:
        """Raises NotWorkedOut."""
        raise NotImplementedError


class Document(Normal):
    """A `jsonb`."""

    __slots__ = ()

    @classmethod
    def of(cls, text: Scalar) -> Document:
        return cls(_written(_read(text)))


class Array(Normal):
    """An array of one dimension."""

    __slots__ = ()

    @classmethod
    def of(cls, text: Scalar) -> Array:
        return array(elements(text))


class Identifier(Normal):
    """A `uuid`."""

    __slots__ = ()

    @classmethod
    def of(cls, text: Scalar) -> Identifier:
        if not isinstance(text, str) or not re.fullmatch(_UUID, text):
            raise NotWorkedOut(f"{text!r} is no uuid that is read")
        return cls(text.lower())


def _read(text: Scalar) -> object:
    if not isinstance(text, str):
        raise NotWorkedOut("a document is not worked out")
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise NotWorkedOut(f"{text!r} is no JSON") from None


def _no_number(word: str) -> object:
    raise ValueError(word)


def _written(found: object) -> str:
    if isinstance(found, dict):  # shorter keys first (the manual, 8.14)
        keys = sorted(found, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{json.dumps(key)}: {_written(found[key])}" for key in keys) + "}"
    if isinstance(found, list):
        return "[" + ", ".join(map(_written, found)) + "]"
    if isinstance(found, Decimal) or (
        isinstance(found, str) and not (found.isascii() and found.isprintable())
    ):
        raise NotWorkedOut("a document is not worked out")
    return json.dumps(found)


def kind_of(text: Scalar) -> Scalar:
    """jsonb_typeof."""
    return _KINDS[type(_read(text))]


def count_of(text: Scalar) -> Scalar:
    """jsonb_array_length."""
    found = _read(text)
    if not isinstance(found, list):
        raise NotWorkedOut("what is no array has no length")
    return Decimal(len(found))


def has_key(text: Scalar, key: Scalar) -> Scalar:
    """`text ? key`."""
    found = _read(text)
    if not isinstance(key, str):
        raise NotWorkedOut("a key is not worked out")
    return key in found if isinstance(found, (dict, list)) else key == found


def member(text: Scalar, key: Scalar) -> Scalar:
    """`text -> key`."""
    found, missing = _member(text, key)
    return None if missing else Document(_written(found))


def member_text(text: Scalar, key: Scalar) -> Scalar:
    """`text ->> key`."""
    found, missing = _member(text, key)
    if missing or found is None:
        return None
    return found if isinstance(found, str) else _written(found)


def _member(text: Scalar, key: Scalar) -> tuple[object, bool]:
    """What stands there, and whether nothing does."""
    found = _read(text)
    if isinstance(found, dict) and isinstance(key, str):
        return found.get(key), key not in found
    if isinstance(found, list) and isinstance(key, Decimal):
        place = int(key)
        missing = not -len(found) <= place < len(found)
        return None if missing else found[place], missing
    return None, True


# Arrays


def elements(text: Scalar) -> tuple[str | None, ...]:
    """What stands in an array of one dimension. Raises NotWorkedOut."""
    if not isinstance(text, str) or not text.startswith("{") or not text.endswith("}"):
        raise NotWorkedOut("an array is not worked out")
    inner, found, place = text[1:-1], list[str | None](), 0
    if not inner.strip():
        return ()
    while True:
        one = re.compile(_ELEMENT).match(inner, place)
        if one is None or (one[1] is None and not one[2]):
            raise NotWorkedOut("an array is not worked out")
        found.append(one[1] if one[1] is not None else None if one[2].upper() == "NULL" else one[2])
        place = one.end()
        if not one[3]:
            return tuple(found)


def array(found: Sequence[Scalar]) -> Array:
    """An array as the server writes it. Raises NotWorkedOut."""
    return Array("{" + ",".join(map(_element, found)) + "}")


def _element(value: Scalar) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Decimal):
        return format(value, "f")
    if not isinstance(value, str) or "\\" in value or '"' in value:
        raise NotWorkedOut("an array is not worked out")
    plain = re.fullmatch(_PLAIN, value) is not None and value.upper() != "NULL"
    return value if plain else f'"{value}"'


def contains(one: Scalar, other: Scalar) -> Scalar:
    """`one @> other`, of arrays."""
    if not isinstance(one, Array) and not isinstance(other, Array):
        raise NotWorkedOut("@> is not worked out")
    wanted = elements(other)
    return None not in wanted and set(wanted) <= set(elements(one))


def cardinality(text: Scalar) -> Scalar:
    return Decimal(len(elements(text)))


def array_length(text: Scalar, dimension: Scalar) -> Scalar:
    """NULL for an empty array, and for a dimension that it has not."""
    count = len(elements(text))
    return Decimal(count) if count and dimension == 1 else None


def array_position(text: Scalar, wanted: Scalar) -> Scalar:
    """The first place of a value, NULL among them; NULL where it is not there."""
    found = elements(text)
    if wanted is not None and not isinstance(wanted, str) and found:
        raise NotWorkedOut("an array is not worked out")
    return Decimal(found.index(wanted) + 1) if wanted in found else None
