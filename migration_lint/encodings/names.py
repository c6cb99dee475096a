"""Encodings that have a plain name: how each is decoded, and values that show what it looks like.

A name that is not listed is an agreement between people: it is the same as itself and clashes with any
other, and nothing can be decoded by it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple


class NamedEncoding(NamedTuple):
    """One encoding. `problem` gives why a text does not decode; "" if it does."""

    problem: Callable[[str], str]
    samples: tuple[str, ...]  # what it looks like, the simple ones first, edge cases after them


def _any(text: str) -> str:
    return ""


def _json(text: str) -> str:
    try:
        json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        return "is nested too deeply to be read as JSON"
    except ValueError as error:
        return f"is no JSON: {_first_line(error)}"
    return ""


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        return f"is no base64: {_first_line(error)}"
    return ""


def _base64url(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]*={0,2}", text) or len(text.rstrip("=")) % 4 == 1:
        return "is no URL-safe base64"
    return ""


def _hex(text: str) -> str:
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", text):
        return "is no hexadecimal text"
    return ""


def _uuid(text: str) -> str:
    try:
        uuid.UUID(text)
    except ValueError:
        return "is no UUID"
    return ""


#: RFC 3339's profile of ISO 8601, with the date alone and the time without a zone allowed too.
_TIMESTAMP = lazy_pattern(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?"
)


def _iso8601(text: str) -> str:
    if not _TIMESTAMP.fullmatch(text):
        return "is no ISO 8601 date and time"
    try:
        datetime.fromisoformat(re.split(r"[.,Zz]|(?<=:\d\d)[+-]", text)[0])
    except ValueError:
        return "is no date and time that exists"
    return ""


def _date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "is no ISO 8601 date"
    return "" if len(text) == 10 else "is no ISO 8601 date"


def _integer(text: str) -> str:
    return "" if re.fullmatch(r"[+-]?[0-9]+", text) else "is no whole number"


def _number(text: str) -> str:
    if not re.fullmatch(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", text):
        return "is no number"
    return ""


def _boolean(text: str) -> str:
    return "" if text in ("true", "false") else "is neither true nor false"


NAMES: dict[str, NamedEncoding] = {
    "text": NamedEncoding(_any, ("two words", "", "a\nb", "ä€😀", '"quoted"', "not: [json")),
    "json": NamedEncoding(_json, ("{}", "[]", '"text"', "null", '{"a": [1, 2.5, true]}')),
    "base64": NamedEncoding(_base64, ("aGVsbG8=", "", "+/+/", "AAECAw==")),
    "base64url": NamedEncoding(_base64url, ("aGVsbG8", "", "-_-_", "AAECAw")),
    "hex": NamedEncoding(_hex, ("00ff10", "", "DEADBEEF", "ab")),
    "uuid": NamedEncoding(_uuid, ("6f1c2a9d-7b31-4c55-9d0e-2f4a1b3c5d6e",)),
    "iso8601": NamedEncoding(
        _iso8601,
        (
            "2026-03-02T10:20:30Z",
            "2026-03-02T10:20:30.123456+02:00",
            "2026-03-02 10:20:30",
            "2026-03-02",
        ),
    ),
    "date": NamedEncoding(_date, ("2026-03-02", "1999-12-31")),
    "integer": NamedEncoding(_integer, ("0", "-1", "9223372036854775807")),
    "number": NamedEncoding(_number, ("0", "-1.5", "1e10", ".5")),
    "boolean": NamedEncoding(_boolean, ("true", "false")),
}


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]
