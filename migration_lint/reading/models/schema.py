"""What tables are made of: SQLAlchemy's columns, constraints and indexes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, Column, Constraint, Dialect, Generated, Index
from migration_lint.reading.models import pasted, table
from migration_lint.reading.models.column_types import sql_type
from migration_lint.reading.models.expressions import (
    column_name_of,
    column_names,
    default_text,
    exclusion_text,
    expression_text,
    known_name,
)
from migration_lint.reading.models.kept import kept
from migration_lint.reading.models.sqlalchemy_types import SqlType, render_default
from migration_lint.reading.models.table import SqlAlchemyModel as Model
from migration_lint.reading.python.assignments import extend
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments, Iteration
from migration_lint.reading.python.values import (
    Choice,
    ColumnModel,
    ConstraintModel,
    IndexModel,
    List,
    Maybe,
    MetaDataModel,
    Method,
    SequenceModel,
    ServerDefault,
    TableModel,
    Unknown,
    Value,
    whole,
)
from migration_lint.reading.sql.indexes import seen_where

_AUTO_INCREMENT = frozenset(("INTEGER", "BIGINT", "SMALLINT", "MEDIUMINT", "TINYINT", "INT"))
#: The types that SQLAlchemy has the server number where they are the primary key: as SERIAL, AUTO_INCREMENT
#: or IDENTITY. Oracle numbers none by itself, and what SQLite numbers, the catalog knows.
_NUMBERED_TYPES: dict[Dialect, frozenset[str]] = {
    "postgresql": frozenset(("INTEGER", "BIGINT", "SMALLINT")),
    "mysql": _AUTO_INCREMENT,
    "mariadb": _AUTO_INCREMENT,
    "mssql": frozenset(("INTEGER", "BIGINT", "SMALLINT", "TINYINT")),
}

_NO_TYPE = "it has no type"
#: Arguments of a column that annotations, or what it hangs on, may say instead.
_SAID = frozenset(("autoincrement", "nullable", "primary_key", "system"))


def _column(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    args = list(a.args)
    name: Value = a.kwargs.get("name")
    if args and isinstance(args[0], (str, Choice, Unknown)):
        name = args.pop(0)
    if a.kwargs.get("quote") is False:
        name = pasted.unquoted(run, dialect, name)
    given: Value = a.kwargs.get("type_")
    if args and given is None and not isinstance(args[0], (ConstraintModel, ServerDefault, SequenceModel)):
        given = args.pop(0)
    type = SqlType(None, reason=_NO_TYPE) if given is None else sql_type(run, dialect, given)
    if isinstance(name, Choice):
        return Choice(tuple([_made_column(run, dialect, each, type, args, a.kwargs) for each in name.values]))
    return _made_column(run, dialect, name, type, args, a.kwargs)


def _made_column(
    run: Interpreter,
    dialect: Dialect,
    name: Value,
    type: SqlType,
    args: list[Value],
    kwargs: dict[str, Value],
) -> ColumnModel:
    """The column of a name and a type, with what else `Column` is given."""
    primary = "primary_key" in kwargs and run.truth(kwargs["primary_key"]) is True
    nullable = run.truth(kwargs["nullable"]) if "nullable" in kwargs else not primary
    default, generated = _filled_by(run, dialect, args, kwargs)
    text = name if isinstance(name, str) else HOLE if isinstance(name, Unknown) else ""
    constraints = [
        replace(item.constraint, columns=item.constraint.columns or (text,))
        for item in args
        if isinstance(item, ConstraintModel)
    ]
    if type.check:
        constraints.append(type_check(type, text, dialect))
    if primary:
        constraints.append(Constraint("primary_key", columns=(text,)))
    asked = kwargs.get("autoincrement", "auto")
    auto_increment = _auto_increment(dialect, type, constraints, asked) if default is None else None
    if primary and auto_increment is not None and dialect == "postgresql":
        generated = generated or "serial"
    unique = "unique" in kwargs and run.truth(kwargs["unique"]) is not False
    index: bool | Literal["spatial"] = "index" in kwargs and run.truth(kwargs["index"]) is not False
    if type.spatial:
        index = "spatial"
    if unique and index is not True:  # with an index it is that which is unique, and there is no constraint
        constraints.append(Constraint("unique", columns=(text,)))
    said = _SAID.intersection(kwargs)
    if "system" in said and run.truth(kwargs["system"]) is not True:
        said -= {"system"}
    if type.reason != _NO_TYPE:
        said |= {"type"}
    written = type.enum_name if type.text is None else type.text
    comment = known_name(kwargs.get("comment"))
    made = ColumnModel(
        Column(
            text,
            written,
            nullable is not False,
            default,
            generated,
            comment,
            enumerated=dialect == "postgresql" and type.enum_name is not None and type.native_enum,
        ),
        tuple(constraints),
        index,
        type if type.enum_name is not None and type.native_enum and type.create_type else None,
        auto_increment,
        unique and index is True,
        said,
    )
    others: list[pasted.Given] = [("args", "nothing", each) for each in args]
    made.pasted = pasted.constructed(dialect, "Column", kwargs, ("type", "type", type), *others)
    return made


def _filled_by(
    run: Interpreter, dialect: Dialect, args: Iterable[Value], kwargs: dict[str, Value]
) -> tuple[str | None, Generated | None]:
    """The server's default of a column, and how the server makes its values."""
    given = kwargs.get("server_default")
    default = None if given is None else default_text(run, dialect, given)
    generated: Generated | None = None
    for item in (*args, given, kwargs.get("default")):
        if isinstance(item, ServerDefault):
            default, generated = item.text, item.generated
    return default, generated


