"""Tables that are created, with the columns that they copy from others.

Creating a table that is there adds the columns it lacks and takes over the types that the newer
statement gives.
"""

from __future__ import annotations

import re

from migration_lint.catalog.model import CatalogColumn, Hook, Table, column_identity, table_identity
from migration_lint.catalog.replay.columns import made_column
from migration_lint.catalog.replay.constraints import keyed
from migration_lint.catalog.replay.copying import (
    copied_column,
    copied_constraints,
    copied_indexes,
    merged_column,
    parts_copied,
)
from migration_lint.catalog.replay.rows import note_written
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.replay.sequences import number
from migration_lint.catalog.replay.views import given_out
from migration_lint.lazy_pattern import find
from migration_lint.operations import NUMBERED, Column, Index, Operation

# Texts, which `re` compiles when they are first needed: most runs need none, and compiling takes a while.
_FILLED = r"\bselect\b"
_SELECT_ALL = r"\bselect\s+\*\s+from\s+[^\s,();]+\s*(?:;|\)|where\b|limit\b|with\b|order\b|$)"
_WITHOUT_ROWID = r"\bwithout\s+rowid\b"
_COPIED = r"\b(?:like|inherits|partition\s+of)\b"
_WITH_DEFAULTS = r"\bincluding\s+(?:all|defaults)\b|\binherits\b|\bpartition\s+of\b"


#: What stands in a type → what is left of it. A BLOB is of no type then.
_AFFINITIES = (
    *(("INT", "INT"), ("CHAR", "TEXT"), ("CLOB", "TEXT"), ("TEXT", "TEXT"), ("BLOB", None)),
    *(("REAL", "REAL"), ("FLOA", "REAL"), ("DOUB", "REAL")),
)
#: What is made of a query there keeps NOT NULL.
_KEEPING = ("mysql", "mariadb")


def create_table(run: Run, operation: Operation) -> None:
    catalog = run.catalog
    if operation.temporary:
        # Where it only may have been made, the name still means the real table.
        if not operation.conditional:
            run.temporary.add(catalog.fold_table(operation.table or ""))
        return
    if not operation.table:
        return
    key = run.key(operation)
    existing = catalog.get(key)
    if existing is not None:
        if not (operation.if_exists or operation.conditional):
            _merge(run, existing, operation)
        return
    if operation.if_exists and key in catalog.views:
        return  # a view has the name
    schema = operation.schema or catalog.default_schema
    identity = run.unique(table_identity(run.revision, schema, operation.table))
    columns = {catalog.fold(column.name): made_column(run, identity, column) for column in operation.columns}
    complete = not operation.incomplete and not operation.like
    if operation.outputs and not columns:
        columns = _selected(run, operation, identity)
        complete = bool(columns)
    if operation.inherits and _of_composite(run, operation, identity, columns):
        complete = True
    sources = [source for source in (_source(run, name) for name in operation.like) if source is not None]
    if sources and len(sources) == len(operation.like):
        complete = _copy_columns(run, operation, identity, sources, columns) or complete
    constraints, indexes = operation.constraints, tuple[Index, ...]()
    for source, parts in _models(run, operation):
        constraints += copied_constraints(catalog, source, parts, constraints)
        indexes += copied_indexes(source, parts)
    table = Table(
        identity,
        schema,
        operation.table,
        keyed(
            catalog, columns, constraints, find("rowid", _WITHOUT_ROWID, operation.sql or "", re.I) is None
        ),
        constraints,
        indexes,
        complete,
        operation.conditional,
        charset=operation.charset or (sources[0].charset if len(sources) == 1 else None),
    )
    run.put(table)
    if operation.inherits:
        catalog.parents[key] = tuple(dict.fromkeys(map(catalog.key_of, operation.inherits)))
        if "partition" in operation.including:
            catalog.partitions.add(key)
    if operation.does:
        hook = Hook("partition key of", operation.table, operation.does)
        catalog.hooks[key] = (*catalog.hooks.get(key, ()), hook)
    number(run, table)
    run.note(operation, "table_created", table)
    if sources and re.search(_FILLED, operation.sql or "", re.I):
        note_written(run, operation, (identity, *(source.identity for source in sources)))


def _of_composite(run: Run, operation: Operation, identity: str, columns: dict[str, CatalogColumn]) -> bool:
    """Add the columns of CREATE TABLE OF, which are the attributes of its type; whether that is known."""
    fold = run.catalog.fold
    composites = [run.catalog.composites.get(run.catalog.key_of(each)) for each in operation.inherits]
    for name, type in (pair for each in composites if each is not None for pair in each.attributes):
        own = columns.get(fold(name))
        made = made_column(run, identity, Column(name, type)) if own is None else own._replace(type=type)
        columns[fold(name)] = made
    return all(each is not None and not each.unheard for each in composites)


