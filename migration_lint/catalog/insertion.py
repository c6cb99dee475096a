"""What an INSERT has to write, and what it may not: from NOT NULL, defaults, checks and generated columns.

PostgreSQL refuses an INSERT that leaves a column without a value where NULL is not allowed, whether a NOT
NULL or a CHECK says so (one that is NOT VALID holds for new rows too), and one that writes a column which is
worked out of others or is GENERATED ALWAYS AS IDENTITY; the other databases do so likewise.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from migration_lint.catalog.expressions import canonical_expression, never_null
from migration_lint.catalog.model import Catalog, CatalogColumn, Table
from migration_lint.operations import Constraint

#: What an INSERT does about a column: it has to write it, it may, or it may not.
Writing = Literal["must", "may", "never"]

_REFUSED = {
    "stored": "generated",
    "virtual": "generated",
    "identity_always": "GENERATED ALWAYS AS IDENTITY",
}


class Insertion(NamedTuple):
    """What an INSERT does about one column, and what makes it so; "": nothing does."""

    writing: Writing
    because: str = ""


def insertion(table: Table, column: CatalogColumn, catalog: Catalog) -> Insertion | None:
    """What an INSERT into the table does about one of its columns; None: that is not known."""
    if column.uncertain:
        return None
    if column.generated is not None:
        refused = _REFUSED.get(column.generated)
        return Insertion("may") if refused is None else Insertion("never", refused)
    if canonical_expression(column.default) not in (None, "null"):
        return Insertion("may")
    if column.nullable is False:
        return Insertion("must", "NOT NULL, no default")
    name = catalog.fold(column.name)
    for constraint in table.constraints:
        if name in map(catalog.fold, required_by(constraint)):
            said = f"CHECK ({constraint.expression})" if constraint.kind == "check" else "NOT NULL"
            return Insertion("must", f"{said}, no default")
    return None if column.nullable is None else Insertion("may")


def required_by(constraint: Constraint) -> tuple[str, ...]:
    """The columns that a constraint keeps from being NULL in new rows, as it names them."""
    if constraint.kind in ("primary_key", "not_null"):
        return constraint.columns
    if constraint.kind != "check" or constraint.expression is None:
        return ()
    return tuple(never_null(constraint.expression))
