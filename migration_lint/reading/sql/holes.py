"""Operations of a statement in which a part is unknown.

What would break a reader of the table becomes opaque, with all that is known of the name. What only
adds, or names only something that nobody reads by name (an index, a constraint), stays calm.
"""

from __future__ import annotations

from migration_lint.data_class import replace
from migration_lint.operations import (
    ANY_TABLE,
    HOLE,
    TRAITS,
    Column,
    Constraint,
    Index,
    Operation,
    kinds_of,
)

_BREAKING = kinds_of("table", "column", to=("gone", "renamed", "moved", "retyped"))
_SCHEMA_WIDE = kinds_of("schema")
_OF_VIEWS = kinds_of("view")


def settle(operation: Operation) -> Operation:
    """The operation with no HOLE in any name, except in the tables of an opaque one."""
    if not _any(operation):
        return operation
    kind = operation.kind
    if kind == "opaque" or kind == "dml":
        return replace(
            operation, tables=tuple(operation.tables if kind == "opaque" else _known(operation.tables))
        )
    if kind in _BREAKING:
        return _settle_breaking(operation)
    if kind == "create_table":
        return _settle_create(operation)
    if kind in _SCHEMA_WIDE:
        if _holed(operation.name):
            return _opaque(operation, "the schema's name is not known", f"{operation.name}.{HOLE}")
        if _holed(operation.new_name):
            return _opaque(operation, "the schema's new name is not known", f"{operation.name}.{HOLE}")
        return operation
    if kind == "drop_enum" and _holed(operation.name) and operation.cascade:
        return _opaque(
            operation, "which type is dropped is not known, and CASCADE drops its columns", ANY_TABLE
        )
    if kind in _OF_VIEWS:
        operation = replace(operation, like=_known(operation.like))
    if kind in ("create_enum", "alter_enum") and any(HOLE in value for value in operation.values):
        if kind == "create_enum":
            operation = replace(operation, values=_known(operation.values), incomplete=True)
        else:
            return _calm(operation, "the value is not known")
    if kind in ("add_constraint", "drop_constraint", "create_index") and not _holed(operation.table):
        operation = _without_name(operation)
    if any(
        _holed(name)
        for name in (operation.table, operation.schema, operation.column, operation.name, operation.new_name)
    ):
        return _calm(operation, "a name in it is not known")
    if operation.columns:
        operation = replace(operation, columns=tuple(_column(column) for column in operation.columns))
    if operation.constraints:
        operation = replace(
            operation, constraints=tuple(_constraint(constraint) for constraint in operation.constraints)
        )
    return replace(operation, tables=_known(operation.tables))


def _any(operation: Operation) -> bool:
    """Whether a HOLE stands anywhere but in an expression."""
    index = operation.index
    return (
        any(map(_holed, (operation.table, operation.schema, operation.column, operation.name)))
        or any(map(_holed, (operation.new_name, operation.new_schema, operation.type)))
        or any(HOLE in name for name in (*operation.tables, *operation.like, *operation.values))
        or any(HOLE in column.name or _holed(column.type) for column in operation.columns)
        or any(map(_constraint_holed, operation.constraints))
        or (index is not None and (_holed(index.name) or any(HOLE in name for name in index.columns)))
    )


def _constraint_holed(constraint: Constraint) -> bool:
    return (
        any(map(_holed, (constraint.name, constraint.referred_table, constraint.referred_schema)))
        or _holed(constraint.using_index)
        or any(HOLE in name for name in (*constraint.columns, *constraint.referred_columns))
    )


def _settle_breaking(operation: Operation) -> Operation:
    table = operation.table or HOLE
    dotted = table if operation.schema is None else f"{operation.schema}.{table}"
    if HOLE in dotted:
        return _opaque(operation, "the table's name is not fully known", dotted)
    if _holed(operation.column):
        return _opaque(operation, "the column's name is not known", dotted)
    if _holed(operation.new_name) or _holed(operation.new_schema):
        return _opaque(operation, "the new name is not known", dotted)
    if _holed(operation.type):
        return replace(operation, type=None)
    return operation


def _settle_create(operation: Operation) -> Operation:
    if _holed(operation.table) or _holed(operation.schema):
        return _calm(operation, "the table's name is not fully known")
    columns = tuple(_column(column) for column in operation.columns if HOLE not in column.name)
    return replace(
        operation,
        columns=columns,
        constraints=tuple(_constraint(constraint) for constraint in operation.constraints),
        like=_known(operation.like),
        incomplete=operation.incomplete
        or len(columns) < len(operation.columns)
        or len(_known(operation.like)) < len(operation.like),
    )


def _opaque(operation: Operation, why: str, table: str) -> Operation:
    return Operation(
        kind="opaque",
        reason=f"{TRAITS[operation.kind].said}: {why}",
        tables=(table,),
        conditional=operation.conditional,
        branch=operation.branch,
    )


def _calm(operation: Operation, why: str) -> Operation:
    table = operation.table
    known = table is not None and HOLE not in table and not _holed(operation.schema)
    dotted = f"{operation.schema}.{table}" if operation.schema is not None else table
    return Operation(
        kind="other_ddl",
        action=operation.action if operation.kind == "other_ddl" else TRAITS[operation.kind].said,
        table=table if known else None,
        schema=operation.schema if known else None,
        reason=f"{why}",
        tables=(dotted,) if known and dotted is not None else (),
        conditional=operation.conditional,
        branch=operation.branch,
    )


def _without_name(operation: Operation) -> Operation:
    """Constraints and indexes may stay without a name."""
    if operation.kind == "create_index":
        index = operation.index
        if index is None:
            return operation
        known = _known(index.columns)
        index = Index(
            None if _holed(index.name) else index.name,
            known if len(known) == len(index.columns) else (),
            index.expressions,
            unique=index.unique,
            where=index.where,
            using=None if _holed(index.using) else index.using,
            include=_known(index.include),
            concurrently=index.concurrently,
            nulls_not_distinct=index.nulls_not_distinct,
        )
        return replace(operation, index=index, name=index.name)
    return replace(operation, name=None if _holed(operation.name) else operation.name)


def _column(column: Column) -> Column:
    return replace(column, type=None) if _holed(column.type) else column


def _constraint(constraint: Constraint) -> Constraint:
    columns = _known(constraint.columns)
    referred = _known(constraint.referred_columns)
    target = _holed(constraint.referred_table) or _holed(constraint.referred_schema)
    return replace(
        constraint,
        name=None if _holed(constraint.name) else constraint.name,
        columns=columns if len(columns) == len(constraint.columns) else (),
        referred_columns=referred if len(referred) == len(constraint.referred_columns) and not target else (),
        referred_table=None if target else constraint.referred_table,
        referred_schema=None if target else constraint.referred_schema,
        using_index=None if _holed(constraint.using_index) else constraint.using_index,
    )


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if HOLE not in name)


def _holed(text: str | None) -> bool:
    return text is not None and HOLE in text
