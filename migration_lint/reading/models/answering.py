"""Directives of Alembic that answer the script instead of changing the schema."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.operations import Dialect
from migration_lint.reading.models.alembic_batch import opened
from migration_lint.reading.models.column_types import sql_type
from migration_lint.reading.models.sqlalchemy_types import render_default
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Connection,
    Dotted,
    Element,
    MigrationContext,
    SqlText,
    Unknown,
    Value,
    alternatives,
    whole,
)


def _batch(
    run: Interpreter,
    dialect: Dialect,
    args: dict[str, Value],
    rest: tuple[Value, ...],
    extra: dict[str, Value],
) -> Value:
    return opened(run, dialect, args)


def _inline_literal(
    run: Interpreter,
    dialect: Dialect,
    args: dict[str, Value],
    rest: tuple[Value, ...],
    extra: dict[str, Value],
) -> Value:
    """A literal; the text of one that is no text's, such as a number's, is pasted as it is."""
    value, given = args.get("value"), args.get("type_")
    if whole(value) and (given is None or _is_text(sql_type(run, dialect, given).text)):
        return SqlText(render_default("literal", value, dialect))
    return SqlText(str(value) if isinstance(value, (int, float)) else value)


def _is_text(type: str | None) -> bool:
    return type is not None and ("CHAR" in type.upper() or "TEXT" in type.upper())


def _run_async(
    run: Interpreter,
    dialect: Dialect,
    args: dict[str, Value],
    rest: tuple[Value, ...],
    extra: dict[str, Value],
) -> Value:
    return run.call(args.get("async_function"), Arguments([Connection(), *rest], extra))


def _invoke(
    run: Interpreter,
    dialect: Dialect,
    args: dict[str, Value],
    rest: tuple[Value, ...],
    extra: dict[str, Value],
) -> Value:
    for each in alternatives(args.get("operation")):
        if isinstance(each, Element):
            for operation in each.operations:
                run.recorder.emit(operation)
        elif (carry_out := run.library.implementation(run, each)) is not None:
            run.call(carry_out, Arguments([Dotted("alembic.op"), each], {}))
        else:
            run.recorder.opaque("what `op.invoke` is given could not be worked out")
    return Unknown("what `op.invoke` gives is not known")


_Answer = Callable[[Interpreter, Dialect, dict[str, Value], tuple[Value, ...], dict[str, Value]], Value]
#: What each of them gives to the script.
ANSWERS: dict[str, _Answer] = {
    "get_bind": lambda run, dialect, args, rest, extra: Connection(),
    "get_context": lambda run, dialect, args, rest, extra: MigrationContext(),
    "f": lambda run, dialect, args, rest, extra: args.get("name"),
    "inline_literal": _inline_literal,
    "batch_alter_table": _batch,
    "run_async": _run_async,
    "invoke": _invoke,
}
