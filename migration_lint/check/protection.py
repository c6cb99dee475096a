"""The contracts of a change, and the tables that they protect."""

from __future__ import annotations

from migration_lint.catalog.outcome import TableName
from migration_lint.contracts.model import ContractSet
from migration_lint.named_tuple import NamedTuple
from migration_lint.settings import Settings, names_table


class Contracts(NamedTuple):
    """The contracts of both trees."""

    base: ContractSet
    head: ContractSet

    def named(self) -> tuple[TableName, ...]:
        """The tables that base's contracts name."""
        return tuple(self.base.tables())


class Protection:
    """Which tables are protected: those that a contract names, in base or head, or the configuration."""

    def __init__(self, contracts: Contracts, settings: Settings) -> None:
        self._names = {*contracts.base.tables(), *contracts.head.tables()}
        self._fold = contracts.head.folded
        self._patterns = settings.protected
        self._default_schema = settings.default_schema
        self._fold_name = settings.identifiers.fold_table
        self._known: dict[TableName, bool] = {}

    def __call__(self, table: TableName) -> bool:
        found = self._known.get(table)
        if found is None:
            found = self._known[table] = self._fold(table) in self._names or self._matches(table)
        return found

    def _matches(self, table: TableName) -> bool:
        return names_table(self._patterns, *table, self._default_schema, self._fold_name)

    def any(self) -> bool:
        """Whether there can be a protected table at all."""
        return bool(self._names or self._patterns)
