"""Expressions, node by node."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migration_lint.reading.assignments import put
from migration_lint.reading.functions import make_function, run_code, super_of
from migration_lint.reading.names import mark
from migration_lint.reading.recorder import Condition
from migration_lint.reading.running import LONGEST_LIST, Arguments, Exhausted, shown
from migration_lint.reading.subscripts import one_of
from migration_lint.reading.values import (
    Batch,
    Choice,
    Dict,
    Dotted,
    Frame,
    List,
    Method,
    Unknown,
    Value,
    hashable,
    join,
    reaches,
)

if TYPE_CHECKING:
    from migration_lint.reading.interpreter import Interpreter


def of_constant(run: Interpreter, node: ast.Constant, frame: Frame) -> Value:
    return node.value


def of_attribute(run: Interpreter, node: ast.Attribute, frame: Frame) -> Value:
    return run.attribute(run.evaluate(node.value, frame), node.attr)


def of_call(run: Interpreter, node: ast.Call, frame: Frame) -> Value:
    callee = run.evaluate(node.func, frame)
    arguments = call_arguments(run, node, frame, _types(node, callee))
    mark(run, node, frame)
    run.called_as = str(getattr(node.func, "attr", None) or getattr(node.func, "id", ""))
    if isinstance(callee, Dotted):
        # These look at the names around the call itself.
        if callee.path in ("builtins.eval", "builtins.exec") and arguments.args:
            return run_code(run, callee.path, arguments.args[0], frame)
        if callee.path == "builtins.super":
            return super_of(run, frame)
        if callee.path in ("builtins.globals", "builtins.locals", "builtins.vars") and not arguments.args:
            names = frame.module.frame.locals if callee.path == "builtins.globals" else frame.locals
            return Dict(names, more=callee.path != "builtins.globals")
    return run.call(callee, arguments)


def _types(node: ast.Call, callee: Value) -> tuple[ast.expr, ...]:
    """The arguments of a call that stand where a column's type does."""
    library = isinstance(callee, Dotted) and callee.path.partition(".")[0] in ("alembic", "sqlalchemy")
    if not library and not (isinstance(callee, Method) and isinstance(callee.of, Batch)):
        return ()
    named = tuple(each.value for each in node.keywords if each.arg in ("type_", "existing_type"))
    column = isinstance(callee, Dotted) and callee.path.endswith((".Column", ".mapped_column"))
    return (*node.args[:2], *named) if column else named


def _type(run: Interpreter, node: ast.expr, frame: Frame) -> Value:
    """A column's type. The constructor of one that the tree lacks only describes it, as a library's does."""
    if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
        callee = run.evaluate(node.func, frame)
        if isinstance(callee, Unknown) and not any(map(reaches, call_arguments(run, node, frame).values())):
            return Unknown(callee.reason, node.lineno)
    return run.evaluate(node, frame)


def call_arguments(
    run: Interpreter, node: ast.Call, frame: Frame, types: tuple[ast.expr, ...] = ()
) -> Arguments:
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    more = reach = False
    shifted: int | None = None  # from this argument on, which of them stands where is not known
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            spread = run.evaluate(argument.value, frame)
            items, maybe, open_ended = run.items(spread)
            if shifted is None and (maybe or open_ended):
                shifted = len(args) if maybe else len(args) + len(items)
            args.extend(items)
            more = more or maybe or open_ended
            reach = reach or (open_ended and reaches(spread))
        else:
            args.append((_type if argument in types else _evaluated)(run, argument, frame))
    if shifted is not None and (movable := args[shifted:]):
        anyone = join(one_of(run, movable), Unknown("which argument stands where is not known", reach=reach))
        args[shifted:] = [anyone] * len(movable)
    for keyword in node.keywords:
        value = (_type if keyword.value in types else _evaluated)(run, keyword.value, frame)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, Dict):
            kwargs.update({key: item for key, item in value.items() if isinstance(key, str)})
            for key in value.perhaps & kwargs.keys():
                absent = Unknown(f"whether `{key}` is given is not known", reach=reaches(value[key]))
                kwargs[key] = join(value[key], absent)
            more = more or value.more
        else:
            more = True
            reach = reach or reaches(value)
    return Arguments(args, kwargs, more, reach)


def _evaluated(run: Interpreter, node: ast.expr, frame: Frame) -> Value:
    return run.evaluate(node, frame)


def of_joinedstr(run: Interpreter, node: ast.JoinedStr, frame: Frame) -> Value:
    return run.concatenate([run.evaluate(part, frame) for part in node.values])


def of_formattedvalue(run: Interpreter, node: ast.FormattedValue, frame: Frame) -> Value:
    value = run.evaluate(node.value, frame)
    spec = "" if node.format_spec is None else run.evaluate(node.format_spec, frame)
    return run.lift(lambda one, how: run.formatted(one, how, node.conversion), value, spec)


