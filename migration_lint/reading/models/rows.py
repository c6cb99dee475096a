"""Expressions, statements and rows (`Data`): whatever is done with one gives another."""

from __future__ import annotations

import re

from migration_lint.operations import HOLE, Dialect
from migration_lint.reading.models import database, table
from migration_lint.reading.models.conditions import (
    COMPARING,
    bound,
    condition_of,
    condition_text,
    is_unknown_text,
    operated,
    operator_of,
)
from migration_lint.reading.models.context import context
from migration_lint.reading.models.each_row import with_rows, with_values
from migration_lint.reading.models.elements import of_query
from migration_lint.reading.models.statements import CORE, as_statement, run_parts, statement
from migration_lint.reading.models.strangers import unread
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    NOTHING,
    ColumnModel,
    Connection,
    Data,
    Dict,
    Element,
    Method,
    Parameter,
    Row,
    ServerDefault,
    SqlFunction,
    SqlText,
    Unknown,
    Value,
    reaches,
)

#: Methods of a statement that leave it to concern as many rows as before.
_NOT_NARROWING = frozenset(
    "execution_options options order_by params prefix_with returning values with_for_update".split()
)
#: Methods by which objects of SQLAlchemy make themselves in a database.
_DDL_METHODS = frozenset("drop create drop_all create_all execute".split())


def over(of: Data, more: Data, *, narrowed: bool = False) -> Data:
    """The same statement, over the tables and with the texts of a further part."""
    tables = tuple(dict.fromkeys((*of.tables, *more.tables)))
    texts = tuple(dict.fromkeys((*of.texts, *more.texts)))
    return Data(
        tables,
        of.statement,
        of.action,
        of.every_row and not narrowed,
        of.columns,
        texts,
        (*of.emptied, *more.emptied),
        (*of.deleted, *more.deleted),
        None if narrowed else of.condition,
        (*of.sets, *more.sets),
    )


@table.method(Data)
def of_data(run: Interpreter, of: Data, name: str, a: Arguments) -> Value:
    for value in a.values():
        database.call_back(run, value)
        if isinstance(value, Connection) and name in _DDL_METHODS:
            said = f"`.{name}(…)` of something that could not be worked out is given the connection"
            unread(run, a, said)
    if name in ("get_bind", "connection"):
        return Connection()
    if name in database.EXECUTE and a.args and isinstance(a.args[0], (str, SqlText, Element)):
        database.execute(run, context(run).dialect, a.args[0])
    if name == "from_statement":  # which runs in the end, whatever it was made for
        database.execute(run, context(run).dialect, a.get(0, "statement"))
    run_parts(run, context(run).dialect, name, a)
    if name == "into" and (a.args or "target" in a.kwargs):
        given = [of, a.get(0, "target"), *a.args[1:]]
        return of_query(run, "CreateTableAs", Arguments(given, a.kwargs, a.more))
    more = statement(run, context(run).dialect, a.values())
    if name == "values" and of.action == "update":
        dictionaries = [each for each in map(run.resolve, a.args) if isinstance(each, Dict)]
        given = [*a.kwargs.items(), *(item for each in dictionaries for item in each.items())]
        more.emptied = tuple(name for name, value in a.kwargs.items() if value is None)
        more.sets = tuple(
            key.column.name if isinstance(key, ColumnModel) else key
            for key, value in given
            if isinstance(key, (str, ColumnModel)) and isinstance(inside(value), (ColumnModel, Data))
        )
    made = over(of, more)
    operator = operator_of(name, of, a, context(run).dialect)
    if operator is not None:
        return operator
    if name in CORE:
        return as_statement(name, made.tables, every_row=False, texts=made.texts)
    if name == "cte" and of.action == "delete" and of.every_row:
        made.deleted = (*made.deleted, *of.tables[:1])
    if name == "from_select" and of.action == "insert":
        query = a.get(1, "select")
        made.every_row = isinstance(query, Data) and query.action == "select" and query.every_row
        return made
    if name in ("where", "filter") and of.action in ("update", "delete"):
        return _where(made, of, a, context(run).dialect)
    if name in _NOT_NARROWING:
        return made
    if name in ("limit", "fetch") and of.action == "select" and of.condition and a.args:
        made = over(made, Data(), narrowed=True)
        number = a.args[0] if isinstance(a.args[0], int) else 1  # however many
        made.condition = f"{of.condition} LIMIT {int(number)}"
        return made
    made = over(made, Data(), narrowed=True)
    if not of.statement or name == "exists":
        made.condition = condition_of(name, of, with_rows(run, of, a), context(run).dialect)
        made.action = None if name == "exists" else made.action
    return made


