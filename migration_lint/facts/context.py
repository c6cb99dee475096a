"""What stands around an operation: what hangs on its table or column, and what its revision leaves.

All of it is read off a catalog: the one just before the operation (`dependents`), or the one at the end
of its revision (the rest).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from migration_lint.catalog.expressions import canonical_expression
from migration_lint.catalog.model import Catalog, CatalogColumn, Enum, Key, Table, View
from migration_lint.catalog.replay.columns import stands_in
from migration_lint.catalog.replay.run import default_names
from migration_lint.facts.model import GENERATED, DependentsFacts
from migration_lint.operations import (
    ANY_TABLE,
    HOLE,
    TRAITS,
    WRITING,
    Column,
    Constraint,
    ConstraintKind,
    Generated,
    Index,
    Kind,
    Operation,
    kinds_of,
)

KEYS = ("primary_key", "unique", "foreign_key")
_WORDS = {"primary_key": "primary key", "foreign_key": "foreign key", "not_null": "not null"}

#: Stands in an index for an expression that could not be worked out.
UNKNOWN = "?"

#: What makes a thing again that one of these takes away.
_AGAIN: dict[Kind, Kind | None] = {kind: TRAITS[kind].undone_by for kind in kinds_of(to=("gone",))}


def index_label(index: Index) -> str:
    """What a message calls an index."""
    return index.name or f"{'unique ' if index.unique else ''}index ({', '.join(index.columns)})"


def constraint_label(constraint: Constraint) -> str:
    """What a message calls a constraint."""
    said = constraint.expression if constraint.kind == "check" else ", ".join(constraint.columns)
    return constraint.name or f"{_WORDS.get(constraint.kind, constraint.kind)} ({said or ''})"


def dependents(catalog: Catalog, table: Table | None, column: str | None) -> DependentsFacts:
    """What hangs on a column of a table, or with None on the whole table."""
    if table is None:
        return DependentsFacts()
    indexes: Sequence[Index] = table.indexes
    constraints: Sequence[Constraint] = table.constraints
    if column is not None:
        indexes = [each for each in indexes if stands_in(catalog.fold, column, each)]
        constraints = [each for each in constraints if stands_in(catalog.fold, column, each)]
    shared = [
        *(index_label(each) for each in indexes if len(each.columns) > 1),
        *(constraint_label(each) for each in constraints if len(each.columns) > 1),
    ]
    return DependentsFacts(
        indexes=_once(map(index_label, indexes)),
        constraints=_once(map(constraint_label, constraints)),
        views=_once(label_of(catalog, view) for view in views_of(catalog, table, column)),
        keys=_once(
            [
                *(index_label(each) for each in indexes if each.unique),
                *(constraint_label(each) for each in constraints if each.kind in KEYS),
            ]
        ),
        shared=_once(shared) if column is not None else (),
        primary=column is not None and any(each.kind == "primary_key" for each in constraints),
        references=_once(_referring(catalog, table)) if column is None else (),
    )


def views_of(catalog: Catalog, table: Table, column: str | None) -> Iterator[View]:
    """The views that read a table; with a column those that give it out, or whose columns are not known."""
    key = catalog.key(table.schema, table.name)
    for view in catalog.views.values():
        if any(catalog.key_of(read) == key for read in view.reads) and (
            column is None
            or not view.columns
            or "*" in view.columns
            or catalog.fold(column) in map(catalog.fold, view.columns)
        ):
            yield view


def _referring(catalog: Catalog, table: Table) -> Iterator[str]:
    key = catalog.key(table.schema, table.name)
    for place in list(catalog.rows):
        other = catalog.get(place) if catalog.may_name(place, catalog.fold(table.name)) else None
        for each in () if other is None else other.constraints:
            if (
                each.kind == "foreign_key"
                and each.referred_table is not None
                and catalog.key(each.referred_schema, each.referred_table) == key
                and other is not None
                and other.identity != table.identity
            ):
                yield label_of(catalog, other)


def label_of(catalog: Catalog, item: Table | View | Enum) -> str:
    return item.name if item.schema == catalog.default_schema else f"{item.schema}.{item.name}"


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def is_kept(operation: Operation, later: Iterable[Operation], catalog: Catalog) -> bool:
    """Whether one of the later operations makes a view under the name that a table had."""
    old = catalog.key(operation.schema, operation.table or "")
    return any(each.kind == "create_view" and _named(each, catalog) == old for each in later)


def made_again(
    operation: Operation, later: Iterable[Operation], catalog: Catalog, earlier: Iterable[Operation] = ()
) -> bool:
    """Whether one of the later operations makes what this one drops, under the same name, without its rows.

    `earlier` are those of the same revision before it.
    """
    kind = _AGAIN.get(operation.kind)
    if kind is None:
        return False
    wanted, following = _named(operation, catalog), list(later)
    at = next(
        (n for n, each in enumerate(following) if each.kind == kind and _named(each, catalog) == wanted), None
    )
    if wanted is None or at is None:
        return False
    return operation.kind != "drop_column" or not _written_back(operation, earlier, following[at:], catalog)


def _written_back(
    operation: Operation, earlier: Iterable[Operation], later: Iterable[Operation], catalog: Catalog
) -> bool:
    """Whether a column is worked out by the server, or its values are read first and written afterwards."""
    table = catalog.table(operation.schema, operation.table or "")
    column = None if table is None else table.columns.get(catalog.fold(operation.column or ""))
    if column is not None and column.generated in ("stored", "virtual"):
        return True
    key = catalog.key(operation.schema, operation.table or "")
    reads = [each for each in earlier if each.kind == "dml" and each.action in ("select", None, "")]
    writes = [
        each for each in later if each.kind == "dml" and each.action not in ("select", "delete", "truncate")
    ]
    return any(may_write(each, key, catalog) for each in reads) and any(
        may_write(each, key, catalog) for each in writes
    )


def _named(operation: Operation, catalog: Catalog) -> object:
    """What an operation makes or drops, by name; None where that is not said."""
    match TRAITS[operation.kind].subject:
        case "table" | "view":
            return catalog.key(operation.schema, operation.table or "")
        case "column":
            name = operation.columns[0].name if operation.columns else operation.column
            return catalog.key(operation.schema, operation.table or ""), catalog.fold(name or "")
        case "enum":
            return catalog.key(operation.schema, operation.name or "")
    item = operation.index or (operation.constraints[0] if operation.constraints else None)
    name = operation.name or (None if item is None else item.name)
    return None if name is None else catalog.fold(name)


def counterpart(operation: Operation, revision: Sequence[Operation], before: Catalog) -> str:
    """The column that a dropped one may have been meant to become: see `OperationFacts.counterpart`."""
    table = before.table(operation.schema, operation.table or "")
    if operation.kind != "drop_column" or table is None or operation.column is None:
        return ""
    key = before.key(operation.schema, operation.table or "")

    def type_of(column: str | None) -> str | None:
        there = table.columns.get(before.fold(column or ""))
        return None if there is None else before.canonical(there.type)

    own = type_of(operation.column)
    here = [each for each in revision if each.table and before.key(each.schema, each.table) == key]
    if any(each.kind in WRITING and may_write(each, key, before) for each in revision):
        return ""
    dropped = Counter(type_of(each.column) for each in here if each.kind == "drop_column")
    added = [
        column.name
        for each in here
        if each.kind == "add_column"
        for column in each.columns
        if before.canonical(column.type) == own and before.fold(column.name) not in table.columns
    ]
    if own is None or len(added) != 1 or dropped[own] != 1 or not _are_alike(operation.column, added[0]):
        return ""
    return added[0]


#: Names that are less alike than this are of two things: of sixteen pairs of columns of one type that public
#: histories drop and add together, nine were unrelated, such as `website_url` and `item_id`.
_ALIKE = 0.6


def _are_alike(one: str, other: str) -> bool:
    """Whether two names may be of one thing: one is in the other, they share words, or most letters."""
    one, other = one.lower(), other.lower()
    if one in other or other in one:
        return True
    words = [set(re.findall(r"[a-z0-9]+", name)) for name in (one, other)]
    shared = len(words[0] & words[1])
    return 2 * shared >= max(map(len, words)) or _likeness(one, other) >= _ALIKE


def _likeness(one: str, other: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, other).ratio()


def may_write(operation: Operation, table: Key, catalog: Catalog) -> bool:
    """Whether a statement may change rows of a table, or read them: it names the table, or no one knows."""
    names = operation.tables
    return not names or any(
        HOLE in name or catalog.key_of(name) == table or name == ANY_TABLE for name in names
    )


def generated_by(column: CatalogColumn | Column | None) -> Generated | None:
    """What fills a column where an INSERT does not name it."""
    found = None if column is None else column.generated
    return next((each for each in GENERATED if each == found), None)


def primary_key(table: Table | None) -> tuple[str, ...]:
    """The columns of a table's primary key; empty if it has none."""
    found = [c.columns or ("?",) for c in (table.constraints if table else ()) if c.kind == "primary_key"]
    return max(found, key=len, default=())


