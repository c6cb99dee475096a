"""Assignments: to names, parts of containers, attributes, and several targets at once."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from migration_lint.reading.python.containers import inside, optional, slot
from migration_lint.reading.python.escapes import hand_over
from migration_lint.reading.python.names import bind_name
from migration_lint.reading.python.running import LONGEST_LIST, Arguments, Exhausted, Iteration
from migration_lint.reading.python.values import (
    NOTHING,
    BoundFunction,
    Choice,
    Class,
    Connection,
    Data,
    Dict,
    Dotted,
    Frame,
    Function,
    Instance,
    Internals,
    List,
    Maybe,
    Method,
    Module,
    ReflectedColumn,
    Row,
    Rows,
    Unknown,
    Value,
    alternatives,
    hashable,
    join,
    join_all,
    reaches,
    whole,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


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
    star = next((i for i, t in enumerate(targets) if isinstance(t, ast.Starred)), None)
    if isinstance(value, Choice):
        rows = [run.items(each) for each in value.values]
        if star is None and all(row.exact and len(row.slots) == len(targets) for row in rows):
            for position, target in enumerate(targets):
                run.assign(target, join_all(row.slots[position] for row in rows), frame)
            return
    if isinstance(value, Row) and len(targets) == 1 and value.parts() is None:
        value = (value,)  # the row of an object holds nothing else
    items = run.items(value)
    slots = items.slots
    if star is not None and items.exact and len(slots) >= len(targets) - 1:
        after = len(targets) - star - 1
        end = len(slots) - after
        for target, item in zip(targets[:star], slots[:star], strict=True):
            run.assign(target, item, frame)
        run.assign(targets[star], List(slots[star:end]), frame)
        for target, item in zip(targets[star + 1 :], slots[end:], strict=True):
            run.assign(target, item, frame)
        return
    sure = next((n for n, each in enumerate(slots) if type(each) is Maybe), len(slots))
    if star is not None and star == len(targets) - 1 and sure >= star:
        for target, item in zip(targets[:star], slots[:star], strict=True):
            run.assign(target, item, frame)
        run.assign(targets[star], items._replace(slots=slots[star:]).list(), frame)
        return
    if not items.exact or len(slots) != len(targets):
        # An entry that was seen may stand anywhere where others may be missing.
        unknown = join_all((unknown_item(run, value), *items.every()))
        for target in targets:
            run.assign(target, List(rest=unknown) if isinstance(target, ast.Starred) else unknown, frame)
        return
    for target, item in zip(targets, slots, strict=True):
        run.assign(target, item, frame)


def set_attribute(run: Interpreter, of: Value, name: str, value: Value, weak: bool = False) -> None:
    """Set an attribute; `weak` where it may be another object's."""
    if isinstance(of, Choice):
        for each in of.values:
            set_attribute(run, each, name, value, weak=True)
        return
    if isinstance(of, (Instance, Class, Module)):
        names = of.frame.locals if isinstance(of, Module) else of.names
        if isinstance(of, Module):
            names.get(name)  # what the module itself binds to it was there before
        with run.store.change(names, weak):
            names[name] = value
    elif isinstance(of, Internals) or (isinstance(of, Function) and name in INTERNALS):
        run.recorder.opaque(f"`{name}` is set, which changes what a function does")
    elif isinstance(of, Dotted) and not of.path.startswith(("alembic", "sqlalchemy")):
        patch(run, f"{of.path.removesuffix('.__dict__')}.{name}", value, weak)
    elif isinstance(of, (Data, Unknown, Connection, Function, Method)):
        if name == "cell_contents":
            run.recorder.opaque("what a function closes over is set")
        hand_over(run, value)  # it is kept where it cannot be seen
        if isinstance(of, (Method, ReflectedColumn, Row)):
            run.library.alter(run, of, name, value, weak)
    else:
        run.library.alter(run, of, name, value, weak)


#: The attributes of a function that make up what it does.
INTERNALS = frozenset(
    "__builtins__ __closure__ __code__ __defaults__ __globals__ __kwdefaults__ __type_params__".split()
)


def patch(run: Interpreter, path: str, value: Value, weak: bool = False) -> None:
    """Put a value in the place of something of a library, which the library itself may call, too."""
    stirred = run.store.stirred
    with run.store.change(run.patched, weak):
        run.patched[path] = value
    # Where a framework keeps data, nothing of what runs hangs on it.
    run.store.stirred = stirred or _runs(value) or path.partition(".")[0] in _READ_FROM
    hand_over(run, value)
    if path.endswith("TYPE_CHECKING"):
        run.recorder.opaque("what is imported for the checker of types is imported when it runs")


#: Libraries whose data is read.
_READ_FROM = frozenset(("alembic", "builtins", "os", "sqlalchemy", "sys"))


def _runs(value: Value) -> bool:
    """Whether a value may be called, or reaches a database."""
    callable_ = (Function, BoundFunction, Class, Instance, Method, Dotted, Module)
    return reaches(value) or any(isinstance(each, callable_) for each in alternatives(value))


