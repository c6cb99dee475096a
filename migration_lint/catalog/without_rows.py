"""Tables that a change leaves without rows, and the INSERTs into others that fail for want of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from migration_lint.catalog.called import Called, Reason
from migration_lint.catalog.inserted import Written, left_out
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Catalog, CatalogColumn, Table

#: CREATE TABLE AS.
_FILLED = r"(?i)\b(?:select|values|as\s+table|execute)\b"
#: What may put rows into a table that it names; an UPDATE has none to begin with.
_FILLING = frozenset(("insert", "copy", "merge", "replace", "with", "select", "load", None))


def without_rows(entries: Iterable[Entry], after: Catalog) -> frozenset[str]:
    """The identities of tables that are made, or lose all rows, and get none behind that."""
    empty: set[str] = set()
    for entry in entries:
        operation = entry.operation
        match entry.effect:
            case "table_created" if not operation.conditional and not re.search(_FILLED, operation.sql or ""):
                empty.add(entry.table)
            case "rows_taken" if operation.kind == "dml" and not operation.conditional:
                if not any(after.children(after.key(*entry.name))):  # else it may be some of them
                    empty.add(entry.table)
            case "written" if operation.action in _FILLING and operation.action in ("with", "select", None):
                empty.difference_update(entry.others)
            case "written" if operation.action in _FILLING:
                empty.discard(entry.table)
            case "filled":
                empty.difference_update(entry.others)
            case "opaque":
                empty.clear()
    return frozenset(empty)


def wanting(
    table: Table,
    written: Mapping[str, Written],
    before: Table,
    earlier: Collection[str],
    empty: Collection[str],
    after: Catalog,
) -> Iterator[Reason]:
    """The foreign keys by which an INSERT asks for rows that are gone; `earlier`: what it wrote in base."""
    known = {column.identity for column in before.columns.values()}
    for each in table.constraints if empty else ():
        if each.kind != "foreign_key" or each.unenforced or each.referred_table is None:
            continue
        referred = after.identity_at(after.key(each.referred_schema, each.referred_table))
        columns = [table.columns.get(after.fold(name)) for name in each.columns]
        asks = all(
            column is not None and _is_given(table, column, written, known, earlier, after)
            for column in columns
        )
        if asks and columns and referred in empty and referred != table.identity:
            because = (
                f"{each.referred_table}, to which {', '.join(each.columns)} refers, is left without rows"
            )
            yield Reason(because, frozenset((referred or "",)))


def _is_given(
    table: Table,
    column: CatalogColumn,
    written: Mapping[str, Written],
    known: Collection[str],
    earlier: Collection[str],
    after: Catalog,
) -> bool:
    """Whether an INSERT of base writes a column, or leaves out one that is not NULL."""
    name = after.fold(column.name)
    if name in written:
        return name in earlier and column.identity in known
    value = left_out(table, column, after)
    return not value.may_be_null and bool(value.options or column.default)


def reading_nothing(called: Called, table: Table, empty: Collection[str], after: Catalog) -> Iterator[Reason]:
    """What a trigger, a default or a CHECK reads and does not write, where that is left without rows."""
    column = next(
        (each for each in table.columns.values() if called.by == f"the default of {each.name}"), None
    )
    if not empty or (column is not None and column.nullable is not False):
        return
    written = {after.fold(each.partition(".")[0]) for body in called.bodies for each in body.writes}
    names = {after.fold(name) for body in called.bodies for name in body.names} - written
    for key, name, identity in after.names():
        if identity in empty and key[1] in names:
            because = f"{name.name}, which {called.by} reads, is left without rows"
            yield Reason(because, frozenset((identity,)))
