"""Indexes, which may be dropped and renamed without a word on which table they are."""

from __future__ import annotations

from migration_lint.catalog.model import Table, index_names
from migration_lint.catalog.replay.constraints import is_called, lose_constraint
from migration_lint.catalog.replay.run import Run, same_name
from migration_lint.data_class import replace
from migration_lint.operations import Operation


def create_index(run: Run, operation: Operation) -> None:
    index = operation.index
    if index is None:
        return
    table = run.table_of(operation)
    if table is None:
        return
    name = index.name or operation.name
    if name is None and operation.if_exists and index.columns:
        first = index.columns[0]  # as MariaDB calls it, which looks for that name
        indexed = any(is_called(run, table, item, first) for item in table.indexes)
        if indexed or any(is_called(run, table, item, first) for item in table.constraints):
            return
    if name is not None:
        if any(same_name(run.catalog, item.name, name) for item in table.indexes):
            if operation.if_exists or operation.conditional:
                return
            table = table._replace(
                indexes=tuple(item for item in table.indexes if not same_name(run.catalog, item.name, name))
            )
        if index.name is None:
            index = replace(index, name=name)
        if run.catalog.index_tables is not None:
            run.catalog.index_tables[run.catalog.fold(name)] = run.key(operation)
    if index.unique:
        run.note(operation, "index_added", table, before=index)
    run.put(table._replace(indexes=(*table.indexes, index)))


def drop_index(run: Run, operation: Operation) -> None:
    table = _table_with_index(run, operation)
    if table is None:
        return
    same = [item for item in table.indexes if is_called(run, table, item, operation.name)]
    if same:
        for index in same:
            run.note(operation, "index_dropped", table, before=index)
        run.put(table._replace(indexes=tuple(item for item in table.indexes if item not in same)))
    elif not any(
        item.kind in ("check", "foreign_key") and same_name(run.catalog, item.name, operation.name)
        for item in table.constraints
    ):
        # MySQL drops a unique constraint by dropping its index; a foreign key stays, whose index it was.
        lose_constraint(run, operation, table, operation.name, "unique", guess=False)


def rename_index(run: Run, operation: Operation) -> None:
    table = _table_with_index(run, operation)
    if table is not None:
        run.put(
            table._replace(
                indexes=tuple(
                    replace(item, name=operation.new_name)
                    if is_called(run, table, item, operation.name)
                    else item
                    for item in table.indexes
                ),
                constraints=tuple(
                    replace(item, name=operation.new_name)
                    if item.kind == "unique" and is_called(run, table, item, operation.name)
                    else item
                    for item in table.constraints
                ),
            )
        )
        if run.catalog.index_tables is not None and operation.new_name:
            run.catalog.index_tables[run.catalog.fold(operation.new_name)] = run.catalog.key(
                table.schema, table.name
            )


def _table_with_index(run: Run, operation: Operation) -> Table | None:
    """The table of an index that is dropped or renamed without saying on which table it is."""
    if operation.table:
        return run.table_of(operation)
    catalog = run.catalog
    if operation.name is None:
        return None
    if catalog.index_tables is None:
        catalog.index_tables = {}
        for key, row in catalog.rows.items():
            catalog.index_tables.update((catalog.fold(name), key) for name in index_names(row) if name)
    wanted = catalog.fold(operation.name)
    hinted = catalog.index_tables.get(wanted)
    if hinted is None:
        return None
    table = catalog.get(hinted)
    if table is not None and any(same_name(catalog, index.name, wanted) for index in table.indexes):
        return table
    for table in catalog.tables():  # it moved along with its table
        if any(same_name(catalog, index.name, wanted) for index in table.indexes):
            return table
    return None