def delete_attribute(run: Interpreter, of: Value, name: str, weak: bool = False) -> None:
    """Take an attribute away; `weak` where it may be another object's."""
    if isinstance(of, Choice):
        for each in of.values:
            delete_attribute(run, each, name, weak=True)
    elif isinstance(of, (Instance, Class, Module)):
        names = of.frame.locals if isinstance(of, Module) else of.names
        if name in names:
            with run.store.change(names, weak):
                del names[name]
    elif not isinstance(of, (Data, Unknown, Connection, Function)):
        run.library.alter(run, of, name, Unknown("it is taken away"), weak)


def set_slice(run: Interpreter, of: Value, part: ast.Slice, value: Value, frame: Frame) -> None:
    """Put entries in the place of others."""
    if not isinstance(of, List):
        return set_item(run, of, run.evaluate(part, frame), value)
    items = run.items(value)
    bounds = [
        None if bound is None else run.evaluate(bound, frame) for bound in (part.lower, part.upper, part.step)
    ]
    everything = bounds[:2] in ([None, None], [0, None]) and bounds[2] is None
    plain = bounds[2] is None and all(bound is None or isinstance(bound, int) for bound in bounds)
    with run.store.change(of):
        if everything:
            of[:], of.rest, of.tail = items.slots, items.rest, list(items.tail)
        elif plain and of.exact and items.exact:
            of[slice(*bounds)] = items.slots
        else:
            loosen(of, items.every())
    if len(of) > LONGEST_LIST:
        raise Exhausted("a list of the script grows too long")
    return None


def loosen(of: List, more: Sequence[Value] = ()) -> None:
    """Say of a list only what may be in it: which of it is there, and where, is not known."""
    of.rest = join_all((*of.every(), *more))
    of.clear()
    of.tail = []


def set_item(run: Interpreter, of: Value, key: Value, value: Value, weak: bool = False) -> None:
    """Put an entry into a container; `weak` where it may be another container."""
    if isinstance(of, Choice):
        for each in of.values:
            set_item(run, each, key, value, weak=True)
    elif isinstance(of, Dict):
        with run.store.change(of, weak):
            put(of, key, value)
        if len(of) > LONGEST_LIST:
            raise Exhausted("a dictionary of the script grows too large")
    elif isinstance(of, List):
        with run.store.change(of, weak):
            if (
                isinstance(key, int)
                and of.exact
                and -len(of) <= key < len(of)
                or isinstance(key, int)
                and key >= 0
                and not any(type(e) is Maybe for e in of[: key + 1])
                and key < len(of)
            ):
                of[key] = value
            else:
                of[:] = [slot(item, value) for item in of]
                of.tail = [slot(item, value) for item in of.tail]
                of.rest = of.rest if of.rest is NOTHING else join(of.rest, value)
    elif isinstance(of, Instance):
        method = run.attribute(of, "__setitem__")
        if isinstance(method, (Function, BoundFunction)) or not isinstance(method, Unknown) or reaches(of):
            run.call(method, Arguments([key, value], {}))
        else:
            hand_over(run, value)
    elif isinstance(of, Dotted) and of.path == "sys.modules":
        found = run.library.find(run, key) if whole(key) else None
        if isinstance(found, Dotted) and not found.path.startswith(("alembic", "sqlalchemy")):
            patch(run, key, value, weak=True)  # who imported it before still has the other
        else:
            hand_over(run, value)
            run.recorder.unread("a module is put in the place of one that scripts work with")
    elif isinstance(of, Dotted) and (of.path == "builtins" or of.path.endswith(".__dict__")) and whole(key):
        set_attribute(run, Dotted(of.path.removesuffix(".__dict__")), key, value, weak)
    elif isinstance(of, Internals):
        run.recorder.opaque(f"{of.reason}, and it is changed")
    elif isinstance(of, Dotted) and run.library.set_entry(run, of, key, value):
        return
    else:
        hand_over(run, value)
        if isinstance(of, Method):
            run.library.alter(run, of, of.name, value, weak)


def put(of: Dict, key: Value, value: Value) -> None:
    """Put an entry into a dictionary that is being changed, under a key that may not be known."""
    keys = alternatives(key)
    if len(keys) == 1 and hashable(key):
        of[key] = value
    elif all(map(hashable, keys)):
        for each in keys:
            of[each] = slot(of[each], value) if each in of else Maybe(value)
    else:
        for known in list(of):
            of[known] = slot(of[known], value)
        of.rest = join(of.rest, value)


def _either(of: Dict, key: Value, value: Maybe) -> Value:
    """The entry under a key that another entry may have taken the place of."""
    if key not in of:
        return value if not of.open else Maybe(join(value.value, of.rest))
    known = of[key]
    return slot(known, value) if type(known) is Maybe else join(known, value.value)


