"""Which table a statement means: by the search path, and by what PostgreSQL takes under another name."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.catalog.model import Catalog, Key
from migration_lint.catalog.replay.composites import ALTERING
from migration_lint.catalog.replay.enums import tables_of_enum
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import ANY_TABLE, HOLE, TRAITS, Operation, altered, kinds_of

#: What breaks those who read the table by its name.
_BREAKING = kinds_of("table", "column", to=("gone", "renamed", "moved", "remade", "retyped"))
_MAKING = kinds_of("table", "view", "enum", to=("made",))
_ENUMS = kinds_of("enum") - _MAKING
_INDEXES = kinds_of("index", to=("gone", "renamed"))


def resolved(run: Run, operation: Operation) -> Operation:
    """The operation on the table that the server finds for its name; opaque where nobody can tell which."""
    if operation.kind == "opaque" and operation.search_path:
        return _of_sessions(run.catalog, operation)
    if operation.search_path:
        operation = _found_on_path(run, operation)
    elif run.path_lost and operation.schema is None and operation.kind in _BREAKING and operation.sql:
        operation = _unknown(operation)
    if run.catalog.dialect in ("mysql", "mariadb") and not run.catalog.default_schema:
        return _in_database(run.catalog, operation)
    if run.catalog.dialect != "postgresql":
        return operation
    if operation.kind == "opaque" and operation.name is not None:
        return _of_enum(run.catalog, operation)
    if operation.kind in ("rename_table", "move_table", "rename_index"):
        operation = _sequence_or_table(run.catalog, operation)
    if operation.kind == "rename_index":
        return _index_or_table(run.catalog, operation)
    if operation.action in ALTERING:
        return _of_attribute(run.catalog, operation)
    return operation


def _in_database(catalog: Catalog, operation: Operation) -> Operation:
    """Of MySQL's `app.t`, where nobody says what the connected database is called: `t`, if that is there."""
    if operation.kind in _MAKING:
        return operation
    tables = tuple(_connected(catalog, written) for written in operation.tables)
    said: dict[str, object] = {"tables": tables} if tables != operation.tables else {}
    if operation.schema and operation.table:
        written = f"{operation.schema}.{operation.table}"
        if _connected(catalog, written) != written:
            said["schema"] = None
    return altered(operation, said) if said else operation


def _connected(catalog: Catalog, written: str) -> str:
    """The name of a table without its database, if that may be the one that is connected to."""
    schema, _, name = written.rpartition(".")
    if not schema or HOLE in schema:
        return written
    there = [
        key in catalog.rows or key in catalog.views
        for key in (catalog.key(schema, name), catalog.key(None, name))
    ]
    return name if there == [False, True] else written


def _of_attribute(catalog: Catalog, operation: Operation) -> Operation:
    """RENAME ATTRIBUTE takes a table, too; of a type that nobody knows, there may be tables."""
    key = catalog.key(operation.schema, operation.name or "")
    if operation.action == "alter type rename attribute" and (key in catalog.rows or key in catalog.views):
        return altered(
            operation, {"kind": "rename_column", "table": operation.name, "name": None, "action": None}
        )
    if operation.cascade and key not in catalog.composites:
        reason = "ALTER TYPE: the tables made OF this type change with it"
        return altered(operation, {"kind": "opaque", "name": None, "reason": reason, "tables": (ANY_TABLE,)})
    return operation


def _of_sessions(catalog: Catalog, operation: Operation) -> Operation:
    """A search path of new sessions, which do not find the tables that another schema hides."""
    path, default = operation.search_path, catalog.key(None, "")[0]
    tables: tuple[str, ...] = ()
    if any(HOLE in schema for schema in path):
        tables = (ANY_TABLE,)
    elif default not in path:
        tables = (f"{default}.{HOLE}",)
    else:
        before = path[: path.index(default)]
        hiding = {name for schema, name in (*catalog.rows, *catalog.views) if schema in before}
        own = (name for schema, name in (*catalog.rows, *catalog.views) if schema == default)
        tables = tuple(f"{default}.{name}" for name in own if name in hiding)
    kept: dict[str, object] = {"tables": tables, "search_path": ()}
    if not tables:
        kept |= {"kind": "other_ddl", "action": "alter role", "reason": None}
    return altered(operation, kept)