def _where(made: Data, of: Data, a: Arguments, dialect: Dialect) -> Data:
    """An update or delete that means fewer rows: where all of its conditions are known, those say which."""
    given = [*a.args, *(each for name, each in a.kwargs.items() if name == "whereclause")]
    texts = [condition_text(each, dialect) for each in given]
    if None in texts and any(map(is_unknown_text, given)):  # one of them, where they are spread
        texts = [HOLE]
    known = [each for each in texts if each is not None]
    if (
        (of.every_row or of.condition)
        and len(known) == len(texts)
        and (texts == [HOLE] or not (a.kwargs or a.more))
    ):
        made.condition = " AND ".join(f"({each})" for each in (of.condition, *known) if each)
        trivial = all(map(_is_true, known))
        made.every_row = of.every_row and trivial
        if trivial:
            made.condition = of.condition
    else:
        made.condition, made.every_row = None, False
    return made


def _is_true(condition: str) -> bool:
    """Whether a condition is written as TRUE, or as a number that equals itself."""
    return re.fullmatch(r"(?i)\s*(?:true|(\d+)\s*=\s*\1|1)\s*", condition) is not None


@table.method(ColumnModel, ServerDefault)
def _of_column(run: Interpreter, of: Value, name: str, a: Arguments) -> Value:
    if isinstance(of, ColumnModel) and name in ("copy", "_copy"):
        return of.copy()
    made = of_data(run, Data(), name, a)
    operator = operator_of(name, of, a, context(run).dialect)
    if operator is not None:
        return operator
    if isinstance(made, Data) and not made.statement:
        made.condition = condition_of(name, of, with_rows(run, of, a), context(run).dialect)
    return made


@table.method(SqlText, SqlFunction)
def _of_text(run: Interpreter, of: Value, name: str, a: Arguments) -> Value:
    if name in ("execute", "scalar"):  # of SQLAlchemy 1, and of `DDL`
        database.execute(run, context(run).dialect, of)
    run_parts(run, context(run).dialect, name, a)
    statement(run, context(run).dialect, a.values())
    if name == "bindparams" and run.sql_session.now.quoting.turned is not False:
        return SqlText(Unknown("a value may be put into it while `standard_conforming_strings` is off"))
    if name == "bindparams" and not a.more:
        named = {each.name: each.value for each in a.args if isinstance(each, Parameter)}
        given = Dict({name: each for name, each in {**named, **a.kwargs}.items() if each is not NOTHING})
        made = bound(run, of, given, context(run).dialect) if given else of
        return with_values(made, given)
    if name in COMPARING:
        condition = condition_of(name, of, with_rows(run, of, a), context(run).dialect)
        return (
            of_data(run, Data(condition=condition), name, a)
            if condition is None
            else Data(condition=condition)
        )
    operator = operator_of(name, of, a, context(run).dialect)
    if operator is not None:
        return operator
    return of  # bindparams, columns, execution_options: the text stays what it is


@table.attribute(Data)
def _attribute(run: Interpreter, of: Data, name: str) -> Value:
    if isinstance(of, Row) and name in ("_mapping", "_t"):
        return of
    return Method(of, name)


@table.called(Data, ColumnModel, SqlText, SqlFunction)
def _call(run: Interpreter, of: Value, a: Arguments) -> Value:
    if isinstance(of, SqlText) and any(map(reaches, a.values())):  # `DDL(…)(target, bind)`
        database.execute(run, context(run).dialect, of)
    return Data(condition=operated(of, a, context(run).dialect) if isinstance(of, Data) else None)
