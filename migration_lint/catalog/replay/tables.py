"""Tables that are dropped, renamed or moved, and what hangs on them.

Renaming onto a name that is taken drops what had it.
"""

from __future__ import annotations

from migration_lint.catalog.model import Table
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.constraints import referring, refers
from migration_lint.catalog.replay.enums import rename_type
from migration_lint.catalog.replay.rows import drop_rows, leave_parents
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.replay.sequences import lose_sequences
from migration_lint.catalog.replay.views import drop_view, drop_views_reading, rename_view
from migration_lint.data_class import replace
from migration_lint.operations import Operation


def drop_table(run: Run, operation: Operation) -> None:
    if run.is_temporary(operation):
        run.temporary.discard(run.catalog.fold_table(operation.table or ""))
        return
    key = run.key(operation)
    if key not in run.catalog.rows:
        if key in run.catalog.views:
            if run.catalog.dialect not in ("mysql", "mariadb"):  # which leave it, with IF EXISTS quietly
                drop_view(run, operation)
            return
        ghost = run.journal.ghost_tables.get(key)
        alive = run.alive(ghost.identity) if ghost is not None else None
        if alive is not None:
            # Renamed under a condition: where that did not hold, this drops it.
            run.note(operation, "table_dropped", alive)
            return
    table = run.table_of(operation)
    if table is not None:
        lose_table(run, operation, table)


def lose_table(run: Run, operation: Operation, table: Table) -> None:
    """Drop a table, and with CASCADE what depends on it."""
    key = run.catalog.key(table.schema, table.name)
    leave_parents(run, operation, key)
    drop_rows(run, operation, table)
    run.note(operation, "table_dropped", table)
    run.remove(table)
    for column in table.columns.values():
        lose_sequences(run, operation, column)
    if operation.conditional:
        run.journal.ghost_tables[key] = table
    else:
        run.catalog.hooks.take(key)
        run.catalog.parents.take(key)
        run.catalog.partitions.discard(key)
    if operation.cascade:
        _drop_dependants(run, operation, table)


def _drop_dependants(run: Run, operation: Operation, table: Table) -> None:
    """CASCADE takes the foreign keys that point at the table and the views that read it."""
    catalog = run.catalog
    key = catalog.key(table.schema, table.name)
    for other in list(referring(run, key)):
        for constraint in other.constraints:
            if refers(run, constraint, key):
                run.note(operation, "constraint_dropped", other, before=constraint)
        kept = tuple(item for item in other.constraints if not refers(run, item, key))
        run.put(other._replace(constraints=kept))
    drop_views_reading(run, operation, key)


def recreate_table(run: Run, operation: Operation) -> None:
    """The old table is dropped behind the new one; what else that changes follows from the operation."""
    table = None if run.is_temporary(operation) else run.catalog.get(run.key(operation))
    if table is not None:
        drop_rows(run, operation, table)


def rename_table(run: Run, operation: Operation) -> None:
    fold_table = run.catalog.fold_table
    if run.is_temporary(operation):
        run.temporary.discard(fold_table(operation.table or ""))
        run.temporary.add(fold_table(operation.new_name or ""))
        return
    key = run.key(operation)
    if key in run.catalog.views and key not in run.catalog.rows:
        rename_view(run, operation, key)
        return
    table = run.table_of(operation)
    if table is not None:
        schema = run.new_schema(operation, table.schema)
        rename_to(run, operation, table, schema, operation.new_name or table.name)


def rename_to(run: Run, operation: Operation, table: Table, schema: str, name: str) -> None:
    """Give a table another schema and name, wherever foreign keys and views speak of it."""
    catalog = run.catalog
    old = catalog.key(table.schema, table.name)
    new = catalog.key(schema, name)
    full_name = TableName(schema, name)
    if full_name == table.full_name:
        return
    taken = catalog.get(new) if new != old else None
    if taken is not None:
        lose_table(run, operation, taken)
    run.note(operation, "table_renamed", table, new_name=full_name)
    run.remove(table)
    run.put(
        table._replace(
            schema=schema,
            name=name,
            former=(*table.former, table.full_name),
            uncertain=table.uncertain or operation.conditional,
        )
    )
    catalog.rename_attached(old, new, keep=operation.conditional)
    if operation.conditional:
        run.journal.ghost_tables[old] = table
    for other in list(referring(run, old)):
        run.put(
            other._replace(
                constraints=tuple(
                    replace(item, referred_schema=schema, referred_table=name)
                    if refers(run, item, old)
                    else item
                    for item in other.constraints
                )
            )
        )
    if catalog.dialect == "postgresql":
        rename_type(run, operation, old, schema, name)
    # A view goes on reading the table that it was made on, whatever that is called.
    for view_key, view in catalog.views.items():
        if any(catalog.key_of(read) == old for read in view.reads):
            reads = tuple(f"{schema}.{name}" if catalog.key_of(read) == old else read for read in view.reads)
            catalog.views[view_key] = view._replace(reads=reads)
