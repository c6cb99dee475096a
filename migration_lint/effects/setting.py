"""What an operation finds: the schema before it, and the server."""

from __future__ import annotations

from migration_lint.catalog.model import Catalog, Key, Table
from migration_lint.catalog.replay.run import default_names
from migration_lint.effects.model import Lock
from migration_lint.effects.words import LockMode
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint, Dialect, Operation

#: Constraints that have an index of their own.
_INDEXED = ("primary_key", "unique", "exclude")


class Setting(NamedTuple):
    """What an operation finds: the catalog just before it, and the server's version (empty: not said)."""

    catalog: Catalog
    dialect: Dialect
    version: tuple[int, ...] = ()
    unchecked: bool = False  # MySQL, MariaDB: foreign_key_checks is off
    issued: frozenset[Key] = (
        frozenset()
    )  # the enums that a table of this run has made: SQLAlchemy makes none twice

    def key(self, operation: Operation) -> Key:
        return self.catalog.key(operation.schema, operation.table or "")

    def table(self, operation: Operation) -> Table | None:
        return self.catalog.get(self.key(operation)) if operation.table else None

    def before(self, version: tuple[int, ...]) -> bool:
        """Whether the server is known to be older."""
        return bool(self.version) and self.version < version

    def parents(self, constraints: tuple[Constraint, ...], mode: LockMode) -> tuple[Lock, ...]:
        """The locks on the tables that foreign keys refer to."""
        return tuple(
            Lock(self.catalog.key(each.referred_schema, each.referred_table), mode)
            for each in constraints
            if each.kind == "foreign_key" and each.referred_table
        )

    def names(self, constraint: Constraint, table: Table, name: str | None) -> bool:
        """Whether a constraint has a name, or the server gives it that one."""
        if not name:
            return False
        if constraint.name or constraint.by_convention:
            return self.catalog.fold(name) in map(
                self.catalog.fold, (constraint.name or constraint.by_convention or "",)
            )
        return any(name in default_names(each.name, constraint) for each in table.all_names)

    def table_of_index(self, name: str) -> Key | None:
        """The table that an index of this name is on."""
        catalog = self.catalog
        folded = catalog.fold(name)
        for table in catalog.tables() if name else ():
            named = [each.name for each in table.indexes if each.name is not None]
            named += [each.name for each in table.constraints if each.name is not None]
            if folded in map(catalog.fold, named) or any(
                each.name is None and each.kind in _INDEXED and self.names(each, table, name)
                for each in table.constraints
            ):
                return catalog.key(table.schema, table.name)
        return None