def type_check(of: SqlType, column: str, dialect: Dialect) -> Constraint:
    """The CHECK that a column's type brings with it."""
    values = ", ".join(render_default("literal", each, dialect) for each in of.enum_values)
    expression = f"{column} IN ({values})" if values else None
    return Constraint("check", of.enum_name, columns=(column,), expression=expression)


def automatic(dialect: Dialect, column: ColumnModel, type: SqlType) -> None:
    """Have the server number a column of the primary key, as a type that it got later tells."""
    if column.column.default is None and "autoincrement" not in column.said:
        column.auto_increment = _auto_increment(dialect, type, column.constraints, "auto")
        if column.auto_increment and "primary_key" in column.said and dialect == "postgresql":
            column.column = replace(column.column, generated=column.column.generated or "serial")


def _auto_increment(
    dialect: Dialect, type: SqlType, constraints: Iterable[Constraint], asked: Value
) -> Literal["alone", "always"] | None:
    """When SQLAlchemy has the server number a column of the primary key: `_autoincrement_column` of it."""
    if (type.text or "").upper().removesuffix(" UNSIGNED") not in _NUMBERED_TYPES.get(dialect, ()):
        return None
    if asked is True:
        return "always"
    keyed = any(each.kind == "foreign_key" for each in constraints)
    return "alone" if asked == "auto" and not keyed else None


