"""The table that an ALTER TABLE is about, and the operations that several of its actions make."""

from __future__ import annotations

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint, Generated, Operation


class AlteredTable(NamedTuple):
    """The table, as ALTER TABLE names it."""

    name: str
    schema: str | None
    if_exists: bool

    @property
    def dotted(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"


def other(table: AlteredTable, action: str, column: str | None = None, name: str | None = None) -> Operation:
    """An action that changes no name, column or type."""
    return Operation(
        kind="other_ddl",
        action=f"alter table {action}",
        table=table.name,
        schema=table.schema,
        column=column,
        name=name,
        tables=(table.dotted,),
        if_exists=table.if_exists,
    )


def nullable_set(table: AlteredTable, column: str, nullable: bool, if_exists: bool = False) -> Operation:
    """SET or DROP NOT NULL."""
    return Operation(
        kind="set_nullable",
        table=table.name,
        schema=table.schema,
        column=column,
        nullable=nullable,
        if_exists=if_exists,
    )


def default_set(table: AlteredTable, column: str, default: str | None, if_exists: bool = False) -> Operation:
    """SET DEFAULT; None: DROP DEFAULT."""
    return Operation(
        kind="set_default",
        table=table.name,
        schema=table.schema,
        column=column,
        default=default,
        if_exists=if_exists,
    )


def generated_set(
    table: AlteredTable, column: str, generated: Generated | None, if_exists: bool = False
) -> Operation:
    """ADD or SET GENERATED; None: DROP IDENTITY, DROP EXPRESSION."""
    return Operation(
        kind="set_generated",
        table=table.name,
        schema=table.schema,
        column=column,
        generated=generated,
        if_exists=if_exists,
    )


def column_dropped(
    table: AlteredTable, column: str, if_exists: bool = False, cascade: bool = False
) -> Operation:
    """DROP COLUMN."""
    return Operation(
        kind="drop_column",
        table=table.name,
        schema=table.schema,
        column=column,
        if_exists=if_exists or table.if_exists,
        cascade=cascade,
    )


def column_renamed(table: AlteredTable, old: str, new: str, if_exists: bool = False) -> Operation:
    """RENAME COLUMN."""
    return Operation(
        kind="rename_column",
        table=table.name,
        schema=table.schema,
        column=old,
        new_name=new,
        if_exists=if_exists or table.if_exists,
    )


def constraint_dropped(
    table: AlteredTable, constraint: Constraint, if_exists: bool = False, cascade: bool = False
) -> Operation:
    """DROP CONSTRAINT, or a key."""
    return Operation(
        kind="drop_constraint",
        table=table.name,
        schema=table.schema,
        name=constraint.name,
        constraints=(constraint,),
        if_exists=if_exists or table.if_exists,
        cascade=cascade,
    )
