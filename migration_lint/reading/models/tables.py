"""SQLAlchemy's tables and MetaData."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.operations import ANY_TABLE, HOLE, Column, Constraint, Dialect, Operation
from migration_lint.reading.models import database, pasted, table
from migration_lint.reading.models.collections import dict_method
from migration_lint.reading.models.context import context
from migration_lint.reading.models.creating import column_indexes
from migration_lint.reading.models.elements import element_operations, emit_element
from migration_lint.reading.models.events import happen
from migration_lint.reading.models.expressions import known_name, literal, table_name
from migration_lint.reading.models.orm import declare, mapped_table, open_list
from migration_lint.reading.models.schema import attach, copied
from migration_lint.reading.models.statements import as_statement, narrowed_by, statement
from migration_lint.reading.python.assignments import extend
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments, Iteration
from migration_lint.reading.python.subscripts import Open
from migration_lint.reading.python.values import (
    NOTHING,
    Class,
    ColumnModel,
    Columns,
    ConstraintModel,
    Data,
    Dict,
    Dotted,
    Element,
    IndexModel,
    List,
    MetaDataModel,
    Method,
    ReflectedColumn,
    SequenceModel,
    TableModel,
    Unknown,
    Value,
    join,
    whole,
)

#: What `Table(schema=…)` and `to_metadata(schema=…)` take for none at all, and for the one that was there.
_BLANK, _RETAIN = "BLANK_SCHEMA", "RETAIN_SCHEMA"


def _table(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    metadata = a.get(1, "metadata")
    schema = _schema(a.kwargs.get("schema"), metadata)
    reflected = "autoload_with" in a.kwargs or run.truth(a.kwargs.get("autoload", False)) is not False
    name = a.get(0, "name")
    if a.kwargs.get("quote") is False:
        name = pasted.unquoted(run, dialect, name)
    if a.kwargs.get("quote_schema") is False:
        schema = pasted.unquoted(run, dialect, schema)
    items = open_list(a.args[2:]) if a.more else List(a.args[2:])
    options = {name: value for name, value in a.kwargs.items() if name not in ("metadata", "name", "schema")}
    made = TableModel(name, schema, items, None, reflected, Dict(options))
    made.pasted = pasted.constructed(dialect, "Table", a.kwargs)
    there = _held(metadata, made)
    if there is not None:
        names = {each.column.name for each in there.items.every() if isinstance(each, ColumnModel)}
        there_too = (isinstance(each, ColumnModel) and each.column.name in names for each in made.items)
        new = [each for each, known in zip(made.items, there_too, strict=True) if not known]
        extend(run, there.items, Iteration(new, made.items.rest))
        with run.store.change(there):
            there.pasted += made.pasted
        made = there
    attach(run, made)
    _listen(run, made, a.kwargs.get("listeners"))
    return made if there is not None else _added(run, made, metadata)


def _held(metadata: Value, like: TableModel) -> TableModel | None:
    """The table of that name that a MetaData holds: `Table` gives it again."""
    for each in metadata.tables.every() if isinstance(metadata, MetaDataModel) else ():
        known = isinstance(each, TableModel) and whole(each.name) and each.name == like.name
        if known and each.schema == like.schema:
            return each if isinstance(each, TableModel) else None
    return None


def _schema(given: Value, metadata: Value) -> Value:
    """The schema of a table that is told one, or none, in a MetaData."""
    if isinstance(given, Dotted) and given.path.endswith(f".{_BLANK}"):
        return None
    return metadata.schema if given is None and isinstance(metadata, MetaDataModel) else given


def _added(run: Interpreter, made: TableModel, metadata: Value) -> TableModel:
    """A table that a MetaData holds from now on."""
    if isinstance(metadata, MetaDataModel):
        made.metadata = metadata
        extend(run, metadata.tables, Iteration((made,)))
    return made


def _listen(run: Interpreter, to: TableModel, listeners: Value) -> None:
    for each in [] if listeners is None else run.items(listeners).every():
        event = run.items(each)
        if event.exact and len(event.slots) == 2:
            extend(run, to.listeners, Iteration((tuple(event.slots),)))


def _copied(run: Interpreter, of: TableModel, a: Arguments) -> Value:
    """`t.to_metadata(metadata, schema=…, name=…)`."""
    metadata, given, name = a.get(0, "metadata"), a.get(1, "schema", Dotted(_RETAIN)), a.kwargs.get("name")
    retained = isinstance(given, Dotted) and given.path.endswith(_RETAIN)
    schema = _schema(of.schema if retained else given, metadata)
    items = List(of.items, rest=of.items.rest, tail=of.items.tail)
    items[:] = [copied(each) for each in items]
    named = of.name if name is None else name
    made = TableModel(named, schema, items, None, of.reflected, Dict(of.options))
    made.pasted = of.pasted
    if a.more:
        made.name = made.schema = Unknown("it is spread from a value that is not known")
    attach(run, made)
    return _added(run, made, metadata)


def _light_table(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    made = TableModel(a.get(0, "name"), a.kwargs.get("schema"), List(a.args[1:]))
    attach(run, made)
    return made


def _light_column(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    name = a.get(0, "text")
    if run.truth(a.get(2, "is_literal", False)) is not False:
        return literal(run, dialect, a)
    return ColumnModel(Column(name)) if isinstance(name, str) else Data()


def _metadata(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    # One that a module makes gets tables from whatever else declares them there: modules are walked lazily.
    tables = open_list() if run.recorder.calm else List()
    return MetaDataModel(tables, a.get(0, "schema"), convention=a.kwargs.get("naming_convention"))


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
    model = _METHODS.get(name)
    if model is not None:
        return model(run, of, a)
    if name in ("insert", "update", "delete", "select", "join", "outerjoin", "alias"):
        alone = not a.args and not a.kwargs and not a.more
        made = statement(run, context(run).dialect, (of, *a.values()))
        found = as_statement(name, made.tables, every_row=alone, columns=made.columns, texts=made.texts)
        return narrowed_by(run, found, a)
    if name not in _HARMLESS:
        run.recorder.unread(f"`{name}` of a table is called, which may do anything")
    return Data()


def _create(run: Interpreter, of: TableModel, a: Arguments) -> Value:
    _make(run, of, "create", run.truth(a.get(1, "checkfirst", False)) is not False)


def _drop(run: Interpreter, of: TableModel, a: Arguments) -> Value:
    _make(run, of, "drop", run.truth(a.get(1, "checkfirst", False)) is not False)


def _make(run: Interpreter, of: TableModel, what: str, checked: bool) -> None:
    """Create or drop a table, and run what listens to that."""
    happen(run, of.listeners, f"before_{what}", of)
    kind = "CreateTable" if what == "create" else "DropTable"
    given = Arguments([], {"if_exists": checked})
    operations = element_operations(run, context(run).dialect, kind, of, given, alone=False)
    if operations is None and what == "create" and isinstance(of.name, Unknown):
        # A table that is there already stays as it is, whichever it is.
        operations = [Operation(kind="other_ddl", action="create table")]
    if operations is None:
        run.recorder.opaque("the name of a table could not be worked out", (table_name(of) or ANY_TABLE,))
    for operation in operations or ():
        run.recorder.emit(operation)
    happen(run, of.listeners, f"after_{what}", of)


def _append(run: Interpreter, of: TableModel, a: Arguments) -> Value:
    extend(run, of.items, Iteration((a.get(0, "column", a.kwargs.get("constraint")),)))
    attach(run, of)


_METHODS: dict[str, Callable[[Interpreter, TableModel, Arguments], Value]] = {
    "create": _create, "drop": _drop, "append_column": _append, "append_constraint": _append,
    "to_metadata": _copied, "tometadata": _copied,
}  # fmt: skip


#: Attributes and methods that change nothing, and by which nothing but rows is come to.
_HARMLESS = frozenset(
    """
    add_is_dependent_on alias argument_for autoincrement_column comment compare compile corresponding_column
    delete description dialect_kwargs dialect_options dispatch entity_namespace exists exported_columns
    foreign_key_constraints foreign_keys fullname get_children get_dialect_option implicit_returning info
    insert is_clause_element is_derived_from is_dml is_selectable is_view join key kwargs lateral
    named_with_column outerjoin params primary_key select selectable self_group table_valued tablesample
    unique_params update
    """.split()
)


@table.attribute(TableModel)
def table_attribute(run: Interpreter, of: TableModel, name: str) -> Value:
    """An attribute of a table."""
    if name in ("c", "columns"):
        known = {c.column.name: c for c in of.items.every() if isinstance(c, ColumnModel)}
        exact = of.items.exact and not of.reflected
        written = table_name(of)
        reflected = ReflectedColumn(() if written is None else (written,))
        return Columns(known, rest=NOTHING if exact else reflected)
    if name in ("name", "schema"):
        return of.name if name == "name" else of.schema
    if name == "metadata":
        return of.metadata or MetaDataModel(reflected=True)
    if name in ("indexes", "constraints"):
        kind = IndexModel if name == "indexes" else ConstraintModel
        found = [item for item in of.items.every() if isinstance(item, kind)]
        attach(run, of)
        found += _of_columns_of(run, of, indexes=name == "indexes")
        return open_list(found) if of.reflected or of.items.open else List(found)
    if name in _METHODS or name in _HARMLESS or name.startswith("_"):
        return Method(of, name)
    return Unknown(f"what `{name}` of a table is, is not known", reach=True)


def _of_columns_of(run: Interpreter, of: TableModel, *, indexes: bool) -> list[Value]:
    """The constraints or the indexes that a table has by its columns, and the primary key that each has."""
    found: list[Value] = []
    names = known_name(of.name) or HOLE, known_name(of.schema)
    columns = [each for each in of.items.every() if isinstance(each, ColumnModel)]
    for each in columns:
        if indexes:
            made = column_indexes(context(run).dialect, each, *names)
            found += [IndexModel(one.index, of) for one in made if one.index is not None]
        else:
            found += [ConstraintModel(one, of) for one in each.constraints]
    kinds = {
        each.constraint.kind for each in (*found, *of.items.every()) if isinstance(each, ConstraintModel)
    }
    if not indexes and "primary_key" not in kinds:
        found.append(ConstraintModel(Constraint("primary_key"), of))
    return found


@table.attribute(Columns)
def _of_columns(run: Interpreter, of: Columns, name: str) -> Value:
    if name in of:
        return of[name]
    if name.startswith("_") or name in _OF_COLUMNS:
        return Method(of, name)
    return of.rest if isinstance(of.rest, ReflectedColumn) else ReflectedColumn()


#: Methods of a table's collection of columns.
_OF_COLUMNS = frozenset("add as_readonly contains_column get items keys values".split())


@table.method(MetaDataModel)
def metadata_method(run: Interpreter, of: MetaDataModel, name: str, a: Arguments) -> Value:
    """Call a method of a MetaData."""
    if name == "reflect":
        with run.store.change(of):
            of.reflected = True
        return None
    if name in ("create_all", "drop_all"):
        _make_all(run, of, name.removesuffix("_all"), a)
        return None
    if name.startswith("_"):
        run.recorder.unread(f"`{name}` of a MetaData is called, which may do anything")
    return Unknown("what a MetaData gives is not known")


def _make_all(run: Interpreter, of: MetaDataModel, what: str, a: Arguments) -> None:
    """`create_all` and `drop_all`, of all tables or of those that are chosen."""
    declare(run, of)
    chosen = a.get(1, "tables")
    known = chosen is not None and not run.items(chosen).open
    happen(run, of.listeners, f"before_{what}", of)
    for given in run.items(chosen).every() if known else of.tables.every():
        each = run.resolve(given)
        model = mapped_table(run, each) if isinstance(each, Class) else each
        if isinstance(model, TableModel):
            _make(run, model, what, checked=True)
    for element in of.elements.every() if chosen is None else ():
        if isinstance(element, SequenceModel):
            emit_element(run, f"{what.title()}Sequence", element)
        elif what == "create":
            database.execute(run, context(run).dialect, element)
        elif isinstance(element, Element) and isinstance(element.table, TableModel):
            kind = "DropView" if element.operations[0].kind == "create_view" else "DropTable"
            emit_element(run, kind, element.table)
    if (of.reflected or of.tables.open) and not known and what == "drop":
        run.recorder.opaque("which tables a MetaData drops is not known")
    happen(run, of.listeners, f"after_{what}", of)


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


@table.altered(ReflectedColumn)
def _alter_reflected(of: ReflectedColumn, name: str, value: Value, perhaps: bool) -> bool:
    return False


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
    "ColumnClause": _light_column,
    "MetaData": _metadata,
})  # fmt: skip