def _selected(run: Run, operation: Operation, identity: str) -> dict[str, CatalogColumn]:
    """The columns of CREATE TABLE AS; {}: they are not known."""
    found: dict[str, CatalogColumn] = {}
    for each in given_out(run, operation, identity) or ():
        # Of several tables one may be joined so that it gives NULL.
        source = run.catalog.source_of(each.source) if each.source and len(operation.like) == 1 else None
        nullable, default = _kept(run, source)
        found[run.catalog.fold(each.name)] = CatalogColumn(
            run.unique(column_identity(identity, run.revision, each.name)),
            each.name,
            _kept_type(run, each.type),
            nullable,
            default,
            None,
        )
    return found


def _kept(run: Run, source: CatalogColumn | None) -> tuple[bool | None, str | None]:
    """Nullability and default of a column that a query makes of another one; None: it is worked out.

    MySQL and MariaDB keep both, and a column that was numbered begins with 0.
    """
    if run.catalog.dialect not in _KEEPING:
        return (True if run.catalog.dialect in ("postgresql", "sqlite") else None), None
    if source is None:
        return None, None
    return source.nullable, "0" if source.generated in NUMBERED else source.default


def _kept_type(run: Run, type: str | None) -> str | None:
    """The type of a column that is made of another one by a query. SQLite keeps its affinity alone.

    https://sqlite.org/datatype3.html#determination_of_column_affinity, createtable.html of CREATE TABLE AS
    """
    if run.catalog.dialect != "sqlite" or type is None:
        return type
    return next((kept for part, kept in _AFFINITIES if part in type.upper()), "NUM")


def _source(run: Run, written: str) -> Table | None:
    return run.catalog.get(run.catalog.key_of(written))


def _models(run: Run, operation: Operation) -> list[tuple[Table, frozenset[str]]]:
    """The tables that one is made like, with what is copied beside their columns; none where nobody says."""
    found = []
    for name, including in zip(operation.like, operation.including, strict=False):
        source = _source(run, name)
        if source is not None:
            found.append((source, parts_copied(including)))
    return found


def _copy_columns(
    run: Run,
    operation: Operation,
    identity: str,
    sources: list[Table],
    columns: dict[str, CatalogColumn],
) -> bool:
    """Add the columns of LIKE, INHERITS or SELECT *; whether these are all there are."""
    sql = operation.sql or ""
    models = _models(run, operation)
    if models:
        for source, parts in models:
            for folded, column in source.columns.items():
                own = columns.get(folded)
                name = column_identity(identity, run.revision, column.name)
                if own is None:
                    columns[folded] = copied_column(column, run.unique(name), parts)
                elif "default" in parts and operation.inherits:
                    parents = copied_column(column, own.identity, parts)
                    columns[folded] = merged_column(own, parents, "partition" in operation.including)
        return all(source.complete for source in sources)
    everything = re.search(_SELECT_ALL, sql, re.I) is not None
    copied = bool(operation.inherits) or re.search(_COPIED, sql, re.I) is not None
    if not (everything and len(sources) == 1) and not copied:
        return False
    inherits = bool(operation.inherits) or re.search(_WITH_DEFAULTS, sql, re.I) is not None
    for source in sources:
        for folded, column in source.columns.items():
            if folded not in columns:
                as_it_is = column.nullable, column.default if inherits else None
                columns[folded] = CatalogColumn(
                    run.unique(column_identity(identity, run.revision, column.name)),
                    column.name,
                    _kept_type(run, column.type),
                    *(_kept(run, column) if everything else as_it_is),
                    None,
                    inherited=bool(operation.inherits),
                )
    return all(source.complete for source in sources)


def _merge(run: Run, table: Table, operation: Operation) -> None:
    """A table is created that is there: made twice, or dropped by something that was not read."""
    columns = table.columns.copy()
    for column in operation.columns:
        folded = run.catalog.fold(column.name)
        made = made_column(run, table.identity, column)
        there = columns.get(folded)
        if there is None:
            columns[folded] = made
            run.note(operation, "column_added", table, made)
        else:
            columns[folded] = made._replace(identity=there.identity, type=made.type or there.type)
            if there.type != columns[folded].type:
                run.note(operation, "column_retyped", table, there, old=there.type, new=columns[folded].type)
    known = {constraint.name for constraint in table.constraints if constraint.name}
    added = tuple(
        item for item in operation.constraints if item not in table.constraints and item.name not in known
    )
    run.put(
        table._replace(
            columns=keyed(run.catalog, columns, operation.constraints),
            constraints=table.constraints + added,
            complete=(table.complete or table.implied) and not operation.incomplete and not operation.like,
            uncertain=True,
        )
    )
