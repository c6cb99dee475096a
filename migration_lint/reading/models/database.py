"""What takes SQL: connections, engines, sessions, cursors, and what is handed to them to execute."""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.data_class import replace
from migration_lint.operations import ANY_TABLE, Column, Dialect, Operation
from migration_lint.reading.python.escapes import hand_over
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.values import (
    Choice,
    Data,
    Element,
    GivenText,
    Instance,
    List,
    RowText,
    SequenceModel,
    SqlFunction,
    SqlText,
    Unknown,
    Value,
    alternatives,
)

#: Methods that execute what they are given first.
EXECUTE = frozenset(
    "execute exec_driver_sql executemany executescript scalar scalars exec stream stream_scalars fetch "
    "fetchval fetchrow".split()
)


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
    if isinstance(value, GivenText):
        from migration_lint.reading.models.each_row import with_given

        return with_given(run, operations_of(run, dialect, SqlText(value.text)), value.given)
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
    if isinstance(value, RowText):
        from migration_lint.reading.models.each_row import with_pasted

        return with_pasted(run, _read(run, dialect, str(value)), value)
    if isinstance(value, str):
        return _read(run, dialect, value)
    if isinstance(value, Element):
        return value.operations
    if isinstance(value, Data):
        if not value.statement:
            return (_unknown("it comes out of a query"),)
        if dialect == "postgresql" and run.sql_session.now.quoting.turned is not False:
            return (_unknown("`standard_conforming_strings` may be off, and it may hold a backslash"),)
        if value.action == "delete" and value.every_row and not _named(value.tables[:1]):
            reason = "rows are deleted, and the table's name is not fully known"
            return (Operation(kind="opaque", reason=reason, tables=value.tables[:1] or (ANY_TABLE,)),)
        deleted = (
            Operation(kind="dml", action="delete", tables=(each,), every_row=True) for each in value.deleted
        )
        return (
            *deleted,
            Operation(
                kind="dml",
                tables=tuple(each for each in value.tables if _named((each,))),
                action=value.action,
                every_row=value.every_row and value.action != "select",
                using=value.condition if value.action in ("update", "delete") else None,
                values=value.texts,
                columns=tuple(map(Column, value.emptied)),
                said=value.sets,
            ),
        )
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


def _named(tables: tuple[str, ...]) -> bool:
    from migration_lint.operations import HOLE

    return bool(tables) and not any(HOLE in each for each in tables)


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


def call_back(run: Interpreter, value: Value) -> bool:
    """A function is handed to code that cannot be read: it may be called, with whatever.

    Whether it gave what reaches the database.
    """
    return hand_over(run, value)
