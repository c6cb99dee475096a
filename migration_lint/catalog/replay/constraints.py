"""Constraints, by the names that people gave them and by those that the database makes up."""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.catalog.model import Catalog, CatalogColumn, Key, Table
from migration_lint.catalog.replay.copying import heirs, is_partition, same_constraint
from migration_lint.catalog.replay.run import Run, default_names, same_name
from migration_lint.data_class import replace
from migration_lint.operations import Constraint, Index, Operation, altered


def add_constraint(run: Run, operation: Operation) -> None:
    table = run.table_of(operation)
    if table is None:
        return
    for constraint in operation.constraints:
        if constraint.using_index is not None:
            for index in table.indexes:
                if same_name(run.catalog, index.name, constraint.using_index):
                    # The index becomes the constraint's own.
                    constraint = replace(constraint, columns=constraint.columns or index.columns)
                    table = table._replace(indexes=tuple(item for item in table.indexes if item is not index))
                    break
        if (
            operation.if_exists
            and constraint.kind == "primary_key"
            and any(item.kind == "primary_key" for item in table.constraints)
        ):
            continue
        if constraint.name is not None and any(
            same_name(run.catalog, item.name, constraint.name) for item in table.constraints
        ):
            if operation.if_exists or operation.conditional:
                continue
            table = table._replace(
                constraints=tuple(
                    item
                    for item in table.constraints
                    if not same_name(run.catalog, item.name, constraint.name)
                )
            )
        run.note(operation, "constraint_added", table, before=constraint)
        table = table._replace(
            columns=keyed(run.catalog, table.columns, (constraint,)),
            constraints=(*table.constraints, constraint),
        )
    run.put(table)
    for heir in heirs(run, operation):
        _add_to_heir(run, operation, heir)


def _add_to_heir(run: Run, operation: Operation, heir: Table) -> None:
    """A partition gets every constraint of its table, a child the checks, and NOT NULL for a primary key."""
    partition = is_partition(run, heir)
    passed_on = tuple(
        replace(each, name=None if each.kind in ("primary_key", "unique") else each.name, using_index=None)
        for each in (operation.constraints if partition else _inheritable(run, operation.constraints, heir))
        if (partition or each.kind in ("check", "not_null"))
        and each.using_index is None
        and not each.no_inherit
        and not any(same_constraint(run.catalog, each, other) for other in heir.constraints)
    )
    if passed_on:
        on = {"table": heir.name, "schema": heir.schema, "constraints": passed_on, "name": None}
        add_constraint(run, altered(operation, on))


def _inheritable(run: Run, constraints: Iterable[Constraint], child: Table) -> Iterable[Constraint]:
    """The constraints of a table, with NOT NULL, which a child inherits, where a primary key asks for it."""
    for each in constraints:
        if each.kind != "primary_key":
            yield each
            continue
        for name in each.columns:
            column = child.columns.get(run.catalog.fold(name))
            if column is None or column.nullable is not False:
                yield Constraint("not_null", columns=(name,))


def drop_constraint(run: Run, operation: Operation) -> None:
    table = run.table_of(operation)
    if table is None:
        return
    named = operation.constraints[0] if operation.constraints else Constraint("unknown")
    name = named.name or operation.name
    if name is not None:
        same = [item for item in table.indexes if same_name(run.catalog, item.name, name)]
        if same and not any(same_name(run.catalog, item.name, name) for item in table.constraints):
            for index in same:
                run.note(operation, "index_dropped", table, before=index)
            run.put(table._replace(indexes=tuple(item for item in table.indexes if item not in same)))
            return
    lose_constraint(run, operation, table, name, named.kind, guess=True)


def lose_constraint(
    run: Run, operation: Operation, table: Table, name: str | None, kind: str, *, guess: bool
) -> None:
    """Drop the constraint of a name; `guess`: where none has it, the only unnamed one of its kind."""
    catalog = run.catalog
    found = [item for item in table.constraints if name and same_name(catalog, item.name, name)]
    if not found and kind == "primary_key":
        found = [item for item in table.constraints if item.kind == kind]
    if not found and name:
        # SQLAlchemy made the name up, where a convention told it how when the revision ran.
        found = [item for item in table.constraints if same_name(catalog, item.by_convention, name)][:1]
    if not found and name:
        # The database made the name up.
        found = [
            item
            for item in table.constraints
            if item.name is None
            and (
                is_called(run, table, item, name)
                or any(name in default_names(one.name, item) for one in table.all_names)
            )
        ][:1]
    if not found and guess:
        unnamed = [item for item in table.constraints if item.name is None and kind in (item.kind, "unknown")]
        found = unnamed if len(unnamed) == 1 else []
    for constraint in found:
        run.note(operation, "constraint_dropped", table, before=constraint)
    if found:
        run.put(table._replace(constraints=tuple(item for item in table.constraints if item not in found)))
        _lose_from_heirs(run, operation, found)


