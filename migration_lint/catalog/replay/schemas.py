"""Schemas that are dropped or renamed, with all that is in them."""

from __future__ import annotations

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.enums import rename_enum
from migration_lint.catalog.replay.routines import lose_routines
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.replay.sequences import rename_sequence
from migration_lint.catalog.replay.tables import lose_table, rename_to
from migration_lint.catalog.replay.views import lose_view
from migration_lint.operations import Operation


def drop_schema(run: Run, operation: Operation) -> None:
    # Only MySQL's takes the tables with it unasked; elsewhere it fails where there are any.
    if operation.name is None or not (
        operation.cascade or run.catalog.dialect in ("mysql", "mariadb", "oracle")
    ):
        return
    catalog = run.catalog
    schema = catalog.key(operation.name, "")[0]
    catalog.schemas.discard(schema)
    run.journal.entries.append(Entry(run.revision, operation, "schema_dropped", name=TableName(schema, "")))
    for key in [key for key in catalog.rows if key[0] == schema]:
        table = catalog.get(key)
        if table is not None:
            lose_table(run, operation, table)
    for key in [key for key in catalog.views if key[0] == schema]:
        lose_view(run, operation, key)
    for types in (catalog.enums, catalog.domains, catalog.composites, catalog.sequences):
        for key in [key for key in types if key[0] == schema]:
            types.take(key)
    lose_routines(run, schema)


def rename_schema(run: Run, operation: Operation) -> None:
    if operation.name is None or operation.new_name is None:
        return
    catalog = run.catalog
    schema = catalog.key(operation.name, "")[0]
    new = operation.new_name
    catalog.schemas.discard(schema)
    catalog.schemas.add(catalog.key(new, "")[0])
    run.journal.entries.append(
        Entry(
            run.revision,
            operation,
            "schema_renamed",
            name=TableName(schema, ""),
            new_name=TableName(new, ""),
        )
    )
    for key in [key for key in catalog.rows if key[0] == schema]:
        table = catalog.get(key)
        if table is not None:
            rename_to(run, operation, table, new, table.name)
    for key in [key for key in catalog.views if key[0] == schema]:
        view = catalog.views[key]
        del catalog.views[key]
        catalog.views[catalog.key(new, view.name)] = view._replace(schema=new)
        run.journal.entries.append(
            Entry(
                run.revision,
                operation,
                "view_renamed",
                name=TableName(*view[:2]),
                new_name=TableName(new, view.name),
            )
        )
    for key, sequence in list(catalog.sequences.items()):
        if key[0] == schema:
            rename_sequence(run, operation, key, sequence, TableName(new, sequence.name))
    named = {
        key: types[key].name
        for types in (catalog.enums, catalog.domains, catalog.composites)
        for key in types
    }
    for key, name in named.items():
        if key[0] == schema:
            rename_enum(run, operation, key, new, name)
