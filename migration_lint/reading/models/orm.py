"""The tables of classes that SQLAlchemy's ORM maps."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migration_lint.data_class import replace
from migration_lint.operations import Column
from migration_lint.reading.models import pasted, table
from migration_lint.reading.models.annotations import annotate, mapped_annotations
from migration_lint.reading.models.context import context
from migration_lint.reading.models.expressions import table_name
from migration_lint.reading.models.schema import attach
from migration_lint.reading.python.assignments import extend
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments, Iteration
from migration_lint.reading.python.values import (
    Class,
    ColumnModel,
    ConstraintModel,
    Data,
    Dict,
    Dotted,
    Function,
    IndexModel,
    List,
    MetaDataModel,
    Method,
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


_OPEN = Unknown("which columns a mapped class has is not known")


def mapped_table(run: Interpreter, of: Class) -> TableModel | None:
    """The table of a class that is mapped by SQLAlchemy's ORM, or None."""
    name = lookup(of, "__tablename__", run.resolve)
    if isinstance(name, Function):
        name = run.call(name, Arguments([of], {}))
    if name is None:
        return None
    items = List()
    _add_columns(run, of, of, items)
    schema: Value = None
    options: dict[str, Value] = {}
    rest = lookup(of, "__table_args__", run.resolve)
    if isinstance(rest, Function):
        rest = run.call(rest, Arguments([of], {}))
    for each in run.items(rest).every() if isinstance(rest, (tuple, List)) else (rest,):
        if isinstance(each, Dict):
            options |= each.plain()
            schema = options.pop("schema", schema)
        elif isinstance(each, (ConstraintModel, IndexModel)):
            items.append(each)
    metadata = lookup(of, "metadata", run.resolve)
    held = metadata if isinstance(metadata, MetaDataModel) else None
    if schema is None and held is not None:
        schema = held.schema
    made = TableModel(name, schema, items, held, options=Dict(options))
    made.pasted = pasted.constructed(context(run).dialect, "Table", options)
    stirred = run.store.stirred
    attach(run, made)
    run.store.stirred = stirred  # whoever asks first, it is the class's own module that maps it
    if (named := table_name(made)) is not None:
        context(run).mapped[named] = of
    return made


def mapped_column(run: Interpreter, of: Class, name: str, column: ColumnModel | None) -> ColumnModel | None:
    """The column of a class's table that an attribute stands for, as `column` where it is mapped to none."""
    mapped = mapped_table(run, of)
    wanted = name if column is None else column.column.name or name
    columns = () if mapped is None else mapped.items.every()
    found = (each for each in columns if isinstance(each, ColumnModel) and each.column.name == wanted)
    return next(found, column)


def _add_columns(run: Interpreter, of: Class, mapped: Class, items: List, depth: int = 8) -> None:
    """Add the columns that a class brings to the table of one that is it or derives from it."""
    for base in map(run.resolve, of.bases):
        if isinstance(base, Class) and depth:
            # A parent with a table of its own keeps its columns there, unless the child has none.
            if "__tablename__" not in base.names or "__tablename__" not in mapped.names:
                _add_columns(run, base, mapped, items, depth - 1)
        elif not isinstance(base, Dotted) or base.path.partition(".")[0] not in _WITHOUT_COLUMNS:
            items.rest = _OPEN
    annotations = mapped_annotations(of)
    for name, value in of.names.plain().items():
        if isinstance(value, Function) and value.kind == "declared" and not name.startswith("__"):
            value = run.call(value, Arguments([mapped], {}))
        if isinstance(value, ColumnModel):
            items.append(_own(run, of, name, value, annotations.pop(name, None)))
        elif isinstance(value, (Data, Unknown)) and not name.startswith("_"):
            items.rest = _OPEN
        else:
            annotations.pop(name, None)
    for name, annotation in annotations.items():
        if name not in of.names:
            column = ColumnModel(Column(name))
            items.append(_own(run, of, name, column, annotation))


#: Libraries whose classes bring a mapped class no columns.
_WITHOUT_COLUMNS = ("sqlalchemy", "builtins", "object", "abc", "typing", "enum")


def _own(run: Interpreter, of: Class, name: str, column: ColumnModel, annotation: ast.expr | None) -> Value:
    """A class's column as its table has it, by the name and of the type that the class says."""
    made = column.copy()
    if not column.column.name:
        made.column = replace(column.column, name=name)
        made.constraints = tuple(
            [replace(each, columns=(name,)) if "" in each.columns else each for each in column.constraints]
        )
    if annotation is not None:
        annotate(run, of, made, annotation)
    return made


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
            extend(run, of.tables, Iteration((table,)))


def _base(run: Interpreter, a: Arguments) -> Value:
    given = a.kwargs.get("metadata")
    held = given if isinstance(given, MetaDataModel) else MetaDataModel(open_list())
    return Class("Base", (), {"metadata": held}, run.script.frame)


def declare(run: Interpreter, of: MetaDataModel) -> None:
    """Walk the whole module that made a MetaData: it most often declares the tables too."""
    for value in context(run).modules.declared_beside(of):
        declared(run, of, value)


#: What a mapped class holds beside columns.
_NO_COLUMNS = ("synonym", "association_proxy", "registry")

table.SQLALCHEMY.update({name: lambda run, dialect, a: Method(Data(), "property") for name in _NO_COLUMNS})
table.SQLALCHEMY.update({
    "declarative_base": lambda run, dialect, a: _base(run, a),
    "automap_base": lambda run, dialect, a: Unknown("a reflected mapping is not known"),
    "SQLAlchemy": lambda run, dialect, a: Dotted("sqlalchemy"),
})  # fmt: skip
