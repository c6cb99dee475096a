"""Views: a name that answers as a table does, for as long as what it reads is there."""

from __future__ import annotations

import re

from migration_lint.catalog.expressions import canonical_expression, mentions, outside_literals, renamed
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import (
    Catalog,
    CatalogColumn,
    Hook,
    Key,
    Table,
    View,
    ViewColumn,
    column_identity,
    table_identity,
    view_identity,
)
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import Operation


def create_view(run: Run, operation: Operation) -> None:
    if operation.temporary or not operation.table:
        return
    if _reads_temporary(run, operation):
        run.temporary.add(run.catalog.fold_table(operation.table))
        return
    schema = operation.schema or run.catalog.default_schema
    key = run.key(operation)
    there = run.catalog.views.get(key)
    if operation.if_exists and (there is not None or key in run.catalog.rows):
        return
    outputs = given_out(run, operation, view_identity(key))
    if there is not None and there.outputs is not None and run.catalog.dialect == "postgresql":
        # One that is replaced keeps its columns, their names and types: else the server refuses it.
        outputs = (*there.outputs, *(outputs or ())[len(there.outputs) :])
    run.catalog.views[key] = View(
        schema,
        operation.table,
        _there(run, operation.like or operation.tables),
        operation.values,
        outputs,
        _told_by(run, operation) or f"{run.revision}:{operation.line}",
    )
    name = TableName(schema, operation.table)
    if there is not None or key not in run.catalog.rows:
        run.journal.entries.append(Entry(run.revision, operation, "view_created", name=name))
    kept = tuple(hook for hook in run.catalog.hooks.get(key, ()) if hook.kind != "view")
    made = (Hook("view", operation.table, operation.does),) if operation.does else ()
    if kept or made:
        run.catalog.hooks[key] = (*kept, *made)
    else:
        run.catalog.hooks.take(key)


def _reads_temporary(run: Run, operation: Operation) -> bool:
    """Whether PostgreSQL makes a view a temporary one, because it reads what is temporary."""
    catalog = run.catalog
    if catalog.dialect != "postgresql" or not run.temporary or operation.conditional:
        return False
    there = {catalog.key_of(each)[1] for each in operation.like if _is_there(run, each)}
    names = {catalog.fold_table(each.rpartition(".")[2]) for each in operation.like}
    return bool((names - there) & run.temporary)


def _is_there(run: Run, written: str) -> bool:
    """Whether a name with a schema is that of a table or view; one without is of what is temporary first."""
    key = run.catalog.key_of(written)
    return "." in written and (key in run.catalog.rows or key in run.catalog.views)


def _called(
    catalog: Catalog, outputs: tuple[ViewColumn, ...], operation: Operation
) -> tuple[ViewColumn, ...] | None:
    """The columns by their names; of all of a table's by those that stand before the query, if any do."""
    names = [each.name for each in outputs]
    said = operation.values
    if any(each.name == "*" for each in operation.outputs) and said and "*" not in said:
        if len(said) > len(names):
            return None
        names[: len(said)] = said
    folded = [*map(catalog.fold, names)]
    if len(set(folded)) < len(folded):
        if catalog.dialect != "sqlite":
            return None  # the server makes something of two that are called the same, or refuses them
        for place, name in enumerate(folded):
            before = folded[:place].count(name)
            names[place] += f":{before}" if before else ""
    return tuple(
        each
        if each.name == name
        else each._replace(name=name, identity=f"{each.identity.rpartition(':')[0]}:{catalog.fold(name)}")
        for each, name in zip(outputs, names, strict=True)
    )


def _told_by(run: Run, operation: Operation) -> str | None:
    """The text of a view's query, apart from spelling and from the schema that is meant without one."""
    told = canonical_expression(operation.using or operation.sql, run.catalog.fold)
    if told is None or not run.catalog.default_schema:
        return told
    schema = rf"(?<![\w.]){re.escape(run.catalog.default_schema)} ?\. ?"
    return outside_literals(told, lambda piece: re.sub(schema, "", piece))


def _there(run: Run, written: tuple[str, ...]) -> tuple[str, ...]:
    """Of the tables that a search path may mean, those that are there; all, where none is."""
    catalog = run.catalog
    found = tuple(
        each
        for each in written
        if catalog.key_of(each) in catalog.rows or catalog.key_of(each) in catalog.views
    )
    return found or written


def given_out(run: Run, operation: Operation, own: str) -> tuple[ViewColumn, ...] | None:
    """What a query gives out, of the columns that its tables have by now; None: not known.

    `own` is the identity of what it makes.
    """
    catalog, like = run.catalog, _there(run, operation.like)
    found: list[ViewColumn] = []

    def add(name: str, source: CatalogColumn | None, type: str | None, text: str) -> None:
        identity = column_identity(own, "", catalog.fold(name))
        source_type = None if source is None else source.type
        found.append(
            ViewColumn(identity, name, "" if source is None else source.identity, type or source_type, text)
        )

    for each in operation.outputs:
        names = like if each.table is None else _meant(catalog, each.table, like)
        tables = [catalog.relation(catalog.key_of(name)) for name in names]
        if each.name == "*":
            if len(tables) != 1 or tables[0] is None or not tables[0].complete or tables[0].uncertain:
                return None
            for column in tables[0].columns.values():
                add(column.name, None if each.text else column, None, each.text or column.name)
            continue
        folded = catalog.fold(each.column or "")
        known = [table.columns[folded] for table in tables if table is not None and folded in table.columns]
        source = known[0] if len(known) == 1 and all(tables) else None
        add(each.name, source, each.type, each.text)
    return _called(catalog, tuple(found), operation) or None


