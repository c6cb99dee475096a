"""What SQLAlchemy sends to create a table: its enumerations, itself, its indexes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, Column, Constraint, Dialect, Index, Operation
from migration_lint.reading.models.expressions import table_or_name
from migration_lint.reading.models.naming import DEFAULT, Convention, constraint_name, index_name
from migration_lint.reading.models.sqlalchemy_types import SqlType
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.values import (
    Choice,
    ColumnModel,
    ConstraintModel,
    Data,
    Dotted,
    IndexModel,
    List,
    Method,
    Unknown,
    Value,
    alternatives,
    whole,
)

_TEMPORARY = frozenset(("TEMPORARY", "TEMP"))


def create_table_operations(
    run: Interpreter,
    dialect: Dialect,
    name: str,
    schema: str | None,
    items: Iterable[Value],
    *,
    incomplete: bool = False,
    if_exists: bool = False,
    options: Mapping[str, Value] = MappingProxyType({}),
    convention: Convention = DEFAULT,
) -> list[Operation]:
    """The operations of a CREATE TABLE: its enumerations, itself, and the indexes of its columns.

    `options`: what else `Table` or `op.create_table` is given by name. `convention`: of its MetaData.
    """
    columns: list[ColumnModel] = []
    constraints: list[Constraint] = []
    indexes: list[Operation] = []
    for slot in items:
        item = inside(slot)
        incomplete = incomplete or item is not slot
        for each in alternatives(item):
            if isinstance(each, ColumnModel):
                named = bool(each.column.name) and HOLE not in each.column.name
                incomplete = incomplete or not named or isinstance(item, Choice)
                if named and "system" not in each.said:
                    columns.append(each)
                    constraints += each.constraints
                    indexes += column_indexes(dialect, each, name, schema, convention)
            elif isinstance(each, ConstraintModel):
                constraints.append(each.constraint)
            elif isinstance(each, IndexModel):
                indexes.append(_index(dialect, each.index, name, schema, convention))
            elif isinstance(each, (Unknown, Data, Dotted, Method)):
                incomplete = True

    prefixes = run.items(options.get("prefixes", ())).every()
    parents = options.get("postgresql_inherits") if dialect == "postgresql" else None
    inherits = tuple(name for name in map(table_or_name, _several(run, parents)) if name is not None)
    incomplete = incomplete or len(inherits) < len(_several(run, parents))
    keys = {name for each in constraints if each.kind == "primary_key" for name in each.columns}
    table = Operation(
        kind="create_table",
        table=name,
        schema=schema,
        columns=tuple([_numbered(each, keys) for each in columns]),
        constraints=tuple(
            [_called(each, name, schema, dialect, convention) for each in _one_key(constraints)]
        ),
        incomplete=incomplete,
        if_exists=if_exists,
        temporary=any(isinstance(each, str) and _TEMPORARY & {*each.upper().split()} for each in prefixes),
        like=inherits,
        inherits=inherits,
        charset=_charset(dialect, options),
        does=_partitioned(dialect, options.get("postgresql_partition_by")),
    )
    return [*(made for each in columns for made in enum_operations(each, dialect)), table, *indexes]


def _called(
    made: Constraint, table: str, schema: str | None, dialect: Dialect, convention: Convention
) -> Constraint:
    """A constraint under the name that the convention gives it, if there is one."""
    named = constraint_name(convention, dialect, made, table, schema)
    return made if named is None else replace(made, name=named)


def _partitioned(dialect: Dialect, key: Value) -> tuple[Operation, ...]:
    """What a table is partitioned by, as `postgresql_partition_by` says it."""
    if dialect != "postgresql" or not whole(key) or not key:
        return ()
    return (Operation(kind="dml", action="partition by", sql=key),)


def _index(
    dialect: Dialect, index: Index, table: str, schema: str | None, convention: Convention
) -> Operation:
    if index.name is None:
        index = replace(index, name=index_name(convention, dialect, index.columns, table, schema))
    return Operation(kind="create_index", table=table, schema=schema, index=index, name=index.name)


def _charset(dialect: Dialect, options: Mapping[str, Value]) -> str | None:
    """The character set that a table of MySQL or MariaDB is made with."""
    said: dict[str, str] = {}
    for name, value in options.items():
        of, _, option = name.partition("_")
        if isinstance(value, str) and (of == dialect or (of, dialect) == ("mysql", "mariadb")):
            said[option.removeprefix("default_").replace(" ", "_")] = value.lower()
    for option in ("charset", "character_set"):
        if option in said:
            return said[option]
    return said["collate"].partition("_")[0] if "collate" in said else None


def _several(run: Interpreter, value: Value) -> list[Value]:
    """What an option may hold that takes one, or several of them."""
    if value is None:
        return []
    return run.items(value).every() if isinstance(value, (List, tuple)) else [value]


def _one_key(constraints: list[Constraint]) -> list[Constraint]:
    """With the one primary key that SQLAlchemy makes of all `primary_key=True`, unless it is written out."""
    keys = [each for each in constraints if each.kind == "primary_key"]
    if len(keys) < 2:
        return constraints
    columns = tuple(dict.fromkeys(column for each in keys for column in each.columns))
    written = [each for each in keys if each.name is not None or len(each.columns) > 1]
    one = written[0] if len(written) == 1 else replace(keys[0], columns=columns)
    one = one if one.columns else replace(one, columns=columns)
    return [*(each for each in constraints if each.kind != "primary_key"), one]


def _numbered(of: ColumnModel, keys: set[str]) -> Column:
    """A column of a new table; alone in the primary key, an integer is numbered by the server by itself."""
    column, asked = of.column, of.auto_increment
    if column.name in keys:
        column = replace(column, nullable=False)
        if asked == "always" or (asked and len(keys) == 1):
            return replace(column, generated=column.generated or "serial")
    return replace(column, generated=None) if column.generated == "serial" else column


def enum_operations(column: ColumnModel, dialect: Dialect) -> list[Operation]:
    """The CREATE TYPE that SQLAlchemy issues before a table with a column of an enumeration."""
    enum = column.enum
    if not isinstance(enum, SqlType) or dialect != "postgresql" or enum.enum_name is None:
        return []
    return [
        Operation(
            kind="create_enum",
            name=enum.enum_name,
            schema=enum.enum_schema,
            values=enum.enum_values,
            if_exists=True,
        )
    ]


def column_indexes(
    dialect: Dialect, column: ColumnModel, table: str, schema: str | None, convention: Convention = DEFAULT
) -> list[Operation]:
    """The CREATE INDEX of a column with `index=True`; with `unique=True` the index is the unique one.

    That of a spatial column is GeoAlchemy2's.
    """
    if not column.index:
        return []
    columns = (column.column.name,)
    if column.index == "spatial":
        made = Index(f"idx_{table}_{column.column.name}", columns, using="gist")
        return [Operation(kind="create_index", table=table, schema=schema, name=made.name, index=made)]
    return [_index(dialect, Index(None, columns, unique=column.unique), table, schema, convention)]