def update(of: Dict, more: Value) -> None:
    """Take over the entries of another dictionary into one that is being changed."""
    if isinstance(more, Dict):
        for key, value in more.items():
            if type(value) is not Maybe:
                of[key] = value
            else:
                of[key] = _either(of, key, value)
        if not more.open:
            return
        rest = more.rest
    else:
        rest = Unknown("an entry of a dictionary is not known", reach=reaches(more))
    keys = more if isinstance(more, Dict) else ()
    for key in [*of]:
        if key not in keys:
            of[key] = slot(of[key], Maybe(rest)) if type(of[key]) is Maybe else join(of[key], rest)
    of.rest = join(of.rest, rest)


def forget(of: Dict, keys: Sequence[Value]) -> None:
    """Take an entry out of a dictionary that is being changed, one that has any of these keys."""
    for key in keys:
        if len(keys) == 1:
            of.pop(key, None)
        elif key in of:
            of[key] = optional(of[key])


def do_assign(run: Interpreter, node: ast.Assign, frame: Frame) -> None:
    value = run.evaluate(node.value, frame)
    for target in node.targets:
        run.assign(target, value, frame)


def do_annassign(run: Interpreter, node: ast.AnnAssign, frame: Frame) -> None:
    if node.value is not None:
        run.assign(node.target, run.evaluate(node.value, frame), frame)
    elif not isinstance(node.target, ast.Name):
        for part in ast.iter_child_nodes(node.target):
            if isinstance(part, ast.expr):
                run.evaluate(part, frame)
    if frame.called is None:
        from migration_lint.reading.python.functions import evaluate_annotations

        evaluate_annotations(run, (node.annotation,), frame)


def do_augassign(run: Interpreter, node: ast.AugAssign, frame: Frame) -> None:
    before = run.evaluate(node.target, frame)
    after = run.evaluate(node.value, frame)
    if isinstance(before, List) and isinstance(node.op, ast.Add):
        extend(run, before, run.items(after))
        return
    if isinstance(before, Internals):
        run.recorder.opaque(f"{before.reason}, and it is changed")
    run.assign(node.target, run.binary(node.op, before, after, inplace=True), frame)


def extend(run: Interpreter, of: List, items: Iteration) -> None:
    """Append entries to a list."""
    with run.store.change(of):
        behind = of.tail if of.open else of
        behind += items.slots
        if items.open:
            if of.open:
                # Between two rests anything may stand anywhere.
                of.rest = join_all((of.rest, items.rest, *map(inside, of.tail)))
                of.tail = list(items.tail)
            else:
                of.rest, of.tail = items.rest, list(items.tail)
    if len(of) > LONGEST_LIST:
        raise Exhausted("a list of the script grows too long")


def do_delete(run: Interpreter, node: ast.Delete, frame: Frame) -> None:
    for target in node.targets:
        delete(run, target, frame)


def delete(run: Interpreter, target: ast.expr, frame: Frame) -> None:
    """Delete a target of a `del`."""
    if isinstance(target, ast.Name):
        run.store.touch(frame.locals)
        frame.locals.pop(target.id, None)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for each in target.elts:
            delete(run, each, frame)
    elif isinstance(target, ast.Attribute):
        delete_attribute(run, run.evaluate(target.value, frame), target.attr)
    elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
        set_slice(run, run.evaluate(target.value, frame), target.slice, List(), frame)
    elif isinstance(target, ast.Subscript):
        delete_item(run, run.evaluate(target.value, frame), run.evaluate(target.slice, frame))


def delete_item(run: Interpreter, of: Value, key: Value, weak: bool = False) -> None:
    """`del of[key]`."""
    if isinstance(of, Choice):
        for each in of.values:
            delete_item(run, each, key, weak=True)
    elif isinstance(of, Dict):
        with run.store.change(of, weak):
            keys = alternatives(key)
            forget(of, keys if all(map(hashable, keys)) else tuple(of))
    elif isinstance(of, List):
        with run.store.change(of, weak):
            if isinstance(key, int) and of.exact and -len(of) <= key < len(of):
                del of[key]
            else:
                of[:] = map(optional, of)
                of.tail = list(map(optional, of.tail))
    elif isinstance(of, Instance):
        method = run.attribute(of, "__delitem__")
        if isinstance(method, (Function, BoundFunction)):
            run.call(method, Arguments([key], {}))
    elif isinstance(of, Dotted):
        run.library.set_entry(run, of, key, Unknown("it is taken away"))
    elif isinstance(of, Method) and isinstance(of.of, Row):
        run.library.alter(run, of, of.name, Unknown("some of it is taken away"), False)


def unknown_item(run: Interpreter, source: Value) -> Value:
    """An entry of something that is not known."""
    if isinstance(source, List) and source.open:
        return source.rest
    if isinstance(source, Rows):
        return source.row(len(run.recorder.conditions))
    if isinstance(source, Method) and isinstance(source.of, Row):  # what a relationship brings
        return Row((), source.of.every_row, depth=source.of.depth)
    if isinstance(source, (Data, Connection)):
        return Data()  # rows: of a result, of a cursor, or the objects of a session
    reason = source.reason if isinstance(source, Unknown) else "what the loop runs over is not known"
    return Unknown(reason, reach=reaches(source))
