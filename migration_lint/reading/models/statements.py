"""Statements of SQLAlchemy's Core and ORM, which read and change rows."""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.operations import Dialect, Operation
from migration_lint.reading.models import pasted, table
from migration_lint.reading.models.expressions import run_text, table_name
from migration_lint.reading.models.orm import mapped_table
from migration_lint.reading.models.table import SqlAlchemyModel as Model
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Class,
    ColumnModel,
    Data,
    Dict,
    List,
    ReflectedColumn,
    Row,
    Rows,
    SqlText,
    TableModel,
    Value,
    alternatives,
    whole,
)

#: Methods by which Core makes a statement of a table, whatever passed the table on.
CORE = frozenset(("insert", "update", "delete", "select"))


#: Those that may concern every row of a table.
_OF_EVERY_ROW = frozenset(("update", "delete", "select"))

#: How long the label of an enumeration is at most, and how many values of a statement are kept.
_LABEL, _MOST = 63, 200
#: Without one of these a text in a statement gives values and no more.
_RUNS = frozenset("();")


def statement(run: Interpreter, dialect: Dialect, values: Iterable[Value]) -> Data:
    """A data statement over whatever tables the values name. Text in it is run with it."""
    tables: list[str] = []
    columns: list[str] = []
    texts: list[str] = []
    deleted: list[str] = []
    for value in values:
        value = run.resolve(value)
        if isinstance(value, Row) or type(value) is Rows:
            continue  # what an earlier statement gave: a value
        if isinstance(value, Class):
            value = mapped_table(run, value) or value
        if isinstance(value, ColumnModel):
            columns.append(value.column.name)
            value = value.table
        elif isinstance(value, TableModel):
            columns.append("*")
        name = table_name(value)
        if name is not None:
            tables.append(name)
        elif isinstance(value, str):
            texts += [value] if len(value) <= _LABEL and whole(value) else []
        elif isinstance(value, Data):
            tables += value.tables
            texts += value.texts
            deleted += value.deleted
        elif isinstance(value, SqlText):
            for text in alternatives(value.text):
                if isinstance(text, str) and _RUNS.intersection(text):
                    run_text(run, dialect, text)
        elif isinstance(value, (List, tuple)):
            run.spend()
            inner = statement(run, dialect, run.items(value).every())
            tables += inner.tables
            columns += inner.columns
            texts += inner.texts
        elif isinstance(value, Dict):
            run.spend()
            inner = statement(run, dialect, [inside(each) for each in value.values()])
            tables += inner.tables
            texts += inner.texts
    once = tuple(dict.fromkeys(texts))[:_MOST]
    return Data(
        tuple(dict.fromkeys(tables)), True, columns=tuple(columns), texts=once, deleted=tuple(deleted)
    )


#: Methods of Core whose texts become a part of the statement as they are.
_PARTS = frozenset("prefix_with suffix_with with_hint with_statement_hint op bool_op extract".split())


def run_parts(run: Interpreter, dialect: Dialect, method: str, a: Arguments) -> None:
    """Emit what texts do that a method of a statement or an expression makes a part of it."""
    found = pasted.TextJudgement(dialect)
    for value in a.values() if method in _PARTS else ():
        found.value(method, "part", value)
    for why in dict.fromkeys(found.why):
        run.recorder.emit(pasted.opaque(why))
    if found.calls:
        run.recorder.emit(Operation(kind="dml", calls=tuple(dict.fromkeys(found.calls))))


def _extract(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    run_parts(run, dialect, "extract", Arguments([a.get(0, "field")], {}))
    return statement(run, dialect, a.values())


def _operator(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    run_parts(run, dialect, "op", a)
    return Data()


def _statement(name: str) -> Model:
    def make(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
        alone = len(a.args) == 1 and not a.kwargs and not a.more  # once a WHERE could be given here
        made = statement(run, dialect, a.values())
        if name == "select":
            alone = not a.kwargs and not a.more and len(made.tables) == 1 and _of_rows(run, a.args)
        found = as_statement(name, made.tables, every_row=alone, columns=made.columns, texts=made.texts)
        if name == "select":
            from migration_lint.reading.models.conditions import selection

            found.condition = selection(run, a, made.tables, dialect)
        return narrowed_by(run, found, a._replace(args=a.args[1:]))

    return make


def narrowed_by(run: Interpreter, made: Data, a: Arguments) -> Data:
    """An update or delete with the WHERE that it is made with, as SQLAlchemy 1 has it."""
    where = a.get(0, "whereclause")
    if made.action not in ("update", "delete") or made.every_row or where is None:
        return made
    whole = as_statement(made.action, made.tables, every_row=True, columns=made.columns, texts=made.texts)
    found = run.library.method(run, whole, "where", Arguments([where], {}))
    return found if isinstance(found, Data) else made


def _of_rows(run: Interpreter, values: Iterable[Value]) -> bool:
    """Whether a query gives out columns, and so each row, or something that is worked out of many."""
    for value in map(run.resolve, values):
        if isinstance(value, (List, tuple)):
            items = run.items(value)
            if items.open or not _of_rows(run, items.every()):
                return False
        elif not isinstance(value, (ColumnModel, ReflectedColumn, TableModel, Class)):
            return False
    return True


def as_statement(
    name: str,
    tables: tuple[str, ...],
    *,
    every_row: bool,
    columns: tuple[str, ...] = (),
    texts: tuple[str, ...] = (),
) -> Data:
    """The data statement that Core's function or method of that name makes."""
    action = name if name in ("insert", "update", "delete", "select") else None
    return Data(tables, True, action, every_row and name in _OF_EVERY_ROW, columns, texts)


_STATEMENTS = (
    "select",
    "insert",
    "update",
    "delete",
    "union",
    "union_all",
    "values",
    "with_loader_criteria",
)


table.SQLALCHEMY.update({name: _statement(name) for name in _STATEMENTS})
table.SQLALCHEMY.update({"extract": _extract, "custom_op": _operator})
