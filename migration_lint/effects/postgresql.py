"""What an operation does to a PostgreSQL, statement by statement as Alembic renders it.

Locks are those of https://www.postgresql.org/docs/current/explicit-locking.html and of ALTER TABLE's page;
`tests/live` reads each of them from `pg_locks` of a real server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from migration_lint.catalog.attached import (
    default_partition,
    is_constrained_domain,
    partition_key,
    partitions,
)
from migration_lint.catalog.model import CatalogColumn, Key, Table
from migration_lint.catalog.replay.columns import stands_in
from migration_lint.effects.covered import is_never_null
from migration_lint.effects.defaults import volatility
from migration_lint.effects.model import NOTHING, Effect, Lock
from migration_lint.effects.refused import refused
from migration_lint.effects.setting import Setting
from migration_lint.effects.types import Around, judge
from migration_lint.effects.words import LockMode
from migration_lint.operations import NUMBERED, Column, Constraint, Kind, Operation

#: A constant default is stored once instead of in every row; see ALTER TABLE's page of that release.
FAST_DEFAULT_SINCE = (11,)
#: ALTER TYPE's page: before, ADD VALUE "cannot be executed inside a transaction block".
ADD_VALUE_IN_TRANSACTION_SINCE = (12,)


def effects(operation: Operation, setting: Setting) -> tuple[Effect, ...]:
    """What each statement of the operation does; empty where nothing is known of it."""
    found = tuple(_KINDS[operation.kind](operation, setting))
    why = refused(operation, setting)
    if not why:
        return found
    first, *others = found or (NOTHING,)
    return (first._replace(refused=why), *others)


def constraint_effect(operation: Operation, setting: Setting, made_by: Operation) -> Effect:
    """What making the one constraint of `operation` does where `made_by` makes it: with a table, a column."""
    if made_by.kind == "create_table":
        return Effect("CREATE TABLE", setting.parents(operation.constraints, "SHARE ROW EXCLUSIVE"))
    if _is_there(made_by, setting):
        return NOTHING
    constraint = operation.constraints[0]
    inline = constraint in _inline(made_by)
    if inline and constraint.kind in ("unique", "primary_key"):
        return _constraint(operation, constraint, setting)._replace(statement="ALTER TABLE … ADD COLUMN")
    if inline or constraint.kind in ("check", "primary_key"):
        return NOTHING  # it is part of ADD COLUMN, or not made at all
    return _constraint(operation, constraint, setting)


def _altering(operation: Operation, setting: Setting, mode: LockMode = "ACCESS EXCLUSIVE") -> Effect:
    return Effect("ALTER TABLE", (Lock(setting.key(operation), mode),))


def _plain(operation: Operation, setting: Setting) -> Iterator[Effect]:
    """A change that is noted down, whatever the table holds."""
    yield _altering(operation, setting)._replace(statement=f"ALTER TABLE … {_PLAIN[operation.kind]}")


#: How these statements go on.
_PLAIN: dict[Kind, str] = {
    "rename_table": "RENAME TO",
    "move_table": "SET SCHEMA",
    "recreate_table": "RENAME TO",
    "drop_column": "DROP COLUMN",
    "rename_column": "RENAME COLUMN",
    "set_default": "ALTER COLUMN … DEFAULT",
    "set_generated": "ALTER COLUMN",
    "rename_constraint": "RENAME CONSTRAINT",
}


def _create_table(operation: Operation, setting: Setting) -> Iterator[Effect]:
    parents = setting.parents(operation.constraints, "SHARE ROW EXCLUSIVE")
    own = setting.key(operation)  # a table that refers to itself waits for nobody
    made = Effect("CREATE TABLE", tuple(each for each in parents if each.table != own))
    partition = any(each.action == "partition of" for each in operation.does)
    for parent in map(setting.catalog.key_of, operation.inherits):
        if not partition:
            made = made._replace(locks=(*made.locks, Lock(parent, "SHARE UPDATE EXCLUSIVE")))
            continue
        made = Effect("CREATE TABLE … PARTITION OF", (Lock(parent, "ACCESS EXCLUSIVE"), *made.locks))
        default = default_partition(setting.catalog, parent)
        if default is not None:
            made = made._replace(
                locks=(*made.locks, Lock(default, "ACCESS EXCLUSIVE")),
                scans=True,
                through=(default,),
                why="the default partition is read, for rows that belong into the new one",
            )
    yield made


def _drop_table(operation: Operation, setting: Setting) -> Iterator[Effect]:
    table = setting.table(operation)
    parents = setting.parents(table.constraints if table is not None else (), "ACCESS EXCLUSIVE")
    yield Effect("DROP TABLE", (Lock(setting.key(operation), "ACCESS EXCLUSIVE"), *parents))


# Columns


def _add_column(operation: Operation, setting: Setting) -> Iterator[Effect]:
    column = operation.columns[0] if operation.columns else Column(operation.column or "")
    inline = _inline(operation)
    yield _adding(operation, column, inline, setting)
    for constraint in operation.constraints:
        # Alembic leaves a primary key out: the column becomes SERIAL NOT NULL, and no more.
        if constraint not in inline and constraint.kind != "primary_key":
            yield _constraint(operation, constraint, setting)


def _inline(operation: Operation) -> tuple[Constraint, ...]:
    """The constraints of an add_column that its one statement holds."""
    if operation.sql is not None:
        return operation.constraints
    kinds = ("check", "foreign_key") if operation.inline else ("check",)
    return tuple(each for each in operation.constraints if each.kind in kinds)


def _adding(operation: Operation, column: Column, inline: tuple[Constraint, ...], setting: Setting) -> Effect:
    made = Effect("ALTER TABLE … ADD COLUMN", (Lock(setting.key(operation), "ACCESS EXCLUSIVE"),))
    if _is_there(operation, setting):
        return made
    kinds = {each.kind for each in inline}
    if "foreign_key" in kinds:
        made = made._replace(locks=(*made.locks, *setting.parents(inline, "SHARE ROW EXCLUSIVE")))
    if kinds & {"unique", "primary_key"}:
        made = made._replace(builds=True, why="the index of its key is built")
    filled = column.default is not None or column.generated is not None
    if "check" in kinds or ("foreign_key" in kinds and filled):
        made = made._replace(scans=True, why="every row is checked")
    if column.generated in NUMBERED:
        return made._replace(rewrites=True, why="every row gets a number")
    if column.generated == "stored":
        return made._replace(rewrites=True, why="it is worked out and stored for every row")
    if is_constrained_domain(setting.catalog, column.type):
        return made._replace(rewrites=True, why=f"{column.type} is a domain with a constraint")
    if column.generated is not None or column.default is None:
        return made
    if setting.before(FAST_DEFAULT_SINCE) and column.default.strip().lower() != "null":
        return made._replace(rewrites=True, why="before PostgreSQL 11 a default is written into every row")
    match volatility(column.default):
        case "volatile":
            return made._replace(rewrites=True, why=f"{column.default} has another value for each row")
        case "unknown":
            return made._replace(
                rewrites=True, certain=False, why=f"{column.default} may have another value for each row"
            )
    return made


def _is_there(operation: Operation, setting: Setting) -> bool:
    """Whether ADD COLUMN IF NOT EXISTS finds the column there."""
    table = setting.table(operation)
    if not operation.if_exists or table is None or not operation.columns:
        return False
    found = table.columns.get(setting.catalog.fold(operation.columns[0].name))
    return found is not None and not found.uncertain


def _alter_type(operation: Operation, setting: Setting) -> Iterator[Effect]:
    made = _altering(operation, setting)._replace(statement="ALTER TABLE … ALTER COLUMN … TYPE")
    table, column = setting.table(operation), _column(operation, setting)
    old = operation.existing_type if column is None or column.type is None else column.type
    indexes, checked = _hanging(operation, table, setting)
    judged = judge(
        old,
        _with_collation(operation),
        "postgresql",
        setting.version,
        Around(
            operation.column or "",
            operation.using,
            indexed=bool(indexes),
            indexed_by_expression=any(by_expression for _, by_expression in indexes),
            checked=checked,
        ),
        setting.catalog.default_schema,
    )
    made = made._replace(judgement=judged, certain=judged.certain, why=judged.why)
    match judged.work:
        case "rewrite":
            yield made._replace(rewrites=True, rebuilds=tuple(name for name, _ in indexes))
        case "index_rebuild":
            rebuilt = [name for name, by_expression in indexes if by_expression] or [n for n, _ in indexes]
            yield made._replace(rebuilds=tuple(rebuilt))
        case "scan":
            yield made._replace(scans=True)
        case "impossible":
            yield made._replace(fails=judged.why)
        case _:
            yield made


def _with_collation(operation: Operation) -> str | None:
    """The new type; of one in SQL with its collation, which a type that is read comes without."""
    said = re.search(r"(?i)\bcollate\s+(\S+)", operation.sql or "")
    return f"{operation.type} COLLATE {said[1]}" if said is not None and operation.type else operation.type


def _hanging(
    operation: Operation, table: Table | None, setting: Setting
) -> tuple[list[tuple[str, bool]], bool]:
    """The indexes on a column, each with whether it works it into an expression; whether a CHECK names it."""
    if table is None or operation.column is None:
        return [], False
    catalog, column = setting.catalog, operation.column
    found: list[tuple[str, bool]] = []
    for index in table.indexes:
        if stands_in(catalog.fold, column, index):
            found.append((index.name or "an index", index.expressions or index.where is not None))
    checked = False
    for each in table.constraints:
        if stands_in(catalog.fold, column, each):
            if each.kind in ("primary_key", "unique", "exclude"):
                found.append((each.name or f"the {each.kind.replace('_', ' ')}", False))
            checked = checked or (each.kind == "check" and not each.not_valid)
    return found, checked


def _column(operation: Operation, setting: Setting) -> CatalogColumn | None:
    table = setting.table(operation)
    if table is None or operation.column is None:
        return None
    return table.columns.get(setting.catalog.fold(operation.column))


def _set_nullable(operation: Operation, setting: Setting) -> Iterator[Effect]:
    made = _altering(operation, setting)
    if operation.nullable is not False:
        yield made._replace(statement="ALTER TABLE … DROP NOT NULL")
        return
    made = made._replace(statement="ALTER TABLE … SET NOT NULL")
    if operation.sql is not None and " not valid" in f" {operation.sql.lower()}":
        yield made  # ADD CONSTRAINT … NOT NULL … NOT VALID: its own operation says what it does
    elif is_never_null(operation, setting.table(operation), setting.catalog, setting.version):
        yield made
    else:
        yield made._replace(scans=True, why="every row is read, to see that none is NULL")


# Indexes and constraints


def _create_index(operation: Operation, setting: Setting) -> Iterator[Effect]:
    concurrently = operation.index is not None and operation.index.concurrently
    mode: LockMode = "SHARE UPDATE EXCLUSIVE" if concurrently else "SHARE"
    statement = "CREATE INDEX CONCURRENTLY" if concurrently else "CREATE INDEX"
    key, index = setting.key(operation), operation.index
    made = Effect(statement, (Lock(key, mode),), scans=True, builds=True, alone=concurrently)
    table = setting.table(operation)
    there = (
        operation.if_exists
        and table is not None
        and any(each.name == operation.name for each in table.indexes)
    )
    if there or (index is not None and index.only and _may_be_partitioned(key, setting)):
        made = made._replace(scans=False, builds=False)  # ON ONLY: a partitioned table itself has no rows
    elif partition_key(setting.catalog, key):
        parts = (Lock(each, mode) for each in partitions(setting.catalog, key))
        made = made._replace(locks=(*made.locks, *parts))
    yield made


def _may_be_partitioned(key: Key, setting: Setting) -> bool:
    """Whether a table is partitioned, or nothing is known of it."""
    catalog = setting.catalog
    table = catalog.get(key)
    known = partition_key(catalog, key) or any(catalog.children(key))
    return bool(known) or table is None or table.implied


def _drop_index(operation: Operation, setting: Setting) -> Iterator[Effect]:
    concurrently = operation.action == "concurrently" or bool(
        operation.index and operation.index.concurrently
    )
    mode: LockMode = "SHARE UPDATE EXCLUSIVE" if concurrently else "ACCESS EXCLUSIVE"
    statement = "DROP INDEX CONCURRENTLY" if concurrently else "DROP INDEX"
    key = setting.key(operation) if operation.table else setting.table_of_index(operation.name or "")
    made = Effect(statement, () if key is None else (Lock(key, mode),), alone=concurrently)
    if key is None and not (operation.if_exists and operation.conditional):
        made = made._replace(elsewhere=f"the table of {operation.name}", elsewhere_mode=mode)
    yield made


def _add_constraint(operation: Operation, setting: Setting) -> Iterator[Effect]:
    for constraint in operation.constraints:
        yield _constraint(operation, constraint, setting)


def _constraint(operation: Operation, constraint: Constraint, setting: Setting) -> Effect:
    key = setting.key(operation)
    match constraint.kind:
        case "foreign_key":
            mode: LockMode = "SHARE ROW EXCLUSIVE"
            made = Effect(
                "ALTER TABLE … ADD FOREIGN KEY", (Lock(key, mode), *setting.parents((constraint,), mode))
            )
            why = "for every row the other one is looked up"
        case "unique" | "primary_key" | "exclude":
            words = {"unique": "UNIQUE", "primary_key": "PRIMARY KEY", "exclude": "EXCLUDE"}
            made = Effect(f"ALTER TABLE … ADD {words[constraint.kind]}", (Lock(key, "ACCESS EXCLUSIVE"),))
            if constraint.using_index is None:
                return made._replace(scans=True, builds=True, why="its index is built")
            if constraint.kind == "primary_key" and not _all_not_null(constraint, operation, setting):
                return made._replace(scans=True, why="every row is read, to see that none is NULL")
            return made
        case _:
            made = Effect("ALTER TABLE … ADD CHECK", (Lock(key, "ACCESS EXCLUSIVE"),))
            why = "every row is checked"
    return made if constraint.not_valid else made._replace(scans=True, why=why)


def _all_not_null(constraint: Constraint, operation: Operation, setting: Setting) -> bool:
    table = setting.table(operation)
    if table is None:
        return False
    names = constraint.columns or next(
        (each.columns for each in table.indexes if each.name == constraint.using_index), ()
    )
    found = [table.columns.get(setting.catalog.fold(name)) for name in names]
    return bool(found) and all(each is not None and each.nullable is False for each in found)


def _drop_constraint(operation: Operation, setting: Setting) -> Iterator[Effect]:
    table = setting.table(operation)
    named = operation.constraints[0] if operation.constraints else None
    name = operation.name or (named.name if named is not None else None)
    found = tuple(each for each in (table.constraints if table is not None else ()) if each.name == name)
    made = _altering(operation, setting)._replace(statement="ALTER TABLE … DROP CONSTRAINT")
    yield made._replace(locks=(*made.locks, *setting.parents(found if name else (), "ACCESS EXCLUSIVE")))


def _validate(operation: Operation, setting: Setting) -> Iterator[Effect]:
    table = setting.table(operation)
    found = tuple(
        each for each in (table.constraints if table is not None else ()) if each.name == operation.name
    )
    yield Effect(
        "ALTER TABLE … VALIDATE CONSTRAINT",
        (Lock(setting.key(operation), "SHARE UPDATE EXCLUSIVE"), *setting.parents(found, "ROW SHARE")),
        scans=True,
        why="every row is checked",
    )


def _alter_enum(operation: Operation, setting: Setting) -> Iterator[Effect]:
    alone = operation.action == "add_value" and setting.before(ADD_VALUE_IN_TRANSACTION_SINCE)
    yield Effect("ALTER TYPE … ADD VALUE", alone=alone)


def _comment(operation: Operation, setting: Setting) -> Iterator[Effect]:
    yield _altering(operation, setting, "SHARE UPDATE EXCLUSIVE")._replace(statement="COMMENT ON")


def _raw(operation: Operation, setting: Setting) -> Iterator[Effect]:
    from migration_lint.effects.postgresql_raw import raw_effects  # of statements that no directive makes

    return raw_effects(operation, setting)


def _nothing(operation: Operation, setting: Setting) -> Iterator[Effect]:
    yield NOTHING


def _unknown(operation: Operation, setting: Setting) -> Iterator[Effect]:
    yield from ()


#: Every kind of operation.
_KINDS: dict[Kind, Callable[[Operation, Setting], Iterator[Effect]]] = {
    **dict.fromkeys(_PLAIN, _plain),
    "create_table": _create_table,
    "drop_table": _drop_table,
    "add_column": _add_column,
    "alter_type": _alter_type,
    "set_nullable": _set_nullable,
    "set_comment": _comment,
    "create_index": _create_index,
    "drop_index": _drop_index,
    "rename_index": _nothing,
    "add_constraint": _add_constraint,
    "drop_constraint": _drop_constraint,
    "validate_constraint": _validate,
    "alter_enum": _alter_enum,
    "other_ddl": _raw,
    "dml": _raw,
    "create_enum": _nothing,
    "drop_enum": _unknown,
    "create_view": _unknown,
    "drop_view": _unknown,
    "rename_schema": _unknown,
    "drop_schema": _unknown,
    "opaque": _unknown,
}
