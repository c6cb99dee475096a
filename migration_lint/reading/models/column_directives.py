"""Directives of Alembic that add, drop or alter a column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, NUMBERED, Constraint, Operation
from migration_lint.reading.models.column_types import sql_type
from migration_lint.reading.models.creating import column_indexes
from migration_lint.reading.models.directive_call import DirectiveCall
from migration_lint.reading.models.expressions import default_text, expression_text, name_of
from migration_lint.reading.models.naming import conventional
from migration_lint.reading.models.restating import restated
from migration_lint.reading.models.schema import type_check
from migration_lint.reading.models.sqlalchemy_types import SqlType
from migration_lint.reading.python.values import ColumnModel, ServerDefault, Value


def _add_column(call: DirectiveCall) -> None:
    table, schema, known = call.target()
    column = call.args.get("column")
    if not known or not isinstance(column, ColumnModel) or HOLE in column.column.name:
        parameter = "column" if known else "table_name"
        call.harmless("add column", call.reason(parameter), call.touched(table, schema))
        return
    # An enumeration gets no CREATE TYPE here: of Alembic's operations only `create_table` issues one.
    call.emit(
        Operation(
            kind="add_column",
            table=table,
            schema=schema,
            column=column.column.name,
            columns=(column.column,),
            constraints=tuple(
                [
                    conventional(call.run, each, table, schema)
                    for each in column.constraints
                    if _is_added(call, each)
                ]
            ),
            if_exists=call.flag("if_not_exists"),
            inline=call.flag("inline_references"),
        )
    )
    for operation in column_indexes(call.dialect, column, table, schema):
        call.emit(operation)


def _is_added(call: DirectiveCall, constraint: Constraint) -> bool:
    """Whether Alembic makes a constraint of a column that it adds."""
    if constraint.kind == "primary_key":
        # A table that SQLite makes anew has it; where it is altered, the column only gets NOT NULL.
        anew = call.batch and call.dialect == "sqlite"
        return anew or (call.flag("inline_primary_key") and call.dialect not in ("mssql", "oracle"))
    return True


def _column_target(call: DirectiveCall, what: str) -> tuple[str, str | None, str] | None:
    table, schema, known = call.target()
    column = call.name("column_name") or HOLE
    given = call.args.get("column_name")
    if isinstance(given, ColumnModel):
        column = given.column.name
    if not known or HOLE in column:
        parameter = "column_name" if known else "table_name"
        call.opaque(f"{what}, and {call.reason(parameter)}", call.touched(table, schema))
        return None
    return table, schema, column


def _drop_column(call: DirectiveCall) -> None:
    target = _column_target(call, "a column is dropped")
    if target is None:
        return
    table, schema, column = target
    call.emit(
        Operation(
            kind="drop_column",
            table=table,
            schema=schema,
            column=column,
            if_exists=call.flag("if_exists"),
            cascade=call.flag("cascade"),
        )  # fmt: skip
    )


def _alter_column(call: DirectiveCall) -> None:
    args = call.args
    target = _alter_target(call)
    if target is None:
        return
    table, schema, column = target
    existing = args.get("existing_type")
    existing_type = None if existing is None else sql_type(call.run, call.dialect, existing).text
    existing_nullable = args.get("existing_nullable")
    nullable_now = existing_nullable if isinstance(existing_nullable, bool) else None
    common = Operation(
        kind="set_nullable", table=table, schema=schema, column=column,
        existing_type=existing_type, existing_nullable=nullable_now,
    )  # fmt: skip
    stated, said = restated(call, column, existing_type)
    emit = call.emit
    if stated is not None:

        def emit(operation: Operation) -> None:
            nonlocal stated
            call.emit(operation if stated is None else replace(operation, stated=stated, said=said))
            stated = None

    if call.dialect == "postgresql":  # its implementation puts the type before all else
        _retype(call, common, emit)
    if args.get("nullable") is not None:
        emit(replace(common, nullable=call.run.truth(args["nullable"])))
    default = args.get("server_default", False)
    if default is not False:
        emit(_filled(call, common, default))
    if call.dialect != "postgresql":
        _retype(call, common, emit)
    if args.get("comment", False) is not False:
        emit(replace(common, kind="set_comment"))
    new_name = args.get("new_column_name")
    if new_name is None:
        return
    name = name_of(new_name) or HOLE
    if HOLE in name:
        call.opaque(
            f"column {column} is renamed, and {call.reason('new_column_name')}", call.touched(table, schema)
        )
    elif name != column:
        emit(replace(common, kind="rename_column", new_name=name))


def _retype(call: DirectiveCall, common: Operation, emit: Callable[[Operation], None]) -> None:
    """The new type of a column; the CHECK that goes with the old one, and the one that comes with the new."""
    args, table, schema, column = call.args, common.table or "", common.schema, common.column or ""
    if args.get("type_") is None:
        return
    existing = args.get("existing_type")
    made = sql_type(call.run, call.dialect, args["type_"])
    given = None if existing is None else sql_type(call.run, call.dialect, existing)
    if given is not None and given.check and call.dialect not in ("mysql", "mariadb"):
        call.emit(_of_type_check(call, "drop_constraint", given, table, schema, column))
    using = expression_text(call.run, call.dialect, call.extra.get("postgresql_using"))
    reason = None if made.text is not None else made.reason or "the new type could not be worked out"
    emit(replace(common, kind="alter_type", type=made.text, using=using, reason=reason))
    if made.check and (call.batch or call.dialect != "sqlite"):  # SQLite adds none to a table
        call.emit(_of_type_check(call, "add_constraint", made, table, schema, column))


def _of_type_check(
    call: DirectiveCall,
    kind: Literal["add_constraint", "drop_constraint"],
    of: SqlType,
    table: str,
    schema: str | None,
    column: str,
) -> Operation:
    """The CHECK of a column's type, which Alembic drops with the old type and adds with the new one."""
    constraint = type_check(of, column, call.dialect)
    return Operation(kind=kind, table=table, schema=schema, name=constraint.name, constraints=(constraint,))


def _alter_target(call: DirectiveCall) -> tuple[str, str | None, str] | None:
    """As `_column_target`; a column that is not known matters only where it is retyped or renamed."""
    breaking = call.args.get("type_") is not None or call.args.get("new_column_name") is not None
    if breaking:
        return _column_target(call, "a column is altered")
    table, schema, known = call.target()
    column = call.name("column_name") or HOLE
    if known and HOLE not in column:
        return table, schema, column
    parameter = "column_name" if known else "table_name"
    call.harmless("alter column", call.reason(parameter), call.touched(table, schema))
    return None


def _filled(call: DirectiveCall, common: Operation, default: Value) -> Operation:
    """What `server_default` makes of a column: of an identity, Alembic adds, changes or drops it."""
    existing = call.args.get("existing_server_default")
    for each in (default, existing if default is None else default):
        if isinstance(each, ServerDefault) and each.generated in NUMBERED:
            return replace(
                common, kind="set_generated", generated=None if default is None else each.generated
            )
    text = None if default is None else _server_default(call, default)
    return replace(common, kind="set_default", default=text)


def _server_default(call: DirectiveCall, value: Value) -> str:
    if isinstance(value, ServerDefault):
        return value.text or "?"
    return default_text(call.run, call.dialect, value)


#: Which directive each function carries out.
HANDLERS: dict[str, Callable[[DirectiveCall], None]] = {
    "add_column": _add_column,
    "drop_column": _drop_column,
    "alter_column": _alter_column,
}
