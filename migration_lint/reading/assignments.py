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
    lookup,
    reaches,
    whole,
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
    elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
        set_slice(run, run.evaluate(target.value, frame), target.slice, value, frame)
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


def set_attribute(run: Interpreter, of: Value, name: str, value: Value, perhaps: bool = False) -> None:
    """Set an attribute, `perhaps`, or where that may not run at all."""
    if isinstance(of, Choice):
        for each in of.values:
            set_attribute(run, each, name, value, perhaps=True)
        return
    if not isinstance(of, (Instance, Class, Module)):
        if not isinstance(of, (Data, Unknown, Connection)):
            from migration_lint.reading.alterations import alter

            alter(run, of, name, value, perhaps or run.unsure())
        return
    names = of.frame.locals if isinstance(of, Module) else of.names
    if perhaps or run.unsure(names if isinstance(names, Dict) else None):
        before = names[name] if name in names else _of_class(run, of, name)
        if before is not None:
            value = join(before, value)
        elif isinstance(names, Dict):
            names.perhaps.add(name)
        else:
            value = join(Unknown(f"whether `{name}` is set is not known", reach=reaches(value)), value)
    elif isinstance(names, Dict):
        names.perhaps.discard(name)
    names[name] = value


def _of_class(run: Interpreter, of: Value, name: str) -> Value:
    """What an attribute is that an object or class does not hold itself; None where there is none."""
    above = [of.of] if isinstance(of, Instance) else of.bases if isinstance(of, Class) else ()
    for each in map(run.resolve, above):
        if isinstance(each, Class):
            found = lookup(each, name, run.resolve)
            if found is None and isinstance(of, Instance):
                found = lookup(each, "__getattr__", run.resolve)
            if found is not None:
                return run.attribute(of, name)
    return None


def delete_attribute(run: Interpreter, of: Value, name: str, perhaps: bool = False) -> None:
    """Take an attribute away, `perhaps`, or where that may not run at all."""
    if isinstance(of, Choice):
        for each in of.values:
            delete_attribute(run, each, name, perhaps=True)
    elif isinstance(of, (Instance, Class, Module)):
        names = of.frame.locals if isinstance(of, Module) else of.names
        if name not in names:
            return
        if not (perhaps or run.unsure(names if isinstance(names, Dict) else None)):
            del names[name]
        elif isinstance(names, Dict) and _of_class(run, of, name) is None:
            names.perhaps.add(name)
        else:
            reason = f"whether `{name}` is deleted is not known"
            names[name] = join(names[name], Unknown(reason, reach=reaches(names[name])))


def set_slice(run: Interpreter, of: Value, part: ast.Slice, value: Value, frame: Frame) -> None:
    """Put entries in the place of others."""
    if not isinstance(of, List):
        return set_item(run, of, run.evaluate(part, frame), value)
    items, maybe, more = run.items(value)
    bounds = [
        None if bound is None else run.evaluate(bound, frame) for bound in (part.lower, part.upper, part.step)
    ]
    everything = bounds[:2] in ([None, None], [0, None]) and bounds[2] is None
    plain = bounds[2] is None and all(bound is None or isinstance(bound, int) for bound in bounds)
    if not run.unsure(of) and (everything or (plain and not (of.maybe or of.more or maybe or more))):
        of[slice(*bounds)] = items
        of.maybe, of.more = (maybe, more) if everything else (of.maybe, of.more)
    else:
        of.extend(items)
        of.maybe, of.more = True, of.more or more
    if len(of) > LONGEST_LIST:
        raise Exhausted("a list of the script grows too long")
    return None


def set_item(run: Interpreter, of: Value, key: Value, value: Value, perhaps: bool = False) -> None:
    """Put an entry into a container, `perhaps`, or where that may not run at all."""
    if isinstance(of, Choice):
        for each in of.values:
            set_item(run, each, key, value, perhaps=True)
    elif isinstance(of, Dict):
        if isinstance(key, Choice) or not hashable(key):
            for known in list(of):
                of[known] = join(of[known], value)
            of.more = True
            return
        put(run, of, key, value, perhaps)
        if len(of) > LONGEST_LIST:
            raise Exhausted("a dictionary of the script grows too large")
    elif isinstance(of, List):
        if isinstance(key, int) and -len(of) <= key < len(of) and not of.maybe:
            of[key] = join(of[key], value) if perhaps or run.unsure(of) else value
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
        before.maybe = before.maybe or maybe or run.unsure(before)
        before.more = before.more or more
        if len(before) > LONGEST_LIST:
            raise Exhausted("a list of the script grows too long")
        return
    run.assign(node.target, run.binary(node.op, before, after), frame)


def do_delete(run: Interpreter, node: ast.Delete, frame: Frame) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            if not run.unsure():
                frame.locals.pop(target.id, None)
        elif isinstance(target, ast.Attribute):
            delete_attribute(run, run.evaluate(target.value, frame), target.attr)
        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
            set_slice(run, run.evaluate(target.value, frame), target.slice, List(), frame)
        elif isinstance(target, ast.Subscript):
            of = run.evaluate(target.value, frame)
            key = run.evaluate(target.slice, frame)
            if isinstance(of, Dict):
                if hashable(key) and (whole(key) or not isinstance(key, str)):
                    forget(run, of, (key,))
                else:
                    of.perhaps.update(of)
            elif isinstance(of, List):
                sure = isinstance(key, int) and not (of.maybe or of.more or run.unsure(of))
                if sure and -len(of) <= key < len(of):
                    del of[key]
                else:
                    of.maybe = True


def unknown_item(run: Interpreter, source: Value) -> Value:
    if isinstance(source, OpenList):
        return source.made()
    if isinstance(source, (Data, Connection)):
        return Data()  # rows: of a result, of a cursor, or the objects of a session
    reason = source.reason if isinstance(source, Unknown) else "what the loop runs over is not known"
    return Unknown(reason, reach=reaches(source))
