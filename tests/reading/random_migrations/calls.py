"""Operations as calls of Alembic's `op`, of a batch, and of SQLAlchemy's own objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from migration_lint.operations import Operation
from tests.reading.random_migrations.plan import TYPES
from tests.reading.random_migrations.texts import spelled
from tests.reading.random_migrations.writer import Writer

#: Expressions for the fields of an operation.
Values = Mapping[str, str]


class Call(NamedTuple):
    """A method with its arguments: `parameters` may be given by position or by name."""

    method: str
    parameters: tuple[tuple[str, str], ...]
    rest: tuple[str, ...] = ()  # more positional ones: then all stand by position
    named: tuple[tuple[str, str], ...] = ()


_NO_METHOD = (
    "move_table",
    "rename_index",
    "rename_constraint",
    "create_enum",
    "drop_enum",
    "alter_enum",
    "drop_view",
)


def has_method(operation: Operation) -> bool:
    return operation.kind not in _NO_METHOD


def type_of(w: Writer, type_: str) -> str:
    """A type as SQLAlchemy writes it."""
    w.use("from sqlalchemy import types as kinds")
    text = TYPES[type_]
    if text.startswith("sa.") and w.chance(20):
        text = "kinds" + text[2:]
    return text[:-2] if text.endswith("()") and w.chance(30) else text


def values_of(w: Writer, operation: Operation, fields: Sequence[str], depth: int = 2) -> dict[str, str]:
    """Every field as an expression."""
    found = {}
    for field in fields:
        value = getattr(operation, field)
        found[field] = type_of(w, value) if field == "type" else spelled(w, value, depth)
    return found


def call(w: Writer, operation: Operation, values: Values, *, batch: bool = False) -> Call:
    """The call for an operation; within a batch the table is not said."""
    kind = operation.kind
    table: tuple[tuple[str, str], ...] = () if batch else (("table_name", values.get("table", "''")),)
    schema: tuple[tuple[str, str], ...] = ()
    if operation.schema is not None and not batch:
        schema = (("schema", repr(operation.schema) if w.chance(50) else spelled(w, operation.schema, 1)),)
    if kind == "drop_column":
        return Call(kind, (*table, ("column_name", values["column"])), (), schema)
    if kind == "add_column":
        more = w.pick(["", "", ", nullable=True", ", nullable=False, server_default='0'", ", comment=None"])
        column = f"sa.Column({values['column']}, {values['type']}{more})"
        return Call(kind, (*table, ("column", column)), (), schema)
    if kind == "rename_column":
        named = (("new_column_name", values["new_name"]), *schema)
        return Call("alter_column", (*table, ("column_name", values["column"])), (), named)
    if kind == "alter_type":
        named = (("type_", values["type"]), *schema)
        if w.chance(30):
            named += (("existing_type", "sa.SmallInteger()"), ("existing_nullable", "False"))
        return Call("alter_column", (*table, ("column_name", values["column"])), (), named)
    if kind == "set_nullable":
        named = (("nullable", repr(operation.nullable)), *schema)
        return Call("alter_column", (*table, ("column_name", values["column"])), (), named)
    if kind == "set_default":
        default = "None" if operation.default is None else w.pick(["'0'", "sa.text('0')"])
        named = (("server_default", default), *schema)
        return Call("alter_column", (*table, ("column_name", values["column"])), (), named)
    if kind == "rename_table":
        return Call(
            kind, (("old_table_name", values["table"]), ("new_table_name", values["new_name"])), (), schema
        )
    if kind == "create_table":
        columns = w.pick(
            [
                ("sa.Column('id', sa.Integer, primary_key=True)",),
                (
                    "sa.Column('id', sa.Integer)",
                    "sa.Column('note', sa.Text)",
                    "sa.PrimaryKeyConstraint('id')",
                ),
                ("*[sa.Column(n, sa.Integer()) for n in ('id', 'note')]",),
            ]
        )
        return Call(kind, (("table_name", values["table"]),), columns, schema)
    if kind == "create_index":
        column = w.pick(["[{}]", "[sa.text('lower(a)'), {}]", "({},)"]).format(values["column"])
        named = (*schema, *(((("unique", "True"),)) if w.chance(30) else ()))
        columns_of = ("columns", column)
        return Call(kind, (("index_name", values["name"]), *table, columns_of), (), named)
    if kind == "drop_index":
        named = (*((("table_name", values["table"]),) if w.chance(70) and not batch else ()), *schema)
        return Call(kind, (("index_name", values["name"]),), (), named)
    if kind == "drop_constraint":
        named = (*((("type_", w.pick(["'unique'", "'check'"])),) if w.chance(50) else ()), *schema)
        return Call(kind, (("constraint_name", values["name"]), *table), (), named)
    if kind == "add_constraint":
        if w.chance(50):
            columns_of = ("columns", f"[{values['column']}]")
            return Call(
                "create_unique_constraint",
                (("constraint_name", values["name"]), *table, columns_of),
                (),
                schema,
            )
        condition = ("condition", "'1 > 0'")
        return Call(
            "create_check_constraint", (("constraint_name", values["name"]), *table, condition), (), schema
        )
    assert kind == "drop_table"
    return Call(kind, (("table_name", values["table"]),), (), schema)


def written(w: Writer, call: Call, receiver: str) -> str:
    """The call as an expression."""
    method, arguments = f"{receiver}.{call.method}", _arguments(w, call)
    form = w.random.randrange(16)
    if form == 0:
        return f"getattr({receiver}, {spelled(w, call.method, 1)})({arguments})"
    if form == 1:
        w.use("import functools")
        first = call.parameters[0][1]
        after = _arguments(w, call._replace(parameters=call.parameters[1:]), by_position=True)
        return f"functools.partial({method}, {first})({after})"
    if form == 2:
        return f"(lambda *a, **k: {method}(*a, **k))({arguments})"
    if form == 3:
        return f"{{'do': {method}, 'not': None}}[{spelled(w, 'do', 1)}]({arguments})"
    if form == 4:
        name = w.fresh("do")
        w.emit(f"{name} = {method}")
        return f"{name}({arguments})"
    if form == 5 and receiver == "op":
        name = w.fresh("do")
        with w.at_top():
            w.emit(f"{name} = {method}")
        return f"{name}({arguments})"
    if form == 6:
        w.use("import operator")
        if w.chance(50):
            return f"operator.attrgetter({spelled(w, call.method, 0)})({receiver})({arguments})"
        return f"operator.methodcaller({spelled(w, call.method, 0)}, {arguments})({receiver})"
    if form == 7 and receiver == "op":
        name = w.fresh("do")
        w.use(f"from alembic.op import {call.method} as {name}")
        return f"{name}({arguments})"
    if form == 8:
        name = w.fresh("wrapped")
        with w.block(f"def {name}(*args, **kwargs):"):
            w.emit(f"return {method}(*args, **kwargs)")
        return f"{name}({arguments})"
    if form == 9:
        return f"({method} if True else print)({arguments})"
    if form == 10:
        return f"[{method}][0]({arguments})"
    return f"{method}({arguments})"


def receiver(w: Writer) -> str:
    """`op`, under one of its names."""
    form = w.random.randrange(12)
    if form == 0:
        w.use("from alembic import op as o")
        return "o"
    if form == 1:
        w.use("import alembic.op")
        return "alembic.op"
    if form == 2:
        name = w.fresh("operations")
        w.emit(f"{name} = op")
        return name
    if form == 3:
        w.use("import alembic")
        w.use("import alembic.op")
        return "getattr(alembic, 'op')"
    if form == 4:
        name = w.fresh("Namespace")
        with w.at_top(), w.block(f"class {name}:"):
            w.emit("op = op")
        return f"{name}.op"
    return "op"


def _arguments(w: Writer, call: Call, *, by_position: bool = False) -> str:
    by_place = len(call.parameters)
    if not call.rest and not by_position and w.chance(30):
        by_place = w.random.randrange(len(call.parameters) + 1)
    places = [value for _, value in call.parameters[:by_place]] + list(call.rest)
    named = [*call.parameters[by_place:], *call.named]
    if w.chance(20) and len(named) > 1:
        named.reverse()
    parts = [f"*[{', '.join(places)}]"] if places and w.chance(10) else places
    if named and w.chance(12):
        spread = ", ".join(f"{name!r}: {value}" for name, value in named)
        return ", ".join([*parts, f"**{{{spread}}}"])
    if named and w.chance(6):
        return ", ".join([*parts, f"**dict({', '.join(f'{n}={v}' for n, v in named)})"])
    return ", ".join([*parts, *(f"{name}={value}" for name, value in named)])
