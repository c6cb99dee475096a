"""What PostgreSQL refuses because of what is there: "cannot drop … because other objects depend on it"."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from migration_lint.catalog.attached import partition_key, policies, triggers
from migration_lint.catalog.expressions import mentions
from migration_lint.catalog.model import Table
from migration_lint.effects.setting import Setting
from migration_lint.effects.types import judge
from migration_lint.operations import Constraint, Kind, Operation

#: "Allow NOT VALID foreign key constraints on partitioned tables": release notes of that version.
NOT_VALID_PARTITIONED_SINCE = (18,)

_KEYS = ("primary_key", "unique")


def refused(operation: Operation, setting: Setting) -> str:
    """Why the server refuses an operation, as a clause; "" where nothing is known to be in its way.

    What may or may not be there is in nobody's way, and neither is what the operation itself takes along.
    """
    find = _KINDS.get(operation.kind)
    if find is None or operation.via is not None or operation.temporary:
        return ""
    return next(find(operation, setting), "")


def _drop_column(operation: Operation, setting: Setting) -> Iterator[str]:
    table, key, column = setting.table(operation), setting.key(operation), operation.column or ""
    if table is None or table.uncertain:
        return
    catalog = setting.catalog
    if mentions(partition_key(catalog, key), column):
        yield f"{column} is part of the partition key of {table.name}"
    for parent in catalog.parents.get(key, ()):
        above = catalog.get(parent)
        if above is not None and catalog.fold(column) in above.columns:
            yield f"{table.name} has {column} from {above.name}"
    if operation.cascade:
        return
    for policy in policies(catalog, key, column):
        yield f"policy {policy} of {table.name} names {column}"
    for trigger in triggers(catalog, key, column):
        yield f"trigger {trigger} of {table.name} names {column}"
    yield from _generated_from(table, column)
    own = [each for each in table.constraints if each.kind in _KEYS and _has(each.columns, column, setting)]
    for other, needed in _referring(table, setting):
        if other.identity != table.identity and any(_is_needed(each, needed, setting) for each in own):
            yield f"the foreign key of {other.name} refers to {table.name}.{column}"


def _generated_from(table: Table, column: str) -> Iterator[str]:
    for each in table.columns.values():
        if (
            each.generated in ("stored", "virtual")
            and each.name != column
            and mentions(each.expression or each.default, column)
        ):
            yield f"{each.name} of {table.name} is worked out from {column}"


def _alter_type(operation: Operation, setting: Setting) -> Iterator[str]:
    table, key, column = setting.table(operation), setting.key(operation), operation.column or ""
    if table is None or table.uncertain:
        return
    catalog = setting.catalog
    if mentions(partition_key(catalog, key), column):
        yield f"{column} is part of the partition key of {table.name}"
    for policy in policies(catalog, key, column):
        yield f"policy {policy} of {table.name} names {column}"
    for trigger in triggers(catalog, key, column):
        yield f"trigger {trigger} of {table.name} names {column}"
    yield from _generated_from(table, column)
    found = table.columns.get(catalog.fold(column))
    if found is None or found.default is None or found.generated is not None or not operation.using:
        return
    plain = judge(
        found.type, operation.type, "postgresql", setting.version, default_schema=catalog.default_schema
    )
    if plain.work == "impossible" and found.default.strip().lower() != "null":
        yield f"its default {found.default} cannot be cast to {operation.type}, which USING does not change"


def _add_column(operation: Operation, setting: Setting) -> Iterator[str]:
    catalog = setting.catalog
    for column in operation.columns:
        name = (column.type or "").replace('"', "").removesuffix("[]").rpartition(".")[2]
        if not column.enumerated or not name or any(each.name == name for each in catalog.enums.values()):
            continue
        spelled = catalog.canonical(column.type)
        if any(
            catalog.canonical(each.type) == spelled
            for table in catalog.tables()
            for each in table.columns.values()
        ):
            continue  # somebody makes it elsewhere
        yield f"nothing makes the type {name}: ADD COLUMN does not, only CREATE TABLE"


def _create_enum(operation: Operation, setting: Setting) -> Iterator[str]:
    key = setting.catalog.key(operation.schema, operation.name or "")
    if operation.sql is None and key in setting.issued:
        return
    if key in setting.catalog.enums and not operation.if_exists and not operation.conditional:
        yield f"the type {operation.name} is there already"


def _drop_table(operation: Operation, setting: Setting) -> Iterator[str]:
    table = setting.table(operation)
    if table is None or operation.cascade or table.uncertain:
        return
    for other, _ in _referring(table, setting):
        if other.identity != table.identity:
            yield f"the foreign key of {other.name} refers to {table.name}"
    catalog, key = setting.catalog, setting.key(operation)
    for view in catalog.views.values():
        if any(catalog.key_of(read) == key for read in view.reads):
            yield f"view {view.name} reads {table.name}"


def _drop_schema(operation: Operation, setting: Setting) -> Iterator[str]:
    catalog = setting.catalog
    schema = catalog.key(operation.name, "")[0]
    if operation.cascade:
        return
    for table in catalog.tables():
        if catalog.key(table.schema, "")[0] == schema and not table.uncertain:
            yield f"the table {table.name} is in {schema}"
    for sort, part in (("view", catalog.views), ("type", catalog.enums), ("domain", catalog.domains)):
        for there, name in part:
            if there == schema:
                yield f"the {sort} {name} is in {schema}"
    for name, found in catalog.routines.items():
        if any(catalog.key(each.schema, "")[0] == schema for each in found):
            yield f"the function {name} is in {schema}"


def _drop_constraint(operation: Operation, setting: Setting) -> Iterator[str]:
    table = setting.table(operation)
    if table is None or operation.cascade or table.uncertain:
        return
    named = operation.constraints[0] if operation.constraints else None
    name = operation.name or (named.name if named is not None else None)
    for each in table.constraints:
        primary = named is not None and named.kind == "primary_key" == each.kind
        if each.kind in _KEYS and (primary or setting.names(each, table, name)):
            for other, needed in _referring(table, setting):
                if _is_needed(each, needed, setting) and not _another(each, needed, table, setting):
                    yield f"the foreign key of {other.name} needs it"


def _drop_index(operation: Operation, setting: Setting) -> Iterator[str]:
    key = setting.key(operation) if operation.table else setting.table_of_index(operation.name or "")
    table = None if key is None else setting.catalog.get(key)
    if table is None or table.uncertain:
        return
    if any(
        setting.catalog.fold(each.name or "") == setting.catalog.fold(operation.name or "")
        for each in table.indexes
    ):
        return
    for each in table.constraints:
        if each.kind in (*_KEYS, "exclude") and setting.names(each, table, operation.name):
            yield f"constraint {operation.name} of {table.name} needs its index"


def _referring(table: Table, setting: Setting) -> Iterator[tuple[Table, Constraint]]:
    """The foreign keys that refer to a table, with the table that has each."""
    catalog = setting.catalog
    key = catalog.key(table.schema, table.name)
    for place in list(catalog.rows):
        other = (
            catalog.get(place) if place == key or catalog.may_name(place, catalog.fold(table.name)) else None
        )
        for each in () if other is None or other.uncertain else other.constraints:
            named = each.kind == "foreign_key" and each.referred_table
            if other is not None and named and catalog.key(each.referred_schema, named) == key:
                yield other, each


def _is_needed(key: Constraint, reference: Constraint, setting: Setting) -> bool:
    """Whether a foreign key refers to the columns of a key."""
    fold = setting.catalog.fold
    if not reference.referred_columns:
        return key.kind == "primary_key"
    return set(map(fold, key.columns)) == set(map(fold, reference.referred_columns))


def _another(key: Constraint, reference: Constraint, table: Table, setting: Setting) -> bool:
    """Whether another key is on the same columns: which of the two the server took is not known."""
    fold = setting.catalog.fold
    columns = set(map(fold, key.columns))
    return any(
        each is not key and each.kind in _KEYS and set(map(fold, each.columns)) == columns
        for each in table.constraints
    ) or any(each.unique and set(map(fold, each.columns)) == columns for each in table.indexes)


def _has(columns: tuple[str, ...], column: str, setting: Setting) -> bool:
    fold = setting.catalog.fold
    return fold(column) in map(fold, columns)


def _create_index(operation: Operation, setting: Setting) -> Iterator[str]:
    index, table = operation.index, setting.table(operation)
    partitioned = partition_key(setting.catalog, setting.key(operation))
    if index is not None and index.concurrently and partitioned and not index.only and table is not None:
        yield f"{table.name} is partitioned, and nothing is built on it CONCURRENTLY"


def _add_constraint(operation: Operation, setting: Setting) -> Iterator[str]:
    table = setting.table(operation)
    if table is None or not partition_key(setting.catalog, setting.key(operation)):
        return
    for each in operation.constraints:
        if each.using_index is not None:
            yield f"{table.name} is partitioned, and takes no key USING INDEX"
        if each.kind == "foreign_key" and each.not_valid and setting.before(NOT_VALID_PARTITIONED_SINCE):
            yield f"{table.name} is partitioned, and takes no foreign key as NOT VALID before PostgreSQL 18"


_KINDS: dict[Kind, Callable[[Operation, Setting], Iterator[str]]] = {
    "add_column": _add_column,
    "create_enum": _create_enum,
    "create_index": _create_index,
    "add_constraint": _add_constraint,
    "drop_column": _drop_column,
    "alter_type": _alter_type,
    "drop_table": _drop_table,
    "drop_constraint": _drop_constraint,
    "drop_index": _drop_index,
    "drop_schema": _drop_schema,
}