def is_unindexed(constraint: Constraint, table: Table | None, catalog: Catalog) -> bool:
    """Whether no index of the table begins with a foreign key's columns, in any order."""
    if constraint.kind != "foreign_key" or table is None or not constraint.columns:
        return False
    wanted = {catalog.fold(name) for name in constraint.columns}
    held = [index.columns for index in table.indexes if index.where is None]
    held += [c.columns for c in table.constraints if c.kind in ("primary_key", "unique")]
    return not any(set(map(catalog.fold, columns[: len(wanted)])) == wanted for columns in held)


def duplicates(index: Index, table: Table | None, catalog: Catalog) -> tuple[str, ...]:
    """The indexes and constraints of the table that serve exactly what `index` serves."""
    if table is None or UNKNOWN in (*index.columns, index.where):
        return ()

    def does(other: Index) -> tuple[object, ...]:
        columns = tuple(
            canonical_expression(name, catalog.fold) if other.expressions else catalog.fold(name)
            for name in other.columns
        )
        method = (other.using or "btree").lower()
        where = canonical_expression(other.where, catalog.fold)
        return columns, where, method, tuple(map(catalog.fold, other.include))

    wanted = does(index)
    found = [
        index_label(other)
        for other in table.indexes
        if other.name != index.name and (other.unique or not index.unique) and does(other) == wanted
    ]
    if index.where is None and (index.using or "btree").lower() == "btree" and not index.include:
        columns = tuple(map(catalog.fold, index.columns))
        keys = [c for c in table.constraints if c.kind == "primary_key"]
        found += [
            constraint_label(c)
            for c in table.constraints
            if (c.kind == "unique" or keys == [c])
            and tuple(map(catalog.fold, c.columns)) == columns
            and (c.name is None or c.name != index.name)
            and c.using_index is None
        ]
    return _once(found)


def key_lost(operation: Operation, before: Catalog, after: Catalog) -> ConstraintKind | None:
    """Which key goes with a constraint and is not made again: a primary key or a unique one; None: none."""
    table = before.table(operation.schema, operation.table or "")
    left = after.table(operation.schema, operation.table or "")
    if operation.kind != "drop_constraint" or table is None or left is None:
        return None
    named = operation.constraints[0] if operation.constraints else None
    name = operation.name or (named.name if named is not None else None)
    for each in table.constraints:
        found = named is not None and named.kind == "primary_key" == each.kind
        names = (
            (each.name or each.by_convention,)
            if each.name or each.by_convention
            else default_names(table.name, each)
        )
        if each.kind == "primary_key" and (found or name in names):
            return None if primary_key(left) else "primary_key"
        if each.kind == "unique" and name in names:
            columns = frozenset(map(before.fold, each.columns))
            keys = [one.columns for one in left.constraints if one.kind in ("primary_key", "unique")]
            keys += [one.columns for one in left.indexes if one.unique and one.where is None]
            return None if any(frozenset(map(after.fold, one)) <= columns for one in keys) else "unique"
    return None
