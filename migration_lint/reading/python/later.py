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
from migration_lint.reading.python.running import Iteration
from migration_lint.reading.python.values import Dict, List, Value, alternatives

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


class Later:
    """How a list is made that Python makes an entry at a time.

    `drawn`: what holds its entries; None: anything may have a part in them. `whole`: what it held when it was
    made; `did`: what making it did; `changed`: what that changed, as it was before and after. `once`: whoever
    takes an entry takes it from all others who hold it; `asked`: when somebody took some, nobody knows how
    many, as a number of all such times (0: never); `began`: how many those were before it was made; `mixed`:
    several take from it in turns.
    """

    __slots__ = (
        "again", "asked", "began", "changed", "did", "drawn", "mixed", "once", "when", "whole",
    )  # fmt: skip

    once: bool

    def __init__(
        self,
        again: Callable[[], Value],
        drawn: tuple[Heap, ...] | None,
        when: int,
        whole: Iteration,
        began: int,
        did: Sequence[Operation] = (),
        changed: Mapping[Heap, tuple[Value, Value]] = MappingProxyType({}),
    ) -> None:
        self.again = again
        self.drawn = drawn
        self.when = when
        self.whole = whole
        self.once = True
        self.began = began
        self.asked = 0
        self.mixed = False
        self.did = did
        self.changed = changed


def viewed(run: Interpreter, make: Callable[[], Value], over: Iterable[Value], *, once: bool = True) -> Value:
    """Make a list that shows what others hold, whenever it is looked at; `once`: it is an iterator."""
    drawn = _held(over)
    if drawn is None:
        return delayed(run, make)
    began = run.store.asked
    made = make()
    if isinstance(made, List):
        made.later = Later(make, drawn, run.store.changes, _entries(made), began)
        made.later.once = once
    return made


def delayed(run: Interpreter, make: Callable[[], Value]) -> Value:
    """Make a list that Python makes an entry at a time, by code that may read and do anything."""
    store, recorder = run.store, run.recorder
    position, began = recorder.position(), store.asked
    made: Value = None
    log = store.fork()
    try:
        made = make()
    finally:
        delta, exits = store.end(log)
        store.go_on((delta,), exits)
    if isinstance(made, List):
        changed = {of: (before, delta[of]) for of, before in log.before.items()}
        did = recorder.operations[position:]
        made.later = Later(make, None, store.changes, _entries(made), began, did, changed)
    return made


def _held(over: Iterable[Value]) -> tuple[Heap, ...] | None:
    """The containers that hold the entries of several iterables; None where one of them draws on anything."""
    found: list[Heap] = []
    for each in (one for value in over for one in alternatives(value)):
        if isinstance(each, List) and each.later is not None:
            if each.later.drawn is None:
                return None
            found += [each, *each.later.drawn]
        elif isinstance(each, (List, Dict)):
            found.append(each)
    return tuple(found)


def is_iterator(value: Value) -> bool:
    """Whether an entry that is taken of it is taken for good."""
    return isinstance(value, List) and value.later is not None and bool(value.later.once)


def _entries(made: List) -> Iteration:
    return Iteration(tuple(made), made.rest, tuple(made.tail))
