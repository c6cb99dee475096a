"""Names, texts and expressions of SQL, as SQLAlchemy's objects hold them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migration_lint.operations import HOLE, Dialect
from migration_lint.reading.models import pasted, table
from migration_lint.reading.models.sqlalchemy_types import render_default
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Choice,
    ColumnModel,
    Data,
    Dict,
    List,
    Method,
    ServerDefault,
    SqlFunction,
    SqlText,
    TableModel,
    Unknown,
    Value,
    join,
    whole,
)


def name_of(value: Value) -> str | None:
    """A name as a str that may hold holes; None where it is absent."""
    if isinstance(value, str):
        return value
    return None if value is None or value is False else HOLE


def known_name(value: Value) -> str | None:
    """A name that is known to the last character, or None."""
    return value if whole(value) else None


def column_names(run: Interpreter, value: Value) -> tuple[str, ...]:
    """The names of columns that are given as a list of names or of columns."""
    return tuple(name for name in map(column_name_of, run.items(value).every()) if name is not None)


def column_name_of(value: Value) -> str | None:
    """The name of one column, given as a name, a column or an expression."""
    if isinstance(value, str):
        return value
    if isinstance(value, ColumnModel):
        return value.column.name
    if isinstance(value, (SqlText, SqlFunction)):
        return known_name(value.text)
    return None


def expression_text(run: Interpreter, dialect: Dialect, value: Value) -> str | None:
    """A SQL expression as text, or None where it could not be worked out."""
    if isinstance(value, (SqlText, SqlFunction)):
        return known_name(value.text)
    if isinstance(value, Data):
        from migration_lint.reading.models.conditions import condition_text

        return condition_text(value, dialect)
    return value if whole(value) else None


def exclusion_text(run: Interpreter, dialect: Dialect, elements: Iterable[Value], where: Value) -> str | None:
    """What an exclusion is over, as SQL; None: it is not known."""
    said: list[str] = []
    for each in map(run.resolve, elements):
        pair = run.items(each).every() if isinstance(each, (tuple, List)) else []
        if len(pair) != 2 or not whole(pair[1]):
            return None
        name = column_name_of(pair[0]) if isinstance(pair[0], (str, ColumnModel)) else None
        text = expression_text(run, dialect, pair[0]) if name is None else f'"{name}"'
        if text is None:
            return None
        said.append(f"{text} WITH {pair[1]}")
    condition = None if where is None else expression_text(run, dialect, where)
    if not said or (where is not None and condition is None):
        return None
    return ", ".join(said) + ("" if condition is None else f" WHERE {condition}")


def default_text(run: Interpreter, dialect: Dialect, value: Value) -> str:
    """A `server_default` as SQL; one that is not known is still one, and stands as `?`."""
    if isinstance(value, SqlText):
        return known_name(value.text) or "?"
    if isinstance(value, SqlFunction):
        return value.text
    if value is True or value is False:
        return render_default("boolean", value, dialect)
    if whole(value):
        return render_default("literal", value, dialect)
    if isinstance(value, (int, float)):
        return str(value)
    return "?"


def table_name(value: Value) -> str | None:
    """The full name of a table as opaque operations list it, with holes; None where it is no table."""
    if isinstance(value, TableModel):
        name = name_of(value.name)
        schema = name_of(value.schema)
        return None if name is None else f"{schema}.{name}" if schema else name
    return None


def run_text(run: Interpreter, dialect: Dialect, text: str) -> None:
    """Emit what a part of a query does besides giving values: the functions that it calls."""
    from migration_lint.reading.sql import read_sql

    for operation in read_sql(f"SELECT {text}", dialect, run.sql_session).operations:
        if operation.kind != "dml" or operation.calls:
            run.recorder.emit(operation)


def table_or_name(value: Value) -> str | None:
    """The full name of a table that is given as one, or by its name; None where it is not known."""
    return value if whole(value) else known_name(table_name(value))


def is_part(text: str, dialect: Dialect) -> bool:
    """Whether a text, which may hold holes, is one type or one expression: a part of a statement."""
    from migration_lint.reading.sql import fragments

    kinds = (fragments.type, fragments.expression)
    return any(isinstance(kind(text, dialect), fragments.Fragment) for kind in kinds)


def function(run: Interpreter, dialect: Dialect, name: str, a: Arguments) -> Value:
    """`sa.func.name(…)`. Whatever it becomes a part of, a query most often, runs it."""
    from migration_lint.reading.sql.fragments import may_change

    if may_change(name, dialect):
        run_text(run, dialect, f"{name}()")
    if name.lower() in (
        "now",
        "current_timestamp",
        "current_date",
        "current_time",
        "localtimestamp",
        "localtime",
    ):
        return SqlFunction(render_default("function", name.lower(), dialect))
    texts = [
        expression_text(run, dialect, each) or (str(each) if isinstance(each, (int, float)) else None)
        for each in a.args
    ]
    if all(text is not None for text in texts):
        return SqlFunction(f"{name}({', '.join(text for text in texts if text is not None)})")
    from migration_lint.reading.models.conditions import condition_text

    said = [condition_text(run.resolve(each), dialect) for each in a.args]
    known = [each for each in said if each is not None]
    condition = f"{name}({', '.join(known)})" if len(known) == len(said) and not a.kwargs else None
    return Data(statement=True, condition=condition)


def _computed(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    persisted = run.truth(a.kwargs.get("persisted")) if a.kwargs.get("persisted") is not None else None
    stored = persisted is True or (persisted is None and dialect == "postgresql")
    text = a.get(0, "sqltext")
    why = pasted.constructed(dialect, "Computed", {"sqltext": text})
    return ServerDefault("stored" if stored else "virtual", expression_text(run, dialect, text), why)


def literal(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    """`sa.text(…)` and what else is a text that is pasted."""
    value = a.get(0, "text", a.kwargs.get("statement"))
    if isinstance(value, Choice):
        return Choice(tuple(SqlText(each) for each in value.values))
    return SqlText(value)


def _ddl(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    value, context = a.get(0, "statement"), a.get(1, "context")
    if isinstance(value, str) and "%" in value:
        # `DDL` fills `%(name)s` from its context, and `%(table)s` from what it is attached to.
        value = run.binary(
            ast.Mod(),
            value,
            context
            if isinstance(context, Dict)
            else Dict(rest=Unknown("what DDL is filled with is not known")),
        )
    return SqlText(value)


def _quoted_name(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    """`quoted_name("T", quote=False)`: the server reads it as it reads any word, and it need not be one."""
    value, quote = a.get(0, "value"), a.get(1, "quote")
    if quote is None or run.truth(quote) is True:
        return value
    bare = pasted.unquoted(run, dialect, value)
    return bare if run.truth(quote) is False else join(value, bare)


@table.attribute(SqlText)
def _of_text(run: Interpreter, of: SqlText, name: str) -> Value:
    return of.text if name == "text" else Method(of, name)


@table.altered(SqlText)
def _alter_text(of: SqlText, name: str, value: Value, perhaps: bool) -> bool:
    if name not in ("text", "statement"):
        return True
    of.text = join(of.text, value) if perhaps else value
    return True


def _identity(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    always = run.truth(a.get(0, "always", False)) is True
    return ServerDefault("identity_always" if always else "identity")


table.SQLALCHEMY.update({
    "text": literal, "TextClause": literal, "DDL": _ddl, "literal_column": literal, "Computed": _computed,
    "Identity": _identity,
    "FetchedValue": lambda run, dialect, a: ServerDefault("virtual"),
    "DefaultClause": lambda run, dialect, a: a.get(0, "arg"),
    "true": lambda run, dialect, a: SqlText(render_default("boolean", True, dialect)),
    "false": lambda run, dialect, a: SqlText(render_default("boolean", False, dialect)),
    "null": lambda run, dialect, a: SqlText("NULL"),
    "quoted_name": _quoted_name, "conv": lambda run, dialect, a: a.get(0, "value"),
})  # fmt: skip
