"""Listeners that a script registers with SQLAlchemy."""

from __future__ import annotations

from migration_lint.operations import Dialect
from migration_lint.reading.models import table
from migration_lint.reading.models.arguments import counted
from migration_lint.reading.models.context import context
from migration_lint.reading.models.database import execute
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Bound,
    Connection,
    Dotted,
    Element,
    Function,
    SqlText,
    Value,
    alternatives,
    reaches,
)


def listener(run: Interpreter, dialect: Dialect, name: str, a: Arguments) -> Value:
    """`event.listens_for(…)` and `event.listen(…)` only register a function, which may run later."""
    if name == "listens_for":
        return Bound(Dotted("<made>.listen"))
    if name == "listen":
        listened(run, dialect, Arguments([a.get(2, "fn")], {}))
    return None


def listened(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    """What is registered may be called with a connection, or executed; what it makes of it may happen."""
    function = a.get(0, "fn")
    line = getattr(run.recorder.place, "lineno", 0)
    run.recorder.conditions.append(
        Condition(f"{line}:listener", "whether an event happens that calls a function is not known")
    )
    try:
        for each in alternatives(function):
            inner = each.function if isinstance(each, Bound) else each
            if isinstance(inner, Function):
                spec = inner.node.args
                count = len(spec.args) + len(spec.posonlyargs)
                count -= len(each.args) if isinstance(each, Bound) else 0
                # Where among them the connection is depends on the event.
                given: list[Value] = [Connection(session=True) for _ in range(max(count, 0))]
                run.call(each, Arguments(given, {}, spec.vararg is not None, spec.vararg is not None))
            elif isinstance(each, (SqlText, Element)):
                execute(run, dialect, each)
            elif reaches(each):
                run.recorder.opaque("what listens to an event could not be worked out")
    finally:
        run.recorder.conditions.pop()
    return function


@table.library("sqlalchemy.event")
def _call(run: Interpreter, path: str, a: Arguments) -> Value:
    return listener(run, context(run).dialect, path.rpartition(".")[2], counted(a))


table.names({"<made>.listen": lambda run, a: listened(run, context(run).dialect, a)})
