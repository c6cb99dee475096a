"""Whether PostgreSQL can see that a column holds no NULL without reading the rows."""

from __future__ import annotations

import re

from migration_lint.catalog.model import Catalog, Table
from migration_lint.operations import Operation

#: "If a valid CHECK constraint … proves no NULL can exist, then the table scan is skipped": ALTER TABLE.
CHECK_COVERS_SINCE = (12,)


def is_never_null(
    operation: Operation, table: Table | None, catalog: Catalog, version: tuple[int, ...]
) -> bool:
    """Whether the column of a set_nullable is NOT NULL already, or a valid CHECK says so."""
    if table is None or operation.column is None:
        return False
    column = table.columns.get(catalog.fold(operation.column))
    if column is not None and column.nullable is False and not column.uncertain:
        return True
    if version and version < CHECK_COVERS_SINCE:
        return False
    return any(
        constraint.kind == "check"
        and not constraint.not_valid
        and says_not_null(constraint.expression or "", operation.column, catalog)
        for constraint in table.constraints
    )


def says_not_null(expression: str, column: str, catalog: Catalog) -> bool:
    """Whether a CHECK is `column IS NOT NULL`, alone or joined to others by AND."""
    if re.search(r"(?i)\b(or|case|xor)\b", expression):
        return False
    for part in re.split(r"(?i)\band\b", expression):
        match = re.fullmatch(r'(?i)[\s(]*("[^"]+"|[\w$]+)\s+is\s+not\s+null[\s)]*', part)
        if match is not None:
            name = match[1][1:-1] if match[1][0] == '"' else match[1].lower()
            if catalog.fold(name) == catalog.fold(column):
                return True
    return False
