"""What a change touches of the contracts' world: only there can it bring about a disparity."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from migration_lint.catalog.outcome import TableName
from migration_lint.change import Change
from migration_lint.check.protection import Contracts
from migration_lint.check.schema import Schema


def touched_tables(change: Change, contracts: Contracts, schemas: Sequence[Schema]) -> set[TableName]:
    """The tables under contract whose contracts, schema or bound source files the change touches."""
    earlier = {contract.id: contract for contract in contracts.base.contracts}
    before, after = change.base.files(), change.head.files()
    found: set[TableName] = set()
    folders: dict[str, bool] = {}
    for contract in contracts.head.contracts:
        known = earlier.pop(contract.id, None)
        for entry in contract.tables:
            name = contracts.head.name_of(entry)
            if known is None or known.content_id != contract.content_id:
                found.add(name)
                continue
            for binding in entry.code:
                folder = posixpath.normpath(posixpath.join(change.project, binding.path)).rpartition("/")[0]
                if folder not in folders:
                    folders[folder] = _differs(before, after, folder)
                if folders[folder]:
                    found.add(name)
    for contract in earlier.values():
        found.update(contracts.base.name_of(entry) for entry in contract.tables)
    for table in contracts.head.tables():
        for schema in schemas:
            if schema.before.table(*table) != schema.after.table(*table):
                found.add(table)
    return found


def _differs(before: Mapping[str, str], after: Mapping[str, str], folder: str) -> bool:
    """Whether a file in a folder differs: a constant next door may be part of a statement."""
    prefix = f"{folder}/" if folder else ""
    return any(
        path.startswith(prefix) and "/" not in path[len(prefix) :] and before.get(path) != after.get(path)
        for path in before.keys() | after.keys()
    )
