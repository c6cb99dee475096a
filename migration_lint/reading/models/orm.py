"""The tables of classes that SQLAlchemy's ORM maps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migration_lint.reading.models import table
from migration_lint.reading.models.context import context
from migration_lint.reading.python.assignments import extend
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments, Items
from migration_lint.reading.python.values import (
    Bound,
    Class,
    ColumnModel,
    Connection,
    ConstraintModel,
    Data,
    Dict,
    Dotted,
    Function,
    IndexModel,
    List,
    MetaDataModel,
    TableModel,
    Unknown,
    Value,
    lookup,
)


def open_list(
    items: Iterable[Value] = (), reason: str = "what else a MetaData or table holds is not known"
) -> List:
    """A list that may hold more than what was seen."""
    return List(items, rest=Unknown(reason))


def mapped_table(run: Interpreter, of: Class) -> TableModel | None:
    """The table of a class that is mapped by SQLAlchemy's ORM, or None."""
    name = lookup(of, "__tablename__", run.resolve)
    if isinstance(name, Function):
        name = run.call(name, Arguments([of], {}))
    if name is None:
        return None
    items = List()
    for attribute, value in of.names.plain().items():
        if isinstance(value, ColumnModel):
            column = value.column if value.column.name else replace(value.column, name=attribute)
            made = ColumnModel(column, value.constraints, value.index, value.enum)
            made.auto_increment = value.auto_increment
            made.pasted = value.pasted
            items.append(made)
        elif isinstance(value, (Data, Unknown)) and not attribute.startswith("_"):
            items.rest = Unknown("which columns a mapped class has is not known")
    if any(_brings_columns(run, run.resolve(base)) for base in of.bases):
        items.rest = Unknown("which columns a mapped class has is not known")
    schema: Value = None
    rest = lookup(of, "__table_args__", run.resolve)
    for each in run.items(rest).every() if isinstance(rest, (tuple, List)) else (rest,):
        if isinstance(each, Dict):
            schema = inside(each.get("schema", schema))
        elif isinstance(each, (ConstraintModel, IndexModel)):
            items.append(each)
    return TableModel(name, schema, items)


def _brings_columns(run: Interpreter, base: Value, depth: int = 8) -> bool:
    """Whether a class that a mapped class derives from may add columns to its table."""
    if isinstance(base, Dotted):
        return base.path.partition(".")[0] not in ("sqlalchemy", "builtins", "object", "abc", "typing")
    if not isinstance(base, Class) or depth == 0:
        return True
    return any(
        isinstance(value, (ColumnModel, Data, Unknown, Function, Bound)) and not name.startswith("_")
        for name, value in base.names.plain().items()
    ) or any(_brings_columns(run, run.resolve(each), depth - 1) for each in base.bases)


def declared(run: Interpreter, of: MetaDataModel, value: Value) -> None:
    """Add the table of a class to the MetaData that it is mapped under."""
    if isinstance(value, Class) and lookup(value, "metadata", run.resolve) is of:
        table = mapped_table(run, value)
        known = table is None or any(
            run.equal(table.name, each.name) is not False
            for each in of.tables.every()
            if isinstance(each, TableModel)
        )
        if table is not None and not known:
            table.metadata = of
            extend(run, of.tables, Items((table,)))


def _base(run: Interpreter) -> Value:
    return Class("Base", (), {"metadata": MetaDataModel(open_list())}, run.script.frame)


def declare(run: Interpreter, of: MetaDataModel) -> None:
    """Walk the whole module that made a MetaData: it most often declares the tables too."""
    for value in context(run).modules.declared_beside(of):
        declared(run, of, value)


table.SQLALCHEMY.update({
    "declarative_base": lambda run, dialect, a: _base(run),
    "automap_base": lambda run, dialect, a: Unknown("a reflected mapping is not known"),
    "create_engine": lambda run, dialect, a: Connection(),
    "Session": lambda run, dialect, a: Connection(session=True),
    "sessionmaker": lambda run, dialect, a: Bound(Dotted("sqlalchemy.orm.Session")),
    "create_session": lambda run, dialect, a: Connection(session=True),
    "scoped_session": lambda run, dialect, a: Connection(session=True),
    "AsyncSession": lambda run, dialect, a: Connection(session=True),
    "async_sessionmaker": lambda run, dialect, a: Bound(Dotted("sqlalchemy.orm.Session")),
    "SQLAlchemy": lambda run, dialect, a: Dotted("sqlalchemy"),
})  # fmt: skip
