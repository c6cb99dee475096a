"""Directives of Alembic that make, drop, rename or comment tables."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, Operation
from migration_lint.reading.models.creating import create_table_operations
from migration_lint.reading.models.directive_call import DirectiveCall
from migration_lint.reading.models.expressions import name_of
from migration_lint.reading.models.naming import conventional
from migration_lint.reading.python.values import List, Value


def _create_table(call: DirectiveCall) -> None:
    table, _, known = call.target()
    schema = name_of(call.extra.get("schema", call.args.get("schema")))
    items = list(call.rest)
    flat: list[Value] = []
    more = False
    for item in items:
        if isinstance(item, List):
            flat += item.every()
            more = more or not item.exact
        else:
            flat.append(item)
    if not known or HOLE in (schema or ""):
        call.harmless("create table", call.reason("table_name"), call.touched(table, schema))
        return
    for operation in create_table_operations(
        call.run,
        call.dialect,
        table,
        schema,
        flat,
        incomplete=more,
        if_exists=call.flag("if_not_exists"),
        options=call.extra,
    ):
        if operation.kind == "create_enum":
            # SQLAlchemy issues it once while a script runs (`ENUM._check_for_name_in_memos`).
            if (operation.schema, operation.name) in call.run.recorder.types:
                continue
            if not call.run.recorder.conditions:
                call.run.recorder.types.add((operation.schema, operation.name))
            # Unlike `MetaData.create_all`, the directive does not look first whether it is there.
            operation = replace(operation, if_exists=False)
        made = [conventional(call.run, each, table, schema) for each in operation.constraints]
        call.emit(replace(operation, constraints=tuple(made)))


def _drop_table(call: DirectiveCall) -> None:
    table, schema, known = call.target()
    if not known:
        call.opaque(f"a table is dropped, and {call.reason('table_name')}", call.touched(table, schema))
        return
    call.emit(Operation(kind="drop_table", table=table, schema=schema, if_exists=call.flag("if_exists")))


def _rename_table(call: DirectiveCall) -> None:
    table, schema, known = call.target("old_table_name")
    new_name = call.name("new_table_name") or HOLE
    if not known or HOLE in new_name:
        parameter = "old_table_name" if not known else "new_table_name"
        call.opaque(f"a table is renamed, and {call.reason(parameter)}", call.touched(table, schema))
        return
    call.emit(Operation(kind="rename_table", table=table, schema=schema, new_name=new_name))


def _table_comment(call: DirectiveCall) -> None:
    table, schema, known = call.target()
    if known:
        call.emit(Operation(kind="set_comment", table=table, schema=schema))
    else:
        call.emit(Operation(kind="other_ddl", action="comment on", tables=call.touched(table, schema)))


#: Which directive each function carries out.
HANDLERS: dict[str, Callable[[DirectiveCall], None]] = {
    "create_table": _create_table,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
    "create_table_comment": _table_comment,
    "drop_table_comment": _table_comment,
}
