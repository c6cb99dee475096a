"""Which revision, operation and script a finding names.

Where no line of the journal is to blame, an old script was edited or taken away, and that script is.
"""

from __future__ import annotations

from migration_lint.catalog.difference.comparison import Comparison, Rewritten, meaning
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import CatalogColumn, Table, revision_of
from migration_lint.catalog.outcome import TableName
from migration_lint.operations import Operation, kinds_of

_MAKING = kinds_of("table", "column", to=("made",))
_NAMING = kinds_of("table", to=("made", "renamed", "moved"))


def blame(
    comparison: Comparison,
    decisive: list[Entry],
    table: Table,
    column: CatalogColumn | None,
    new_table: TableName | None,
) -> tuple[str, Operation | None, str]:
    """Revision, operation and path that a finding names."""
    if decisive:
        sure = [entry for entry in decisive if not entry.operation.conditional]
        entry = (sure or decisive)[-1]
        return entry.revision, entry.operation, entry.operation.path
    script = _blamed_script(comparison, table, column)
    if script is None:
        # A squash: the revision that now makes the table made it otherwise.
        for entry in reversed(comparison.entries):
            if entry.effect == "table_created" and entry.name == (new_table or table.full_name):
                return entry.revision, entry.operation, entry.operation.path
        return "", None, ""
    names = {comparison.base.key(*name) for name in (*table.all_names, *([new_table] if new_table else []))}
    speaking = [
        operation
        for operation in script.head or ()
        if operation.table is not None and comparison.head.key(operation.schema, operation.table) in names
    ]
    return script.revision, speaking[-1] if len(speaking) == 1 else _maker(speaking, column), script.path


def _blamed_script(comparison: Comparison, table: Table, column: CatalogColumn | None) -> Rewritten | None:
    """The edited or removed script that most likely made what base has."""
    if not comparison.rewritten:
        return None
    keys = {comparison.base.key(*name) for name in table.all_names}
    best: tuple[int, Rewritten] | None = None
    maker = revision_of(table.identity if column is None else column.identity)
    for script in comparison.rewritten.values():
        # What both sides say made no difference.
        same = frozenset() if script.head is None else frozenset(map(meaning, script.head))
        weight = 0
        for operation in script.base:
            if operation.table is None or comparison.base.key(operation.schema, operation.table) not in keys:
                continue
            weight = max(weight, 1)
            if meaning(operation) in same and operation.kind != "create_table":
                continue
            if column is not None and _concerns(operation, column.name):
                weight = max(weight, 4 if operation.kind not in _MAKING else 3)
            elif column is None and operation.kind in _NAMING:
                weight = max(weight, 3)
        if script.revision == maker:
            weight = max(weight, 2) + 1 if weight else 2
        if weight and (best is None or weight > best[0]):
            best = weight, script
    if best is not None:
        return best[1]
    # A squash takes everything away: then it is the new baseline's doing, not some old script's.
    if any(
        entry.effect == "table_created" and entry.revision not in comparison.rewritten
        for entry in comparison.entries
    ):
        return None
    return next(iter(comparison.rewritten.values()))


def _concerns(operation: Operation, column: str) -> bool:
    return column in (operation.column, operation.new_name) or any(
        made.name == column for made in operation.columns
    )


def _maker(operations: list[Operation], column: CatalogColumn | None) -> Operation | None:
    """Of the operations that an edited script has on a table now, the one to point at."""
    for operation in reversed(operations):
        if column is not None and _concerns(operation, column.name):
            return operation
    return next((operation for operation in operations if operation.kind == "create_table"), None) or (
        operations[0] if operations else None
    )
