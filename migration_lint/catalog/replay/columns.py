"""Columns that are added, dropped, renamed and altered, with the indexes and constraints on them."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.catalog.expressions import mentions, renamed
from migration_lint.catalog.model import CatalogColumn, Hook, Table, column_identity
from migration_lint.catalog.replay.calls import called
from migration_lint.catalog.replay.constraints import keyed, referring, refers
from migration_lint.catalog.replay.copying import comes_from_parents, heirs, is_partition
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.replay.sequences import alter_numbers, lose_sequences, number
from migration_lint.catalog.replay.views import (
    drop_views_of_column,
    follow_all,
    follow_column,
    set_default_of_view,
)
from migration_lint.catalog.replay.views import rename_column as rename_column_of_view
from migration_lint.catalog.types import may_be
from migration_lint.data_class import replace
from migration_lint.operations import NUMBERED, Column, Constraint, Index, Operation, altered


def made_column(run: Run, table: str, column: Column, uncertain: bool = False) -> CatalogColumn:
    """The column that an operation makes on the table of an identity."""
    return CatalogColumn(
        run.unique(column_identity(table, run.revision, column.name)),
        column.name,
        column.type,
        column.nullable and column.generated not in NUMBERED,
        column.default,
        column.generated,
        uncertain,
        column.comment,
        column.expression,
    )


def add_column(run: Run, operation: Operation) -> None:
    table = run.table_of(operation)
    if table is None:
        return
    for column in operation.columns:
        folded = run.catalog.fold(column.name)
        there = table.columns.get(folded)
        if there is not None and (operation.if_exists or operation.conditional):
            continue
        made = made_column(run, table.identity, column, operation.conditional)
        if operation.via is not None:  # it may be a parent's new column
            made = made._replace(inherited=comes_from_parents(run, run.key(operation), folded))
        columns = table.columns.copy()
        if there is None:
            run.note(operation, "column_added", table, made)
            columns[folded] = made
            follow_all(run, table, added=made)
        else:
            columns[folded] = made._replace(identity=there.identity, inherited=there.inherited)
            run.note(operation, "column_retyped", table, there, old=there.type, new=made.type)
        table = table._replace(
            columns=keyed(run.catalog, columns, operation.constraints),
            constraints=table.constraints + operation.constraints,
        )
    run.put(table)
    number(run, table)


def drop_column(run: Run, operation: Operation) -> None:
    found = run.column_of(operation)
    if found is None:
        return
    table, column = found
    if run.catalog.fold(column.name) != run.catalog.fold(operation.column or ""):
        # Renamed under a condition: where that did not hold, this drops it.
        run.note(operation, "column_dropped", table, column)
        return
    lose_column(run, operation, table, column)
    if operation.only:  # what inherits from the table keeps the column, as its own
        for child in map(run.catalog.get, list(run.catalog.children(run.key(operation)))):
            own = None if child is None else child.columns.get(run.catalog.fold(column.name))
            if child is not None and own is not None:
                run.with_column(child, own._replace(inherited=False))


def lose_column(run: Run, operation: Operation, table: Table, column: CatalogColumn) -> None:
    """Drop a column, and with it the indexes and constraints that mention it; with CASCADE, views too."""
    if operation.cascade and run.catalog.dialect == "postgresql":
        drop_views_of_column(run, operation, table, column)
    run.note(operation, "column_dropped", table, column)
    follow_all(run, table, lost=column)
    lose_sequences(run, operation, column)
    fold = run.catalog.fold
    folded = fold(column.name)
    if operation.conditional:
        run.journal.ghost_columns[table.identity, folded] = column
    columns = table.columns.copy()
    columns.pop(folded, None)
    constraints = []
    for constraint in table.constraints:
        rest = _left_of(run, constraint, column.name)
        if rest is not None:
            constraints.append(replace(constraint, columns=rest))
        elif stands_in(fold, column.name, constraint):
            run.note(operation, "constraint_dropped", table, before=constraint)
        else:
            constraints.append(constraint)
    indexes = []
    for index in table.indexes:
        rest = _left_of(run, index, column.name)
        if rest is not None:
            indexes.append(replace(index, columns=rest))
        elif stands_in(fold, column.name, index):
            run.note(operation, "index_dropped", table, before=index)
        else:
            indexes.append(index)
    run.put(table._replace(columns=columns, constraints=tuple(constraints), indexes=tuple(indexes)))


def _left_of(run: Run, item: Index | Constraint, column: str) -> tuple[str, ...] | None:
    """MySQL and MariaDB take a column out of a key and leave the others in it; None: it goes as a whole."""
    if run.catalog.dialect not in ("mysql", "mariadb"):
        return None
    if isinstance(item, Constraint) and item.kind not in ("primary_key", "unique"):
        return None
    rest = tuple(each for each in item.columns if run.catalog.fold(each) != run.catalog.fold(column))
    return rest if rest and len(rest) < len(item.columns) else None


def stands_in(fold: Callable[[str], str], column: str, item: Index | Constraint) -> bool:
    """Whether an index or a constraint mentions the column, so that it goes when the column goes."""
    name = fold(column)
    if isinstance(item, Constraint):
        return any(fold(each) == name for each in item.columns) or mentions(item.expression, column)
    if any(fold(each) == name for each in (*item.columns, *item.include)):
        return True
    return (item.expressions or item.where is not None) and any(
        mentions(text, column) for text in (*item.columns, item.where)
    )


def rename_column(run: Run, operation: Operation) -> None:
    if rename_column_of_view(run, operation):
        return
    found = run.column_of(operation)
    if found is None or operation.new_name is None:
        return
    table, column = found
    fold = run.catalog.fold
    old, new = fold(column.name), fold(operation.new_name)
    if column.name == operation.new_name:
        # Nothing, or the other arm of a condition says the same in its own way.
        if fold(operation.column or "") != old:
            run.note(operation, "column_renamed", table, column, old=operation.column, new=column.name)
        return
    taken = table.columns.get(new)
    if taken is not None and taken.identity != column.identity:
        run.note(operation, "column_dropped", table, taken)
        if operation.conditional:
            run.journal.ghost_columns[table.identity, new] = taken
    run.note(operation, "column_renamed", table, column, old=operation.column, new=operation.new_name)
    if operation.conditional:
        run.journal.ghost_columns[table.identity, old] = column
    called_anew = column._replace(
        name=operation.new_name, uncertain=column.uncertain or operation.conditional
    )
    columns = {}
    for folded, there in table.columns.items():
        if folded == old:
            columns[new] = called_anew
        elif folded != new:
            columns[folded] = _renamed_in_expression(there, column.name, operation.new_name)
    was, now = column.name, operation.new_name
    run.put(
        table._replace(
            columns=columns,
            constraints=tuple(_renamed_in_constraint(fold, item, was, now) for item in table.constraints),
            indexes=tuple(_renamed_in_index(fold, item, was, now) for item in table.indexes),
        )
    )
    _rename_referred(run, table, was, now)
    follow_column(run, table, column, now)


def _rename_referred(run: Run, table: Table, old: str, new: str) -> None:
    """The foreign keys that refer to a column do so by its new name."""
    key, fold = run.catalog.key(table.schema, table.name), run.catalog.fold

    def called(item: Constraint) -> Constraint:
        if not refers(run, item, key) or fold(old) not in map(fold, item.referred_columns):
            return item
        names = tuple(new if fold(name) == fold(old) else name for name in item.referred_columns)
        return replace(item, referred_columns=names)

    for other in list(referring(run, key)):
        constraints = tuple(map(called, other.constraints))
        if constraints != other.constraints:
            run.put(other._replace(constraints=constraints))


def _renamed_in_expression(column: CatalogColumn, old: str, new: str) -> CatalogColumn:
    if column.expression is None:
        return column
    return column._replace(expression=renamed(column.expression, old, new))


def _renamed_in_constraint(
    fold: Callable[[str], str], constraint: Constraint, old: str, new: str
) -> Constraint:
    columns = tuple(new if fold(name) == fold(old) else name for name in constraint.columns)
    expression = constraint.expression
    if expression is not None:
        expression = renamed(expression, old, new)
    if columns == constraint.columns and expression == constraint.expression:
        return constraint
    return replace(constraint, columns=columns, expression=expression)


def _renamed_in_index(fold: Callable[[str], str], index: Index, old: str, new: str) -> Index:
    columns = tuple(
        new if fold(text) == fold(old) else renamed(text, old, new) if index.expressions else text
        for text in index.columns
    )
    include = tuple(new if fold(name) == fold(old) else name for name in index.include)
    where = None if index.where is None else renamed(index.where, old, new)
    if (columns, include, where) == (index.columns, index.include, index.where):
        return index
    return replace(index, columns=columns, include=include, where=where)


def alter_type(run: Run, operation: Operation) -> None:
    found = run.column_of(operation)
    if found is None:
        return
    table, column = found
    run.note(operation, "column_retyped", table, column, old=column.type, new=operation.type)
    made = column._replace(type=operation.type, uncertain=column.uncertain or operation.conditional)
    if _restates(run, operation):
        made = made._replace(generated=operation.generated, expression=operation.using)
        if made.generated != column.generated:
            run.note(operation, "column_generated", table, column)
    run.with_column(table, made)


def _restates(run: Run, operation: Operation) -> bool:
    """Whether it is a MODIFY or CHANGE in SQL, by which a column is what that says and nothing else."""
    return (
        run.catalog.dialect in ("mysql", "mariadb")
        and operation.sql is not None
        and operation.stated is None
        and not operation.conditional
    )


def set_nullable(run: Run, operation: Operation) -> None:
    found = run.column_of(operation)
    if found is None:
        return
    table, column = found
    if operation.nullable and _is_keyed(run, table, column):
        return  # no database lets NULL into a primary key: MODIFY that says nothing of it changes nothing
    run.note(operation, "column_nullable", table, column)
    if operation.nullable:
        kept = tuple(each for each in table.constraints if not _is_not_null(run, each, column))
        table = table._replace(constraints=kept)
    run.with_column(table, column._replace(nullable=operation.nullable))


def _is_not_null(run: Run, constraint: Constraint, column: CatalogColumn) -> bool:
    """Whether a constraint says no more than that a column is NOT NULL."""
    names = map(run.catalog.fold, constraint.columns)
    return constraint.kind == "not_null" and list(names) == [run.catalog.fold(column.name)]


def _is_keyed(run: Run, table: Table, column: CatalogColumn) -> bool:
    """Whether the column belongs to the primary key."""
    fold = run.catalog.fold
    return any(
        each.kind == "primary_key" and fold(column.name) in map(fold, each.columns)
        for each in table.constraints
    )


def set_default(run: Run, operation: Operation) -> None:
    found = run.column_of(operation)
    if found is None:
        _set_default_of_view(run, operation)
        return
    table, column = found
    run.note(operation, "column_default", table, column)
    # A serial column is one with a default of its own.
    generated = None if column.generated == "serial" else column.generated
    run.with_column(table, column._replace(default=operation.default, generated=generated))
    for heir in heirs(run, operation):
        set_default(run, altered(operation, {"table": heir.name, "schema": heir.schema}))


def set_generated(run: Run, operation: Operation) -> None:
    """A column becomes an identity, or what made its values goes, with its expression and its default."""
    found = run.column_of(operation)
    if found is None:
        return
    table, column = found
    run.note(operation, "column_generated", table, column)
    if operation.generated is None:
        lose_sequences(run, operation, column)
    made = run.with_column(
        table,
        column._replace(
            generated=operation.generated,
            default=None,
            expression=None,
            nullable=False if operation.generated in NUMBERED else column.nullable,
            uncertain=column.uncertain or operation.conditional,
        ),
    )
    number(run, made)
    alter_numbers(run, operation)
    for heir in heirs(run, operation):
        if (
            column.generated not in NUMBERED
            and operation.generated not in NUMBERED
            or is_partition(run, heir)
        ):
            set_generated(run, altered(operation, {"table": heir.name, "schema": heir.schema}))


def _set_default_of_view(run: Run, operation: Operation) -> None:
    """A view may have defaults of its own, which count for the rows that are written through it."""
    key = run.key(operation)
    set_default_of_view(run, operation)
    if key in run.catalog.views and operation.default is not None:
        does = Operation(kind="dml", action="select", calls=called(operation.default, run.catalog.dialect))
        hook = Hook("default of", f"{key[1]}.{operation.column}", (does,))
        if does.calls:
            run.catalog.hooks[key] = (*run.catalog.hooks.get(key, ()), hook)


def set_expression(run: Run, operation: Operation) -> None:
    """A generated column is worked out in another way."""
    found = run.column_of(operation)
    if found is not None:
        run.with_column(found[0], found[1]._replace(expression=operation.using))


def restate(run: Run, operation: Operation) -> None:
    """What MySQL's MODIFY and CHANGE do besides what the call is about: what they do not state goes."""
    found, stated = run.column_of(operation), operation.stated
    if found is None or stated is None:
        return
    table, column = found
    made = column._replace(
        nullable=False
        if _is_keyed(run, table, column)
        else column.nullable
        if "nullable" in operation.said
        else stated.nullable,
        default=column.default if "server_default" in operation.said else stated.default,
        generated=stated.generated,
        comment=stated.comment,
        uncertain=column.uncertain or operation.conditional,
    )
    if _is_retyped(run, operation, column):
        run.note(operation, "column_retyped", table, column, old=column.type, new=stated.type)
        made = made._replace(type=stated.type)
    if made.nullable != column.nullable and column.nullable is not None:
        run.note(operation, "column_nullable", table, column)
    if made.default != column.default:
        run.note(operation, "column_default", table, column)
    if made.generated != column.generated:
        run.note(operation, "column_generated", table, column)
    run.with_column(table, made)


def _is_retyped(run: Run, operation: Operation, column: CatalogColumn) -> bool:
    """Whether `existing_type`, which the statement states, is another type than the column has.

    One without its length is none that a server takes.
    """
    stated, dialect = operation.stated, run.catalog.dialect
    if stated is None or stated.type is None or column.type is None or "type_" in operation.said:
        return False
    return not column.uncertain and not may_be(stated.type, column.type, dialect)
