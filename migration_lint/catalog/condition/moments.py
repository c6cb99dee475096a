"""Dates and times: those that are written down, and the server's clock."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta, timezone

from migration_lint.catalog.condition.tree import NotWorkedOut, Scalar

#: What the clock of a server shows when a change runs is neither before nor behind these.
_EARLIEST, _LATEST = datetime(2024, 1, 1), datetime(2200, 1, 1)
#: Two times of which nobody knows the zones differ by more than these are apart.
_APART = timedelta(hours=27)
_CLOCKS = frozenset(("CURRENT_TIMESTAMP", "CURRENT_DATE", "LOCALTIMESTAMP", "SYSDATE"))
_TIME = r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?"
_WRITTEN = rf"\s*(\d{{4}})-(\d\d)-(\d\d)(?:[ T]{_TIME})?\s*"


def moment(value: Scalar, *, is_date: bool) -> date:
    """A date, or a time, without its zone where it names one in UTC. Raises NotWorkedOut."""
    if isinstance(value, datetime):
        return value.date() if is_date else value
    if isinstance(value, date):
        return value if is_date else datetime(value.year, value.month, value.day)
    found = re.fullmatch(_WRITTEN, value) if isinstance(value, str) else None
    if found is None:
        raise NotWorkedOut(f"{value!r} is no date that is read")
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups()[:6])
    try:
        made = datetime(year, month, day, hour, minute, second, int((found[7] or "").ljust(6, "0")))
        if found[8] and found[8] not in ("Z", "UTC"):
            text = found[8].replace(":", "")
            offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:] or 0))
            made = made.replace(tzinfo=timezone(-offset if text[0] == "-" else offset))
            made = made.astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise NotWorkedOut(f"{value!r} is no date that is read") from None
    return made.date() if is_date else made


def moments_compared(one: Scalar, other: Scalar) -> int:
    """Below 0, 0 or above. Raises NotWorkedOut where a zone decides it."""
    if date in (type(one), type(other)) and datetime not in (type(one), type(other)):
        day, another = moment(one, is_date=True), moment(other, is_date=True)
        return (day > another) - (day < another)
    left, right = _time(one), _time(other)
    if abs(left - right) < _APART:
        raise NotWorkedOut("a time zone decides it")
    return 1 if left > right else -1


def against_clock(term: str, others: Collection[Scalar]) -> int | None:
    """How a value of the server's clock stands to all of these; None: it is none, or that may change."""
    if term.partition("::")[0] not in _CLOCKS or not others:
        return None
    try:
        times = [_time(each) for each in others]
    except NotWorkedOut:
        return None
    if max(times) < _EARLIEST:
        return 1
    return -1 if min(times) > _LATEST else None


def _time(value: Scalar) -> datetime:
    found = moment(value, is_date=False)
    if not isinstance(found, datetime):
        raise NotWorkedOut(f"{value!r} is no date that is read")
    return found
