"""Enums, and the columns that have one for their type."""

from __future__ import annotations

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Catalog, CatalogColumn, Enum, Key, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.composites import drop_composite, rename_composite, respell
from migration_lint.catalog.replay.domains import rename_domain
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import Operation


def create_enum(run: Run, operation: Operation) -> None:
    key = run.catalog.key(operation.schema, operation.name or "")
    if key in run.catalog.enums and (operation.if_exists or operation.conditional):
        return
    schema = operation.schema or run.catalog.default_schema
    run.catalog.enums[key] = Enum(schema, operation.name or "", operation.values)


def alter_enum(run: Run, operation: Operation) -> None:
    catalog = run.catalog
    key = catalog.key(operation.schema, operation.name or "")
    enum = catalog.enums.get(key)
    if operation.action == "add_value" and enum is not None:
        added = tuple(value for value in operation.values if value not in enum.values)
        at = _place(enum.values, operation.beside)
        catalog.enums[key] = enum._replace(values=(*enum.values[:at], *added, *enum.values[at:]))
    elif operation.action == "set_values" and enum is not None:
        catalog.enums[key] = enum._replace(values=operation.values)
    elif operation.action == "rename_value" and enum is not None and operation.new_name is not None:
        catalog.enums[key] = enum._replace(
            values=tuple(operation.new_name if value in operation.values else value for value in enum.values)
        )
        run.journal.entries.append(
            Entry(
                run.revision,
                operation,
                "enum_value_renamed",
                name=TableName(enum.schema, enum.name),
                old=next(iter(operation.values), None),
                new=operation.new_name,
            )
        )
    elif operation.action in ("rename", "move"):
        schema = operation.new_schema or operation.schema or catalog.default_schema
        name = (operation.new_name if operation.action == "rename" else operation.name) or ""
        if operation.action == "move" and operation.new_schema is None and operation.new_name:
            schema = operation.new_name
        rename_enum(run, operation, key, schema, name)


def _place(values: tuple[str, ...], beside: tuple[str, ...]) -> int:
    """Where a new value stands: beside the one that is named, else at the end."""
    if not beside or beside[1] not in values:
        return len(values)
    return values.index(beside[1]) + (beside[0] == "after")


def rename_enum(run: Run, operation: Operation, key: Key, schema: str, name: str) -> None:
    """A type's new name is the columns' new type: what casts to the old name no longer works."""
    enum = run.catalog.enums.take(key)
    if enum is not None:
        run.catalog.enums[run.catalog.key(schema, name)] = Enum(schema, name, enum.values)
    rename_domain(run, key, schema, name)
    rename_composite(run, key, schema, name)
    rename_type(run, operation, key, schema, name)


def rename_type(run: Run, operation: Operation, key: Key, schema: str, name: str) -> None:
    """What is of a type that has another name now follows; a table's rows are a type, too."""
    spelled = _spelled_type(run.catalog, schema, name)
    respell(run, key, spelled)
    for table, column in _columns_of_type(run.catalog, key):
        new = spelled + ("[]" if (run.catalog.canonical(column.type) or "").endswith("[]") else "")
        current = run.catalog.table(table.schema, table.name) or table
        run.note(operation, "column_retyped", current, column, old=column.type, new=new)
        run.with_column(current, column._replace(type=new))


def drop_enum(run: Run, operation: Operation) -> None:
    key = run.catalog.key(operation.schema, operation.name or "")
    run.catalog.enums.take(key)
    run.catalog.domains.take(key)
    drop_composite(run, operation)


def tables_of_enum(catalog: Catalog, key: Key) -> tuple[str, ...]:
    """The tables with a column that has an enum for its type, as an opaque operation lists them."""
    return tuple(dict.fromkeys(f"{table.schema}.{table.name}" for table, _ in _columns_of_type(catalog, key)))


def _columns_of_type(catalog: Catalog, key: Key) -> list[tuple[Table, CatalogColumn]]:
    return [
        (table, column)
        for table in catalog.tables()
        for column in table.columns.values()
        if column.type is not None and catalog.key_of_type(column.type) == key
    ]


def _spelled_type(catalog: Catalog, schema: str, name: str) -> str:
    """A user's type as `canonical` spells it."""
    quoted = '"' + name.replace('"', '""') + '"'
    if schema and schema != catalog.default_schema:
        quoted = '"' + schema.replace('"', '""') + '".' + quoted
    return catalog.canonical(quoted) or name
