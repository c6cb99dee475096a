"""Listeners: what a script registers with SQLAlchemy, which calls it when an event happens."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.reading.models import table
from migration_lint.reading.models.arguments import counted
from migration_lint.reading.models.context import context
from migration_lint.reading.models.database import execute
from migration_lint.reading.python.assignments import extend
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.running import Arguments, Iteration
from migration_lint.reading.python.values import (
    BoundFunction,
    Connection,
    Dotted,
    Element,
    Function,
    List,
    MetaDataModel,
    SqlText,
    TableModel,
    Value,
    alternatives,
    reaches,
    whole,
)

#: Events of a table or MetaData, which come when a script makes or drops it.
_MAKING = frozenset(f"{when}_{what}" for when in ("before", "after") for what in ("create", "drop"))
#: Events whose functions are given parts of a schema, and may make others of them.
_SHAPING = frozenset("before_parent_attach after_parent_attach column_reflect".split())


@table.library("sqlalchemy.event")
def _call(run: Interpreter, path: str, a: Arguments) -> Value:
    a = counted(a)
    name = path.rpartition(".")[2]
    what = (a.get(0, "target"), a.get(1, "identifier"), a.kwargs.get("retval", a.more))
    if name == "listens_for":
        return BoundFunction(Dotted("<made>.listen"), what)
    if name == "listen":
        _listened(run, Arguments([*what, a.get(2, "fn")], {}))
    return None


def _listened(run: Interpreter, a: Arguments) -> Value:
    """Register a listener: for the script's own DDL, or as a function that may be called from now on."""
    target, name, retval, function = a.args if len(a.args) == 4 else (None, None, True, None)
    target = run.resolve(target)
    if name in _MAKING and isinstance(target, (TableModel, MetaDataModel)) and _lasts(target):
        extend(run, target.listeners, Iteration(((name, function),)))
        context(run).modules.registered()
        return function
    if name in _SHAPING:
        run.recorder.unread(f"what listens to `{name}` may make other tables and columns of what is written")
    elif run.truth(retval) is not False and "execute" in str(name):
        run.recorder.unread(f"what listens to `{name}` may make other SQL of what is executed")
    line = getattr(run.recorder.place, "lineno", 0)
    run.recorder.conditions.append(
        Condition(f"{line}:listener", "whether an event happens that calls a function is not known")
    )
    try:
        # Where among its arguments the connection is depends on the event.
        _call_each(run, function, ())
    finally:
        run.recorder.conditions.pop()
    return function


def _lasts(of: TableModel | MetaDataModel) -> bool:
    """Whether it is the very object that a script makes or drops, if it does."""
    if isinstance(of, MetaDataModel):
        return not of.reflected
    return of.metadata is not None and any(each is of for each in of.metadata.tables)


def happen(run: Interpreter, listeners: List, name: str, target: Value) -> None:
    """Call what listens to an event of a table or MetaData."""
    for event, function in listeners.every():
        if event == name or not whole(event):
            _call_each(run, function, (target, Connection()))


def _call_each(run: Interpreter, function: Value, given: Sequence[Value]) -> None:
    for each in alternatives(function):
        inner = each.function if isinstance(each, BoundFunction) else each
        if isinstance(inner, Function):
            spec = inner.node.args
            count = len(spec.args) + len(spec.posonlyargs)
            count -= len(each.args) if isinstance(each, BoundFunction) else 0
            rest = [Connection(session=True) for _ in range(max(count - len(given), 0))]
            more = spec.vararg is not None
            run.call(each, Arguments([*given[: max(count, 0)], *rest], {}, more, more))
        elif isinstance(each, (SqlText, Element)):
            execute(run, context(run).dialect, each)
        elif reaches(each):
            run.recorder.opaque("what listens to an event could not be worked out")


table.names({"<made>.listen": _listened})
