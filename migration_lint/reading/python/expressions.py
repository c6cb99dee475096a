"""Expressions, node by node."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from migration_lint.reading.python.assignments import extend, put, update
from migration_lint.reading.python.functions import make_function, run_code, super_of
from migration_lint.reading.python.names import mark
from migration_lint.reading.python.running import Arguments, Iteration, shown
from migration_lint.reading.python.values import (
    Batch,
    Dict,
    Dotted,
    Frame,
    Function,
    Inside,
    Instance,
    List,
    Maybe,
    Method,
    Row,
    Unknown,
    Value,
    alternatives,
    join,
    join_all,
    lookup,
    reaches,
    whole,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


def of_constant(run: Interpreter, node: ast.Constant, frame: Frame) -> Value:
    return node.value


def of_attribute(run: Interpreter, node: ast.Attribute, frame: Frame) -> Value:
    return run.attribute(run.evaluate(node.value, frame), node.attr)


def of_call(run: Interpreter, node: ast.Call, frame: Frame) -> Value:
    return _called(run, node, run.evaluate(node.func, frame), frame)


def _name_of(function: ast.expr) -> str:
    """What a call calls: the last name of it; "" where it has none."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _called(run: Interpreter, node: ast.Call, callee: Value, frame: Frame) -> Value:
    arguments = call_arguments(run, node, frame, _types(node, callee))
    run.ledger.done.add(id(node))
    mark(run, node, frame)
    run.called_as = _name_of(node.func)
    if isinstance(callee, Dotted) and callee.path.startswith("builtins."):
        # These look at the names around the call itself.
        if callee.path in ("builtins.eval", "builtins.exec") and arguments.args:
            return run_code(run, callee.path, arguments, frame)
        if callee.path == "builtins.super":
            return super_of(run, frame)
        if callee.path in ("builtins.globals", "builtins.locals", "builtins.vars") and not arguments.args:
            return frame.module.frame.locals if callee.path == "builtins.globals" else frame.locals
    return run.call(callee, arguments)


def _types(node: ast.Call, callee: Value) -> tuple[ast.expr, ...]:
    """The arguments of a call that stand where a column's type does."""
    column = False
    if isinstance(callee, Dotted):
        if callee.path.partition(".")[0] not in ("alembic", "sqlalchemy"):
            return ()
        column = callee.path.endswith((".Column", ".mapped_column"))
    elif not (isinstance(callee, Method) and isinstance(callee.of, Batch)):
        return ()
    named = [each.value for each in node.keywords if each.arg in _OF_TYPES] if node.keywords else []
    return (*node.args[:2], *named) if column else tuple(named)


#: Keywords of directives and columns that take a type.
_OF_TYPES = frozenset(("type_", "existing_type"))


def _type(run: Interpreter, node: ast.expr, frame: Frame) -> Value:
    """A column's type. The constructor of one that the tree lacks only describes it, as a library's does."""
    if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
        callee = run.evaluate(node.func, frame)
        foreign = isinstance(callee, Unknown) or (
            isinstance(callee, Dotted) and run.library.unreadable(run, callee.path)
        )
        if foreign and not any(map(reaches, call_arguments(run, node, frame).values())):
            run.ledger.done.add(id(node))
            return Unknown("a type cannot be read", node.lineno)
        return _called(run, node, callee, frame)
    return run.evaluate(node, frame)


def call_arguments(
    run: Interpreter, node: ast.Call, frame: Frame, types: tuple[ast.expr, ...] = ()
) -> Arguments:
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    more = reach = False
    shifted: int | None = None  # from this argument on, which of them stands where is not known
    for argument in node.args:  # most are constants, which need no more looking at
        if isinstance(argument, ast.Starred):
            spread = run.evaluate(argument.value, frame)
            items = run.items(spread)
            if shifted is None and not items.exact:
                sure = next(
                    (n for n, each in enumerate(items.slots) if type(each) is Maybe), len(items.slots)
                )
                shifted = len(args) + sure
            args.extend(items.every())
            more = more or not items.exact
            reach = reach or (items.open and reaches(spread))
        elif type(argument) is ast.Constant:
            args.append(argument.value)
        else:
            one_of = argument in types
            args.append(_type(run, argument, frame) if one_of else run.evaluate(argument, frame))
    if shifted is not None and (movable := args[shifted:]):
        anyone = join_all((*movable, Unknown("which argument stands where is not known", reach=reach)))
        args[shifted:] = [anyone] * len(movable)
    for keyword in node.keywords:
        given = keyword.value
        if type(given) is ast.Constant:
            value: Value = given.value
        else:
            value = _type(run, given, frame) if given in types else run.evaluate(given, frame)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
            continue
        value = as_mapping(run, value)
        if isinstance(value, Dict):
            for key, item in value.items():
                if not isinstance(key, str):
                    continue
                if type(item) is Maybe:
                    absent = Unknown(f"whether `{key}` is given is not known", reach=reaches(item))
                    item = join(item.value, absent)
                kwargs[key] = item
            more = more or value.open
            reach = reach or (value.open and reaches(value.rest))
        else:
            more = True
            reach = reach or reaches(value)
    return Arguments(args, kwargs, more, reach)


def as_mapping(run: Interpreter, value: Value) -> Value:
    """What `**value` spreads: of an object of the project, what its `keys` and `__getitem__` give."""
    if isinstance(value, Row):
        return of_columns(value)
    if not isinstance(value, Instance) or not isinstance(lookup(value.of, "keys", run.resolve), Function):
        return value
    keys = run.items(run.call(run.attribute(value, "keys"), Arguments([], {})))
    made = Dict()
    for key in keys.every():
        entry = run.item(value, key)
        put(made, key, entry if keys.exact else Maybe(entry))
    if keys.open:
        made.rest = Unknown("an entry of a mapping is not known", reach=reaches(value))
    return made


