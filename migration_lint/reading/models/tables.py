"""SQLAlchemy's tables and MetaData."""

from __future__ import annotations

from migration_lint.operations import Column, Dialect, Operation
from migration_lint.reading.models import pasted, table
from migration_lint.reading.models.collections import dict_method
from migration_lint.reading.models.context import context
from migration_lint.reading.models.elements import element_operations
from migration_lint.reading.models.expressions import table_name
from migration_lint.reading.models.orm import declare, mapped_table, open_list
from migration_lint.reading.models.statements import as_statement, statement
from migration_lint.reading.python.assignments import extend
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments, Items
from migration_lint.reading.python.subscripts import Open
from migration_lint.reading.python.values import (
    Class,
    ColumnModel,
    ConstraintModel,
    Data,
    Dict,
    IndexModel,
    List,
    MetaDataModel,
    Method,
    SequenceModel,
    TableModel,
    Unknown,
    Value,
    join,
    whole,
)


def _table(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    metadata = a.get(1, "metadata")
    schema = a.kwargs.get("schema")
    if schema is None and isinstance(metadata, MetaDataModel):
        schema = metadata.schema
    reflected = "autoload_with" in a.kwargs or run.truth(a.kwargs.get("autoload", False)) is not False
    name = a.get(0, "name")
    if a.kwargs.get("quote") is False:
        name = pasted.unquoted(run, dialect, name)
    if a.kwargs.get("quote_schema") is False:
        schema = pasted.unquoted(run, dialect, schema)
    made = TableModel(name, schema, open_list(a.args[2:]) if a.more else List(a.args[2:]), None, reflected)
    made.pasted = pasted.constructed(dialect, "Table", a.kwargs)
    if isinstance(metadata, MetaDataModel):
        made.metadata = metadata
        extend(run, metadata.tables, Items((made,)))
    return made


def _light_table(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    return TableModel(a.get(0, "name"), a.kwargs.get("schema"), List(a.args[1:]))


def _light_column(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    name = a.get(0, "text")
    return ColumnModel(Column(name)) if isinstance(name, str) else Data()


def _metadata(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    # One that a module makes gets tables from whatever else declares them there: modules are walked lazily.
    return MetaDataModel(open_list() if run.recorder.calm else List(), a.kwargs.get("schema"))


def tables_of(of: MetaDataModel) -> Dict:
    """`MetaData.tables`: the known ones by name; where there may be more, any of them."""
    known = {
        (f"{t.schema}.{t.name}" if whole(t.schema) else t.name): t
        for t in of.tables.every()
        if isinstance(t, TableModel) and whole(t.name)
    }
    if not (of.reflected or of.tables.open or len(known) < len(of.tables)):
        return Dict(known)

    def made(key: Value) -> Value:
        schema, _, name = key.rpartition(".") if whole(key) else ("", "", key)
        return TableModel(name, schema or of.schema, open_list(), of, reflected=True)

    return Open(known, made)


@table.method(TableModel)
def table_method(run: Interpreter, of: TableModel, name: str, a: Arguments) -> Value:
    """Call a method of a table."""
    dialect = context(run).dialect
    if name in ("create", "drop"):
        checked = run.truth(a.get(1, "checkfirst", False)) is not False
        kind = "CreateTable" if name == "create" else "DropTable"
        operations = element_operations(run, dialect, kind, of, Arguments([], {"if_exists": checked}))
        if operations is None and name == "create" and isinstance(of.name, Unknown):
            # A table that is there already stays as it is, whichever it is.
            operations = [Operation(kind="other_ddl", action="create table")]
        if operations is None:
            named = table_name(of)
            run.recorder.opaque(
                "the name of a table could not be worked out",
                (named,) if named is not None else ("*",),
            )
        for operation in operations or ():
            run.recorder.emit(operation)
        return None
    if name in ("append_column", "append_constraint"):
        extend(run, of.items, Items((a.get(0, "column"),)))
        return None
    if name in ("insert", "update", "delete", "select", "join", "outerjoin", "alias"):
        alone = not a.args and not a.kwargs and not a.more
        return as_statement(name, statement(run, dialect, (of, *a.values())).tables, every_row=alone)
    if name == "to_metadata" or name == "tometadata":
        return of
    return Data()


@table.attribute(TableModel)
def table_attribute(run: Interpreter, of: TableModel, name: str) -> Value:
    """An attribute of a table."""
    if name in ("c", "columns"):
        known = {c.column.name: c for c in of.items.every() if isinstance(c, ColumnModel)}
        return Dict(known, rest=Data())
    if name in ("name", "schema"):
        return of.name if name == "name" else of.schema
    if name == "metadata":
        return of.metadata or MetaDataModel(reflected=True)
    if name in ("indexes", "constraints"):
        kind = IndexModel if name == "indexes" else ConstraintModel
        found = [item for item in of.items.every() if isinstance(item, kind)]
        for item in found:
            item.table = of
        return open_list(found) if of.reflected or of.items.open else List(found)
    return Method(of, name)


@table.method(MetaDataModel)
def metadata_method(run: Interpreter, of: MetaDataModel, name: str, a: Arguments) -> Value:
    """Call a method of a MetaData."""
    if name == "reflect":
        with run.store.change(of):
            of.reflected = True
        return None
    if name in ("create_all", "drop_all"):
        declare(run, of)
        chosen = a.get(1, "tables")
        known = chosen is not None and not run.items(chosen).open
        for chosen_table in run.items(chosen).every() if known else of.tables.every():
            each = run.resolve(chosen_table)
            model = mapped_table(run, each) if isinstance(each, Class) else each
            if isinstance(model, TableModel):
                given = Arguments([], {"checkfirst": True})
                table_method(run, model, name.removesuffix("_all"), given)
        if (of.reflected or of.tables.open) and not known and name == "drop_all":
            run.recorder.opaque("which tables a MetaData drops is not known")
        return None
    return Unknown("what a MetaData gives is not known")


@table.attribute(MetaDataModel)
def _of_metadata(run: Interpreter, of: MetaDataModel, name: str) -> Value:
    if name not in ("tables", "sorted_tables"):
        return Method(of, name)
    declare(run, of)
    tables = tables_of(of)
    return tables if name == "tables" else dict_method(run, tables, "values", Arguments([], {}))


@table.called(TableModel)
def _call_table(run: Interpreter, of: TableModel, a: Arguments) -> Value:
    return Data()


@table.altered(TableModel, MetaDataModel, SequenceModel)
def _alter_table(of: Value, name: str, value: Value, perhaps: bool) -> bool:
    if name == "schema":
        of.schema = join(of.schema, value) if perhaps else value
    elif name == "name" and not isinstance(of, MetaDataModel):
        of.name = join(of.name, value) if perhaps else value
    else:
        return False
    return not isinstance(of, TableModel) or _lasts(of)


def _lasts(of: TableModel) -> bool:
    """Whether a table is there to stay: that of a mapped class is made anew wherever it is asked for."""
    return of.metadata is not None and any(each is of for each in of.metadata.tables)


table.SQLALCHEMY.update({
    "Table": _table, "table": _light_table, "TableClause": _light_table, "column": _light_column,
    "MetaData": _metadata,
})  # fmt: skip
