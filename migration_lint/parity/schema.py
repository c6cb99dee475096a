"""Contracts against a schema: what the migrations make, or what a live database holds.

A schema that is not fully known contradicts nothing: a column that no operation named may still be there,
and a type or a nullability that could not be worked out agrees with any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from migration_lint.catalog.expressions import canonical_expression, only_name
from migration_lint.catalog.insertion import insertion
from migration_lint.catalog.model import Catalog, CatalogColumn, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.refusals import refusals
from migration_lint.contracts.inserts import inserts, written
from migration_lint.contracts.meaning import column_text, declares, need_text
from migration_lint.contracts.model import ColumnDeclaration, Contract, ContractSet, Need, TableDeclaration
from migration_lint.contracts.shifts import need_met
from migration_lint.named_tuple import NamedTuple
from migration_lint.parity.model import Against, Disparity, Place, SchemaEvent
from migration_lint.wording import near

#: Finds the place that shows what a schema holds: (event, table, column). None: only the whole can be named.
Where = Callable[[SchemaEvent, Table | None, str], Place | None]


class KnownSchema(NamedTuple):
    """A schema to hold contracts against, and where a finding points for it."""

    catalog: Catalog
    whole: Place  # the folder of scripts, or the database
    against: Against = "migrations"
    where: Where = lambda event, table, column: None

    def place(self, event: SchemaEvent, table: Table | None, column: str, text: str) -> Place:
        """The place that a finding names beside the contract's."""
        return (self.where(event, table, column) or self.whole)._replace(text=text)


def schema_disparities(contracts: ContractSet, known: KnownSchema) -> Iterator[Disparity]:
    """Everything that a contract says of a table and the schema says otherwise."""
    for contract in contracts.contracts:
        for entry in contract.tables:
            yield from _Entry(contracts, contract, entry, known).disparities()


def made_by_database(column: CatalogColumn) -> bool:
    """Whether the database makes a value of its own for a column, as it does for keys and times.

    A constant default is for rows that say nothing, and no sign that nobody writes the column.
    """
    return column.generated is not None or "(" in (column.default or "")


def _holds_null(column: CatalogColumn, table: Table, catalog: Catalog) -> bool | None:
    """Whether rows may hold NULL in a column; None: not known.

    One that only repeats another, such as an old name that is kept, holds what that one holds.
    """
    if column.generated in ("stored", "virtual") and column.nullable and column.expression is not None:
        name = only_name(column.expression, catalog.dialect)
        source = None if name is None else table.columns.get(catalog.fold(name))
        if source is not None and not source.uncertain:
            return source.nullable
    return column.nullable