def _found_on_path(run: Run, operation: Operation) -> Operation:
    catalog = run.catalog
    path = operation.search_path if not run.path_lost else (HOLE,)
    if operation.kind == "dml":
        found = tuple(_read_on_path(catalog, operation.tables, path))
        return altered(operation, {"tables": found, "search_path": ()})
    if operation.kind in _MAKING:
        return _made_on_path(catalog, operation)
    name = operation.table or operation.name or ""
    if catalog.fold_table(name) in run.temporary and "pg_temp" not in path:
        return altered(operation, {"schema": None, "search_path": ()})
    for schema in path:
        if HOLE in schema:
            return _unknown(operation) if operation.kind in _BREAKING else operation
        if schema == "pg_temp":
            if catalog.fold_table(name) in run.temporary:
                return altered(operation, {"schema": None, "search_path": ()})
        elif _exists(catalog, operation, catalog.key(schema, name)):
            return altered(operation, {"schema": schema, "search_path": ()})
    first = next((schema for schema in path if schema != "pg_temp"), operation.schema)
    return altered(operation, {"schema": first, "search_path": ()})


def _read_on_path(catalog: Catalog, tables: tuple[str, ...], path: tuple[str, ...]) -> Iterator[str]:
    """Of tables that may be in several schemas, the first that is there; all of them where none is."""
    found: set[str] = set()
    for written in tables:
        schema, _, name = written.rpartition(".")
        others = [f"{each}.{name}" for each in path if f"{each}.{name}" in tables]
        there = [each for each in others if _is_there(catalog, each)] if schema in path else []
        chosen = there[0] if there else written
        if chosen not in found:
            found.add(chosen)
            yield chosen


def _is_there(catalog: Catalog, written: str) -> bool:
    key = catalog.key_of(written)
    return key in catalog.rows or key in catalog.views


def _made_on_path(catalog: Catalog, operation: Operation) -> Operation:
    """A new table is made in the first schema of the path that is there."""
    path = operation.search_path
    if path[0] == "pg_temp":
        return altered(operation, {"schema": None, "temporary": True, "search_path": ()})
    there = {schema for schema, _ in catalog.rows} | {catalog.default_schema, *catalog.schemas}
    schema = path[0] if len(path) == 1 else next((each for each in path if each in there), path[0])
    return altered(operation, {"schema": schema, "search_path": ()})


def _exists(catalog: Catalog, operation: Operation, key: Key) -> bool:
    kind = operation.kind
    if kind in _ENUMS or (operation.action in ALTERING and key in catalog.composites):
        return any(key in part for part in (catalog.enums, catalog.domains, catalog.composites))
    if kind == "other_ddl" and (operation.action or "").endswith(" sequence"):
        return key in catalog.sequences
    return key in catalog.rows or key in catalog.views or (kind in _INDEXES and _is_index(catalog, key))


def _is_index(catalog: Catalog, key: Key) -> bool:
    return any(
        index.name == key[1]
        for table in catalog.tables()
        if catalog.key(table.schema, "")[0] == key[0]
        for index in table.indexes
    )


def _sequence_or_table(catalog: Catalog, operation: Operation) -> Operation:
    """ALTER TABLE and ALTER INDEX take a sequence, too."""
    name = operation.name if operation.kind == "rename_index" else operation.table
    key = catalog.key(operation.schema, name or "")
    if key not in catalog.sequences or key in catalog.rows or key in catalog.views:
        return operation
    return altered(operation, {"kind": "other_ddl", "action": "alter sequence", "name": name, "table": None})


def _index_or_table(catalog: Catalog, operation: Operation) -> Operation:
    """ALTER INDEX … RENAME TO renames a table or a view as well, "for historical reasons"."""
    if operation.name is None or operation.table is not None:
        return operation
    key = catalog.key(operation.schema, operation.name)
    if key not in catalog.rows and key not in catalog.views:
        return operation
    return altered(operation, {"kind": "rename_table", "table": operation.name, "name": None})


def _of_enum(catalog: Catalog, operation: Operation) -> Operation:
    """Of what an enum is made into nothing is known, but which tables it concerns: those that have it."""
    key = catalog.key(operation.schema, operation.name or "")
    if key not in catalog.enums:
        return operation
    tables = tables_of_enum(catalog, key)
    return altered(operation, {"tables": tables} if tables else {"kind": "other_ddl"})


def _unknown(operation: Operation) -> Operation:
    return altered(
        operation,
        {
            "kind": "opaque",
            "reason": f"{TRAITS[operation.kind].said}: in which schema the table is found is not known",
            "tables": (f"{HOLE}.{operation.table}",),
        },
    )
