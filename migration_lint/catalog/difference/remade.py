"""Types that keep their names and are made of something else by now, and whose doing that is."""

from __future__ import annotations

from migration_lint.catalog.composites import made_of, types_within
from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Table

#: What makes a type another one, by the effect on a column of the table whose rows it is.
_OF_ROWS = frozenset(("column_added", "column_dropped", "column_renamed", "column_retyped"))
_OF_VIEWS = frozenset(("view_created", "view_dropped", "column_renamed"))


def made_otherwise(comparison: Comparison, before: str | None, after: str | None) -> bool:
    """Whether a type of base is made of other things than one of head that is called the same.

    What one side knows nothing of is another where the change says so, and not where history is told anew.
    """
    old, new = made_of(comparison.base, before), made_of(comparison.head, after)
    return old != new and ((old != "" and new != "") or bool(remaking(comparison, before, after)))


def any_made_otherwise(comparison: Comparison, table: Table) -> bool:
    """Whether a column of a table is of a type that is made of other things by now."""
    return any(made_otherwise(comparison, each.type, each.type) for each in table.columns.values())


def remaking(comparison: Comparison, before: str | None, after: str | None) -> list[Entry]:
    """The steps that made it so."""
    base, head = comparison.base, comparison.head
    keys = {*types_within(base, before), *types_within(head, after)}
    rows = {catalog.identity_at(key) for catalog in (base, head) for key in keys} - {None}
    return [
        entry
        for entry in comparison.entries
        if not comparison.was_in_base(entry)
        and (
            (entry.effect in ("type_changed", "domain_changed") and base.key(*entry.name) in keys)
            or (entry.effect in _OF_ROWS and entry.table in rows)
            or (entry.effect in _OF_VIEWS and base.key(*entry.name) in keys)
        )
    ]
