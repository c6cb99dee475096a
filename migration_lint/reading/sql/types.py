"""CREATE, ALTER and DROP of types and domains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from migration_lint.data_class import replace
from migration_lint.operations import ANY_TABLE, Column, Constraint, Operation, altered
from migration_lint.reading.sql.columns import read_definition, read_type
from migration_lint.reading.sql.cursor import Cursor, Unreadable


def read_create_type(at: Cursor) -> list[Operation]:
    """Behind CREATE TYPE. Raises Unreadable."""
    name = at.name(default=at.schema)
    if not at.take("AS", "ENUM"):
        made = Operation(kind="other_ddl", action="create type", name=name.name, schema=name.schema)
        composite = at.dialect == "postgresql" and at.take("AS") and at.take("(")
        return [altered(made, {"columns": tuple(_attributes(at))}) if composite else made]
    at.expect("(")
    values: list[str] = []
    while not at.done and at.word != ")":
        if at.token.kind == "string":
            values.append(at.string())
        else:
            at.skip()
    at.expect(")")
    return [Operation(kind="create_enum", name=name.name, schema=name.schema, values=tuple(values))]


def read_create_domain(at: Cursor) -> list[Operation]:
    """Behind CREATE DOMAIN: its values are told as those of a column called VALUE. Raises Unreadable."""
    name = at.name(default=at.schema)
    at.take("AS")
    column, constraints = read_definition(at, "VALUE")
    return [
        Operation(
            kind="other_ddl",
            action="create domain",
            name=name.name,
            schema=name.schema,
            columns=(column,),
            constraints=constraints,
        )
    ]


def read_alter_type(at: Cursor) -> list[Operation]:
    """Behind ALTER TYPE. Raises Unreadable."""
    name = at.name(default=at.schema)

    def changed(
        action: str, values: tuple[str, ...] = (), new_name: str | None = None, if_exists: bool = False
    ) -> list[Operation]:
        return [
            Operation(
                kind="alter_enum",
                name=name.name,
                schema=name.schema,
                action=action,
                values=values,
                new_name=new_name,
                if_exists=if_exists,
            )
        ]

    if at.take("ADD", "VALUE"):
        if_exists = at.if_not_exists()
        (added,) = changed("add_value", (_value(at),), if_exists=if_exists)
        side = at.take_any(("BEFORE", "AFTER")).lower()
        return [replace(added, beside=(side, _value(at))) if side else added]
    if at.take("RENAME", "VALUE"):
        old = _value(at)
        at.expect("TO")
        return changed("rename_value", (old,), _value(at))
    if at.take("RENAME", "TO"):
        return changed("rename", new_name=at.identifier())
    if at.take("SET", "SCHEMA"):
        return [
            Operation(
                kind="alter_enum",
                name=name.name,
                schema=name.schema,
                action="move",
                new_schema=at.identifier(),
            )
        ]
    operation = Operation(kind="other_ddl", action="alter type", name=name.name, schema=name.schema)
    if at.ahead(1).word != "ATTRIBUTE":
        return [operation]
    return [altered(operation, each) for each in _attributes_altered(at)]


def _attributes(at: Cursor) -> Iterator[Column]:
    """The attributes of a composite type, up to the parenthesis behind them."""
    while not at.done and not at.take(")"):
        yield Column(at.identifier(), read_type(at))
        at.skip_item()
        at.take(",")


def _attributes_altered(at: Cursor) -> Iterator[dict[str, Any]]:
    """What ALTER TYPE does to attributes, each as the fields of an operation. Raises Unreadable."""
    while not at.done:
        verb = at.take_any(("ADD", "DROP", "RENAME", "ALTER")).lower()
        at.expect("ATTRIBUTE")
        if_exists = at.if_exists()
        said: dict[str, Any] = {
            "action": f"alter type {verb} attribute",
            "column": at.identifier(),
            "if_exists": if_exists,
        }
        if verb == "rename":
            at.expect("TO")
            said["new_name"] = at.identifier()
        elif verb in ("add", "alter"):
            at.take("SET", "DATA")
            at.take("TYPE")
            type, _, last = (read_type(at) or "").rpartition(" ")
            behind = last.upper() if type and last.upper() in ("CASCADE", "RESTRICT") else ""
            said |= {"type": type if behind else f"{type} {last}".lstrip(), "cascade": behind == "CASCADE"}
            if at.take("COLLATE"):
                at.name()
        said["cascade"] = at.take("CASCADE") or said.get("cascade", False)
        at.take("RESTRICT")
        yield said
        if not at.done:
            at.expect(",")


def _value(at: Cursor) -> str:
    """An enum's value; a hole or parameter is kept as the hole that it is."""
    return at.string() if at.token.kind == "string" else at.identifier()


def read_alter_domain(at: Cursor) -> list[Operation]:
    """Behind ALTER DOMAIN. Raises Unreadable."""
    name = at.name(default=at.schema)
    if at.take("RENAME", "TO"):
        return [
            Operation(
                kind="alter_enum",
                name=name.name,
                schema=name.schema,
                action="rename",
                new_name=at.identifier(),
            )
        ]
    if at.take("SET", "SCHEMA"):
        return [
            Operation(
                kind="alter_enum",
                name=name.name,
                schema=name.schema,
                action="move",
                new_schema=at.identifier(),
            )
        ]
    operation = Operation(kind="other_ddl", action="alter domain", name=name.name, schema=name.schema)
    return [altered(operation, _domain_altered(at))]


def _domain_altered(at: Cursor) -> dict[str, Any]:
    """What ALTER DOMAIN does, as the fields of an operation; `values` has the words for it."""
    if at.take("SET", "DEFAULT"):
        return {"values": ("set default",), "default": at.expression()}
    if at.take("DROP", "DEFAULT"):
        return {"values": ("set default",)}
    if at.take("SET", "NOT", "NULL"):
        return {"values": ("set nullable",), "nullable": False}
    if at.take("DROP", "NOT", "NULL"):
        return {"values": ("set nullable",), "nullable": True}
    if at.take("ADD"):
        _, constraints = read_definition(at, "VALUE", typed=False)
        if not constraints:  # ADD [CONSTRAINT n] NOT NULL
            return {"values": ("set nullable",), "nullable": False}
        return {"values": ("add constraint",), "constraints": constraints}
    if at.take("DROP", "CONSTRAINT"):
        if_exists = at.if_exists()
        found = (Constraint("unknown", at.identifier()),)
        return {"values": ("drop constraint",), "constraints": found, "if_exists": if_exists}
    return {}


def read_drop_type(at: Cursor, action: str | None = None) -> list[Operation]:
    """Behind DROP TYPE and DROP DOMAIN, which is the `action`. CASCADE drops every column of the type.

    Raises Unreadable.
    """
    if_exists = at.if_exists()
    names = [at.name(default=at.schema)]
    while at.take(","):
        names.append(at.name(default=at.schema))
    cascade = at.take("CASCADE")
    at.take_any(("RESTRICT", "FORCE", "VALIDATE"))
    if not at.done:
        raise Unreadable(f"the end of DROP TYPE expected, not {at.here()}", (ANY_TABLE,))
    return [
        Operation(
            kind="drop_enum",
            action=action,
            name=name.name,
            schema=name.schema,
            if_exists=if_exists,
            cascade=cascade,
        )
        for name in names
    ]