def _foreign_key(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    table, schema, column = _referred(a.get(0, "column"))
    made = _reference(run, (), table, schema, (column,) if column else (), a.kwargs)
    not_valid = run.truth(a.kwargs.get("postgresql_not_valid", False)) is True
    return _constraint(dialect, "ForeignKey", a, replace(made, not_valid=not_valid))


def _foreign_key_constraint(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    columns = run.items(a.get(0, "columns", List())).every()
    referred = [_referred(each) for each in run.items(a.get(1, "refcolumns", List())).every()]
    table, schema, _ = referred[0] if referred else (None, None, None)
    remote = tuple([column for _, _, column in referred if column is not None])
    made = _reference(run, column_names(run, List(columns)), table, schema, remote, a.kwargs)
    return _hung(run, _constraint(dialect, "ForeignKeyConstraint", a, made), columns)


def _referred(of: Value) -> tuple[str | None, str | None, str | None]:
    """The table, schema and column of what a foreign key refers to, as a column or `schema.table.column`."""
    if isinstance(of, ColumnModel):
        table = of.table
        names = (None, None) if table is None else (known_name(table.name), known_name(table.schema))
        return *names, of.column.name
    if not isinstance(of, str):
        return None, None, None
    *path, last = of.split(".")
    return path[-1] if path else None, ".".join(path[:-1]) or None, last


def _reference(
    run: Interpreter,
    columns: tuple[str, ...],
    table: str | None,
    schema: str | None,
    referred: tuple[str, ...],
    kwargs: dict[str, Value],
) -> Constraint:
    return Constraint(
        "foreign_key",
        known_name(kwargs.get("name")),
        columns,
        table,
        schema,
        referred,
        known_name(kwargs.get("ondelete")),
        known_name(kwargs.get("onupdate")),
        deferrable=run.truth(kwargs.get("deferrable", False)) is True,
        kept=kept(run, kwargs),
    )


def _key(kind: Literal["primary_key", "unique"]) -> Model:
    def model(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
        constraint = Constraint(
            kind,
            known_name(a.kwargs.get("name")),
            column_names(run, List(a.args)),
            deferrable=run.truth(a.kwargs.get("deferrable", False)) is True,
            kept=kept(run, a.kwargs),
        )
        construct = "PrimaryKeyConstraint" if kind == "primary_key" else "UniqueConstraint"
        return _hung(run, _constraint(dialect, construct, a, constraint), a.args)

    return model


def _constraint(
    dialect: Dialect, construct: str, a: Arguments, constraint: Constraint, *others: pasted.Given
) -> ConstraintModel:
    """The model of a constraint, with what is wrong in its texts."""
    made = ConstraintModel(constraint)
    made.pasted = pasted.constructed(dialect, construct, a.kwargs, *others)
    return made


def _check(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    text = a.get(0, "sqltext")
    expression = expression_text(run, dialect, text)
    name, more = known_name(a.kwargs.get("name")), kept(run, a.kwargs, frozenset(("sqltext",)))
    made = Constraint("check", name, expression=expression, kept=more)
    return _constraint(dialect, "CheckConstraint", a, made, ("sqltext", "expression", text))


def _exclude(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    expression = exclusion_text(run, dialect, a.args, a.kwargs.get("where"))
    made = Constraint("exclude", known_name(a.kwargs.get("name")), expression=expression)
    return _constraint(dialect, "ExcludeConstraint", a, made, *pasted.exclusions(a.args))


def index_columns(run: Interpreter, dialect: Dialect, value: Value) -> tuple[tuple[str, ...], bool]:
    """The entries of an index, and whether one of them is an expression."""
    items = run.items(value)
    expressions = not items.exact
    names = []
    for item in items.every():
        name = column_name_of(item)
        expressions = expressions or not isinstance(item, (str, ColumnModel))
        names.append(name if name is not None else expression_text(run, dialect, item) or "?")
    return tuple(names), expressions


_INDEX_FIELDS = frozenset(("postgresql_include", "postgresql_nulls_not_distinct"))


def index_of(
    run: Interpreter, dialect: Dialect, name: Value, columns: Value, kwargs: dict[str, Value]
) -> Index:
    """An index from its name, its columns and Alembic's or SQLAlchemy's keywords."""
    entries, expressions = index_columns(run, dialect, columns)
    where = kwargs.get(f"{dialect}_where", kwargs.get("postgresql_where"))
    using = kwargs.get(f"{dialect}_using", kwargs.get("postgresql_using"))
    condition = None if where is None else expression_text(run, dialect, where) or "?"
    return Index(
        known_name(name),
        entries,
        expressions,
        run.truth(kwargs.get("unique", False)) is True,
        condition,
        known_name(using) or _prefix(dialect, kwargs),
        column_names(run, kwargs["postgresql_include"]) if "postgresql_include" in kwargs else (),
        run.truth(kwargs.get("postgresql_concurrently", False)) is True,
        run.truth(kwargs.get("postgresql_nulls_not_distinct", False)) is True,
        kept=kept(run, kwargs, _INDEX_FIELDS),
        seen_where=seen_where(f") WHERE {condition}") if condition and dialect == "sqlite" else None,
    )


def _prefix(dialect: Dialect, kwargs: dict[str, Value]) -> str | None:
    """MySQL: what CREATE INDEX begins with besides: `fulltext` or `spatial`."""
    prefix = known_name(kwargs.get(f"{dialect}_prefix", kwargs.get("mysql_prefix")))
    return None if prefix is None or dialect not in ("mysql", "mariadb") else prefix.lower()


def _index(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    made = IndexModel(index_of(run, dialect, a.get(0, "name"), List(a.args[1:]), a.kwargs))
    made.pasted = pasted.constructed(dialect, "Index", a.kwargs, ("expressions", "item", tuple(a.args[1:])))
    return _hung(run, made, a.args[1:])


def attach(run: Interpreter, to: TableModel) -> None:
    """Tell the columns, constraints and indexes of a new table whose they are."""
    for each in to.items.every():
        if isinstance(each, (ColumnModel, ConstraintModel, IndexModel)) and each.table is None:
            with run.store.change(each):
                each.table = to


def copied(of: Value) -> Value:
    """A column, constraint or index as a copy of its table has it."""
    if isinstance(of, Maybe):
        return Maybe(copied(of.value))
    if isinstance(of, ColumnModel):
        return of.copy()
    if not isinstance(of, (ConstraintModel, IndexModel)):
        return of
    made = ConstraintModel(of.constraint) if isinstance(of, ConstraintModel) else IndexModel(of.index)
    made.pasted = of.pasted
    return made


def _hung(run: Interpreter, made: Value, columns: Iterable[Value]) -> Value:
    """An index or constraint of a table's own columns is that table's from then on."""
    of = next((each.table for each in columns if isinstance(each, ColumnModel) and each.table), None)
    if of is not None:
        made.table = of
        extend(run, of.items, Iteration((made,)))
    return made


def _sequence(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    name, schema = a.get(0, "name"), a.kwargs.get("schema")
    if a.kwargs.get("quote") is False:
        name = pasted.unquoted(run, dialect, name)
    given, metadata = a.kwargs.get("data_type"), a.kwargs.get("metadata")
    type = None if given is None else sql_type(run, dialect, given)
    made = SequenceModel(name, schema)
    made.pasted = pasted.constructed(dialect, "Sequence", a.kwargs, ("data_type", "type", type))
    if isinstance(metadata, MetaDataModel):
        extend(run, metadata.elements, Iteration((made,)))
    return made


@table.attribute(ColumnModel)
def _of_column(run: Interpreter, of: ColumnModel, name: str) -> Value:
    if name in ("name", "key"):
        return of.column.name
    if name == "table" and of.table is not None:
        return of.table
    return Method(of, name)


@table.attribute(ConstraintModel, IndexModel)
def _of_part(run: Interpreter, of: ConstraintModel | IndexModel, name: str) -> Value:
    if name == "name":
        return of.constraint.name if isinstance(of, ConstraintModel) else of.index.name
    if name in ("parent", "table") and of.table is not None:
        return of.table
    return Method(of, name)


@table.altered(ColumnModel)
def _alter_column(of: ColumnModel, name: str, value: Value, perhaps: bool) -> bool:
    if perhaps:
        return False
    if name == "name" and whole(value):
        of.column = replace(of.column, name=value)
    elif name == "nullable" and isinstance(value, bool):
        of.column = replace(of.column, nullable=value)
    elif name == "comment" and (value is None or whole(value)):
        of.column = replace(of.column, comment=value)
    elif name == "type" and of.enum is None and isinstance(value, SqlType) and value.enum_name is None:
        of.column = replace(of.column, type=value.text)
    else:
        return False
    return True


@table.altered(IndexModel)
def _alter_index(of: IndexModel, name: str, value: Value, perhaps: bool) -> bool:
    if name != "name" or perhaps or not whole(value):
        return False
    of.index = replace(of.index, name=value)
    return True


@table.altered(ConstraintModel)
def _alter_constraint(of: ConstraintModel, name: str, value: Value, perhaps: bool) -> bool:
    if name != "name" or perhaps or not whole(value):
        return False
    of.constraint = replace(of.constraint, name=value)
    return True


table.SQLALCHEMY.update({
    "Column": _column, "mapped_column": _column, "Field": _column, "ForeignKey": _foreign_key,
    "ForeignKeyConstraint": _foreign_key_constraint, "PrimaryKeyConstraint": _key("primary_key"),
    "UniqueConstraint": _key("unique"), "CheckConstraint": _check, "ExcludeConstraint": _exclude,
    "Index": _index,
    "Sequence": _sequence,
})  # fmt: skip
