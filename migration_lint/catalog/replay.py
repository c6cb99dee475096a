"""Operations applied to a catalog, one revision at a time.

A replay never fails. What an operation speaks of and the catalog does not know is *implied*: added as
far as the operation describes it, and marked as incomplete. A step that may or may not run is done if
it can be, and its entry in the journal says so; the other arm of the same condition still finds what
the first one took away (see `Journal`).

What an operation finds in its way is settled so that nothing is lost: creating a table that exists adds
the columns it lacks and takes over the types that the newer statement gives; renaming onto a name that
is taken drops what had it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from migration_lint.catalog.journal import Effect, Entry, Journal
from migration_lint.catalog.model import (
    Catalog,
    CatalogColumn,
    Enum,
    Key,
    Table,
    View,
    column_identity,
    index_names,
    table_identity,
)
from migration_lint.catalog.outcome import TableName
from migration_lint.operations import Column, Constraint, Index, Operation


def replay(
    catalog: Catalog, revision: str, operations: Iterable[Operation], journal: Journal | None = None
) -> None:
    """Apply the operations of one revision to `catalog`, in place.

    Pass one `journal` for all revisions whose effects matter, and none for those that base had already.
    """
    run = _Replay(catalog, revision, Journal() if journal is None else journal)
    for operation in operations:
        apply = _APPLY.get(operation.kind)
        if apply is not None:
            apply(run, operation)


class _Replay:
    """The state of replaying one revision."""

    __slots__ = ("catalog", "journal", "made", "revision", "temporary")

    def __init__(self, catalog: Catalog, revision: str, journal: Journal) -> None:
        self.catalog = catalog
        self.revision = revision
        self.journal = journal
        self.made: set[str] = set()  # identities, to tell a table dropped and made again from the first one
        self.temporary: set[str] = set()  # folded names; a temporary table hides a real one

    # --- finding things

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
        if operation.temporary:
            return True
        return (
            bool(self.temporary)
            and not operation.schema
            and self.catalog.fold(operation.table or "") in self.temporary
        )

    def table_of(self, operation: Operation) -> Table | None:
        """The table that the operation speaks of, implied if need be; None: it concerns no table."""
        if (self.temporary or operation.temporary) and self.is_temporary(operation):
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
        identity = table_identity("", *key)
        if key in self.catalog.gone:
            # The one implied before may live on under another name.
            identity = _unlike(identity, {found for *_, found in self.catalog.names()})
        table = Table(identity, schema, name, {}, complete=False)
        self.note(operation, "table_implied", table)
        return self.put(table)

    def alive(self, identity: str) -> Table | None:
        """The table of an identity, under whatever name."""
        for key, _, found in self.catalog.names():
            if found == identity:
                return self.catalog.get(key)
        return None

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

    # --- tables

    def create_table(self, operation: Operation) -> None:
        catalog = self.catalog
        if operation.temporary:
            # Where it only may have been made, the name still means the real table.
            if not operation.conditional:
                self.temporary.add(catalog.fold(operation.table or ""))
            return
        if not operation.table:
            return
        key = self.key(operation)
        existing = catalog.get(key)
        if existing is not None:
            if not (operation.if_exists or operation.conditional):
                self.merge(existing, operation)
            return
        schema = operation.schema or catalog.default_schema
        identity = self.unique(table_identity(self.revision, schema, operation.table))
        columns = {
            catalog.fold(column.name): self.made_column(identity, column) for column in operation.columns
        }
        complete = not operation.incomplete and not operation.like
        sources = [source for source in map(self.source, operation.like) if source is not None]
        if sources and len(sources) == len(operation.like):
            complete = self.copy_columns(operation, identity, sources, columns) or complete
        table = Table(
            identity,
            schema,
            operation.table,
            _with_keys_not_null(catalog, columns, operation.constraints),
            operation.constraints,
            (),
            complete,
            operation.conditional,
        )
        self.put(table)
        self.note(operation, "table_created", table)
        if sources and _FILLED.search(operation.sql or ""):
            self.written(operation, (identity, *(source.identity for source in sources)))

    def source(self, written: str) -> Table | None:
        return self.catalog.get(self.catalog.key_of(written))

    def copy_columns(
        self,
        operation: Operation,
        identity: str,
        sources: list[Table],
        columns: dict[str, CatalogColumn],
    ) -> bool:
        """Add the columns of LIKE, INHERITS or SELECT *; whether these are all there are."""
        sql = operation.sql or ""
        everything = _SELECT_ALL.search(sql) is not None
        if not (everything and len(sources) == 1) and _COPIED.search(sql) is None:
            return False
        defaults = not everything and _WITH_DEFAULTS.search(sql) is not None
        for source in sources:
            for folded, column in source.columns.items():
                if folded not in columns:
                    columns[folded] = CatalogColumn(
                        self.unique(column_identity(identity, self.revision, column.name)),
                        column.name,
                        column.type,
                        True if everything else column.nullable,
                        column.default if defaults else None,
                        None,
                    )
        return all(source.complete for source in sources)

    def made_column(self, table: str, column: Column, uncertain: bool = False) -> CatalogColumn:
        return CatalogColumn(
            self.unique(column_identity(table, self.revision, column.name)),
            column.name,
            column.type,
            column.nullable and column.generated not in ("serial", "identity"),
            column.default,
            column.generated,
            uncertain,
        )

    def merge(self, table: Table, operation: Operation) -> None:
        """A table is created that is there: made twice, or dropped by something that was not read."""
        columns = table.columns.copy()
        for column in operation.columns:
            folded = self.catalog.fold(column.name)
            made = self.made_column(table.identity, column)
            there = columns.get(folded)
            if there is None:
                columns[folded] = made
                self.note(operation, "column_added", table, made)
            else:
                columns[folded] = made._replace(identity=there.identity, type=made.type or there.type)
                if there.type != columns[folded].type:
                    self.note(
                        operation, "column_retyped", table, there, old=there.type, new=columns[folded].type
                    )
        known = {constraint.name for constraint in table.constraints if constraint.name}
        added = tuple(
            item for item in operation.constraints if item not in table.constraints and item.name not in known
        )
        self.put(
            table._replace(
                columns=_with_keys_not_null(self.catalog, columns, operation.constraints),
                constraints=table.constraints + added,
                complete=(table.complete or table.implied)
                and not operation.incomplete
                and not operation.like,
                uncertain=True,
            )
        )

    def drop_table(self, operation: Operation) -> None:
        if self.is_temporary(operation):
            self.temporary.discard(self.catalog.fold(operation.table or ""))
            return
        key = self.key(operation)
        if key not in self.catalog.rows:
            if key in self.catalog.views:
                self.drop_view(operation)
                return
            ghost = self.journal.ghost_tables.get(key)
            alive = self.alive(ghost.identity) if ghost is not None else None
            if alive is not None:
                # Renamed under a condition: where that did not hold, this drops it.
                self.note(operation, "table_dropped", alive)
                return
        table = self.table_of(operation)
        if table is not None:
            self.drop(operation, table)

    def drop(self, operation: Operation, table: Table) -> None:
        self.note(operation, "table_dropped", table)
        self.remove(table)
        if operation.conditional:
            self.journal.ghost_tables[self.catalog.key(table.schema, table.name)] = table
        if operation.cascade:
            self.drop_dependants(operation, table)

    def drop_dependants(self, operation: Operation, table: Table) -> None:
        """CASCADE takes the foreign keys that point at the table and the views that read it."""
        catalog = self.catalog
        key = catalog.key(table.schema, table.name)
        for other in list(self.referring(key)):
            for constraint in other.constraints:
                if self.refers(constraint, key):
                    self.note(operation, "constraint_dropped", other, before=constraint)
            kept = tuple(item for item in other.constraints if not self.refers(item, key))
            self.put(other._replace(constraints=kept))
        self.drop_views_reading(operation, key)

    def drop_views_reading(self, operation: Operation, key: Key) -> None:
        for view_key, view in list(self.catalog.views.items()):
            if view_key in self.catalog.views and any(
                self.catalog.key_of(read) == key for read in view.reads
            ):
                self.lose_view(operation, view_key)
                self.drop_views_reading(operation, view_key)

    def refers(self, constraint: Constraint, key: Key) -> bool:
        referred = constraint.referred_table
        return referred is not None and self.catalog.key(constraint.referred_schema, referred) == key

    def referring(self, key: Key) -> Iterable[Table]:
        """Tables with a foreign key to `key`, without building the others."""
        for other in list(self.catalog.rows):
            table = self.catalog.get(other) if self.catalog.may_name(other, key[1]) else None
            if table is not None and any(self.refers(constraint, key) for constraint in table.constraints):
                yield table

    def rename_table(self, operation: Operation) -> None:
        fold = self.catalog.fold
        if self.is_temporary(operation):
            self.temporary.discard(fold(operation.table or ""))
            self.temporary.add(fold(operation.new_name or ""))
            return
        key = self.key(operation)
        if key in self.catalog.views and key not in self.catalog.rows:
            self.rename_view(operation, key)
            return
        table = self.table_of(operation)
        if table is not None:
            schema = operation.new_schema or table.schema
            self.rename(operation, table, schema, operation.new_name or table.name)

    def rename(self, operation: Operation, table: Table, schema: str, name: str) -> None:
        catalog = self.catalog
        old = catalog.key(table.schema, table.name)
        new = catalog.key(schema, name)
        full_name = TableName(schema, name)
        if full_name == table.full_name:
            return
        taken = catalog.get(new) if new != old else None
        if taken is not None:
            self.drop(operation, taken)
        self.note(operation, "table_renamed", table, new_name=full_name)
        self.remove(table)
        self.put(
            table._replace(
                schema=schema,
                name=name,
                former=(*table.former, table.full_name),
                uncertain=table.uncertain or operation.conditional,
            )
        )
        if operation.conditional:
            self.journal.ghost_tables[old] = table
        for other in list(self.referring(old)):
            self.put(
                other._replace(
                    constraints=tuple(
                        replace(item, referred_schema=schema, referred_table=name)
                        if self.refers(item, old)
                        else item
                        for item in other.constraints
                    )
                )
            )
        # A view goes on reading the table that it was made on, whatever that is called.
        for view_key, view in catalog.views.items():
            if any(catalog.key_of(read) == old for read in view.reads):
                reads = tuple(
                    f"{schema}.{name}" if catalog.key_of(read) == old else read for read in view.reads
                )
                catalog.views[view_key] = view._replace(reads=reads)

    # --- columns

    def add_column(self, operation: Operation) -> None:
        table = self.table_of(operation)
        if table is None:
            return
        for column in operation.columns:
            folded = self.catalog.fold(column.name)
            there = table.columns.get(folded)
            if there is not None and (operation.if_exists or operation.conditional):
                continue
            made = self.made_column(table.identity, column, operation.conditional)
            columns = table.columns.copy()
            if there is None:
                self.note(operation, "column_added", table, made)
                columns[folded] = made
            else:
                columns[folded] = made._replace(identity=there.identity)
                self.note(operation, "column_retyped", table, there, old=there.type, new=made.type)
            table = table._replace(
                columns=_with_keys_not_null(self.catalog, columns, operation.constraints),
                constraints=table.constraints + operation.constraints,
            )
        self.put(table)

    def drop_column(self, operation: Operation) -> None:
        found = self.column_of(operation)
        if found is None:
            return
        table, column = found
        if self.catalog.fold(column.name) != self.catalog.fold(operation.column or ""):
            # Renamed under a condition: where that did not hold, this drops it.
            self.note(operation, "column_dropped", table, column)
            return
        self.lose_column(operation, table, column)

    def lose_column(self, operation: Operation, table: Table, column: CatalogColumn) -> None:
        self.note(operation, "column_dropped", table, column)
        fold = self.catalog.fold
        folded = fold(column.name)
        if operation.conditional:
            self.journal.ghost_columns[table.identity, folded] = column
        columns = table.columns.copy()
        columns.pop(folded, None)
        constraints = []
        for constraint in table.constraints:
            if any(fold(name) == folded for name in constraint.columns) or _mentions(
                constraint.expression, column.name
            ):
                self.note(operation, "constraint_dropped", table, before=constraint)
            else:
                constraints.append(constraint)
        indexes = []
        for index in table.indexes:
            if any(fold(name) == folded for name in (*index.columns, *index.include)) or (
                (index.expressions or index.where)
                and any(_mentions(text, column.name) for text in (*index.columns, index.where))
            ):
                self.note(operation, "index_dropped", table, before=index)
            else:
                indexes.append(index)
        self.put(table._replace(columns=columns, constraints=tuple(constraints), indexes=tuple(indexes)))

    def rename_column(self, operation: Operation) -> None:
        found = self.column_of(operation)
        if found is None or operation.new_name is None:
            return
        table, column = found
        fold = self.catalog.fold
        old, new = fold(column.name), fold(operation.new_name)
        if column.name == operation.new_name:
            # Nothing, or the other arm of a condition says the same in its own way.
            if fold(operation.column or "") != old:
                self.note(operation, "column_renamed", table, column, old=operation.column, new=column.name)
            return
        taken = table.columns.get(new)
        if taken is not None and taken.identity != column.identity:
            self.note(operation, "column_dropped", table, taken)
            if operation.conditional:
                self.journal.ghost_columns[table.identity, new] = taken
        self.note(operation, "column_renamed", table, column, old=operation.column, new=operation.new_name)
        if operation.conditional:
            self.journal.ghost_columns[table.identity, old] = column
        renamed = column._replace(
            name=operation.new_name, uncertain=column.uncertain or operation.conditional
        )
        columns = {}
        for folded, there in table.columns.items():
            if folded == old:
                columns[new] = renamed
            elif folded != new:
                columns[folded] = there
        was, now = column.name, operation.new_name
        self.put(
            table._replace(
                columns=columns,
                constraints=tuple(_renamed_in_constraint(item, was, now) for item in table.constraints),
                indexes=tuple(_renamed_in_index(item, was, now) for item in table.indexes),
            )
        )

    def alter_type(self, operation: Operation) -> None:
        found = self.column_of(operation)
        if found is None:
            return
        table, column = found
        self.note(operation, "column_retyped", table, column, old=column.type, new=operation.type)
        self.with_column(
            table,
            column._replace(type=operation.type, uncertain=column.uncertain or operation.conditional),
        )

    def set_nullable(self, operation: Operation) -> None:
        found = self.column_of(operation)
        if found is None:
            return
        table, column = found
        self.note(operation, "column_nullable", table, column)
        self.with_column(table, column._replace(nullable=operation.nullable))

    def set_default(self, operation: Operation) -> None:
        found = self.column_of(operation)
        if found is None:
            return
        table, column = found
        self.note(operation, "column_default", table, column)
        self.with_column(table, column._replace(default=operation.default))

    # --- indexes and constraints

    def create_index(self, operation: Operation) -> None:
        index = operation.index
        if index is None:
            return
        table = self.table_of(operation)
        if table is None:
            return
        name = index.name or operation.name
        if name is not None:
            if any(_same_name(self.catalog, item.name, name) for item in table.indexes):
                if operation.if_exists or operation.conditional:
                    return
                table = table._replace(
                    indexes=tuple(
                        item for item in table.indexes if not _same_name(self.catalog, item.name, name)
                    )
                )
            if index.name is None:
                index = replace(index, name=name)
            if self.catalog.index_tables is not None:
                self.catalog.index_tables[self.catalog.fold(name)] = self.key(operation)
        self.put(table._replace(indexes=(*table.indexes, index)))

    def table_with_index(self, operation: Operation) -> Table | None:
        """The table of an index that is dropped or renamed without saying on which table it is."""
        if operation.table:
            return self.table_of(operation)
        catalog = self.catalog
        if operation.name is None:
            return None
        if catalog.index_tables is None:
            catalog.index_tables = {}
            for key, row in catalog.rows.items():
                catalog.index_tables.update((catalog.fold(name), key) for name in index_names(row) if name)
        wanted = catalog.fold(operation.name)
        hinted = catalog.index_tables.get(wanted)
        if hinted is None:
            return None
        table = catalog.get(hinted)
        if table is not None and any(_same_name(catalog, index.name, wanted) for index in table.indexes):
            return table
        for table in catalog.tables():  # it moved along with its table
            if any(_same_name(catalog, index.name, wanted) for index in table.indexes):
                return table
        return None

    def drop_index(self, operation: Operation) -> None:
        table = self.table_with_index(operation)
        if table is None:
            return
        same = [item for item in table.indexes if _same_name(self.catalog, item.name, operation.name)]
        if same:
            for index in same:
                self.note(operation, "index_dropped", table, before=index)
            self.put(table._replace(indexes=tuple(item for item in table.indexes if item not in same)))
        else:
            # MySQL drops a unique constraint by dropping its index.
            self.lose_constraint(operation, table, operation.name, "unique", guess=False)

    def rename_index(self, operation: Operation) -> None:
        table = self.table_with_index(operation)
        if table is not None:
            self.put(
                table._replace(
                    indexes=tuple(
                        replace(item, name=operation.new_name)
                        if _same_name(self.catalog, item.name, operation.name)
                        else item
                        for item in table.indexes
                    )
                )
            )
            if self.catalog.index_tables is not None and operation.new_name:
                self.catalog.index_tables[self.catalog.fold(operation.new_name)] = self.catalog.key(
                    table.schema, table.name
                )

    def add_constraint(self, operation: Operation) -> None:
        table = self.table_of(operation)
        if table is None:
            return
        for constraint in operation.constraints:
            if constraint.using_index is not None:
                for index in table.indexes:
                    if _same_name(self.catalog, index.name, constraint.using_index):
                        # The index becomes the constraint's own.
                        constraint = replace(constraint, columns=constraint.columns or index.columns)
                        table = table._replace(
                            indexes=tuple(item for item in table.indexes if item is not index)
                        )
                        break
            if constraint.name is not None and any(
                _same_name(self.catalog, item.name, constraint.name) for item in table.constraints
            ):
                if operation.if_exists or operation.conditional:
                    continue
                table = table._replace(
                    constraints=tuple(
                        item
                        for item in table.constraints
                        if not _same_name(self.catalog, item.name, constraint.name)
                    )
                )
            table = table._replace(
                columns=_with_keys_not_null(self.catalog, table.columns, (constraint,)),
                constraints=(*table.constraints, constraint),
            )
        self.put(table)

    def drop_constraint(self, operation: Operation) -> None:
        table = self.table_of(operation)
        if table is None:
            return
        named = operation.constraints[0] if operation.constraints else Constraint("unknown")
        name = named.name or operation.name
        if name is not None:
            same = [item for item in table.indexes if _same_name(self.catalog, item.name, name)]
            if same and not any(_same_name(self.catalog, item.name, name) for item in table.constraints):
                for index in same:
                    self.note(operation, "index_dropped", table, before=index)
                self.put(table._replace(indexes=tuple(item for item in table.indexes if item not in same)))
                return
        self.lose_constraint(operation, table, name, named.kind, guess=True)

    def lose_constraint(
        self, operation: Operation, table: Table, name: str | None, kind: str, *, guess: bool
    ) -> None:
        catalog = self.catalog
        found = [item for item in table.constraints if name and _same_name(catalog, item.name, name)]
        if not found and kind == "primary_key":
            found = [item for item in table.constraints if item.kind == kind]
        if not found and name:
            # The database made the name up.
            found = [
                item
                for item in table.constraints
                if item.name is None
                and any(name in _default_names(one.name, item) for one in table.all_names)
            ][:1]
        if not found and guess:
            unnamed = [
                item for item in table.constraints if item.name is None and kind in (item.kind, "unknown")
            ]
            found = unnamed if len(unnamed) == 1 else []
        for constraint in found:
            self.note(operation, "constraint_dropped", table, before=constraint)
        if found:
            self.put(
                table._replace(constraints=tuple(item for item in table.constraints if item not in found))
            )

    def rename_constraint(self, operation: Operation) -> None:
        table = self.table_of(operation)
        if table is not None:
            self.change_constraint(table, operation, "name", operation.new_name)

    def validate_constraint(self, operation: Operation) -> None:
        table = self.table_of(operation)
        if table is not None:
            self.change_constraint(table, operation, "not_valid", False)

    def change_constraint(
        self, table: Table, operation: Operation, field: str, value: str | bool | None
    ) -> None:
        name = operation.name or (operation.constraints[0].name if operation.constraints else None)
        self.put(
            table._replace(
                constraints=tuple(
                    _changed(item, field, value) if _same_name(self.catalog, item.name, name) else item
                    for item in table.constraints
                )
            )
        )

    # --- types, views, schemas

    def create_enum(self, operation: Operation) -> None:
        key = self.catalog.key(operation.schema, operation.name or "")
        if key in self.catalog.enums and (operation.if_exists or operation.conditional):
            return
        schema = operation.schema or self.catalog.default_schema
        self.catalog.enums[key] = Enum(schema, operation.name or "", operation.values)

    def alter_enum(self, operation: Operation) -> None:
        catalog = self.catalog
        key = catalog.key(operation.schema, operation.name or "")
        enum = catalog.enums.get(key)
        if operation.action == "add_value" and enum is not None:
            added = tuple(value for value in operation.values if value not in enum.values)
            catalog.enums[key] = enum._replace(values=enum.values + added)
        elif operation.action == "rename_value" and enum is not None and operation.new_name is not None:
            catalog.enums[key] = enum._replace(
                values=tuple(
                    operation.new_name if value in operation.values else value for value in enum.values
                )
            )
            self.journal.entries.append(
                Entry(
                    self.revision,
                    operation,
                    "enum_value_renamed",
                    name=TableName(enum.schema, enum.name),
                    old=next(iter(operation.values), None),
                    new=operation.new_name,
                )
            )
        elif operation.action in ("rename", "move"):
            schema = operation.new_schema or operation.schema or catalog.default_schema
            name = (operation.new_name if operation.action == "rename" else operation.name) or ""
            if operation.action == "move" and operation.new_schema is None and operation.new_name:
                schema = operation.new_name
            self.rename_enum(operation, key, schema, name)

    def rename_enum(self, operation: Operation, key: Key, schema: str, name: str) -> None:
        """A type's new name is the columns' new type: what casts to the old name no longer works."""
        enum = self.catalog.enums.pop(key, None)
        if enum is not None:
            self.catalog.enums[self.catalog.key(schema, name)] = Enum(schema, name, enum.values)
        spelled = _spelled_type(self.catalog, schema, name)
        for table, column in self.columns_of_type(key):
            new = spelled + ("[]" if (self.catalog.canonical(column.type) or "").endswith("[]") else "")
            current = self.catalog.table(table.schema, table.name) or table
            self.note(operation, "column_retyped", current, column, old=column.type, new=new)
            self.with_column(current, column._replace(type=new))

    def columns_of_type(self, key: Key) -> list[tuple[Table, CatalogColumn]]:
        catalog = self.catalog
        name = _spelled_type(catalog, *key)
        wanted = (name, f"{name}[]")
        return [
            (table, column)
            for table in catalog.tables()
            for column in table.columns.values()
            if column.type is not None and catalog.canonical(column.type) in wanted
        ]

    def drop_enum(self, operation: Operation) -> None:
        key = self.catalog.key(operation.schema, operation.name or "")
        self.catalog.enums.pop(key, None)
        if operation.cascade:
            for table, column in self.columns_of_type(key):
                self.lose_column(operation, self.catalog.table(table.schema, table.name) or table, column)

    def create_view(self, operation: Operation) -> None:
        if operation.temporary or not operation.table:
            return
        schema = operation.schema or self.catalog.default_schema
        self.catalog.views[self.key(operation)] = View(
            schema, operation.table, operation.like or operation.tables, operation.values
        )

    def drop_view(self, operation: Operation) -> None:
        key = self.key(operation)
        self.lose_view(operation, key)
        if operation.cascade:
            self.drop_views_reading(operation, key)

    def lose_view(self, operation: Operation, key: Key) -> None:
        view = self.catalog.views.pop(key, None)
        if view is None and key in self.catalog.rows:
            return
        name = TableName(*key) if view is None else TableName(view.schema, view.name)
        # A view that nothing here created is implied, as a table is.
        identity = table_identity("", *key) if view is None else ""
        self.journal.entries.append(Entry(self.revision, operation, "view_dropped", identity, name))

    def rename_view(self, operation: Operation, key: Key) -> None:
        view = self.catalog.views.pop(key)
        new = TableName(operation.new_schema or view.schema, operation.new_name or view.name)
        self.catalog.views[self.catalog.key(*new)] = view._replace(schema=new.schema, name=new.name)
        self.journal.entries.append(
            Entry(self.revision, operation, "view_renamed", name=TableName(*view[:2]), new_name=new)
        )

    def drop_schema(self, operation: Operation) -> None:
        # Only MySQL's takes the tables with it unasked; elsewhere it fails where there are any.
        if operation.name is None or not (
            operation.cascade or self.catalog.dialect in ("mysql", "mariadb", "oracle")
        ):
            return
        catalog = self.catalog
        schema = catalog.key(operation.name, "")[0]
        self.journal.entries.append(
            Entry(self.revision, operation, "schema_dropped", name=TableName(schema, ""))
        )
        for key in [key for key in catalog.rows if key[0] == schema]:
            table = catalog.get(key)
            if table is not None:
                self.drop(operation, table)
        for key in [key for key in catalog.views if key[0] == schema]:
            self.lose_view(operation, key)
        for key in [key for key in catalog.enums if key[0] == schema]:
            del catalog.enums[key]

    def rename_schema(self, operation: Operation) -> None:
        if operation.name is None or operation.new_name is None:
            return
        catalog = self.catalog
        schema = catalog.key(operation.name, "")[0]
        new = operation.new_name
        self.journal.entries.append(
            Entry(
                self.revision,
                operation,
                "schema_renamed",
                name=TableName(schema, ""),
                new_name=TableName(new, ""),
            )
        )
        for key in [key for key in catalog.rows if key[0] == schema]:
            table = catalog.get(key)
            if table is not None:
                self.rename(operation, table, new, table.name)
        for key in [key for key in catalog.views if key[0] == schema]:
            view = catalog.views.pop(key)
            catalog.views[catalog.key(new, view.name)] = view._replace(schema=new)
            self.journal.entries.append(
                Entry(
                    self.revision,
                    operation,
                    "view_renamed",
                    name=TableName(*view[:2]),
                    new_name=TableName(new, view.name),
                )
            )
        for key in [key for key in catalog.enums if key[0] == schema]:
            self.rename_enum(operation, key, new, catalog.enums[key].name)

    # --- rows, and what nobody can read

    def dml(self, operation: Operation) -> None:
        if operation.sql is not None and not _WRITES.search(operation.sql):
            return
        named = []
        for written in dict.fromkeys((*operation.tables, *([operation.table] if operation.table else ()))):
            if "." not in written and self.catalog.fold(written) in self.temporary:
                continue
            key = self.catalog.key_of(written)
            if written == operation.table and operation.schema:
                key = self.key(operation)
            row = self.catalog.rows.get(key)
            if row is not None:
                named.append(row.identity if isinstance(row, Table) else row[0])
        if named:
            self.written(operation, tuple(dict.fromkeys(named)))

    def written(self, operation: Operation, identities: tuple[str, ...]) -> None:
        self.journal.entries.append(
            Entry(self.revision, operation, "written", identities[0], others=identities)
        )

    def opaque(self, operation: Operation) -> None:
        self.journal.entries.append(Entry(self.revision, operation, "opaque"))


_FILLED = re.compile(r"\bselect\b", re.I)
_SELECT_ALL = re.compile(
    r"\bselect\s+\*\s+from\s+[^\s,();]+\s*(?:;|\)|where\b|limit\b|with\b|order\b|$)", re.I
)
_COPIED = re.compile(r"\b(?:like|inherits|partition\s+of)\b", re.I)
_WITH_DEFAULTS = re.compile(r"\bincluding\s+(?:all|defaults)\b|\binherits\b|\bpartition\s+of\b", re.I)
_WRITES = re.compile(r"\b(?:insert|update|merge|replace|into|copy)\b", re.I)


def _unlike(identity: str, others: set[str]) -> str:
    """`identity`, with a number where one of `others` has it already."""
    found, count = identity, 1
    while found in others:
        count += 1
        found = f"{identity}#{count}"
    return found


def _with_keys_not_null(
    catalog: Catalog, columns: dict[str, CatalogColumn], constraints: tuple[Constraint, ...]
) -> dict[str, CatalogColumn]:
    """The columns, those of a primary key or a NOT NULL constraint made NOT NULL."""
    changed = columns
    for constraint in constraints:
        if constraint.kind in ("primary_key", "not_null") and not constraint.not_valid:
            for name in constraint.columns:
                folded = catalog.fold(name)
                column = changed.get(folded)
                if column is not None and column.nullable is not False:
                    if changed is columns:
                        changed = columns.copy()
                    changed[folded] = column._replace(nullable=False)
    return changed


def _same_name(catalog: Catalog, one: str | None, other: str | None) -> bool:
    return (
        one is not None and other is not None and (one == other or catalog.fold(one) == catalog.fold(other))
    )


def _changed(constraint: Constraint, field: str, value: str | bool | None) -> Constraint:
    if field == "name":
        return replace(constraint, name=value if isinstance(value, str) else None)
    return replace(constraint, not_valid=bool(value))


def _default_names(table: str, constraint: Constraint) -> tuple[str, ...]:
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


def _spelled_type(catalog: Catalog, schema: str, name: str) -> str:
    """A user's type as `canonical` spells it."""
    quoted = '"' + name.replace('"', '""') + '"'
    if schema and schema != catalog.default_schema:
        quoted = '"' + schema.replace('"', '""') + '".' + quoted
    return catalog.canonical(quoted) or name


