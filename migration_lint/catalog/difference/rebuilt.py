"""Tables and columns made anew beside the old ones, and whether the rows were copied over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import CatalogColumn, Table

if TYPE_CHECKING:
    from migration_lint.catalog.copied_rows import Copied


def is_copied(comparison: Comparison, old: str, new: str) -> bool:
    """Whether a statement wrote rows and names both tables: INSERT INTO new SELECT … FROM old."""
    return any(how_many != "none" for _, how_many in copies(comparison, old, new))


def copies(comparison: Comparison, old: str, new: str) -> list[tuple[Entry, Copied]]:
    """The statements that wrote rows and name both tables, and how many of the old one's they copied."""
    written = [entry for entry in comparison.written if old in entry.others and new in entry.others]
    if not written:
        return []
    from migration_lint.catalog.copied_rows import copied

    table = next(name for _, name, identity in comparison.base.names() if identity == old)
    entries = comparison.by_table.get(old, ())
    called = [table, *(name for each in entries for name in (each.name, each.new_name) if name is not None)]
    names = {comparison.head.fold_table(name.name) for name in called}
    return [(entry, copied(entry.operation, names, comparison.head)) for entry in written]


def is_filled(comparison: Comparison, table: Table, column: CatalogColumn, source: CatalogColumn) -> bool:
    """Whether rows were written that name both columns, while both were there.

    The new column must have stood beside the old one: after `DROP`, nothing is left to copy from.
    """
    added = dropped = None
    for at, entry in enumerate(comparison.entries):
        if entry.effect == "column_added" and entry.column == column.identity:
            added = at
        elif entry.effect == "column_dropped" and entry.column == source.identity:
            dropped = at
    if added is None:
        return False
    names = {*_names_of(comparison, column), column.name}, {*_names_of(comparison, source), source.name}
    return any(
        entry.effect == "written"
        and table.identity in entry.others
        and (entry.operation.sql is None or all(_names_any(entry.operation.sql, some) for some in names))
        for entry in comparison.entries[added:dropped]
    )


def _names_of(comparison: Comparison, column: CatalogColumn) -> Iterator[str]:
    for entry in comparison.by_column.get(column.identity, ()):
        if isinstance(entry.before, CatalogColumn):
            yield entry.before.name


def _names_any(sql: str, names: Iterable[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sql, re.I) for name in names)


def rebuilding(comparison: Comparison, table: Table, now: Table) -> list[Entry]:
    """The step that made the table that stands in for `table` by now."""
    if table.identity == now.identity:
        return []
    return [entry for entry in comparison.by_table.get(now.identity, ()) if entry.effect == "table_created"]


def made_anew(comparison: Comparison, column: CatalogColumn, same: CatalogColumn) -> list[Entry]:
    """The step that added the column that stands in for `column` by now."""
    if column.identity == same.identity:
        return []
    return [entry for entry in comparison.by_column.get(same.identity, ()) if entry.effect == "column_added"]
