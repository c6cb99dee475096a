"""SQLAlchemy's DDL elements: `CreateTable(t)`, `DropIndex(i)` and their kin."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from migration_lint.data_class import replace
from migration_lint.operations import Dialect, Operation
from migration_lint.reading.models import pasted, table
from migration_lint.reading.models.context import context
from migration_lint.reading.models.creating import create_table_operations
from migration_lint.reading.models.expressions import known_name
from migration_lint.reading.models.naming import constraint_name, convention_of, index_name
from migration_lint.reading.models.orm import mapped_table, open_list
from migration_lint.reading.models.sqlalchemy_types import SqlType
from migration_lint.reading.models.strangers import call_unknown
from migration_lint.reading.models.table import SqlAlchemyModel as Model
from migration_lint.reading.python.assignments import extend
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments, Iteration
from migration_lint.reading.python.values import (
    Class,
    ColumnModel,
    ConstraintModel,
    Data,
    Element,
    IndexModel,
    MetaDataModel,
    Method,
    SequenceModel,
    SqlFunction,
    TableModel,
    Unknown,
    Value,
    whole,
)

#: What makes the operations of an element of one class: of what it is given, and of its other arguments.
_Maker = Callable[[Interpreter, Value, Arguments], "list[Operation] | None"]


def _element(kind: str) -> Model:
    def model(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
        operations = element_operations(run, dialect, kind, a.get(0, "element"), a)
        if operations is None:
            return Unknown(f"what `{kind}` is given could not be worked out", reach=True)
        return Element(tuple(operations))

    return model


def element_operations(
    run: Interpreter, dialect: Dialect, kind: str, value: Value, a: Arguments, *, alone: bool = True
) -> list[Operation] | None:
    """The operations of `CreateTable(t)`, `DropTable(t)` and their kin; None where they are not known.

    `alone`: of the element by itself; `Table.create` makes the types and the indexes of the table, too.
    """
    value = run.resolve(value)
    if isinstance(value, Class):
        value = mapped_table(run, value)
    made = _MAKERS[kind](run, value, a)
    if made is not None and kind == "CreateTable" and alone:
        made = [each for each in made if each.kind == "create_table"]
    if made is not None and kind in ("CreateTable", "CreateIndex", "AddConstraint", "CreateSequence"):
        made = [*made, *map(pasted.opaque, pasted.held(value))]
    if made is not None and not kind.startswith("Drop"):
        made = [*made, *pasted.escaping(run, context(run).dialect, (value,))]
    return made


def _guarded(run: Interpreter, a: Arguments) -> bool:
    given = [a.kwargs.get(name, False) for name in ("if_exists", "if_not_exists", "or_replace")]
    return any(run.truth(each) is not False for each in given)


def _place(of: Value) -> tuple[str, str | None] | None:
    """The name and the schema of a table, where both are known."""
    if not isinstance(of, TableModel):
        return None
    name, schema = known_name(of.name), known_name(of.schema)
    return None if name is None or (of.schema is not None and schema is None) else (name, schema)


def _create_table(run: Interpreter, of: Value, a: Arguments) -> list[Operation] | None:
    place = _place(of)
    if place is None:
        return None
    return create_table_operations(
        run, context(run).dialect, *place, of.items.every(),
        incomplete=not of.items.exact or of.reflected, if_exists=_guarded(run, a), options=of.options.plain(),
        convention=convention_of(of.metadata),
    )  # fmt: skip


def _drop_table(run: Interpreter, of: Value, a: Arguments) -> list[Operation] | None:
    place = _place(of)
    if place is None:
        return None
    return [Operation(kind="drop_table", table=place[0], schema=place[1], if_exists=_guarded(run, a))]


def _drop_view(run: Interpreter, of: Value, a: Arguments) -> list[Operation] | None:
    place = _place(of)
    if place is None:
        return None
    return [Operation(kind="drop_view", table=place[0], schema=place[1], if_exists=_guarded(run, a))]


def _index(kind: Literal["create_index", "drop_index"]) -> _Maker:
    def make(run: Interpreter, of: Value, a: Arguments) -> list[Operation] | None:
        if not isinstance(of, IndexModel):
            return None
        table, schema = _place(of.table) or (None, None)
        index = of.index
        if index.name is None and table is not None and of.table is not None:
            convention = convention_of(of.table.metadata)
            name = index_name(convention, context(run).dialect, index.columns, table, schema)
            index = replace(index, name=name)
        made = Operation(kind=kind, table=table, schema=schema, name=index.name, if_exists=_guarded(run, a))
        return [made if kind == "drop_index" else replace(made, index=index)]

    return make


def _constraint(kind: Literal["add_constraint", "drop_constraint"]) -> _Maker:
    def make(run: Interpreter, of: Value, a: Arguments) -> list[Operation] | None:
        if not isinstance(of, ConstraintModel):
            return None
        place = _place(of.table)
        if place is None or of.table is None:
            return None
        convention = convention_of(of.table.metadata)
        name = constraint_name(convention, context(run).dialect, of.constraint, *place)
        made = of.constraint if name is None else replace(of.constraint, name=name)
        cascade = run.truth(a.kwargs.get("cascade", False)) is not False
        return [
            Operation(
                kind=kind,
                table=place[0],
                schema=place[1],
                name=made.name,
                constraints=(made,),
                cascade=cascade and kind == "drop_constraint",
            )
        ]

    return make


def _comment(run: Interpreter, of: Value, a: Arguments) -> list[Operation] | None:
    column = of.column.name if isinstance(of, ColumnModel) else None
    place = _place(of.table if isinstance(of, ColumnModel) else of)
    if place is None:
        return [Operation(kind="other_ddl", action="comment on")]
    return [Operation(kind="set_comment", table=place[0], schema=place[1], column=column)]


def _enum(kind: Literal["create_enum", "drop_enum"]) -> _Maker:
    def make(run: Interpreter, of: Value, a: Arguments) -> list[Operation] | None:
        if not isinstance(of, SqlType) or of.enum_name is None:
            return None
        values = of.enum_values if kind == "create_enum" else ()
        return [Operation(kind=kind, name=of.enum_name, schema=of.enum_schema, values=values)]

    return make


def _adds(action: str) -> _Maker:
    """What nothing under contract hangs on."""
    return lambda run, of, a: [Operation(kind="other_ddl", action=action)]


def _sequence(verb: Literal["create", "drop"]) -> _Maker:
    def make(run: Interpreter, of: Value, a: Arguments) -> list[Operation]:
        known = isinstance(of, SequenceModel) and whole(of.name) and (of.schema is None or whole(of.schema))
        name, schema = (of.name, of.schema) if known and isinstance(of, SequenceModel) else (None, None)
        action, if_exists = f"{verb} sequence", _guarded(run, a)
        return [
            Operation(
                kind="other_ddl",
                action=action,
                name=name if isinstance(name, str) else None,
                schema=schema if isinstance(schema, str) else None,
                if_exists=if_exists,
            )
        ]

    return make


def _drop_schema(run: Interpreter, of: Value, a: Arguments) -> list[Operation] | None:
    if not whole(of):
        return None
    cascade = run.truth(a.kwargs.get("cascade", False)) is not False
    return [Operation(kind="drop_schema", name=of, cascade=cascade, if_exists=_guarded(run, a))]


_MAKERS: dict[str, _Maker] = {
    "CreateTable": _create_table, "DropTable": _drop_table, "DropView": _drop_view,
    "CreateIndex": _index("create_index"), "DropIndex": _index("drop_index"),
    "AddConstraint": _constraint("add_constraint"), "DropConstraint": _constraint("drop_constraint"),
    "SetTableComment": _comment, "DropTableComment": _comment,
    "SetColumnComment": _comment, "DropColumnComment": _comment,
    "SetConstraintComment": _adds("comment on"), "DropConstraintComment": _adds("comment on"),
    "CreateSequence": _sequence("create"), "DropSequence": _sequence("drop"),
    "CreateSchema": _adds("create schema"), "DropSchema": _drop_schema,
    "CreateEnumType": _enum("create_enum"), "DropEnumType": _enum("drop_enum"),
    "CreateDomainType": _adds("create domain"),
}  # fmt: skip


# What is made of a query


def of_query(run: Interpreter, kind: Literal["CreateView", "CreateTableAs"], a: Arguments) -> Value:
    """`CreateView(select, "v")`, `CreateTableAs(select, "t")`: the element, and the table that it makes."""
    query, name, metadata = a.get(0, "selectable"), _query_name(kind, a), a.kwargs.get("metadata")
    schema = a.kwargs.get("schema")
    if schema is None and isinstance(metadata, MetaDataModel):
        schema = metadata.schema
    made = TableModel(name, schema, open_list(), metadata if isinstance(metadata, MetaDataModel) else None)
    place = _place(made)
    if place is None or not isinstance(query, Data) or a.more:
        return Unknown(f"what `{kind}` is given could not be worked out", reach=True)
    view = kind == "CreateView"
    operation = Operation(
        kind="create_view" if view else "create_table",
        table=place[0],
        schema=place[1],
        like=query.tables,
        values=query.columns if view else (),
        incomplete=not view,
        if_exists=_guarded(run, a),
        temporary=run.truth(a.kwargs.get("temporary", False)) is not False,
    )
    element = Element((operation,), made)
    if isinstance(metadata, MetaDataModel):
        extend(run, metadata.elements, Iteration((element,)))
    return element


def _query_name(kind: str, a: Arguments) -> Value:
    return a.get(1, "view_name" if kind == "CreateView" else "table_name")


@table.attribute(Element)
def _of_element(run: Interpreter, of: Element, name: str) -> Value:
    return of.table if name == "table" and of.table is not None else Method(of, name)


def emit_element(run: Interpreter, kind: str, of: Value) -> None:
    """Emit what a DDL element of that class does with an object, where it is known."""
    for operation in element_operations(run, context(run).dialect, kind, of, Arguments([], {})) or ():
        run.recorder.emit(operation)


@table.method(IndexModel)
def _method_of_index(run: Interpreter, of: IndexModel, name: str, a: Arguments) -> Value:
    if name not in ("create", "drop"):
        return call_unknown(run, Unknown("it could not be worked out"), a)
    emit_element(run, f"{name.title()}Index", of)
    return None


def _path(of: SequenceModel) -> list[str]:
    """A sequence's schema, where it has one, and its name."""
    return [each for each in (of.schema, of.name) if isinstance(each, str)]


@table.method(SequenceModel)
def _method_of_sequence(run: Interpreter, of: SequenceModel, name: str, a: Arguments) -> Value:
    if name == "next_value" and whole(of.name) and context(run).dialect == "postgresql":
        path = [each if re.fullmatch(r"[a-z_][a-z0-9_]*", each) else f'"{each}"' for each in _path(of)]
        return SqlFunction(f"nextval('{'.'.join(path)}')")
    if name not in ("create", "drop"):
        return call_unknown(run, Unknown("it could not be worked out"), a)
    emit_element(run, f"{name.title()}Sequence", of)
    return None


@table.method(Element)
def _method_of_element(run: Interpreter, of: Element, name: str, a: Arguments) -> Value:
    return of if name == "execute_if" else call_unknown(run, Unknown("it could not be worked out"), a)


@table.altered(Element)
def _alter_element(of: Element, name: str, value: Value, perhaps: bool) -> bool:
    return False


table.SQLALCHEMY.update({name: _element(name) for name in _MAKERS})
table.SQLALCHEMY["CreateView"] = lambda run, dialect, a: of_query(run, "CreateView", a)
table.SQLALCHEMY["CreateTableAs"] = lambda run, dialect, a: of_query(run, "CreateTableAs", a)