def is_called(run: Run, table: Table, item: Index | Constraint, name: str | None) -> bool:
    """Whether an index, or a constraint that is one, has this name, be it that the server made it up.

    MySQL and MariaDB call one that nobody named as its first column, and a second one with a number.
    """
    if item.name is not None or name is None or run.catalog.dialect not in ("mysql", "mariadb"):
        return same_name(run.catalog, item.name, name)
    if isinstance(item, Constraint) and item.kind != "unique":
        return False
    fold = run.catalog.fold
    first = fold(item.columns[0]) if item.columns else ""
    items: list[Constraint | Index] = [*table.constraints, *table.indexes]
    alike = [
        each
        for each in items
        if each.name is None
        and each.columns
        and fold(each.columns[0]) == first
        and (isinstance(each, Index) or each.kind == "unique")
    ]
    place = next((place for place, each in enumerate(alike) if each is item), 0)
    return fold(name) == (first if place == 0 else f"{first}_{place + 1}")


def _lose_from_heirs(run: Run, operation: Operation, lost: list[Constraint]) -> None:
    """What a table loses, its children and partitions lose that have it from there."""
    for heir in heirs(run, operation):
        same = [
            each
            for each in heir.constraints
            if (is_partition(run, heir) or each.kind == "check")
            and any(same_constraint(run.catalog, each, other) for other in lost)
        ]
        if same:
            for each in same:
                run.note(operation, "constraint_dropped", heir, before=each)
            run.put(heir._replace(constraints=tuple(item for item in heir.constraints if item not in same)))
            on = {"table": heir.name, "schema": heir.schema}
            _lose_from_heirs(run, altered(operation, on), same)


def rename_constraint(run: Run, operation: Operation) -> None:
    table = run.table_of(operation)
    if table is not None:
        _change_constraint(run, table, operation, "name", operation.new_name)


def validate_constraint(run: Run, operation: Operation) -> None:
    table = run.table_of(operation)
    if table is not None:
        _change_constraint(run, table, operation, "not_valid", False)


def _change_constraint(
    run: Run, table: Table, operation: Operation, field: str, value: str | bool | None
) -> None:
    name = operation.name or (operation.constraints[0].name if operation.constraints else None)
    run.put(
        table._replace(
            constraints=tuple(
                _changed(item, field, value) if same_name(run.catalog, item.name, name) else item
                for item in table.constraints
            )
        )
    )


def _changed(constraint: Constraint, field: str, value: str | bool | None) -> Constraint:
    if field == "name":
        return replace(constraint, name=value if isinstance(value, str) else None)
    return replace(constraint, not_valid=bool(value))


def keyed(
    catalog: Catalog,
    columns: dict[str, CatalogColumn],
    constraints: tuple[Constraint, ...],
    with_rowid: bool = True,
) -> dict[str, CatalogColumn]:
    """The columns, those of a primary key or a NOT NULL constraint made NOT NULL.

    On SQLite an INTEGER that is the whole key is another name of the rowid, which the server numbers
    (https://sqlite.org/lang_createtable.html#rowid), unless the table is WITHOUT ROWID. All other keys of a
    table with rowids take NULL there (https://sqlite.org/lang_createtable.html#the_primary_key).
    """
    changed = columns
    for constraint in constraints:
        if constraint.kind in ("primary_key", "not_null") and not constraint.not_valid:
            rowid = with_rowid and catalog.dialect == "sqlite" and constraint.kind == "primary_key"
            for name in constraint.columns:
                folded = catalog.fold(name)
                column = changed.get(folded)
                if column is None or (rowid and not _is_rowid(constraint, column)):
                    continue
                numbered = "serial" if rowid and column.generated is None else column.generated
                if column.nullable is not False or numbered != column.generated:
                    if changed is columns:
                        changed = columns.copy()
                    changed[folded] = column._replace(nullable=False, generated=numbered)
    return changed


def _is_rowid(key: Constraint, column: CatalogColumn) -> bool:
    return len(key.columns) == 1 and (column.type or "").upper() == "INTEGER"


def referring(run: Run, key: Key) -> Iterable[Table]:
    """Tables with a foreign key to `key`, without building the others."""
    for other in list(run.catalog.rows):
        table = run.catalog.get(other) if run.catalog.may_name(other, key[1]) else None
        if table is not None and any(refers(run, constraint, key) for constraint in table.constraints):
            yield table


def refers(run: Run, constraint: Constraint, key: Key) -> bool:
    referred = constraint.referred_table
    return referred is not None and run.catalog.key(constraint.referred_schema, referred) == key
