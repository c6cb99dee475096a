"""What PostgreSQL's functions and operators give for values that are known and not NULL."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from migration_lint.catalog.condition import documents
from migration_lint.catalog.condition.patterns import is_similar, matches
from migration_lint.catalog.condition.tree import NotWorkedOut, Scalar
from migration_lint.catalog.condition.values import as_number, as_text

_Compute = Callable[..., Scalar]


def _whole(value: Scalar) -> int:
    number = as_number(value)
    if number != number.to_integral_value():
        raise NotWorkedOut(f"{number} is no whole number")
    return int(number)


def _octets(value: Scalar) -> Scalar:
    text = as_text(value)
    if not text.isascii():
        raise NotWorkedOut("how many bytes a text has is not worked out")
    return Decimal(len(text))


def _place(text: Scalar, part: Scalar) -> Scalar:
    return Decimal(as_text(text).find(as_text(part)) + 1)


def _left(text: Scalar, count: Scalar) -> Scalar:
    return as_text(text)[: _whole(count)]


def _right(text: Scalar, count: Scalar) -> Scalar:
    whole, wanted = as_text(text), _whole(count)
    return whole[max(len(whole) - wanted, 0) :] if wanted >= 0 else whole[-wanted:]


def _part(text: Scalar, start: Scalar, count: Scalar = None) -> Scalar:
    """substring, whose places begin with 1 and may lie in front of the text."""
    if isinstance(start, str):
        raise NotWorkedOut("a pattern is not worked out")
    whole, first = as_text(text), _whole(start) - 1
    if count is None:
        return whole[max(first, 0) :]
    if _whole(count) < 0:
        raise NotWorkedOut("a negative length is refused")
    return whole[max(first, 0) : max(first + _whole(count), 0)]


def _split_part(text: Scalar, divider: Scalar, number: Scalar) -> Scalar:
    place, found = _whole(number), as_text(text).split(as_text(divider) or "\0")
    if place == 0 or not as_text(divider):
        raise NotWorkedOut("a part is not worked out")
    return found[place - 1 if place > 0 else place] if abs(place) <= len(found) else ""


def _remainder(one: Scalar, other: Scalar) -> Scalar:
    if as_number(other) == 0:
        raise NotWorkedOut("a remainder is not worked out")
    return as_number(one) % as_number(other)


def _matches(text: Scalar, pattern: Scalar) -> bool:
    return matches(as_text(text), as_text(pattern))


def _matches_any_case(text: Scalar, pattern: Scalar) -> bool:
    return matches(as_text(text), as_text(pattern), ignoring_case=True)


#: By mark. They give TRUE or FALSE.
TESTS: dict[str, Callable[[Scalar, Scalar], Scalar]] = {
    "~": _matches,
    "~*": _matches_any_case,
    "!~": lambda text, pattern: not _matches(text, pattern),
    "!~*": lambda text, pattern: not _matches_any_case(text, pattern),
    "SIMILAR TO": lambda text, pattern: is_similar(as_text(text), as_text(pattern)),
    "?": documents.has_key,
    "@>": documents.contains,
    "<@": lambda one, other: documents.contains(other, one),
}
#: By mark. They may give NULL.
OPERATORS: dict[str, Callable[[Scalar, Scalar], Scalar]] = {
    "->": documents.member,
    "->>": documents.member_text,
    "%": _remainder,
}
#: By name and count of arguments. They are NULL where an argument is, and may be otherwise.
FUNCTIONS: dict[tuple[str, int], _Compute] = {
    ("jsonb_typeof", 1): documents.kind_of,
    ("json_typeof", 1): documents.kind_of,
    ("jsonb_array_length", 1): documents.count_of,
    ("json_array_length", 1): documents.count_of,
    ("jsonb_exists", 2): documents.has_key,
    ("cardinality", 1): documents.cardinality,
    ("array_length", 2): documents.array_length,
    ("array_upper", 2): documents.array_length,
    ("octet_length", 1): _octets,
    ("strpos", 2): _place,
    ("position", 2): lambda part, text: _place(text, part),
    ("starts_with", 2): lambda text, start: as_text(text).startswith(as_text(start)),
    ("left", 2): _left,
    ("right", 2): _right,
    ("substr", 2): _part,
    ("substr", 3): _part,
    ("substring", 2): _part,
    ("substring", 3): _part,
    ("split_part", 3): _split_part,
    ("replace", 3): lambda text, old, new: (
        as_text(text).replace(as_text(old), as_text(new)) if as_text(old) else as_text(text)
    ),
    ("reverse", 1): lambda text: as_text(text)[::-1],
    ("mod", 2): _remainder,
    ("regexp_like", 2): _matches,
}
#: Those that take NULL for an argument like any other value.
OF_NULLS: dict[tuple[str, int], _Compute] = {
    ("array_position", 2): lambda array, wanted: (
        None if array is None else documents.array_position(array, wanted)
    ),
}
