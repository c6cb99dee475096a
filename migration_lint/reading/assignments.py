"""Assignments: to names, parts of containers, attributes, and several targets at once."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from migration_lint.reading.names import bind_name
from migration_lint.reading.running import LONGEST_LIST, Exhausted
from migration_lint.reading.subscripts import OpenList
from migration_lint.reading.values import (
    Choice,
    Class,
    Connection,
    Data,
    Dict,
    Frame,
    Instance,
    List,
    Module,
    Unknown,
    Value,
    hashable,
    join,
    reaches,
)

if TYPE_CHECKING:
    from migration_lint.reading.interpreter import Interpreter


def assign(run: Interpreter, target: ast.expr, value: Value, frame: Frame) -> None:
    """Bind a target of an assignment, a loop or a `with`."""
    if isinstance(target, ast.Name):
        bind_name(run, target.id, value, frame)
    elif isinstance(target, (ast.Tuple, ast.List)):
        unpack(run, target.elts, value, frame)
    elif isinstance(target, ast.Attribute):
        set_attribute(run, run.evaluate(target.value, frame), target.attr, value)
    elif isinstance(target, ast.Subscript):
        set_item(run, run.evaluate(target.value, frame), run.evaluate(target.slice, frame), value)
    elif isinstance(target, ast.Starred):
        run.assign(target.value, value, frame)


def unpack(run: Interpreter, targets: list[ast.expr], value: Value, frame: Frame) -> None:
    items, maybe, more = run.items(value)
    star = next((i for i, t in enumerate(targets) if isinstance(t, ast.Starred)), None)
    if isinstance(value, Choice):
        rows = [run.items(each)[0] for each in value.values]
        if star is None and all(len(row) == len(targets) for row in rows):
            for position, target in enumerate(targets):
                joined = rows[0][position]
                for row in rows[1:]:
                    joined = join(joined, row[position])
                run.assign(target, joined, frame)
            return
    if star is not None and not more and not maybe and len(items) >= len(targets) - 1:
        after = len(targets) - star - 1
        end = len(items) - after
        for target, item in zip(targets[:star], items[:star], strict=True):
            run.assign(target, item, frame)
        run.assign(targets[star], List(items[star:end]), frame)
        for target, item in zip(targets[star + 1 :], items[end:], strict=True):
            run.assign(target, item, frame)
        return
    if more or maybe or len(items) != len(targets):
        unknown = unknown_item(run, value)
        for target in targets:
            run.assign(target, unknown, frame)
        return
    for target, item in zip(targets, items, strict=True):
        run.assign(target, item, frame)


def set_attribute(run: Interpreter, of: Value, name: str, value: Value) -> None:
    names = of.names if isinstance(of, (Instance, Class)) else None
    if isinstance(of, Module):
        names = of.frame.locals
    if names is not None:
        if name in names and run.uncertain():
            value = join(names[name], value)
        names[name] = value


def set_item(run: Interpreter, of: Value, key: Value, value: Value) -> None:
    if isinstance(of, Dict):
        if isinstance(key, Choice) or not hashable(key):
            for known in list(of):
                of[known] = join(of[known], value)
            of.more = True
            return
        put(run, of, key, value)
        if len(of) > LONGEST_LIST:
            raise Exhausted("a dictionary of the script grows too large")
    elif isinstance(of, List):
        if isinstance(key, int) and -len(of) <= key < len(of) and not of.maybe:
            of[key] = join(of[key], value) if run.uncertain() else value
        else:
            of[:] = [join(item, value) for item in of]
            of.more = True


def put(run: Interpreter, of: Dict, key: Value, value: Value, perhaps: bool = False) -> None:
    """Put an entry into a dictionary, `perhaps`, or where that may not run at all."""
    if not (perhaps or run.unsure(of)):
        of[key] = value
        of.perhaps.discard(key)
    elif key in of:
        of[key] = join(of[key], value)
    else:
        of[key] = value
        of.perhaps.add(key)


def forget(run: Interpreter, of: Dict, keys: Sequence[Value], every: bool = False) -> None:
    """Take one of these entries out of a dictionary, or every one."""
    if run.unsure(of) or (len(keys) > 1 and not every):
        of.perhaps.update(key for key in keys if key in of)
        return
    for key in keys:
        of.pop(key, None)
        of.perhaps.discard(key)


def do_assign(run: Interpreter, node: ast.Assign, frame: Frame) -> None:
    value = run.evaluate(node.value, frame)
    for target in node.targets:
        run.assign(target, value, frame)


def do_annassign(run: Interpreter, node: ast.AnnAssign, frame: Frame) -> None:
    if node.value is not None:
        run.assign(node.target, run.evaluate(node.value, frame), frame)


def do_augassign(run: Interpreter, node: ast.AugAssign, frame: Frame) -> None:
    before = run.evaluate(node.target, frame)
    after = run.evaluate(node.value, frame)
    if isinstance(before, List) and isinstance(node.op, ast.Add):
        items, maybe, more = run.items(after)
        before.extend(items)
        before.maybe = before.maybe or maybe or run.uncertain()
        before.more = before.more or more
        if len(before) > LONGEST_LIST:
            raise Exhausted("a list of the script grows too long")
        return
    run.assign(node.target, run.binary(node.op, before, after), frame)


def do_delete(run: Interpreter, node: ast.Delete, frame: Frame) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            if not run.uncertain():
                frame.locals.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            of = run.evaluate(target.value, frame)
            key = run.evaluate(target.slice, frame)
            if isinstance(of, Dict) and hashable(key):
                forget(run, of, (key,))
            elif isinstance(of, List):
                of.maybe = True


def unknown_item(run: Interpreter, source: Value) -> Value:
    if isinstance(source, OpenList):
        return source.made()
    if isinstance(source, (Data, Connection)):
        return Data()  # rows: of a result, of a cursor, or the objects of a session
    reason = source.reason if isinstance(source, Unknown) else "what the loop runs over is not known"
    return Unknown(reason, reach=reaches(source))
