"""What Python works out an entry at a time: a generator, a view, what `map` and `zip` give.

Here it is worked out when it is made. That is right as long as nothing changes what it draws on: how it is
made is kept with it, so that it can be worked out again (`reading/python/iteration.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from migration_lint.operations import Operation
from migration_lint.reading.python.containers import Heap
from migration_lint.reading.python.values import Dict, List, Value, alternatives, join_all

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


class Later:
    """How a list is made that Python makes an entry at a time.

    `drawn`: what holds its entries; None: anything may have a part in them. `did`: what making it did;
    `changed`: what it changed, as that was before and after.
    """

    __slots__ = ("again", "changed", "did", "drawn", "when")

    def __init__(
        self,
        again: Callable[[], Value],
        drawn: tuple[Heap, ...] | None,
        when: int,
        did: Sequence[Operation] = (),
        changed: Mapping[Heap, tuple[Value, Value]] = MappingProxyType({}),
    ) -> None:
        self.again = again
        self.drawn = drawn
        self.when = when
        self.did = did
        self.changed = changed


def viewed(run: Interpreter, make: Callable[[], Value], over: Iterable[Value]) -> Value:
    """Make a list that shows what others hold, whenever it is looked at."""
    drawn = _held(over)
    if drawn is None:
        return delayed(run, make)
    made = make()
    if isinstance(made, List):
        made.later = Later(make, drawn, run.store.changes)
    return made


def delayed(run: Interpreter, make: Callable[[], Value]) -> Value:
    """Make a list that Python makes an entry at a time, by code that may read and do anything."""
    store, recorder = run.store, run.recorder
    position = recorder.position()
    made: Value = None
    log = store.fork()
    try:
        made = make()
    finally:
        delta, exits = store.end(log)
        store.go_on((delta,), exits)
    if isinstance(made, List):
        changed = {of: (before, delta[of]) for of, before in log.before.items()}
        made.later = Later(make, None, store.changes, recorder.operations[position:], changed)
    return made


def _held(over: Iterable[Value]) -> tuple[Heap, ...] | None:
    """The containers that hold the entries of several iterables; None where one of them draws on anything."""
    found: list[Heap] = []
    for each in (one for value in over for one in alternatives(value)):
        if isinstance(each, List) and each.later is not None:
            if each.later.drawn is None:
                return None
            found += each.later.drawn
        elif isinstance(each, (List, Dict)):
            found.append(each)
    return tuple(found)


def consumed(run: Interpreter, made: List) -> None:
    """An entry was taken off: made again, the others may stand anywhere."""
    later = made.later
    if later is not None:
        first, held = later.again, tuple(made.every())

        def others() -> Value:
            return List(rest=join_all((*held, *run.items(first()).every())))

        made.later = Later(others, later.drawn, later.when, later.did, later.changed)