def of_columns(row: Row) -> Dict:
    """A row as a dictionary: its columns by name; those that are not known by name are `row` itself."""
    parts = row.parts()
    if parts is None:
        return Dict(rest=row)
    return Dict({each.columns[0]: each for each in parts if whole(each.columns[0])})


def of_joinedstr(run: Interpreter, node: ast.JoinedStr, frame: Frame) -> Value:
    return run.concatenate([run.evaluate(part, frame) for part in node.values])


def of_formattedvalue(run: Interpreter, node: ast.FormattedValue, frame: Frame) -> Value:
    value = run.evaluate(node.value, frame)
    spec = "" if node.format_spec is None else run.evaluate(node.format_spec, frame)
    return run.lift(lambda one, how: run.formatted(one, how, node.conversion), value, spec)


def of_binop(run: Interpreter, node: ast.BinOp, frame: Frame) -> Value:
    return run.binary(node.op, run.evaluate(node.left, frame), run.evaluate(node.right, frame))


def of_boolop(run: Interpreter, node: ast.BoolOp, frame: Frame) -> Value:
    return _operands(run, node, 0, frame)


def _operands(run: Interpreter, node: ast.BoolOp, position: int, frame: Frame) -> Value:
    """The value of `and` or `or` from one operand on: those behind it are evaluated where it does not
    decide."""
    operand = node.values[position]
    value = run.evaluate(operand, frame)
    if position == len(node.values) - 1:
        return value
    truth = run.decided(operand, value)
    if truth is not None:
        return value if truth is isinstance(node.op, ast.Or) else _operands(run, node, position + 1, frame)
    reason = f"whether `{shown(operand)}` holds is not known before it runs"
    made: list[Value] = [value]

    def rest() -> None:
        made.append(_operands(run, node, position + 1, frame))

    run.arms(((f"{operand.lineno}:then", reason, rest), (f"{operand.lineno}:else", reason, lambda: None)))
    return join_all(made)


def of_list(run: Interpreter, node: ast.List, frame: Frame) -> Value:
    return collected(run, node.elts, frame)


def collected(run: Interpreter, nodes: list[ast.expr], frame: Frame) -> List:
    made = List()
    for node in nodes:
        if isinstance(node, ast.Starred):
            extend(run, made, run.items(run.evaluate(node.value, frame)))
        else:
            value = run.evaluate(node, frame)
            (made.tail if made.open else made).append(value)
    return made


def of_tuple(run: Interpreter, node: ast.Tuple, frame: Frame) -> Value:
    if any(isinstance(each, ast.Starred) for each in node.elts):
        made = collected(run, node.elts, frame)
        return tuple(made) if made.exact else made
    return tuple([run.evaluate(each, frame) for each in node.elts])


def of_dict(run: Interpreter, node: ast.Dict, frame: Frame) -> Value:
    made = Dict()
    made.site = node
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        if key_node is None:
            update(made, as_mapping(run, run.evaluate(value_node, frame)))
            continue
        key = run.evaluate(key_node, frame)
        put(made, key, run.evaluate(value_node, frame))
    return made


def of_ifexp(run: Interpreter, node: ast.IfExp, frame: Frame) -> Value:
    truth = run.decided(node.test, run.evaluate(node.test, frame))
    if truth is not None:
        return run.evaluate(node.body if truth else node.orelse, frame)
    reason = f"whether `{shown(node.test)}` holds is not known before it runs"
    made: list[Value] = []

    def arm(expression: ast.expr) -> None:
        made.append(run.evaluate(expression, frame))

    run.arms(
        (
            (f"{node.lineno}:then", reason, partial(arm, node.body)),
            (f"{node.lineno}:else", reason, partial(arm, node.orelse)),
        )
    )
    return join_all(made)


def of_lambda(run: Interpreter, node: ast.Lambda, frame: Frame) -> Value:
    return make_function(run, "<lambda>", node, frame)


def of_namedexpr(run: Interpreter, node: ast.NamedExpr, frame: Frame) -> Value:
    value = run.evaluate(node.value, frame)
    home = frame
    while isinstance(home, Inside) and home.parent is not None:
        home = home.parent
    run.assign(node.target, value, home)
    return value


def of_await(run: Interpreter, node: ast.Await, frame: Frame) -> Value:
    return run.evaluate(node.value, frame)


def of_yield(run: Interpreter, node: ast.Yield, frame: Frame) -> Value:
    value = None if node.value is None else run.evaluate(node.value, frame)
    if frame.on_yield is not None:
        return frame.on_yield(value)
    if frame.yielded is not None:
        extend(run, frame.yielded, Iteration((value,)))
    return Unknown("what a generator is sent is not known", node.lineno)


def of_yieldfrom(run: Interpreter, node: ast.YieldFrom, frame: Frame) -> Value:
    source = run.evaluate(node.value, frame)
    items = run.items(source)
    if frame.yielded is not None:
        extend(run, frame.yielded, items)
    elif frame.on_yield is not None:
        for each in items.every():
            frame.on_yield(each)
    unknown = Unknown("what a generator returns is not known", node.lineno, reach=reaches(source))
    return join_all(each.gives if isinstance(each, List) else unknown for each in alternatives(source))


def of_slice(run: Interpreter, node: ast.Slice, frame: Frame) -> Value:
    bounds = [
        None if each is None else run.evaluate(each, frame) for each in (node.lower, node.upper, node.step)
    ]
    return Unknown("a slice is not known", reach=any(map(reaches, bounds)))


def of_starred(run: Interpreter, node: ast.Starred, frame: Frame) -> Value:
    return run.evaluate(node.value, frame)
