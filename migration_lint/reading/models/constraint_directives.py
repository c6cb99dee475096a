"""Directives of Alembic that make and drop indexes and constraints."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, Constraint, ConstraintKind, Operation
from migration_lint.reading.models.directive_call import DirectiveCall
from migration_lint.reading.models.expressions import (
    column_names,
    exclusion_text,
    expression_text,
    known_name,
)
from migration_lint.reading.models.naming import conventional
from migration_lint.reading.models.schema import index_of
from migration_lint.reading.python.values import List


def _create_index(call: DirectiveCall) -> None:
    table, schema, known = call.target()
    if not known:
        call.harmless("create index", call.reason("table_name"), call.touched(table, schema))
        return
    keywords = {**call.extra, **({"unique": call.args["unique"]} if "unique" in call.args else {})}
    index = index_of(
        call.run, call.dialect, call.args.get("index_name"), call.args.get("columns", List()), keywords
    )
    call.emit(
        Operation(
            kind="create_index",
            table=table,
            schema=schema,
            name=index.name,
            index=index,
            if_exists=call.flag("if_not_exists"),
        )  # fmt: skip
    )


def _drop_index(call: DirectiveCall) -> None:
    name = call.name("index_name")
    table, schema = call.name("table_name"), call.name("schema")
    if name is None or HOLE in name or HOLE in (table or "") or HOLE in (schema or ""):
        call.harmless("drop index", call.reason("index_name"), call.touched(table or HOLE, schema))
        return
    concurrently = call.sure("postgresql_concurrently")
    call.emit(
        Operation(
            kind="drop_index",
            table=table,
            schema=schema,
            name=name,
            if_exists=call.flag("if_exists"),
            action="concurrently" if concurrently else None,
        )  # fmt: skip
    )


def _add_constraint(
    call: DirectiveCall, constraint: Constraint, table: str = "table_name", schema: str = "schema"
) -> None:
    name, where, known = call.target(table, schema)
    if not known:
        call.harmless("add constraint", call.reason(table), call.touched(name, where))
        return
    made = conventional(call.run, constraint, name, where)
    call.emit(Operation(kind="add_constraint", table=name, schema=where, name=made.name, constraints=(made,)))


def _constraint_name(call: DirectiveCall) -> str | None:
    return known_name(call.args.get("constraint_name"))


def _create_primary_key(call: DirectiveCall) -> None:
    columns = column_names(call.run, call.args.get("columns", List()))
    made = Constraint("primary_key", _constraint_name(call), columns, deferrable=call.sure("deferrable"))
    _add_constraint(call, replace(made, kept=call.kept()))


def _create_unique_constraint(call: DirectiveCall) -> None:
    columns = column_names(call.run, call.args.get("columns", List()))
    made = Constraint("unique", _constraint_name(call), columns, deferrable=call.sure("deferrable"))
    _add_constraint(call, replace(made, kept=call.kept()))


def _create_check_constraint(call: DirectiveCall) -> None:
    condition = call.args.get("condition")
    expression = expression_text(call.run, call.dialect, condition)
    _add_constraint(
        call,
        Constraint(
            "check",
            _constraint_name(call),
            expression=expression,
            not_valid=call.sure("postgresql_not_valid"),
            deferrable=call.sure("deferrable"),
            kept=call.kept(),
        ),
    )


def _create_exclude_constraint(call: DirectiveCall) -> None:
    deferrable, where = call.sure("deferrable"), call.args.get("where", call.extra.get("where"))
    expression = exclusion_text(call.run, call.dialect, call.rest, where)
    made = Constraint("exclude", _constraint_name(call), expression=expression, deferrable=deferrable)
    _add_constraint(call, made)


def _create_foreign_key(call: DirectiveCall) -> None:
    args = call.args
    _add_constraint(
        call,
        Constraint(
            "foreign_key",
            _constraint_name(call),
            column_names(call.run, args.get("local_cols", List())),
            known_name(args.get("referent_table")),
            known_name(args.get("referent_schema")),
            column_names(call.run, args.get("remote_cols", List())),
            known_name(args.get("ondelete")),
            known_name(args.get("onupdate")),
            not_valid=call.sure("postgresql_not_valid"),
            deferrable=call.run.truth(args.get("deferrable", False)) is True,
            kept=call.kept(),
        ),
        "source_table",
        "source_schema",
    )


_CONSTRAINT_KINDS: dict[str, ConstraintKind] = {
    "primary": "primary_key",
    "foreignkey": "foreign_key",
    "unique": "unique",
    "check": "check",
}


def _drop_constraint(call: DirectiveCall) -> None:
    table, schema, known = call.target()
    if not known:
        call.harmless("drop constraint", call.reason("table_name"), call.touched(table, schema))
        return
    kind = _CONSTRAINT_KINDS.get(str(call.args.get("type_")), "unknown")
    name = _constraint_name(call)
    call.emit(
        Operation(
            kind="drop_constraint",
            table=table,
            schema=schema,
            name=name,
            if_exists=call.flag("if_exists"),
            constraints=(Constraint(kind, name),),
        )  # fmt: skip
    )


#: Which directive each function carries out.
HANDLERS: dict[str, Callable[[DirectiveCall], None]] = {
    "create_index": _create_index,
    "drop_index": _drop_index,
    "create_primary_key": _create_primary_key,
    "create_unique_constraint": _create_unique_constraint,
    "create_check_constraint": _create_check_constraint,
    "create_exclude_constraint": _create_exclude_constraint,
    "create_foreign_key": _create_foreign_key,
    "drop_constraint": _drop_constraint,
}
