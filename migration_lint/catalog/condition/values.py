"""What an expression may be, as far as that is known: the values of three-valued logic and their types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import product

from migration_lint.catalog.condition.documents import Document, Identifier, Normal, array, elements
from migration_lint.catalog.condition.moments import moment, moments_compared
from migration_lint.catalog.condition.tree import NotWorkedOut, Scalar
from migration_lint.catalog.types import canonical
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect


class Value(NamedTuple):
    """One of `options`, among which None is NULL; or, where it is `open`, anything else but NULL."""

    options: frozenset[Scalar] = frozenset()
    open: bool = False
    why: str = ""  # it is open because this was not worked out; "": the INSERT decides it
    term: str = ""  # the same for open values that are equal, as two of now() in one statement are
    shape: str = ""  # of JSON: object, array, string, number, boolean; "": any

    @property
    def is_null(self) -> bool:
        """Whether it is NULL in any case."""
        return not self.open and self.options == {None}

    @property
    def may_be_null(self) -> bool:
        return None in self.options


NULL = Value(frozenset((None,)))
#: What an INSERT writes: anything, or anything but NULL.
WRITTEN = Value(frozenset((None,)), open=True)
WRITTEN_NOT_NULL = Value(open=True)
_TRUTHS: frozenset[Scalar] = frozenset((True, False))
_MOST = 256


def known(value: Scalar) -> Value:
    return Value(frozenset((value,)))


def not_known(why: str, *, null: bool = True) -> Value:
    """A value that was not worked out; `null`: it may be NULL."""
    return Value(NULL.options if null else frozenset(), True, why)


def either(values: Iterable[Value]) -> Value:
    """What may be any of these."""
    found = list(values)
    return Value(
        frozenset[Scalar]().union(*(each.options for each in found)),
        any(each.open for each in found),
        next((each.why for each in found if each.why), ""),
        found[0].term if len({each.term for each in found}) == 1 else "",
    )


def truth(value: Value, dialect: Dialect) -> Value:
    """A value as a condition has it: TRUE, FALSE or NULL."""
    options: set[Scalar] = set()
    why = value.why
    for each in value.options:
        if each is None or isinstance(each, bool):
            options.add(each)
        elif isinstance(each, Decimal) and dialect != "postgresql":
            options.add(each != 0)
        elif isinstance(each, str) and dialect == "postgresql" and each.strip().lower() in _TRUE | _FALSE:
            options.add(as_truth(each))
        elif isinstance(each, str) and re.fullmatch(r"\d+(?:\.\d+)?", each) and dialect in _AS_NUMBERS:
            options.add(float(each) != 0)
        else:
            options |= _TRUTHS
            why = why or "a text is no condition"
    if value.open:
        options |= _TRUTHS
    return Value(frozenset(options), False, why if len(options) > 1 else "")


def strict(
    values: Sequence[Value],
    compute: Callable[..., Scalar],
    *,
    truths: bool = False,
    null: bool = False,
) -> Value:
    """What a function gives that is NULL where one of its arguments is.

    `truths`: it gives no more than TRUE and FALSE; `null`: it may give NULL for other arguments, too.
    """
    if any(each.is_null for each in values):
        return NULL
    options: set[Scalar] = {None} if any(each.may_be_null for each in values) else set()
    is_open, why = any(each.open for each in values), reason(values)
    combinations = list(_combinations(values))
    if len(combinations) > _MOST:
        is_open, why, combinations = True, "too many values to try", []
    for each in combinations:
        try:
            options.add(compute(*each))
        except NotWorkedOut as unknown:
            is_open, why = True, why or str(unknown)
    if is_open and null:
        options.add(None)
    if is_open and truths:
        return Value(frozenset(options) | _TRUTHS, False, why)
    return Value(frozenset(options), is_open, why)


def reason(values: Iterable[Value]) -> str:
    """Why what hangs on these values is not worked out; "": it is, or the INSERT decides it."""
    unsettled = [each for each in values if each.open or len(each.options) > 1]
    return unsettled[0].why if unsettled and all(each.why for each in unsettled) else ""


def _combinations(values: Sequence[Value]) -> Iterable[tuple[Scalar, ...]]:
    return product(*(each.options - NULL.options for each in values))


_NUMBERS = (
    r"(?:big|small|tiny|medium)?int(?:eger|2|4|8)?|int[248]|numeric|decimal|number|float[48]?|real|double"
)
_WHOLE = r"(?:big|small|tiny|medium)?int(?:eger|2|4|8)?"
_TEXTS = r"n?varchar2?|text|n?char|bpchar|character|(?:tiny|medium|long)text|name|n?clob|string|enum|\(enum\)"
#: These take a text for the number that it begins with.
_AS_NUMBERS = frozenset(("mysql", "mariadb", "sqlite"))
_ROOM = r"(?:varchar|character varying|char|character|bpchar)\((\d+)\)|char|character"
_TRUE = frozenset(("t", "true", "y", "yes", "on", "1"))
_FALSE = frozenset(("f", "false", "n", "no", "off", "0"))


def coerced(value: Scalar, type: str | None, dialect: Dialect) -> Scalar:
    """A value as one of a type. Raises NotWorkedOut."""
    if value is None or type is None:
        return value
    spelled = canonical(type, dialect)
    name = re.split(r"[ (]", spelled, maxsplit=1)[0]
    if spelled.endswith("[]"):
        return array([coerced(each, spelled[:-2], dialect) for each in elements(value)])
    if name in ("bool", "boolean", "bit"):
        return as_truth(value)
    if re.fullmatch(_NUMBERS, name):
        number = as_number(value)
        if re.fullmatch(_WHOLE, name) and number != number.to_integral_value():
            raise NotWorkedOut(f"{number} is no whole number")
        return number
    if re.fullmatch(_TEXTS, name):
        text = as_text(value)
        return text.rstrip(" ") if name in ("char", "bpchar", "character", "nchar") else text
    if dialect == "postgresql":
        return _of_postgresql(value, spelled)
    raise NotWorkedOut(f"a value of the type {spelled} is not worked out")


def room(type: str) -> int | None:
    """How many characters a type has room for; None: for any number."""
    found = re.fullmatch(_ROOM, type)
    return None if found is None else int(found[1] or 1)


def _of_postgresql(value: Scalar, spelled: str) -> Scalar:
    name = re.split(r"[ (]", spelled, maxsplit=1)[0]
    if name == "jsonb":
        return Document.of(value)
    if name == "json" and Document.of(value):
        return value
    if name in ("date", "timestamp", "timestamptz"):
        return moment(value, is_date=name == "date")
    if name == "uuid":
        return Identifier.of(value)
    raise NotWorkedOut(f"a value of the type {spelled} is not worked out")


def as_number(value: Scalar) -> Decimal:
    """A number, or the text of one. Raises NotWorkedOut."""
    if isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, date):
        raise NotWorkedOut(f"{value} is no number")
    try:
        return Decimal(value) if value is not None else Decimal("nan")
    except InvalidOperation:
        raise NotWorkedOut(f"{value!r} is no number") from None


def as_truth(value: Scalar) -> bool:
    """A truth value, or the word for one. Raises NotWorkedOut."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise NotWorkedOut(f"{value!r} is neither true nor false")
    if isinstance(value, date):
        raise NotWorkedOut(f"{value} is neither true nor false")
    return bool(value)


def as_text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        raise NotWorkedOut("how a date is written is not worked out")
    return str(value)


def compared(one: Scalar, other: Scalar, dialect: Dialect) -> int | None:
    """Below 0, 0 or above as two values that are not NULL stand to each other; None: not equal, and no more
    is known. Raises NotWorkedOut."""
    if isinstance(one, date) or isinstance(other, date):
        return moments_compared(one, other)
    for normal, text in ((one, other), (other, one)):
        if isinstance(normal, Normal):
            return 0 if type(normal).of(text) == normal else None
    if isinstance(one, str) and isinstance(other, str):
        if one == other:
            return 0
        if "" in (one, other) and dialect in ("postgresql", "sqlite"):
            return 1 if one else -1
        exact = dialect in ("postgresql", "sqlite", "oracle")
        if not exact and one.strip().casefold() == other.strip().casefold():
            raise NotWorkedOut("the collation decides it")
        return None
    if isinstance(one, bool) or isinstance(other, bool):
        left, right = Decimal(as_truth(one)), Decimal(as_truth(other))
    else:
        left, right = as_number(one), as_number(other)
    return (left > right) - (left < right)
