"""ALTER TABLE … ADD."""

from __future__ import annotations

from migration_lint.operations import Index, Operation, altered
from migration_lint.reading.sql.altered import AlteredTable, nullable_set, other
from migration_lint.reading.sql.columns import read_column
from migration_lint.reading.sql.constraints import at_table_constraint, read_table_constraint
from migration_lint.reading.sql.cursor import Cursor


def read_add(at: Cursor, table: AlteredTable) -> list[Operation]:
    """Behind ADD. Raises Unreadable."""
    if at.dialect == "mssql":
        return _add_list(at, table)
    if at.word == "COLUMN":
        following = at.ahead(1)
        if following.kind in ("word", "name", "string") or following.word == "(":
            at.skip()
            return _add_columns(at, table)
    if at_table_constraint(at):
        return _add_constraint(at, table)
    return _add_columns(at, table)


def _add_list(at: Cursor, table: AlteredTable) -> list[Operation]:
    """SQL Server: ADD a …, b …, CONSTRAINT …: one ADD for all."""
    operations: list[Operation] = []
    while True:
        if at.at("PERIOD", "FOR"):
            at.skip_item()
            operations.append(other(table, "add period"))
        elif _default_comes(at):
            operations.append(_default_for(at, table))
        elif at_table_constraint(at):
            operations += _add_constraint(at, table)
            at.skip_item()
        else:
            if at.word == "COLUMN" and at.ahead(1).kind in ("word", "name"):
                at.skip()  # other dialects' word; a column of that name stands in brackets
            operations.append(_add_column(at, table, at.if_not_exists()))
        if not at.take(","):
            return operations


def _add_columns(at: Cursor, table: AlteredTable) -> list[Operation]:
    if_exists = at.if_not_exists()
    operations: list[Operation] = []
    if at.word == "(":  # MySQL and Oracle: ADD [COLUMN] (a …, b …)
        at.skip()
        while not at.done and at.word != ")":
            if at_table_constraint(at):
                operations += _add_constraint(at, table)
                at.skip_item()
            else:
                operations.append(_add_column(at, table, if_exists))
            at.take(",")
        at.expect(")")
        return operations
    return [_add_column(at, table, if_exists)]


def _add_column(at: Cursor, table: AlteredTable, if_exists: bool) -> Operation:
    column, constraints = read_column(at)
    return Operation(
        kind="add_column",
        table=table.name,
        schema=table.schema,
        column=column.name,
        columns=(column,),
        constraints=constraints,
        if_exists=if_exists or table.if_exists,
    )


def _add_constraint(at: Cursor, table: AlteredTable) -> list[Operation]:
    start = at.index
    found = read_table_constraint(at)
    words = [token.word for token in at.tokens[start : at.index]]
    if_exists = any(words[place : place + 3] == ["IF", "NOT", "EXISTS"] for place in range(len(words)))
    if isinstance(found, Index):
        return [
            Operation(
                kind="create_index",
                table=table.name,
                schema=table.schema,
                name=found.name,
                index=found,
                if_exists=if_exists,
            )
        ]
    if found is None:
        return []
    operations = [
        Operation(
            kind="add_constraint",
            table=table.name,
            schema=table.schema,
            name=found.name,
            constraints=(found,),
            if_exists=if_exists or table.if_exists,
        )
    ]
    if found.kind == "not_null" and found.columns:  # PostgreSQL 18: the same as SET NOT NULL
        made = nullable_set(table, found.columns[0], nullable=False)
        operations.append(altered(made, {"only": True}) if found.no_inherit else made)
    return operations


def _default_comes(at: Cursor) -> bool:
    return at.ahead(2 if at.word == "CONSTRAINT" else 0).word == "DEFAULT"


def _default_for(at: Cursor, table: AlteredTable) -> Operation:
    """SQL Server: ADD [CONSTRAINT name] DEFAULT value FOR column."""
    at.skip(3 if at.word == "CONSTRAINT" else 1)
    value = at.expression(("FOR",))
    at.expect("FOR")
    column = at.identifier()
    at.take("WITH", "VALUES")
    return Operation(kind="set_default", table=table.name, schema=table.schema, column=column, default=value)
