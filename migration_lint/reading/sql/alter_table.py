"""ALTER TABLE: one table, a list of actions, each read by the reader that `_ACTIONS` names for its word."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, Operation, altered
from migration_lint.reading.sql.adding import read_add
from migration_lint.reading.sql.altered import AlteredTable, column_dropped, column_renamed
from migration_lint.reading.sql.altering import read_alter, read_change, read_modify
from migration_lint.reading.sql.cursor import Cursor, QualifiedName, Unreadable
from migration_lint.reading.sql.dropping import read_drop
from migration_lint.reading.sql.storage import read_other
from migration_lint.reading.sql.tables import renamed

_MYSQL = ("mysql", "mariadb")


def read_alter_table(at: Cursor) -> list[Operation]:
    """Behind ALTER TABLE. Raises Unreadable, with the table if its name could be read."""
    if at.take("ALL", "IN", "TABLESPACE"):
        return [Operation(kind="other_ddl", action="alter table all in tablespace")]
    if_exists = at.if_exists()
    only = at.dialect == "postgresql" and at.word == "ONLY"
    name = at.table_name()
    while at.dialect == "mariadb" and at.take_any(("WAIT", "NOWAIT")):
        if at.token.kind == "number":
            at.skip()
    found = read_actions(at, name, if_exists)
    return [altered(each, {"only": True}) for each in found] if only else found


def read_actions(at: Cursor, name: QualifiedName, if_exists: bool = False) -> list[Operation]:
    """The actions behind ALTER TABLE and its table. Raises Unreadable with the table."""
    table = AlteredTable(name.name, name.schema, if_exists)
    operations: list[Operation] = []
    while not at.done:
        start = at.index
        try:
            operations += _action(at, table)
            if at.index == start:
                raise Unreadable(f"an action of ALTER TABLE expected, not {at.here()}")
            if not at.done and at.word != "," and at.dialect != "oracle":
                raise Unreadable(f"the end of an action of ALTER TABLE expected, not {at.here()}")
        except Unreadable as unreadable:
            operations.append(_unread(table, unreadable.what))
            at.index = max(at.index, start + 1)
            at.skip_item()
            if at.word == ")":
                at.skip()
        at.take(",")
    if not operations and HOLE in table.name:  # what stands there may hold the actions, too
        raise Unreadable("what is altered is not known", (table.dotted,))
    if at.dialect in _MYSQL:
        # One statement makes the table anew, under whatever name: it speaks of it by the old one, and what
        # it drops is no longer in the way of what it adds.
        operations.sort(key=_turn)
    return operations or [Operation(kind="other_ddl", action="alter table", tables=(table.dotted,))]


def _turn(operation: Operation) -> int:
    if operation.kind in ("drop_constraint", "drop_index"):
        return 0
    return 2 if operation.kind in ("move_table", "rename_table") else 1


def _unread(table: AlteredTable, what: str) -> Operation:
    return Operation(kind="opaque", reason=what, tables=(table.dotted,))


def _action(at: Cursor, table: AlteredTable) -> list[Operation]:
    found = read_other(at, table)
    if found is not None:
        return found
    reader = _ACTIONS.get(at.word)
    if reader is None:
        if at.dialect in _MYSQL and at.word in ("REMOVE", "IGNORE"):
            at.skip()
        raise Unreadable(f"{at.here()} is not an action of ALTER TABLE that is known")
    at.skip()
    return reader(at, table)


def _rename(at: Cursor, table: AlteredTable) -> list[Operation]:
    following = at.ahead(1)
    named = following.kind in ("word", "name", "string", "parameter") and following.word != "TO"
    if at.word == "TO" or (at.dialect in _MYSQL and at.word in ("AS", "=")):
        at.skip()
        return renamed(at, QualifiedName(table.schema, table.name), table.if_exists)
    if at.word == "CONSTRAINT" and named:
        at.skip()
        old = at.identifier()
        at.expect("TO")
        return [
            Operation(
                kind="rename_constraint",
                table=table.name,
                schema=table.schema,
                name=old,
                new_name=at.identifier(),
                if_exists=table.if_exists,
            )
        ]
    if at.dialect in _MYSQL and at.word in ("INDEX", "KEY") and named:
        at.skip()
        if_exists = at.if_exists()
        old = at.identifier()
        at.expect("TO")
        return [
            Operation(
                kind="rename_index",
                table=table.name,
                schema=table.schema,
                name=old,
                new_name=at.identifier(),
                if_exists=if_exists,
            )
        ]
    if at.dialect in _MYSQL and at.word != "COLUMN":
        return renamed(at, QualifiedName(table.schema, table.name), table.if_exists)
    if at.word == "COLUMN" and named:
        at.skip()
    if_exists = at.if_exists()
    old = at.identifier()
    at.expect("TO")
    return [column_renamed(table, old, at.identifier(), if_exists)]


def _set(at: Cursor, table: AlteredTable) -> list[Operation]:
    if at.take("SCHEMA"):
        return [
            Operation(
                kind="move_table",
                table=table.name,
                schema=table.schema,
                new_schema=at.identifier(),
                if_exists=table.if_exists,
            )
        ]
    if at.dialect == "oracle" and at.take("UNUSED"):
        at.take("COLUMN")
        columns = at.names() if at.word == "(" else [at.identifier()]
        at.take("CASCADE")
        at.take("CONSTRAINTS")
        at.take_any(("ONLINE",))
        return [column_dropped(table, column) for column in columns]
    raise Unreadable(f"ALTER TABLE … SET {at.here()} is not known")


def _validate(at: Cursor, table: AlteredTable) -> list[Operation]:
    at.expect("CONSTRAINT")
    return [
        Operation(
            kind="validate_constraint",
            table=table.name,
            schema=table.schema,
            name=at.identifier(),
            if_exists=table.if_exists,
        )
    ]


def _with_check(at: Cursor, table: AlteredTable) -> list[Operation]:
    """SQL Server: WITH CHECK | NOCHECK ADD …"""
    not_valid = at.take_any(("CHECK", "NOCHECK")) == "NOCHECK"
    at.expect("ADD")
    operations = read_add(at, table)
    if not not_valid:
        return operations
    return [
        replace(
            operation,
            constraints=tuple(replace(constraint, not_valid=True) for constraint in operation.constraints),
        )
        for operation in operations
    ]


_ACTIONS: dict[str, Callable[[Cursor, AlteredTable], list[Operation]]] = {
    "ADD": read_add,
    "DROP": read_drop,
    "ALTER": read_alter,
    "MODIFY": read_modify,
    "CHANGE": read_change,
    "RENAME": _rename,
    "SET": _set,
    "VALIDATE": _validate,
    "WITH": _with_check,
}
