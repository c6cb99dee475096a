"""MySQL and MariaDB: what they refuse because a foreign key hangs on it.

Both check foreign keys while they alter a table, unless `foreign_key_checks` is off: errors 1832 and 1833
(a column's type), 1828 and 1829 (a column that goes), 1553 (an index that goes), 1830 (SET NULL on NOT NULL).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from migration_lint.catalog.model import Table
from migration_lint.effects.setting import Setting
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint, Operation


class ForeignKey(NamedTuple):
    """A foreign key that hangs on a table: its own, or one that refers to it."""

    label: str  # "foreign key orders_team", "the foreign key of orders to team"
    columns: tuple[str, ...]  # folded: those of the table
    own: bool
    constraint: Constraint
    table: Table  # that has it


class Obstacle(NamedTuple):
    """Why the server refuses a statement; "" if it does not. The foreign key, and the table that has it."""

    why: str = ""
    name: str = ""
    table: str = ""


NONE = Obstacle()


def in_the_way(operation: Operation, setting: Setting, changed: bool) -> Obstacle:
    """The foreign key because of which the server refuses the operation, as far as they are known.

    `changed`: an alter_type changes how values are stored, or on MariaDB anything at all.
    """
    table = setting.table(operation) if operation.table else None
    if operation.kind == "drop_index" and table is None:
        key = setting.table_of_index(operation.name or "")
        table = None if key is None else setting.catalog.get(key)
    if table is None or re.search(r"(?i)\bdrop\s+foreign\s+key\b", operation.sql or ""):
        return NONE
    # MariaDB minds a change of the columns themselves even while it checks no rows.
    if setting.unchecked and not (
        setting.dialect == "mariadb" and operation.kind in ("alter_type", "drop_column")
    ):
        return NONE
    fold = setting.catalog.fold
    keys = list(_keys(table, setting))
    column = fold(operation.column or "")
    match operation.kind:
        case "drop_table":
            return _said((each for each in keys if not each.own and each.table is not table), "refers to it")
        case "alter_type" if changed:
            return _said((each for each in keys if column in each.columns), "is on it")
        case "drop_column":
            return _said((each for each in keys if column in each.columns), "is on it")
        case "set_nullable" if operation.nullable is False:
            return _said(
                (each for each in keys if column in each.columns and _sets_null(each)), "sets it to NULL"
            )
        case "drop_index" | "drop_constraint":
            return _said(_left_alone(operation, table, keys, fold), "needs it, and no other index does")
    return NONE


def _said(keys: Iterator[ForeignKey], what: str) -> Obstacle:
    found = next(keys, None)
    if found is None:
        return NONE
    return Obstacle(f"{found.label} {what}", found.constraint.name or "", found.table.name)


def _sets_null(key: ForeignKey) -> bool:
    return key.own and "SET NULL" in (key.constraint.on_deleted, key.constraint.on_updated)


def _keys(table: Table, setting: Setting) -> Iterator[ForeignKey]:
    catalog, fold = setting.catalog, setting.catalog.fold
    here = catalog.key(table.schema, table.name)
    primary = next((each.columns for each in table.constraints if each.kind == "primary_key"), ())
    for place in list(catalog.rows):
        other = catalog.get(place) if place == here or catalog.may_name(place, fold(table.name)) else None
        for each in () if other is None or other.uncertain else other.constraints:
            if each.kind != "foreign_key" or other is None:
                continue
            if other.identity == table.identity:
                label = (
                    f"foreign key {each.name}"
                    if each.name
                    else f"the foreign key on {', '.join(each.columns)}"
                )
                yield ForeignKey(label, tuple(map(fold, each.columns)), True, each, other)
            if each.referred_table and catalog.key(each.referred_schema, each.referred_table) == here:
                label = (
                    f"foreign key {each.name} of {other.name}"
                    if each.name
                    else f"a foreign key of {other.name}"
                )
                columns = tuple(map(fold, each.referred_columns or primary))
                yield ForeignKey(label, columns, False, each, other)


def _left_alone(
    operation: Operation, table: Table, keys: Sequence[ForeignKey], fold: Callable[[str], str]
) -> Iterator[ForeignKey]:
    """The foreign keys that the index which goes is the only one for."""
    name = fold(operation.name or "")
    kind = operation.constraints[0].kind if operation.constraints else None
    if not name and kind != "primary_key":
        return
    going: list[tuple[str, ...]] = []
    staying: list[tuple[str, ...]] = []
    for index in table.indexes:
        goes = fold(index.name or "") == name and bool(name)
        if index.expressions or index.using in ("fulltext", "spatial"):
            continue
        (going if goes else staying).append(tuple(map(fold, index.columns)))
    for each in table.constraints:
        if each.kind in ("primary_key", "unique"):
            goes = (
                each.kind == "primary_key"
                if kind == "primary_key"
                else bool(name) and fold(each.name or "") == name
            )
            (going if goes else staying).append(tuple(map(fold, each.columns)))
    for key in keys:
        size = len(key.columns)
        if any(each[:size] == key.columns for each in going) and not any(
            each[:size] == key.columns for each in staying
        ):
            yield key
