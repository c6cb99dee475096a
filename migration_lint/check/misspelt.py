"""Names in new scripts that nothing bears, and that are near one that is borne: slips of the pen.

The server refuses such a statement where the migration is run. Here it is a note, as a table may have been
there before the first migration.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migration_lint.catalog.model import Catalog, Key
from migration_lint.check.database_change import DatabaseChange
from migration_lint.operations import HOLE, Operation, kinds_of
from migration_lint.wording import BESIDE_RIGHT, did_you_mean, near

#: Operations that make what they name, or that say of themselves which tables they may concern.
_MAKE = kinds_of("table", "view", "enum", to=("made",)) | kinds_of("statement", "rows", "anything")
_OF_COLUMNS = kinds_of("column", "comment") - kinds_of(to=("made",))
_NAMED = kinds_of("table", "view", to=("made",))
_RENAMED = kinds_of("table", to=("renamed", "moved"))


def misspelt(change: DatabaseChange) -> list[str]:
    """A note for each table and column that a new revision changes and no revision makes."""
    operations = [
        operation
        for script in change.timeline.scripts
        for operation in change.timeline.read(script)
        if operation.table and HOLE not in operation.table and HOLE not in (operation.schema or "")
    ]
    return list(dict.fromkeys(_slips(change.before, operations)))


def _slips(before: Catalog, operations: Sequence[Operation]) -> Iterator[str]:
    tables = {key for key, _, _ in before.names()} | set(before.views)
    columns: dict[Key, set[str]] = {}
    for each in operations:
        key = before.key(each.schema, each.table or "")
        named = [column.name for column in each.columns]
        if each.kind == "rename_column" and each.new_name:
            named.append(each.new_name)
        columns.setdefault(key, set()).update(map(before.fold, named))
        if each.kind in _NAMED:
            tables.add(key)
        elif each.kind in _RENAMED:
            tables.add(before.key(each.new_schema or each.schema, each.new_name or each.table or ""))
    for each in operations:
        if each.kind in _MAKE or each.if_exists or each.conditional or each.via:
            continue
        key = before.key(each.schema, each.table or "")
        if key not in tables:
            others = {name for other, name in tables if other == key[0]}
            meant = near(each.table or "", sorted(others), BESIDE_RIGHT) if key not in before.gone else ""
            if meant:
                yield f"{_place(each)}: no migration makes the table {each.table}; {did_you_mean(meant)}"
            continue
        table = before.get(key)
        if table is None or not table.complete or table.uncertain:
            continue
        there = {*table.columns, *columns[key]}
        for name in _columns_named(each):
            meant = "" if before.fold(name) in there else near(name, sorted(there), BESIDE_RIGHT)
            if meant:
                said = f"no migration makes the column {each.table}.{name}"
                yield f"{_place(each)}: {said}; {did_you_mean(meant)}"


def _columns_named(operation: Operation) -> list[str]:
    """The columns of its table that an operation needs to be there."""
    names: list[str] = []
    if operation.kind in _OF_COLUMNS and operation.column:
        names.append(operation.column)
    if operation.kind == "create_index" and operation.index is not None and not operation.index.expressions:
        names += operation.index.columns
    if operation.kind == "add_constraint":
        names += (column for each in operation.constraints for column in each.columns)
    return [name for name in names if HOLE not in name]


def _place(operation: Operation) -> str:
    return f"{operation.path}:{operation.line}"
