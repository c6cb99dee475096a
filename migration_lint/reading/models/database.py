"""What takes SQL: connections, engines, sessions, cursors, and what is handed to them to execute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migration_lint.operations import ANY_TABLE, Dialect, Operation
from migration_lint.reading.python.escapes import hand_over
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Bound,
    Choice,
    Connection,
    Data,
    DialectModel,
    Dotted,
    Element,
    Function,
    Instance,
    List,
    Method,
    MigrationContext,
    SequenceModel,
    SqlFunction,
    SqlText,
    Unknown,
    Value,
    alternatives,
    reaches,
)

#: Methods that execute what they are given first.
EXECUTE = frozenset(
    "execute exec_driver_sql executemany executescript scalar scalars exec stream stream_scalars fetch "
    "fetchval fetchrow".split()
)
#: Methods and attributes that give a connection again.
AGAIN = frozenset(
    "connect begin begin_nested connection raw_connection cursor driver_connection dbapi_connection "
    "execution_options engine bind get_bind get_engine options sync_engine sync_connection __enter__ "
    "__aenter__ session unsafe_driver_connection raw_cursor no_autoflush begin_twophase session_factory "
    "autocommit_block".split()
)
#: Methods that call a function with the connection.
_HAND_OVER = frozenset("run_sync run_callable transaction".split())


class Failed(Unknown):
    """What cannot be had: the script would have raised where it asked for it, and nothing after it runs."""

    __slots__ = ()


def execute(run: Interpreter, dialect: Dialect, value: Value, batch: bool = False) -> None:
    """Emit what executing a value does."""
    # What had failed on the way to a statement is not executed.
    choices = [each for each in alternatives(value) if not isinstance(each, Failed)] or alternatives(value)
    for number, each in enumerate(choices):
        condition = None
        if len(choices) > 1:
            line = getattr(run.recorder.place, "lineno", 0)
            condition = Condition(f"{line}:choice{number}", "which of several statements runs is not known")
            run.recorder.conditions.append(condition)
        try:
            for operation in operations_of(run, dialect, each):
                run.recorder.emit(replace(operation, batch=True) if batch else operation)
        finally:
            if condition is not None:
                run.recorder.conditions.pop()


def operations_of(run: Interpreter, dialect: Dialect, value: Value) -> Iterable[Operation]:
    """The operations of one thing that is executed: text, a statement, a DDL element."""
    run.spend()  # a list may hold lists: `[[0] * 9999] * 9999`
    if isinstance(value, SqlText):
        value = value.text
        if not isinstance(value, (str, Choice)):
            return (
                _unknown(value.reason if isinstance(value, Unknown) else "its text comes from elsewhere"),
            )
    if isinstance(value, Choice):
        found: list[Operation] = []
        for each in value.values:
            found += [replace(operation, conditional=True) for operation in operations_of(run, dialect, each)]
        return found
    if isinstance(value, str):
        return _read(run, dialect, value)
    if isinstance(value, Element):
        return value.operations
    if isinstance(value, Data):
        if not value.statement:
            return (_unknown("it comes out of a query"),)
        return (Operation(kind="dml", tables=value.tables, action=value.action, every_row=value.every_row),)
    if isinstance(value, (SqlFunction, SequenceModel)):
        return (Operation(kind="dml"),)
    if isinstance(value, (List, tuple)):
        items = run.items(value)
        found = [operation for item in items.every() for operation in operations_of(run, dialect, item)]
        return [*found, _unknown("what is executed is not known")] if items.open else found
    if isinstance(value, Instance):
        # alembic_utils and the like render themselves; what they make is not known without running them.
        return (_unknown(f"what a {value.of.name} executes could not be worked out"),)
    reason = value.reason if isinstance(value, Unknown) else "what is executed could not be worked out"
    return (_unknown(reason),)


def _unknown(reason: str) -> Operation:
    return Operation(
        kind="opaque", reason=f"a statement is executed that is not known: {reason}", tables=(ANY_TABLE,)
    )


def _read(run: Interpreter, dialect: Dialect, text: str) -> Iterable[Operation]:
    from migration_lint.reading.sql import read_sql

    run.spend(1 + len(text) // 200)
    result = read_sql(text, dialect, run.sql_session)
    run.sql_session = result.session
    for operation in result.operations:
        if operation.kind == "opaque" and operation.reason and run.hole_reason not in operation.reason:
            from migration_lint.operations import HOLE

            if HOLE in (operation.sql or ""):
                yield replace(operation, reason=f"{operation.reason} ({run.hole_reason})")
                continue
        yield operation


def method(run: Interpreter, dialect: Dialect, of: Connection, name: str, a: Arguments) -> Value:
    """Call a method of a connection, engine, session or cursor."""
    if name in EXECUTE:
        if a.args or a.kwargs:
            execute(run, dialect, a.args[0] if a.args else next(iter(a.kwargs.values())))
        elif a.more:
            execute(run, dialect, Unknown("it is spread from a value that is not known"))
        return Data()
    if name in _HAND_OVER and a.args:
        return run.call(a.args[0], Arguments([of, *a.args[1:]], a.kwargs, a.more))
    if name in AGAIN:
        return of
    if name == "callproc":
        run.recorder.opaque("a stored procedure is called, and what it does is not known")
    return Data()


def attribute(of: Connection, name: str) -> Value:
    """An attribute of a connection."""
    if name == "dialect":
        return DialectModel()
    if name == "name":
        return dialect_name(DialectModel(), "name")
    if name in ("engine", "bind", "sync_engine", "sync_connection", "no_autoflush"):
        return of
    if name in ("new", "dirty", "deleted", "identity_map", "info"):
        return Data()  # a session's rows
    return Method(of, name)


def context_attribute(of: MigrationContext, name: str) -> Value:
    """An attribute of the migration context."""
    if name in ("bind", "connection"):
        return Connection()
    if name == "dialect":
        return DialectModel()
    if name in ("as_sql", "opts", "config", "environment_context", "script", "heads_tracker"):
        return Unknown("how Alembic is called is not known before it runs")
    return Method(of, name)


def dialect_name(of: DialectModel, name: str) -> Value:
    """A method or attribute of a dialect, by a name that the caller fills in."""
    return Method(of, name)


def call_back(run: Interpreter, value: Value) -> None:
    """A function is handed to code that cannot be read: it may be called, with whatever."""
    hand_over(run, value)


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
