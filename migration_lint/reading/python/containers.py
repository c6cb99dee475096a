"""How two views of one object come together: joins and widenings of lists, dictionaries, names and
records."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from migration_lint.data_class import fields_of, replace
from migration_lint.operations import HOLE, Column, Constraint, Index
from migration_lint.reading.python.values import (
    NOTHING,
    Dict,
    List,
    Maybe,
    ModelRecord,
    NameScope,
    Value,
    join,
    join_all,
    same,
    widen,
)
from migration_lint.reading.sql.state import SqlSession

#: What has an address: objects that can change.
Heap = List | Dict | ModelRecord


def join_held(of: Heap, first: Value, second: Value) -> Value:
    """The join of two contents of one object; `first` itself where `second` adds nothing to it."""
    if first is second:
        return first
    if isinstance(of, List):
        return _join_lists(first, second)
    if isinstance(of, Dict):
        return _join_entries(first, second, optional=not isinstance(of, NameScope))
    joined = tuple(map(_join_fields, first, second))
    return first if all(map(_is, joined, first)) else joined


def gather(before: Value, after: Value) -> Value:
    """A list that a round of a loop has changed: what stays at both ends is kept, what is between is the
    rest."""
    return _widen_list(before, after, join)


def widen_held(of: Heap, before: Value, after: Value) -> Value:
    """The widening of two contents of one object: every chain of widenings is finite."""
    if isinstance(of, List):
        return _widen_list(before, after, widen)
    if isinstance(of, Dict):
        return _widen_entries(before, after)
    made = tuple(
        widen(old, new) if not isinstance(new, (Column, Constraint, Index, SqlSession)) else new
        for old, new in zip(before, after, strict=True)
    )
    return before if all(map(_is, made, before)) else made


def _is(first: Value, second: Value) -> bool:
    return first is second


def slot(first: Value, second: Value) -> Value:
    """The join of two slots."""
    if type(first) is not Maybe and type(second) is not Maybe:
        return join(first, second)
    ours = first.value if type(first) is Maybe else first
    theirs = second.value if type(second) is Maybe else second
    joined = join(ours, theirs)
    return first if type(first) is Maybe and joined is ours else Maybe(joined)


def optional(value: Value) -> Value:
    """A slot that may be empty."""
    return value if type(value) is Maybe else Maybe(value)


def inside(value: Value) -> Value:
    """The value of a slot, without the `Maybe` around it."""
    return value.value if type(value) is Maybe else value


# Lists: slots, a rest, slots


def _join_lists(first: Value, second: Value) -> Value:
    if first[1] is NOTHING and second[1] is NOTHING:
        joined = _aligned(first[0], second[0])
        return first if _all_same(joined, first[0]) else (joined, NOTHING, ())
    front = _shared(first[0], second[0])
    back = _shared(first[2], second[2]) if _open(first) and _open(second) else 0
    head = tuple(map(slot, first[0][:front], second[0][:front]))
    tail = (
        tuple(map(slot, first[2][len(first[2]) - back :], second[2][len(second[2]) - back :])) if back else ()
    )
    between = (
        *first[0][front:], *first[2][: len(first[2]) - back],
        *second[0][front:], *second[2][: len(second[2]) - back],
    )  # fmt: skip
    rest = join_all((first[1], second[1], *map(inside, between)))
    if rest is first[1] and _all_same(head, first[0]) and _all_same(tail, first[2]):
        return first
    return head, rest, tail


def _open(held: Value) -> bool:
    return held[1] is not NOTHING


def _shared(first: Sequence[Value], second: Sequence[Value]) -> int:
    """The length of the shorter of two sequences of slots."""
    return min(len(first), len(second))


def _all_same(joined: Sequence[Value], first: Sequence[Value]) -> bool:
    return len(joined) == len(first) and all(map(_is, joined, first))


def _aligned(first: tuple[Value, ...], second: tuple[Value, ...]) -> tuple[Value, ...]:
    """The slots of either of two lists: those that both have at their ends stay, those between may be
    empty."""
    if len(first) == len(second):
        return tuple(map(slot, first, second))
    shortest = min(len(first), len(second))
    front = 0
    while front < shortest and same(first[front], second[front]):
        front += 1
    back = 0
    while back < shortest - front and same(first[-1 - back], second[-1 - back]):
        back += 1
    ours = first[front : len(first) - back]
    theirs = second[front : len(second) - back]
    if _within(theirs, ours):
        middle = _kept(ours, theirs)
    elif len(ours) == len(theirs):
        middle = list(map(slot, ours, theirs))
    else:
        middle = [*map(optional, ours), *map(optional, theirs)]
    return (*first[:front], *middle, *first[len(first) - back :])


def _within(few: Sequence[Value], many: Sequence[Value]) -> bool:
    """Whether some slots are a subsequence of others."""
    rest = iter(many)
    return all(any(same(inside(each), inside(other)) for other in rest) for each in few)


def _kept(many: Sequence[Value], few: Sequence[Value]) -> list[Value]:
    """Those slots that stand in both, as they are, and the others as slots that may be empty."""
    left = list(few)
    made: list[Value] = []
    for each in many:
        if left and same(inside(each), inside(left[0])):
            other = left.pop(0)
            made.append(each if type(each) is Maybe or type(other) is not Maybe else other)
        else:
            made.append(optional(each))
    return made


def _widen_list(before: Value, after: Value, together: Callable[[Value, Value], Value]) -> Value:
    front = 0
    while front < _shared(before[0], after[0]) and before[0][front] is after[0][front]:
        front += 1
    back = 0
    while back < _shared(before[2], after[2]) and before[2][-1 - back] is after[2][-1 - back]:
        back += 1
    old = join_all((before[1], *map(inside, (*before[0][front:], *before[2][: len(before[2]) - back]))))
    new = join_all((after[1], *map(inside, (*after[0][front:], *after[2][: len(after[2]) - back]))))
    rest = new if old is NOTHING else together(old, new)
    if rest is before[1] and front == len(before[0]) and back == len(before[2]):
        return before
    return before[0][:front], rest, before[2][len(before[2]) - back :] if back else ()


# Dictionaries and names


def _join_entries(first: Value, second: Value, optional: bool) -> Value:
    ours, theirs = first[0], second[0]
    joined = dict(ours)
    changed = False
    for key, value in theirs.items():
        if key not in ours:
            joined[key] = _absent(value, first[1], optional)
            changed = True
        elif ours[key] is not value:
            made = slot(ours[key], value)
            if made is not ours[key]:
                joined[key] = made
                changed = True
    for key, value in ours.items() if optional else ():
        if key not in theirs:
            made = _absent(value, second[1], optional)
            if made is not value:
                joined[key] = made
                changed = True
    rest = join(first[1], second[1])
    return (joined, rest) if changed or rest is not first[1] else first


def _absent(value: Value, rest: Value, optional: bool) -> Value:
    """An entry that the other side has no entry for, but may hold among those that were not seen."""
    if not optional or type(value) is Maybe:
        return value
    if rest is not NOTHING:
        return Maybe(join(value, rest))
    return Maybe(value)


def _widen_entries(before: Value, after: Value) -> Value:
    """Keys stay, with widened values: a script writes down only so many, and what is made of a counter is
    none."""
    joined: dict[Value, Value] = {}
    for key, value in after[0].items():
        old = before[0].get(key, value)
        if old is value:
            joined[key] = value
        else:
            made = widen(inside(old), inside(value))
            joined[key] = Maybe(made) if Maybe in (type(value), type(old)) else made
            if (
                type(value) is type(old) is not Maybe
                and made is old
                or type(old) is Maybe
                and made is old.value
            ):
                joined[key] = old
    rest = after[1] if before[1] is NOTHING else widen(before[1], after[1])
    kept = rest is before[1] and len(joined) == len(before[0])
    return (
        before if kept and all(joined[key] is value for key, value in before[0].items()) else (joined, rest)
    )


# Records


def _join_fields(first: Value, second: Value) -> Value:
    if first is second:
        return first
    if isinstance(first, Column) and isinstance(second, Column):
        return first if first == second else _either_column(first, second)
    if isinstance(first, (Constraint, Index)):
        return first if first == second else _either(first, second)
    if isinstance(first, SqlSession) and isinstance(second, SqlSession):
        joined = first.join(second)
        return first if joined == first else joined
    if isinstance(first, bool) and isinstance(second, bool):
        return first or second
    if isinstance(first, tuple) and isinstance(second, tuple):
        return first if first == second else tuple(dict.fromkeys((*first, *second)))
    return join(first, second)


def _either_column(first: Column, second: Column) -> Column:
    """The join of two columns: what differs is unknown."""
    return replace(
        first,
        name=first.name if first.name == second.name else HOLE,
        type=first.type if first.type == second.type else None,
        nullable=first.nullable and second.nullable,
        default=first.default if first.default == second.default else "?",
        comment=first.comment if first.comment == second.comment else None,
    )


def _either(first: Value, second: Value) -> Value:
    """The join of two constraints or indexes: what differs is unknown."""
    if type(first) is not type(second):
        return first
    differ = [name for name in fields_of(type(first)) if getattr(first, name) != getattr(second, name)]
    return replace(first, name=None) if "name" in differ else first
