"""The statements of Python: what names hold after them, and whether what follows is reached."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from migration_lint.sources.sqlalchemy.frames import Event, Frame
from migration_lint.sources.sqlalchemy.terms import (
    Combined,
    Function,
    Known,
    Listed,
    Pairs,
    Parameter,
    Part,
    Place,
    Term,
    Unknown,
    either,
    element,
    item,
)

if TYPE_CHECKING:
    from migration_lint.sources.sqlalchemy.machine import Machine

_Def = ast.FunctionDef | ast.AsyncFunctionDef


def block(machine: Machine, body: Iterable[ast.stmt], frame: Frame) -> bool:
    """Go through statements; False where what follows them is not reached."""
    for statement in body:
        machine.steps += 1
        handler = STATEMENTS.get(type(statement))
        if handler is None:
            for each in ast.iter_child_nodes(statement):
                if isinstance(each, ast.expr):
                    machine.evaluate(each, frame)
        elif handler(machine, statement, frame) is False:
            return False
    return True


def _assign(machine: Machine, node: ast.Assign, frame: Frame) -> None:
    value = machine.evaluate(node.value, frame)
    for target in node.targets:
        take_apart(machine, target, value, frame, node.value)


def _annotated(machine: Machine, node: ast.AnnAssign, frame: Frame) -> None:
    stated = machine.annotation(node.annotation, frame)
    value: Term = Parameter("", stated)
    if node.value is not None:
        given = machine.evaluate(node.value, frame)
        value = value if isinstance(given, (Unknown, Parameter)) else given
    take_apart(machine, node.target, value, frame)


def _augmented(machine: Machine, node: ast.AugAssign, frame: Frame) -> None:
    old = machine.evaluate(_loaded(node.target), frame)
    value = machine.evaluate(node.value, frame)
    take_apart(machine, node.target, Combined(type(node.op).__name__, (old, value)), frame)


def take_apart(
    machine: Machine, target: ast.expr, value: Term, frame: Frame, source: ast.expr | None = None
) -> None:
    if isinstance(target, ast.Name):
        frame.names[target.id] = value
    elif isinstance(target, ast.Attribute):
        of = machine.evaluate(target.value, frame)
        place = Place(frame.path, target)
        machine.tell(Event("set", Part(of, target.attr, place), frame, place, value, source))
        if isinstance(target.value, ast.Name):
            frame.names[f"{target.value.id}.{target.attr}"] = value
    elif isinstance(target, (ast.Tuple, ast.List)):
        for at, each in enumerate(target.elts):
            if isinstance(each, ast.Starred):
                take_apart(machine, each.value, Unknown(), frame)
            else:
                take_apart(machine, each, item(value, Known(at)), frame)
    elif isinstance(target, ast.Subscript):
        machine.evaluate(target.value, frame)
        machine.evaluate(target.slice, frame)
        if isinstance(target.value, ast.Name):
            _put_in(machine, target, value, frame)
    elif isinstance(target, ast.Starred):
        take_apart(machine, target.value, Unknown(), frame)


def _put_in(machine: Machine, target: ast.Subscript, value: Term, frame: Frame) -> None:
    """`values["name"] = value`: the dictionary has one more entry."""
    assert isinstance(target.value, ast.Name)
    held = frame.names.get(target.value.id)
    if isinstance(held, Pairs):
        entry = (machine.evaluate(target.slice, frame), value)
        frame.names[target.value.id] = Pairs((*held.pairs, entry), held.place)


def _if(machine: Machine, node: ast.If, frame: Frame) -> bool:
    machine.evaluate(node.test, frame)
    return _arms(machine, [node.body, node.orelse], frame)


def _arms(machine: Machine, arms: Sequence[Sequence[ast.stmt]], frame: Frame) -> bool:
    before = frame.names
    after: list[dict[str, Term]] = []
    for arm in arms:
        frame.names = dict(before)
        if block(machine, arm, frame):
            after.append(frame.names)
    frame.names = _joined(after) if after else before
    return bool(after)


def _for(machine: Machine, node: ast.For | ast.AsyncFor, frame: Frame) -> None:
    over = machine.evaluate(node.iter, frame)
    _rounds(machine, node.body, frame, lambda: take_apart(machine, node.target, element(over), frame))
    block(machine, node.orelse, frame)


def _while(machine: Machine, node: ast.While, frame: Frame) -> None:
    _rounds(machine, node.body, frame, lambda: machine.evaluate(node.test, frame))
    block(machine, node.orelse, frame)


def _rounds(machine: Machine, body: Sequence[ast.stmt], frame: Frame, start: Callable[[], object]) -> None:
    for _ in range(2):
        before = dict(frame.names)
        start()
        ended = block(machine, body, frame)
        frame.names = _joined([before, frame.names]) if ended else before


def _with(machine: Machine, node: ast.With | ast.AsyncWith, frame: Frame) -> bool:
    for each in node.items:
        value = machine.evaluate(each.context_expr, frame)
        if each.optional_vars is not None:
            take_apart(
                machine, each.optional_vars, element(value) if isinstance(value, Listed) else value, frame
            )
    return block(machine, node.body, frame)


def _try(machine: Machine, node: ast.Try, frame: Frame) -> bool:
    before = dict(frame.names)
    ended = block(machine, node.body, frame)
    reached = [frame.names] if ended and block(machine, node.orelse, frame) else []
    start = _joined([before, frame.names])
    for handler in node.handlers:
        frame.names = dict(start)
        if block(machine, handler.body, frame):
            reached.append(frame.names)
    frame.names = _joined(reached) if reached else start
    return block(machine, node.finalbody, frame) and bool(reached)


def _match(machine: Machine, node: ast.Match, frame: Frame) -> bool:
    machine.evaluate(node.subject, frame)
    return _arms(machine, [*(case.body for case in node.cases), []], frame)


def _return(machine: Machine, node: ast.Return, frame: Frame) -> bool:
    frame.returns.append(machine.evaluate(node.value, frame))
    return False


def _raise(machine: Machine, node: ast.Raise, frame: Frame) -> bool:
    if node.exc is not None:
        machine.evaluate(node.exc, frame)
    return False


def _stop(machine: Machine, node: ast.Break | ast.Continue, frame: Frame) -> None:
    return None  # what the loop's body has set so far may hold after it


def _define(machine: Machine, node: _Def, frame: Frame) -> None:
    """A function inside a function: its code belongs to the outer symbol."""
    function = Function(frame.path, frame.symbol, node, frame.owner, None, frame.names)
    frame.names[node.name] = function
    if frame.depth == 0 and not any(each is node for each in machine.active):
        machine.run(function, machine.enter(function, (), (), frame.depth + 1, frame.symbol))


def _class(machine: Machine, node: ast.ClassDef, frame: Frame) -> None:
    frame.names[node.name] = machine.class_at(frame.path, node, frame.symbol)


def _import_here(machine: Machine, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
    for each in node.names:
        name = each.asname or each.name.split(".")[0]
        frame.names[name] = machine.bound(node, name, frame)


def _joined(all_names: Sequence[dict[str, Term]]) -> dict[str, Term]:
    if len(all_names) == 1:
        return all_names[0]
    found: dict[str, Term] = {}
    for name in dict.fromkeys(name for names in all_names for name in names):
        found[name] = either([names[name] for names in all_names if name in names])
    return found


def _loaded(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name():
            return ast.copy_location(ast.Name(target.id, ast.Load()), target)
        case ast.Attribute():
            return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
        case ast.Subscript():
            return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
        case _:
            return target


STATEMENTS: dict[type[ast.stmt], Callable[..., bool | None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Match: _match,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Break: _stop,
    ast.Continue: _stop,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
    ast.ClassDef: _class,
    ast.Import: _import_here,
    ast.ImportFrom: _import_here,
}
if hasattr(ast, "TryStar"):
    STATEMENTS[ast.TryStar] = _try