class _Entry(NamedTuple):
    """One contract's entry for one table."""

    contracts: ContractSet
    contract: Contract
    entry: TableDeclaration
    known: KnownSchema

    @property
    def table_name(self) -> TableName:
        return self.contracts.name_of(self.entry)

    def disparities(self) -> Iterator[Disparity]:
        catalog, name = self.known.catalog, self.table_name
        table = catalog.relation(catalog.key(name.schema, name.name))
        if table is None:
            yield from self._without_table(name)
            return
        if table.uncertain:
            table = table._replace(complete=False)
        for declared in self.entry.columns:
            yield from self._column(table, declared)
        for retired in self.entry.retired:
            column = table.columns.get(catalog.fold(retired.name))
            if column is not None and not column.uncertain:
                found = f"{column.name}: {column.type or 'of a type that is not known'}"
                yield self._found(
                    "retired_back", retired.line, retired.name,
                    declared=f"retired: {{{retired.name}: {retired.since}}}", found=found,
                    table=table, column=column.name, shows=f"makes {found}",
                )  # fmt: skip
        for need in self.entry.needs:
            if not fulfilled(need, table, catalog) and not self._unsure(table):
                yield self._found(
                    "need_missing", need.line, need_text(need), declared=need_text(need),
                    found=nearest_need(need, table),
                    table=table, column=need.columns[0],
                    shows=f"makes {nearest_need(need, table) or 'none'}",
                )  # fmt: skip
        if inserts(self.contract, self.entry):
            yield from self._inserted(table)

    @staticmethod
    def _unsure(table: Table) -> bool:
        """Whether the table may have indexes and keys that no operation named."""
        return table.implied or table.uncertain

    def _without_table(self, name: TableName) -> Iterator[Disparity]:
        catalog = self.known.catalog
        if catalog.view(name.schema, name.name) is not None:
            return  # what its definition gives out is not known
        meant = near(name.name, (each.name for _, each, _ in catalog.names()))
        yield self._found(
            "table_missing", self.entry.line, self.entry.name, declared=f"{self.entry.name}:",
            found=f"{meant} is there" if meant else "", table=None, shows="makes no such table",
            # A table that no migration speaks of may have been there before the first one.
            certain=self.known.against == "database" or catalog.key(name.schema, name.name) in catalog.gone,
        )  # fmt: skip

    def _column(self, table: Table, declared: ColumnDeclaration) -> Iterator[Disparity]:
        catalog = self.known.catalog
        column = table.columns.get(catalog.fold(declared.name))
        if column is None:
            if table.complete:
                meant = near(declared.name, (each.name for each in table.columns.values()))
                yield self._found(
                    "column_missing", declared.line, declared.name, declared=column_text(declared),
                    found=f"{meant} is there" if meant else "",
                    table=table, column=declared.name, shows=f"makes {self.entry.name} without it",
                )  # fmt: skip
            return
        if column.uncertain:
            return
        if column.type is not None and not declares(
            declared, column.type, catalog.dialect, catalog.default_schema or None
        ):
            found = catalog.canonical(column.type) or column.type
            yield self._found(
                "schema_type_differs", declared.line, declared.name, declared=declared.type, found=found,
                table=table, column=column.name, shows=f"makes {column.name}: {found}",
            )  # fmt: skip
        nullable = _holds_null(column, table, catalog)
        if nullable is not None and declared.nullable is not None and nullable != declared.nullable:
            found = "nullable" if nullable else "NOT NULL"
            yield self._found(
                "schema_null_differs", declared.line, declared.name,
                declared=f"nullable: {'true' if declared.nullable else 'false'}", found=found,
                table=table, column=column.name, shows=f"makes {column.name} {found}",
            )  # fmt: skip

    def _inserted(self, table: Table) -> Iterator[Disparity]:
        """What every INSERT of this side leaves out and has to write, or writes and may not."""
        catalog = self.known.catalog
        declared = {catalog.fold(column.name): column for column in self.entry.columns}
        for key, column in table.columns.items():
            needed, said = insertion(table, column, catalog), declared.get(key)
            if needed is None or not needed.certain:
                continue
            found = f"{column.name}: {column.type or 'of a type that is not known'}, {needed.because}"
            if needed.writing == "must" and (said is None or said.from_database):
                yield self._unfilled(table, column, said, found)
            elif needed.writing == "never" and said is not None and not said.from_database:
                yield self._found(
                    "column_unwritable", said.line, column.name, declared=column_text(said), found=found,
                    table=table, column=column.name, shows=f"makes {found}",
                )  # fmt: skip
        yield from self._refused(table, declared)

    def _refused(self, table: Table, declared: Mapping[str, ColumnDeclaration]) -> Iterator[Disparity]:
        """Rows of this side that a CHECK refuses, and values that a column's type does not have."""
        catalog = self.known.catalog
        for key, said in declared.items():
            column = table.columns.get(key)
            enum = None if column is None or said.from_database else catalog.enum_of(column.type)
            if column is not None and enum is not None and enum.values:
                unknown = tuple(each for each in said.values if each not in enum.values)
                because = f"type {column.type}" + (f" of {', '.join(enum.values)}" if enum.name else "")
                yield from self._unwritable(table, column, said, unknown, because)
        for refusal in refusals(table, written(self.entry, catalog.fold), catalog):
            column = table.columns.get(catalog.fold(refusal.column))
            if column is None or not refusal.certain:
                continue
            said_of_it = declared.get(catalog.fold(refusal.column))
            if refusal.writing == "must":
                yield self._unfilled(table, column, said_of_it, refusal.because)
            elif said_of_it is not None:
                values = tuple(each for each in refusal.values if each is not None)
                because = f"CHECK ({refusal.constraint.expression})"
                yield from self._unwritable(table, column, said_of_it, values, because)

    def _unwritable(
        self, table: Table, column: CatalogColumn, said: ColumnDeclaration,
        values: tuple[str, ...], because: str,
    ) -> Iterator[Disparity]:  # fmt: skip
        """Values that this side declares, and that every INSERT with them is refused for."""
        for value in values:
            yield self._found(
                "value_unwritable", said.line, column.name, declared=column_text(said),
                found=because, table=table, column=column.name,
                shows=f"makes {column.name}: {because}", example=value,
            )  # fmt: skip

    def _unfilled(
        self, table: Table, column: CatalogColumn, said: ColumnDeclaration | None, found: str
    ) -> Disparity:
        """A column that the INSERTs of this side leave out, and have to write."""
        return self._found(
            "column_unfilled", self.entry.line if said is None else said.line, column.name,
            declared=f"no entry for {column.name}" if said is None else column_text(said), found=found,
            table=table, column=column.name, shows=f"makes {found}",
            certain=bool(self.entry.code),  # else it may be one that only updates
        )  # fmt: skip

    def _found(
        self, event: SchemaEvent, line: int, element: str, *, declared: str, found: str,
        table: Table | None, shows: str, column: str = "", certain: bool = True, example: str = "",
    ) -> Disparity:  # fmt: skip
        place = Place(self.contract.path, line, self.contract.id, declared)
        there = self.known.place(event, table, column, shows)
        return Disparity(
            event, self.table_name, self.contract.id, place, (there,), element, declared, found,
            against=self.known.against, certain=certain, example=example,
        )  # fmt: skip