def _meant(catalog: Catalog, written: str, like: tuple[str, ...]) -> tuple[str, ...]:
    """A table by the name that a query has for it: where the first schema of a path has none, another has."""
    if catalog.relation(catalog.key_of(written)) is not None:
        return (written,)
    name = written.rpartition(".")[2]
    return next(((each,) for each in like if each.rpartition(".")[2] == name), (written,))


def rename_column(run: Run, operation: Operation) -> bool:
    """Rename a column of a view; gives whether there is such a view."""
    key = run.key(operation)
    view = run.catalog.views.get(key)
    if view is None or key in run.catalog.rows or run.is_temporary(operation):
        return False
    fold, new = run.catalog.fold, operation.new_name or ""
    old = fold(operation.column or "")
    outputs = view.outputs
    if outputs is not None:
        outputs = tuple(each._replace(name=new) if fold(each.name) == old else each for each in outputs)
    columns = tuple(new if fold(name) == old else name for name in view.columns)
    run.catalog.views[key] = view._replace(
        columns=columns, outputs=outputs, made=f"{run.revision}:{operation.line}"
    )
    run.journal.entries.append(
        Entry(
            run.revision,
            operation,
            "column_renamed",
            name=TableName(view.schema, view.name),
            column=column_identity(view_identity(key), "", old),
            old=operation.column,
            new=new,
        )
    )
    return True


def follow_column(run: Run, table: Table, column: CatalogColumn, new: str) -> None:
    """SQLite writes the new name of a column into the views that read it, which call theirs so."""
    key, fold = run.catalog.key(table.schema, table.name), run.catalog.fold
    if run.catalog.dialect != "sqlite":
        return

    def called(each: ViewColumn) -> ViewColumn:
        if each.source == column.identity and fold(each.name) == fold(column.name):
            return each._replace(name=new, text=new)
        if each.name == each.text and mentions(each.text, column.name):
            text = renamed(each.text, column.name, new if new.isidentifier() else f'"{new}"')
            return each._replace(name=text, text=text)
        return each

    for view_key, view in list(run.catalog.views.items()):
        if view.outputs is not None and any(run.catalog.key_of(read) == key for read in view.reads):
            run.catalog.views[view_key] = view._replace(outputs=tuple(map(called, view.outputs)))


def follow_all(
    run: Run, table: Table, added: CatalogColumn | None = None, lost: CatalogColumn | None = None
) -> None:
    """What `*` gives out of a table on SQLite, which works it out each time that a view is read."""
    key = run.catalog.key(table.schema, table.name)
    if run.catalog.dialect != "sqlite":
        return
    for view_key, view in list(run.catalog.views.items()):
        if view.outputs is None or "*" not in view.columns or key not in map(run.catalog.key_of, view.reads):
            continue
        outputs: tuple[ViewColumn, ...] | None = view.outputs
        if lost is not None:
            outputs = tuple(each for each in view.outputs if each.source != lost.identity)
        elif added is not None and len(view.reads) == 1 and view.columns == ("*",):
            own = column_identity(view_identity(view_key), "", run.catalog.fold(added.name))
            made = ViewColumn(own, added.name, added.identity, added.type, added.name)
            outputs = (*view.outputs, made)
        else:  # it stands somewhere between others
            outputs = None
        run.catalog.views[view_key] = view._replace(outputs=outputs)


def set_default_of_view(run: Run, operation: Operation) -> None:
    """A view may have defaults of its own, which count for the rows that are written through it."""
    key, fold = run.key(operation), run.catalog.fold
    view = run.catalog.views.get(key)
    if view is not None and view.outputs is not None:
        outputs = tuple(
            each._replace(default=operation.default)
            if fold(each.name) == fold(operation.column or "")
            else each
            for each in view.outputs
        )
        run.catalog.views[key] = view._replace(outputs=outputs)


def drop_view(run: Run, operation: Operation) -> None:
    if run.is_temporary(operation):
        run.temporary.discard(run.catalog.fold_table(operation.table or ""))
        return
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


def drop_views_of_column(run: Run, operation: Operation, table: Table, column: CatalogColumn) -> None:
    """Drop, as CASCADE does, the views that may read a column, and those that read them in turn."""
    key = run.catalog.key(table.schema, table.name)
    for view_key, view in list(run.catalog.views.items()):
        if not any(run.catalog.key_of(read) == key for read in view.reads):
            continue
        # What is known of its text tells whether the column is read at all, in a condition too.
        known = any(each.source == column.identity for each in view.outputs or ())
        if known or view.outputs is None or mentions(view.made, column.name):
            lose_view(run, operation, view_key)
            drop_views_reading(run, operation, view_key)


def lose_view(run: Run, operation: Operation, key: Key) -> None:
    view = run.catalog.views.take(key)
    if not operation.conditional:
        run.catalog.hooks.take(key)
    if view is None and key in run.catalog.rows:
        return
    name = TableName(*key) if view is None else TableName(view.schema, view.name)
    # A view that nothing here created is implied, as a table is.
    identity = table_identity("", *key) if view is None else ""
    run.journal.entries.append(Entry(run.revision, operation, "view_dropped", identity, name))


def rename_view(run: Run, operation: Operation, key: Key) -> None:
    view = run.catalog.views[key]
    del run.catalog.views[key]
    new = TableName(run.new_schema(operation, view.schema), operation.new_name or view.name)
    run.catalog.rename_attached(key, run.catalog.key(*new), keep=operation.conditional)
    run.catalog.views[run.catalog.key(*new)] = view._replace(schema=new.schema, name=new.name)
    run.journal.entries.append(
        Entry(run.revision, operation, "view_renamed", name=TableName(*view[:2]), new_name=new)
    )
