"""Call summaries in place of a walk: functions whose walk is given up.

Migrations of data call far into a project, with rows that nobody knows. Such a function takes every way
through its code, and none of them comes to a database. Where it can do nothing but compute (`inert`), its
answer is not worth more than `INERT_STEPS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.reading.python.assignments import loosen
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.inert import Global, touched
from migration_lint.reading.python.running import INERT_STEPS, STOCK_STEPS, Arguments
from migration_lint.reading.python.values import (
    Dict,
    Frame,
    Function,
    Instance,
    List,
    Maybe,
    Unknown,
    Value,
    join,
    same,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter

#: How many steps all calls of such a function may take where it is not known whether they are taken.
_MOST_UNSURE = 8_000


class GivenUp(Exception):
    """Raised to abandon the walk of the function that runs in `frame`."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame = frame


def take_stock(run: Interpreter) -> None:
    """Abandon the running function once it has used up its share and can only compute.

    That is, where what it was given is not known; and where what it was given is known, but it takes both
    ways at branches that are not. Raises GivenUp.
    """
    for frame in run.stack:
        if frame.called is None or frame.on_yield is not None:
            continue  # what stands in a `with` runs inside of what the `with` names
        if frame.began - run.steps < INERT_STEPS:
            break
        if any(map(_open, frame.called[1].values())):
            _give_up_if_inert(run, frame)
    conditions = len(run.recorder.conditions)
    counted: set[Function] = set()
    for frame in reversed(run.stack):
        if frame.called is not None and frame.on_yield is None and conditions > frame.conditions:
            function = frame.called[0]
            frame.unsure += STOCK_STEPS
            if function not in counted:
                counted.add(function)
                run.doubtful[function] = run.doubtful.get(function, 0) + STOCK_STEPS
            if frame.unsure >= INERT_STEPS or run.doubtful[function] >= _MOST_UNSURE:
                _give_up_if_inert(run, frame)


def _give_up_if_inert(run: Interpreter, frame: Frame) -> None:
    if frame.called is not None and touched(run, *frame.called) is not None:
        for each in run.stack[run.stack.index(frame) :]:
            if each.called is not None:
                run.ledger.settled.add(id(each.called[0].node))  # all that it calls can only compute, too
        raise GivenUp(frame)


def given_up(run: Interpreter, frame: Frame, function: Function, arguments: Arguments) -> Value:
    """The summary of a function that was given up: an unknown value; what it may change is unknown."""
    if frame.operations == len(run.recorder.operations):
        run.given_up.setdefault(function, []).append(arguments)
    return _unknown(run, function, arguments)


def known_hopeless(run: Interpreter, function: Function, arguments: Arguments) -> Value | None:
    """The summary of a call like one that was given up before; None: none was."""
    hopeless = run.doubtful.get(function, 0) >= _MOST_UNSURE
    for before in run.given_up.get(function, ()):
        if (hopeless or _all_alike(before, arguments)) and touched(run, function, arguments) is not None:
            return _unknown(run, function, arguments)
    return None


def _all_alike(before: Arguments, now: Arguments) -> bool:
    return (
        len(before.args) == len(now.args)
        and list(before.kwargs) == list(now.kwargs)
        and all(map(_alike, before.values(), now.values()))
    )


def _alike(before: Value, now: Value) -> bool:
    return same(before, now) or (_open(before) and _open(now))


def _unknown(run: Interpreter, function: Function, arguments: Arguments) -> Value:
    reason = f"`{function.name}` works on data that is not known"
    unknown = Unknown(reason)
    for each in touched(run, function, arguments) or ():
        if isinstance(each, Global):
            run.bind(each.name, join(dict.get(each.frame.locals, each.name), unknown), each.frame)
        elif isinstance(each, List):
            with run.store.change(each):
                loosen(each, (unknown,))
        elif isinstance(each, (Dict, Instance)):
            names = each.names if isinstance(each, Instance) else each
            with run.store.change(names):
                for key, value in names.items():
                    names[key] = Maybe(join(inside(value), unknown))
                if isinstance(each, Dict):
                    each.rest = join(each.rest, unknown)
    return Unknown(reason)


def _open(value: Value, depth: int = 2) -> bool:
    """Whether a value, or anything that it holds, is partly unknown."""
    from migration_lint.reading.python.functions import vague

    if isinstance(value, Instance):
        return depth > 0 and any(_open(each, depth - 1) for each in value.names.every())
    return vague(value)