def _mentions(expression: str | None, column: str) -> bool:
    return expression is not None and _word(column).search(_outside_literals(expression)) is not None


def _outside_literals(expression: str) -> str:
    return re.sub(r"'(?:[^']|'')*'", "''", expression) if "'" in expression else expression


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])", re.I)


def _renamed_in_text(text: str, old: str, new: str) -> str:
    pieces = re.split(r"('(?:[^']|'')*')", text)
    return "".join(
        piece if at % 2 else _word(old).sub(new.replace("\\", "\\\\"), piece)
        for at, piece in enumerate(pieces)
    )


def _renamed_in_constraint(constraint: Constraint, old: str, new: str) -> Constraint:
    columns = tuple(new if name == old else name for name in constraint.columns)
    expression = constraint.expression
    if expression is not None:
        expression = _renamed_in_text(expression, old, new)
    if columns == constraint.columns and expression == constraint.expression:
        return constraint
    return replace(constraint, columns=columns, expression=expression)


def _renamed_in_index(index: Index, old: str, new: str) -> Index:
    columns = tuple(
        new if text == old else _renamed_in_text(text, old, new) if index.expressions else text
        for text in index.columns
    )
    include = tuple(new if name == old else name for name in index.include)
    where = None if index.where is None else _renamed_in_text(index.where, old, new)
    if (columns, include, where) == (index.columns, index.include, index.where):
        return index
    return replace(index, columns=columns, include=include, where=where)


_APPLY: dict[str, Callable[[_Replay, Operation], None]] = {
    "create_table": _Replay.create_table,
    "drop_table": _Replay.drop_table,
    "rename_table": _Replay.rename_table,
    "move_table": _Replay.rename_table,
    "add_column": _Replay.add_column,
    "drop_column": _Replay.drop_column,
    "rename_column": _Replay.rename_column,
    "alter_type": _Replay.alter_type,
    "set_nullable": _Replay.set_nullable,
    "set_default": _Replay.set_default,
    "create_index": _Replay.create_index,
    "drop_index": _Replay.drop_index,
    "rename_index": _Replay.rename_index,
    "add_constraint": _Replay.add_constraint,
    "drop_constraint": _Replay.drop_constraint,
    "rename_constraint": _Replay.rename_constraint,
    "validate_constraint": _Replay.validate_constraint,
    "create_enum": _Replay.create_enum,
    "alter_enum": _Replay.alter_enum,
    "drop_enum": _Replay.drop_enum,
    "create_view": _Replay.create_view,
    "drop_view": _Replay.drop_view,
    "rename_schema": _Replay.rename_schema,
    "drop_schema": _Replay.drop_schema,
    "dml": _Replay.dml,
    "opaque": _Replay.opaque,
}
