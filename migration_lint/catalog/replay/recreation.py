"""A table that is made anew with its rows copied, as what that changes."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.catalog.model import Table
from migration_lint.catalog.replay.run import Run, same_name
from migration_lint.catalog.types import same_type
from migration_lint.data_class import replace
from migration_lint.operations import NUMBERED, Column, Constraint, Operation


def recreated(run: Run, operation: Operation) -> list[Operation]:
    """What is changed by making a table anew, as the catalog knows it; without places."""
    table = None if run.is_temporary(operation) else run.catalog.get(run.key(operation))
    found = [] if table is None else [*_columns(run, operation, table), *_rest(run, operation, table)]
    if (table is None or not table.complete) and not operation.incomplete:
        named = f"{operation.schema}.{operation.table}" if operation.schema else operation.table or ""
        reason = "the table is made anew, and which columns it had is not known"
        found.append(Operation(kind="opaque", reason=reason, tables=(named,)))
    if table is None:
        found += [
            Operation(
                kind="alter_type",
                table=operation.table,
                schema=operation.schema,
                column=each.name,
                type=each.type,
            )
            for each in operation.columns
            if operation.incomplete
        ]
    return [replace(each, batch=operation.batch) for each in found]


def _columns(run: Run, operation: Operation, table: Table) -> Iterator[Operation]:
    fold = run.catalog.fold
    stated = {fold(each.name): each for each in operation.columns}
    kept = set(map(fold, operation.values))
    keys = {
        fold(name) for each in operation.constraints if each.kind == "primary_key" for name in each.columns
    }
    for folded, there in table.columns.items():
        column = stated.get(folded)
        on = Operation(kind="drop_column", table=table.name, schema=table.schema, column=there.name)
        if column is None:
            if not operation.incomplete and folded not in kept:
                yield on
            continue
        yield from _altered(run, on, column, there.type, there.nullable, there.default, folded in keys)
    for folded, column in stated.items() if table.complete else ():
        if folded not in table.columns:
            on = Operation(kind="add_column", table=table.name, schema=table.schema, column=column.name)
            yield replace(on, columns=(replace(column, nullable=column.nullable and folded not in keys),))


def _altered(
    run: Run,
    on: Operation,
    column: Column,
    type: str | None,
    nullable: bool | None,
    default: str | None,
    keyed: bool,
) -> Iterator[Operation]:
    """What a column that is stated is besides what it was."""
    if type is not None and not same_type(type, column.type, run.catalog.dialect):
        reason = None if column.type is not None else "the new type could not be worked out"
        yield replace(on, kind="alter_type", type=column.type, reason=reason)
    now = column.nullable and not keyed and column.generated not in NUMBERED
    if nullable is not None and now != nullable:
        yield replace(on, kind="set_nullable", nullable=now)
    if (default is None) != (column.default is None) and column.generated is None:
        yield replace(on, kind="set_default", default=column.default)


def _rest(run: Run, operation: Operation, table: Table) -> Iterator[Operation]:
    """Constraints and indexes that go, and those that come."""
    catalog = run.catalog
    # Of a table that is reflected in part, all that stands on the columns that stay does, too.
    goes = not operation.incomplete and not operation.values
    for there in table.constraints:
        if goes and not any(_same(run, there, each) for each in operation.constraints):
            yield Operation(
                kind="drop_constraint",
                table=table.name,
                schema=table.schema,
                name=there.name,
                constraints=(there,),
            )
    for each in operation.constraints:
        if not any(_same(run, there, each) for there in table.constraints):
            yield Operation(
                kind="add_constraint",
                table=table.name,
                schema=table.schema,
                name=each.name,
                constraints=(each,),
            )
    for index in table.indexes:
        if goes and not any(same_name(catalog, index.name, each.name) for each in operation.does):
            yield Operation(kind="drop_index", table=table.name, schema=table.schema, name=index.name)
    for made in operation.does:
        if not any(same_name(catalog, made.name, each.name) for each in table.indexes):
            yield made


def _same(run: Run, one: Constraint, other: Constraint) -> bool:
    """Whether two constraints say the same, whatever their names."""
    fold = run.catalog.fold
    if one.kind != other.kind:
        return False
    if one.kind in ("check", "exclude"):
        return same_name(run.catalog, one.name, other.name) or one.expression == other.expression
    return set(map(fold, one.columns)) == set(map(fold, other.columns))
