"""The state of replaying one revision, and finding what an operation speaks of."""

from __future__ import annotations

from migration_lint.catalog.journal import Effect, Entry, Journal
from migration_lint.catalog.model import (
    Catalog,
    CatalogColumn,
    Key,
    Table,
    column_identity,
    table_identity,
)
from migration_lint.catalog.outcome import TableName
from migration_lint.operations import Constraint, Index, Operation


class Run:
    """One revision on its way into a catalog and a journal."""

    __slots__ = ("_own", "autocommit", "catalog", "journal", "made", "path_lost", "revision", "temporary")

    def __init__(self, catalog: Catalog, revision: str, journal: Journal) -> None:
        self.catalog = catalog
        self.revision = revision
        self.journal = journal
        self.made: set[str] = set()  # identities, to tell a table dropped and made again from the first one
        self.temporary: set[str] = set()  # folded names; a temporary table hides a real one
        self.autocommit = False  # the operation before ran outside of the transaction
        self.path_lost = False  # a routine has set the search path, and nobody knows to what
        self._own: tuple[str, ...] | None = None

    def own_of_shipped(self) -> tuple[str, ...]:
        """The routines that are called as one that the server ships is, and that may do harm."""
        if self._own is None:
            from migration_lint.reading.sql.calls import is_passed_over

            dialect = self.catalog.dialect
            self._own = tuple(
                name
                for name, bodies in self.catalog.routines.items()
                if dialect in ("postgresql", "mysql", "mariadb", "oracle")
                and is_passed_over(name, dialect)
                and any(each.does for each in bodies)
            )
        return self._own

    def own_as_columns(self) -> tuple[str, ...]:
        """PostgreSQL's routines with one parameter: one may be read as a column of a row, `row.name`."""
        if self.catalog.dialect != "postgresql":
            return ()
        return tuple(
            name
            for name, bodies in self.catalog.routines.items()
            if any(each.does and each.signature != "()" and "," not in each.signature for each in bodies)
        )

    def forget_own_of_shipped(self) -> None:
        """Routines were made, renamed or dropped."""
        self._own = None

    def note(
        self,
        operation: Operation,
        effect: Effect,
        table: Table,
        column: CatalogColumn | None = None,
        *,
        old: str | None = None,
        new: str | None = None,
        new_name: TableName | None = None,
        before: CatalogColumn | Index | Constraint | None = None,
    ) -> None:
        self.journal.entries.append(
            Entry(
                self.revision,
                operation,
                effect,
                table.identity,
                TableName(table.schema, table.name),
                new_name,
                None if column is None else column.identity,
                old if column is None or old is not None or effect == "column_retyped" else column.name,
                new,
                (),
                column if before is None else before,
            )
        )

    def key(self, operation: Operation) -> Key:
        return self.catalog.key(operation.schema, operation.table or "")

    def is_temporary(self, operation: Operation) -> bool:
        if operation.temporary or operation.action == "replace":
            return operation.temporary
        if self.catalog.dialect == "sqlite" and (operation.schema or "").lower() == "temp":
            return True
        return (
            bool(self.temporary)
            and not operation.schema
            and self.catalog.fold_table(operation.table or "") in self.temporary
        )

    def table_of(self, operation: Operation) -> Table | None:
        """The table that the operation speaks of, implied if need be; None: it concerns no table."""
        if self.is_temporary(operation):
            return None
        catalog = self.catalog
        key = catalog.key(operation.schema, operation.table or "")
        table = catalog.get(key)
        if table is not None:
            return table
        ghost = self.journal.ghost_tables.get(key)
        if ghost is not None:
            return self.alive(ghost.identity) or self.put(ghost)
        if key in catalog.views or not operation.table:
            return None
        if key in catalog.gone and (operation.if_exists or operation.conditional):
            return None
        return self.imply(operation, key)

    def imply(self, operation: Operation, key: Key) -> Table:
        schema = operation.schema or self.catalog.default_schema
        name = operation.table or key[1]
        # Folded: whichever revision speaks of it first, its identity is the same.
        # The one implied before may live on under another name.
        identity = _unlike(table_identity("", *key), {found for *_, found in self.catalog.names()})
        table = Table(identity, schema, name, {}, complete=False)
        self.note(operation, "table_implied", table)
        return self.put(table)

    def alive(self, identity: str) -> Table | None:
        """The table of an identity, under whatever name."""
        for key, _, found in self.catalog.names():
            if found == identity:
                return self.catalog.get(key)
        return None

    def new_schema(self, operation: Operation, schema: str) -> str:
        """The schema that a rename of what stands in `schema` leads to."""
        if operation.new_schema is None:
            return schema
        return operation.new_schema or self.catalog.default_schema

    def put(self, table: Table) -> Table:
        key = self.catalog.key(table.schema, table.name)
        self.catalog.rows[key] = table
        self.catalog.gone.discard(key)
        return table

    def remove(self, table: Table) -> None:
        key = self.catalog.key(table.schema, table.name)
        del self.catalog.rows[key]
        self.catalog.gone.add(key)

    def column_of(self, operation: Operation) -> tuple[Table, CatalogColumn] | None:
        """Table and column that the operation speaks of, implied if need be; None: there is none."""
        table = self.table_of(operation)
        if table is None or operation.column is None:
            return None
        folded = self.catalog.fold(operation.column)
        column = table.columns.get(folded)
        if column is not None:
            if column.type is None and operation.existing_type is not None:
                column = column._replace(type=operation.existing_type)
            return table, column
        ghost = self.journal.ghost_columns.get((table.identity, folded))
        if ghost is not None:
            for column in table.columns.values():
                if column.identity == ghost.identity:
                    return table, column
            return self.with_column(table, ghost), ghost
        if table.complete and (operation.if_exists or operation.conditional):
            return None
        column = CatalogColumn(
            _unlike(
                column_identity(table.identity, "", folded),
                {there.identity for there in table.columns.values()},
            ),
            operation.column,
            operation.existing_type,
            operation.existing_nullable,
            None,
            None,
        )
        self.note(operation, "column_implied", table, column, new=operation.existing_type)
        return self.with_column(table, column), column

    def with_column(self, table: Table, column: CatalogColumn) -> Table:
        columns = table.columns.copy()
        columns[self.catalog.fold(column.name)] = column
        return self.put(table._replace(columns=columns))

    def unique(self, identity: str) -> str:
        """`identity`, or where this revision made such a thing before, one of its own."""
        found = _unlike(identity, self.made)
        self.made.add(found)
        return found


def _unlike(identity: str, others: set[str]) -> str:
    """`identity`, with a number where one of `others` has it already."""
    found, count = identity, 1
    while found in others:
        count += 1
        found = f"{identity}#{count}"
    return found


def default_names(table: str, constraint: Constraint) -> tuple[str, ...]:
    """What PostgreSQL calls a constraint that nobody named (ChooseConstraintName, ChooseIndexName)."""
    middle = "_".join(constraint.columns)
    if constraint.kind == "primary_key":
        return (f"{table}_pkey",)
    if constraint.kind == "unique":
        return (f"{table}_{middle}_key",)
    if constraint.kind == "foreign_key":
        return (f"{table}_{middle}_fkey",)
    if constraint.kind == "exclude":
        return (f"{table}_{middle}_excl",)
    return (f"{table}_{middle}_check", f"{table}_check") if middle else (f"{table}_check",)


def same_name(catalog: Catalog, one: str | None, other: str | None) -> bool:
    """Whether two names mean the same; what has no name is never meant."""
    return (
        one is not None and other is not None and (one == other or catalog.fold(one) == catalog.fold(other))
    )
