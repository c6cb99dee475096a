"""What an INSERT has to write into a column, and what it may not: from NOT NULL, defaults, generated columns.

PostgreSQL refuses an INSERT that leaves a column without a value where NULL is not allowed, and one that
writes a column which is worked out of others or is GENERATED ALWAYS AS IDENTITY; the other databases do so
likewise. What a CHECK refuses is of a whole row: `refusals`.
"""

from __future__ import annotations

from typing import Literal

from migration_lint.catalog.model import Catalog, CatalogColumn, Table
from migration_lint.named_tuple import NamedTuple

#: What an INSERT does about a column: it has to write it, it may, or it may not; `other`: not every value.
Writing = Literal["must", "may", "never", "other"]

_REFUSED = {
    "stored": "generated",
    "virtual": "generated",
    "identity_always": "GENERATED ALWAYS AS IDENTITY",
}


class Insertion(NamedTuple):
    """What an INSERT does about one column, and what makes it so; "": nothing does."""

    writing: Writing
    because: str = ""
    certain: bool = True  # False: it may be so; what decides it is not known


def insertion(table: Table, column: CatalogColumn, catalog: Catalog) -> Insertion | None:
    """What an INSERT into the table does about one of its columns, checks apart; None: that is not known."""
    # With all that evaluates conditions, of which most that import this module need none.
    from migration_lint.catalog.inserted import left_out

    certain = not column.uncertain
    if column.generated is not None:
        refused = _REFUSED.get(column.generated)
        return Insertion("may") if refused is None else Insertion("never", refused, certain)
    if not _takes_null(table, column, catalog):
        value = left_out(table, column, catalog)
        if value.is_null or (column.default is None and value.why):
            return Insertion("must", "NOT NULL, no default", certain and value.is_null)
        return Insertion("may")
    return None if column.nullable is None else Insertion("may")


def _takes_null(table: Table, column: CatalogColumn, catalog: Catalog) -> bool:
    """Whether nothing says that the column is NOT NULL; a constraint that is NOT VALID holds for new rows."""
    name = catalog.fold(column.name)
    if not all(each.nullable for each in catalog.domains_of(column.type)):
        return False
    return column.nullable is not False and not any(
        each.kind in ("primary_key", "not_null") and name in map(catalog.fold, each.columns)
        for each in table.constraints
    )
