"""What Python works out an entry at a time: a generator, a view, what `map` and `zip` give.

Here it is worked out when it is made. That is right as long as nothing changes what it draws on: how it is
made is kept with it, so that it can be worked out again (`reading/python/iteration.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from migration_lint.operations import Operation
from migration_lint.reading.python.containers import Heap
from migration_lint.reading.python.values import Dict, List, Value, alternatives, join_all

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


class Later:
    """How a list is made that Python makes an entry at a time.

    `drawn`: what holds its entries; None: anything may have a part in them. `did`: what making it did.
    """

    __slots__ = ("again", "did", "drawn", "when")

    def __init__(
        self,
        again: Callable[[], Value],
        drawn: tuple[Heap, ...] | None,
        when: int,
        did: Sequence[Operation] = (),
    ) -> None:
        self.again = again
        self.drawn = drawn
        self.when = when
        self.did = did


def delayed(
    run: Interpreter, made: Value, again: Callable[[], Value], over: Iterable[Value] | None, position: int
) -> Value:
    """A list as one that Python makes an entry at a time, from what `over` holds (None: from anything).

    `position`: where the operations begin that making it recorded.
    """
    if isinstance(made, List):
        did = run.recorder.operations[position:]
        made.later = Later(again, None if over is None else _held(over), run.store.changes, did)
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

        made.later = Later(others, later.drawn, later.when, later.did)
