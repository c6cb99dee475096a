"""What a change touches of the contracts' world: only there can it bring about a disparity."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from migration_lint.catalog.outcome import TableName
from migration_lint.change import Change
from migration_lint.check.protection import Contracts
from migration_lint.check.schema import Schema


def touched_tables(change: Change, contracts: Contracts, schemas: Sequence[Schema]) -> set[TableName]:
    """The tables under contract whose contracts, schema or bound source files the change touches."""
    earlier = {contract.id: contract for contract in contracts.base.contracts}
    changed = _Changed(change, schemas)
    found: set[TableName] = set()
    for contract in contracts.head.contracts:
        known = earlier.pop(contract.id, None)
        for entry in contract.tables:
            name = contracts.head.name_of(entry)
            if known is None or known.content_id != contract.content_id:
                found.add(name)
                continue
            if any(
                changed.near(posixpath.normpath(posixpath.join(change.project, each.path)))
                for each in entry.code
            ):
                found.add(name)
    for contract in earlier.values():
        found.update(contracts.base.name_of(entry) for entry in contract.tables)
    for table in contracts.head.tables():
        for schema in schemas:
            if schema.before.table(*table) != schema.after.table(*table):
                found.add(table)
    return found


class _Changed:
    """The files that differ, and whether a statement in a source file may be another one because of them."""

    def __init__(self, change: Change, schemas: Sequence[Schema]) -> None:
        before, after = change.base.files(), change.head.files()
        self._paths = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
        self._folders = {path.rpartition("/")[0] for path in self._paths}
        self._scripts = tuple(
            f"{folder}/"
            for each in schemas
            for side in (each.base, each.head)
            if side is not None
            for folder in (
                side.history.environment.script_location,
                *side.history.environment.version_locations,
            )
            if folder
        )
        self._written_in: set[str] | None = None

    def near(self, path: str) -> bool:
        """Whether a file beside it differs, or one that it may import from: a statement names constants."""
        if path.rpartition("/")[0] in self._folders:
            return True
        if self._written_in is None:
            self._written_in = set(self._languages())
        return not self._written_in.isdisjoint((_family(path), _family(".sql")))

    def _languages(self) -> Iterator[str]:
        from migration_lint.sources.files import is_test  # only where code is bound

        for path in self._paths:
            family = _family(path)
            if family and not is_test(path) and not path.startswith(self._scripts):
                yield family


def _family(path: str) -> str:
    """Languages whose files import each other have one family; "" for a file that is no source."""
    from migration_lint.sources.languages import language_of

    language = language_of(path)
    return "" if language is None else _TOGETHER.get(language, language)


_TOGETHER = {"JavaScript": "TypeScript", "Kotlin": "Java"}