def fulfilled(need: Need, table: Table, catalog: Catalog) -> bool:
    """Whether a table has what a need asks for; of a foreign key also where it leads."""
    if need.kind != "foreign_key":
        return need_met(need, table, need.columns, catalog.fold)
    names = tuple(map(catalog.fold, need.columns))
    return any(
        constraint.kind == "foreign_key"
        and tuple(map(catalog.fold, constraint.columns)) == names
        and (
            need.references is None
            or constraint.referred_table is None
            or catalog.key_of(need.references)
            == catalog.key(constraint.referred_schema, constraint.referred_table)
        )
        and (
            not (need.referenced_columns and constraint.referred_columns)
            or tuple(map(catalog.fold, need.referenced_columns))
            == tuple(map(catalog.fold, constraint.referred_columns))
        )
        and (need.on_delete is None or need.on_delete == constraint.on_deleted.lower())
        for constraint in table.constraints
    )


def nearest_need(need: Need, table: Table) -> str:
    """What the table has on just these columns that does not meet the need, in words; "" for nothing."""
    wanted = frozenset(need.columns)
    for index in table.indexes:
        if frozenset(index.columns) == wanted:
            kind = "unique index" if index.unique else "index"
            where = canonical_expression(index.where)
            return f"{kind} {index.name or ''} ({', '.join(index.columns)})" + (
                f" where {where}" if where else ""
            )
    for constraint in table.constraints:
        if frozenset(constraint.columns) == wanted and constraint.kind in ("foreign_key", "unique"):
            text = f"{constraint.kind.replace('_', ' ')} ({', '.join(constraint.columns)})"
            if constraint.referred_table:
                text += f" references {constraint.referred_table}"
            return text + (f" on delete {constraint.on_delete.lower()}" if constraint.on_delete else "")
    return ""
