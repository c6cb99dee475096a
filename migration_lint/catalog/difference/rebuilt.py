"""Tables and columns made anew beside the old ones, and whether the rows were copied over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import CatalogColumn, Table
from migration_lint.operations import Operation

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


def filled(comparison: Comparison, table: Table, column: CatalogColumn, source: CatalogColumn) -> Copied:
    """How many rows of a table have in a column what stood in another, by statements between ADD and DROP.

    The new column must have stood beside the old one: after `DROP`, nothing is left to copy from.
    """
    written = list(_written_beside(comparison, table, column, source))
    if not written:
        return "none"
    from migration_lint.catalog.copied_rows import copied_within

    found = {copied_within(*each, comparison.head) for each in written}
    return "all" if "all" in found else "some" if "some" in found else "none"


def _written_beside(
    comparison: Comparison, table: Table, column: CatalogColumn, source: CatalogColumn
) -> Iterator[tuple[Operation, str, str]]:
    """Statements that write rows while a column stands beside another, with what each is called then."""
    names = {each.identity: _first_name(comparison, each) for each in (column, source)}
    beside = False
    for entry in comparison.entries:
        if entry.effect == "column_added" and entry.column == column.identity:
            beside = True
        elif entry.effect == "column_dropped" and entry.column == source.identity:
            beside = False
        elif entry.effect == "column_renamed" and entry.column in names and entry.new is not None:
            names[entry.column] = entry.new
        elif beside and entry.effect == "written" and table.identity in entry.others:
            yield entry.operation, names[column.identity], names[source.identity]


def _first_name(comparison: Comparison, column: CatalogColumn) -> str:
    """What a column was called before the first step that is known of it."""
    entries = comparison.by_column.get(column.identity, ())
    known = (entry.before.name for entry in entries if isinstance(entry.before, CatalogColumn))
    return next(known, column.name)


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
