"""Views: a name that answers as a table does, for as long as what it reads is there."""

from __future__ import annotations

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Hook, Key, View, table_identity
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import Operation


def create_view(run: Run, operation: Operation) -> None:
    if operation.temporary or not operation.table:
        return
    schema = operation.schema or run.catalog.default_schema
    key = run.key(operation)
    run.catalog.views[key] = View(
        schema, operation.table, operation.like or operation.tables, operation.values
    )
    kept = tuple(hook for hook in run.catalog.hooks.get(key, ()) if hook.kind != "view")
    made = (Hook("view", operation.table, operation.does),) if operation.does else ()
    if kept or made:
        run.catalog.hooks[key] = (*kept, *made)
    else:
        run.catalog.hooks.pop(key, None)


def drop_view(run: Run, operation: Operation) -> None:
    key = run.key(operation)
    lose_view(run, operation, key)
    if operation.cascade:
        drop_views_reading(run, operation, key)


def drop_views_reading(run: Run, operation: Operation, key: Key) -> None:
    """Drop the views that read a table or a view, and those that read them in turn."""
    for view_key, view in list(run.catalog.views.items()):
        if view_key in run.catalog.views and any(run.catalog.key_of(read) == key for read in view.reads):
            lose_view(run, operation, view_key)
            drop_views_reading(run, operation, view_key)


def lose_view(run: Run, operation: Operation, key: Key) -> None:
    view = run.catalog.views.pop(key, None)
    if not operation.conditional:
        run.catalog.hooks.pop(key, None)
    if view is None and key in run.catalog.rows:
        return
    name = TableName(*key) if view is None else TableName(view.schema, view.name)
    # A view that nothing here created is implied, as a table is.
    identity = table_identity("", *key) if view is None else ""
    run.journal.entries.append(Entry(run.revision, operation, "view_dropped", identity, name))


def rename_view(run: Run, operation: Operation, key: Key) -> None:
    view = run.catalog.views.pop(key)
    new = TableName(operation.new_schema or view.schema, operation.new_name or view.name)
    run.catalog.rename_attached(key, run.catalog.key(*new), keep=operation.conditional)
    run.catalog.views[run.catalog.key(*new)] = view._replace(schema=new.schema, name=new.name)
    run.journal.entries.append(
        Entry(run.revision, operation, "view_renamed", name=TableName(*view[:2]), new_name=new)
    )