def of_binop(run: Interpreter, node: ast.BinOp, frame: Frame) -> Value:
    return run.binary(node.op, run.evaluate(node.left, frame), run.evaluate(node.right, frame))


def of_boolop(run: Interpreter, node: ast.BoolOp, frame: Frame) -> Value:
    wanted = isinstance(node.op, ast.Or)
    result: Value = None
    found = False
    popped = 0
    try:
        for position, operand in enumerate(node.values):
            value = run.evaluate(operand, frame)
            truth = run.truth(value)
            last = position == len(node.values) - 1
            if truth is wanted:
                return join(result, value) if found else value
            if truth is None and not last:
                result = join(result, value) if found else value
                found = True
                reason = f"whether `{shown(operand)}` holds is not known before it runs"
                run.recorder.conditions.append(Condition(f"{operand.lineno}:then", reason))
                popped += 1
            elif last:
                result = join(result, value) if found else value
        return result
    finally:
        for _ in range(popped):
            run.recorder.conditions.pop()


def of_list(run: Interpreter, node: ast.List, frame: Frame) -> Value:
    return collected(run, node.elts, frame)


def collected(run: Interpreter, nodes: list[ast.expr], frame: Frame) -> List:
    made = List()
    made.born = run.moment()
    for node in nodes:
        if made.more:
            made.maybe = True  # where the entries behind stand is not known
        if isinstance(node, ast.Starred):
            items, maybe, more = run.items(run.evaluate(node.value, frame))
            made.extend(items)
            made.maybe = made.maybe or maybe
            made.more = made.more or more
        else:
            made.append(run.evaluate(node, frame))
    return made


def of_tuple(run: Interpreter, node: ast.Tuple, frame: Frame) -> Value:
    if any(isinstance(each, ast.Starred) for each in node.elts):
        made = collected(run, node.elts, frame)
        return tuple(made) if not (made.more or made.maybe) else made
    return tuple([run.evaluate(each, frame) for each in node.elts])


def of_dict(run: Interpreter, node: ast.Dict, frame: Frame) -> Value:
    made = Dict()
    made.born = run.moment()
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = run.evaluate(value_node, frame)
        if key_node is None:
            if isinstance(value, Dict):
                for key, each in value.items():
                    put(run, made, key, each, key in value.perhaps)
                made.more = made.more or value.more
            else:
                made.more = True
            continue
        key = run.evaluate(key_node, frame)
        if hashable(key) and not isinstance(key, Choice):
            made[key] = value
        else:
            made.more = True
            made[Unhashable(value)] = value
    return made


def of_ifexp(run: Interpreter, node: ast.IfExp, frame: Frame) -> Value:
    truth = run.truth(run.evaluate(node.test, frame))
    if truth is not None:
        return run.evaluate(node.body if truth else node.orelse, frame)
    reason = f"whether `{shown(node.test)}` holds is not known before it runs"
    made: list[Value] = []
    for arm, expression in (("then", node.body), ("else", node.orelse)):
        run.recorder.conditions.append(Condition(f"{node.lineno}:{arm}", reason))
        try:
            made.append(run.evaluate(expression, frame))
        finally:
            run.recorder.conditions.pop()
    return join(made[0], made[1])


def of_lambda(run: Interpreter, node: ast.Lambda, frame: Frame) -> Value:
    return make_function(run, "<lambda>", node, frame)


def of_namedexpr(run: Interpreter, node: ast.NamedExpr, frame: Frame) -> Value:
    value = run.evaluate(node.value, frame)
    run.assign(node.target, value, frame)
    return value


def of_await(run: Interpreter, node: ast.Await, frame: Frame) -> Value:
    return run.evaluate(node.value, frame)


def of_yield(run: Interpreter, node: ast.Yield, frame: Frame) -> Value:
    value = None if node.value is None else run.evaluate(node.value, frame)
    if frame.on_yield is not None:
        return frame.on_yield(value)
    if frame.yielded is not None:
        frame.yielded.append(value)
        frame.yielded.maybe = frame.yielded.maybe or run.unsure(frame.yielded)
        if len(frame.yielded) > LONGEST_LIST:
            raise Exhausted("a generator of the script yields too much")
    return Unknown("what a generator is sent is not known", node.lineno)


def of_yieldfrom(run: Interpreter, node: ast.YieldFrom, frame: Frame) -> Value:
    items, maybe, more = run.items(run.evaluate(node.value, frame))
    if frame.yielded is not None:
        frame.yielded.extend(items)
        frame.yielded.maybe = frame.yielded.maybe or maybe
        frame.yielded.more = frame.yielded.more or more
    return None


def of_starred(run: Interpreter, node: ast.Starred, frame: Frame) -> Value:
    return run.evaluate(node.value, frame)


class Unhashable:
    """Stands as a key for one that is not known, so that its value is not lost."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value
