"""The expressions of Python, each to the term that it comes to."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from migration_lint.sources.sqlalchemy.classes import type_variable
from migration_lint.sources.sqlalchemy.flow import take_apart
from migration_lint.sources.sqlalchemy.frames import DEEPEST, Event, Frame
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    Combined,
    External,
    Function,
    Known,
    Listed,
    Pairs,
    Part,
    Place,
    Spread,
    Term,
    Unknown,
    either,
    element,
    item,
    options,
    text_of,
)

if TYPE_CHECKING:
    from migration_lint.sources.sqlalchemy.machine import Machine

_BUILTINS = frozenset(dir(builtins))
#: A comprehension over so many constants is gone through item by item.
_MOST_ITEMS = 64


def _constant(machine: Machine, node: ast.Constant, frame: Frame) -> Term:
    return Known(node.value)


def _name(machine: Machine, node: ast.Name, frame: Frame) -> Term:
    name = node.id
    if name in frame.types:
        return frame.types[name]
    held = frame.names.get(name)
    if held is None:
        held = machine.named(frame.path, name)
    if held is None:
        return (
            External(f"builtins.{name}")
            if name in _BUILTINS
            else Unknown(f"nothing here tells what {name} is")
        )
    variable = type_variable(held)
    return frame.types[variable] if variable is not None and variable in frame.types else held


def _attribute(machine: Machine, node: ast.Attribute, frame: Frame) -> Term:
    if isinstance(node.value, ast.Name):
        held = frame.names.get(f"{node.value.id}.{node.attr}")
        if held is not None:
            return held
    of = machine.evaluate(node.value, frame)
    place = Place(frame.path, node)
    found = [machine.attribute(each, node.attr, frame, place) for each in options(of)]
    if len(found) == 1 or all(isinstance(each, Part) for each in found):
        result: Term = found[0] if len(found) == 1 else Part(of, node.attr, place)
    else:
        result = either(found)
    if isinstance(result, Part) and isinstance(node.ctx, ast.Load):
        machine.tell(Event("get", result, frame, place))
    return result


def _call(machine: Machine, node: ast.Call, frame: Frame) -> Term:
    callee = machine.evaluate(node.func, frame)
    args = _spread([machine.evaluate(each, frame) for each in node.args])
    keywords = _named([(each.arg, machine.evaluate(each.value, frame)) for each in node.keywords])
    place = Place(frame.path, node)
    found = [machine.call(each, args, keywords, place, frame) for each in _callees(callee)]
    return either(found)


def _lambda(machine: Machine, node: ast.Lambda, frame: Frame) -> Term:
    function = Function(frame.path, frame.symbol, node, frame.owner, None, dict(frame.names))
    if frame.depth < DEEPEST:
        machine.run(function, machine.enter(function, (), (), frame.depth + 1, frame.symbol))
    return function


def _sequence(machine: Machine, node: ast.List | ast.Tuple | ast.Set, frame: Frame) -> Term:
    return Listed(type(node).__name__.lower(), tuple(machine.evaluate(each, frame) for each in node.elts))


def _dict(machine: Machine, node: ast.Dict, frame: Frame) -> Term:
    return Pairs(
        tuple(
            (None if key is None else machine.evaluate(key, frame), machine.evaluate(value, frame))
            for key, value in zip(node.keys, node.values, strict=True)
        ),
        Place(frame.path, node),
    )


def _starred(machine: Machine, node: ast.Starred, frame: Frame) -> Term:
    of = machine.evaluate(node.value, frame)
    return Spread(of)


def _subscript(machine: Machine, node: ast.Subscript, frame: Frame) -> Term:
    of = machine.evaluate(node.value, frame)
    quoted = isinstance(of, External) and not of.name.endswith("Literal")  # Mapped["Account"]
    return item(of, machine.evaluate(_parsed(node.slice) if quoted else node.slice, frame))


def _comprehension(
    machine: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, frame: Frame
) -> Term:
    unrolled = _unrolled(machine, node, frame) if not isinstance(node, ast.DictComp) else None
    if unrolled is not None:
        return unrolled
    inside = _inside(frame)
    for each in node.generators:
        take_apart(machine, each.target, element(machine.evaluate(each.iter, inside)), inside)
        for condition in each.ifs:
            machine.evaluate(condition, inside)
    if isinstance(node, ast.DictComp):
        pair = (machine.evaluate(node.key, inside), machine.evaluate(node.value, inside))
        return Pairs((pair,), Place(frame.path, node))
    return Listed("each", (machine.evaluate(node.elt, inside),))


def _inside(frame: Frame) -> Frame:
    return Frame(frame.path, dict(frame.names), frame.owner, frame.symbol, frame.types, frame.depth)


def _unrolled(
    machine: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, frame: Frame
) -> Term | None:
    """A comprehension over constants that are written out, item by item; None for any other."""
    if len(node.generators) != 1:
        return None
    (generator,) = node.generators
    over = machine.evaluate(generator.iter, frame)
    if not (isinstance(over, Listed) and over.kind != "each" and len(over.items) <= _MOST_ITEMS):
        return None
    if not all(isinstance(each, Known) for each in over.items):
        return None
    items: list[Term] = []
    for each in over.items:
        inside = _inside(frame)
        take_apart(machine, generator.target, each, inside)
        kept = [machine.evaluate(condition, inside) for condition in generator.ifs]
        if not all(isinstance(one, Known) for one in kept):
            return None
        if all(isinstance(one, Known) and one.value for one in kept):
            items.append(machine.evaluate(node.elt, inside))
    return Listed("list", tuple(items))


def _either(machine: Machine, node: ast.IfExp, frame: Frame) -> Term:
    decided = _decided(machine, node.test, frame)
    if decided is not None:
        return machine.evaluate(node.body if decided else node.orelse, frame)
    return either([machine.evaluate(node.body, frame), machine.evaluate(node.orelse, frame)])


def _decided(machine: Machine, node: ast.expr, frame: Frame) -> bool | None:
    """Whether a condition holds that asks if a class is another; None for what only a run can tell."""
    if (
        not isinstance(node, ast.Compare)
        or len(node.ops) != 1
        or not isinstance(node.ops[0], (ast.Is, ast.IsNot))
    ):
        machine.evaluate(node, frame)
        return None
    left, right = machine.evaluate(node.left, frame), machine.evaluate(node.comparators[0], frame)
    if isinstance(left, Class) and isinstance(right, Class):
        same = left is right
    elif isinstance(left, External) and isinstance(right, External):
        if left.name != right.name and left.name.rpartition(".")[2] == right.name.rpartition(".")[2]:
            return None  # it may be one class that two modules have
        same = left.name == right.name
    else:
        return None
    return same is isinstance(node.ops[0], ast.Is)


def _boolean(machine: Machine, node: ast.BoolOp, frame: Frame) -> Term:
    return either([machine.evaluate(each, frame) for each in node.values])


def _binary(machine: Machine, node: ast.BinOp, frame: Frame) -> Term:
    parts = (machine.evaluate(node.left, frame), machine.evaluate(node.right, frame))
    left, right = (text_of(each) for each in parts)
    if isinstance(node.op, ast.Add) and left is not None and right is not None:
        return Known(left + right)
    return Combined(type(node.op).__name__, parts)


def _unary(machine: Machine, node: ast.UnaryOp, frame: Frame) -> Term:
    of = machine.evaluate(node.operand, frame)
    if isinstance(node.op, ast.USub) and isinstance(of, Known) and isinstance(of.value, (int, float)):
        return Known(-of.value)
    return Combined(type(node.op).__name__, (of,))


def _joined(machine: Machine, node: ast.JoinedStr, frame: Frame) -> Term:
    parts = tuple(
        machine.evaluate(each.value if isinstance(each, ast.FormattedValue) else each, frame)
        for each in node.values
    )
    texts = [text_of(each) for each in parts]
    if all(each is not None for each in texts):
        return Known("".join(each or "" for each in texts))
    return Combined("JoinedStr", parts)


def _named_expression(machine: Machine, node: ast.NamedExpr, frame: Frame) -> Term:
    value = machine.evaluate(node.value, frame)
    frame.names[node.target.id] = value
    return value


def _inner(machine: Machine, node: ast.Await | ast.FormattedValue, frame: Frame) -> Term:
    return machine.evaluate(node.value, frame)


def _yield(machine: Machine, node: ast.Yield | ast.YieldFrom, frame: Frame) -> Term:
    value = machine.evaluate(node.value, frame)
    frame.returns.append(Listed("each", (value,)))
    return Unknown()


def _callees(callee: Term) -> tuple[Term, ...]:
    """Functions of which one is called; a method of what may be several statements stays one call."""
    found = options(callee)
    return found if any(isinstance(each, (Function, Class)) for each in found) else (callee,)


def _spread(args: Sequence[Term]) -> tuple[Term, ...]:
    """Arguments, `*` of what is written out taken apart."""
    found: list[Term] = []
    for each in args:
        known = isinstance(each, Spread) and isinstance(each.of, Listed) and each.of.kind != "each"
        found += each.of.items if known else (each,)  # type: ignore[union-attr]
    return tuple(found)


def _named(keywords: Sequence[tuple[str | None, Term]]) -> tuple[tuple[str | None, Term], ...]:
    """Keywords, `**` of a dictionary of known names taken apart."""
    found: list[tuple[str | None, Term]] = []
    for name, value in keywords:
        pairs = value.pairs if name is None and isinstance(value, Pairs) else ()
        names = [text_of(key) if key is not None else None for key, _ in pairs]
        if pairs and all(each is not None for each in names):
            found += zip(names, (each for _, each in pairs), strict=True)
        else:
            found.append((name, value))
    return tuple(found)


def unquoted(node: ast.expr) -> ast.expr:
    """An expression; one that stands as text is read as code."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.copy_location(ast.parse(node.value.strip(), mode="eval").body, node)
        except (SyntaxError, ValueError):
            return node
    return node


def _parsed(node: ast.expr) -> ast.expr:
    """The arguments of a type, those that stand as text read as code."""
    if isinstance(node, ast.Tuple):
        return ast.copy_location(ast.Tuple([unquoted(each) for each in node.elts], ast.Load()), node)
    return unquoted(node)


EXPRESSIONS: dict[type[ast.expr], Callable[..., Term]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Lambda: _lambda,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.Starred: _starred,
    ast.Subscript: _subscript,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.IfExp: _either,
    ast.BoolOp: _boolean,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.JoinedStr: _joined,
    ast.NamedExpr: _named_expression,
    ast.Await: _inner,
    ast.FormattedValue: _inner,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
}
