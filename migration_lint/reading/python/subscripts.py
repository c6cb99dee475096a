"""Entries and slices of what may be partly unknown."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from migration_lint.operations import HOLE
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    BoundFunction,
    Choice,
    Class,
    Data,
    Dict,
    Dotted,
    Frame,
    Function,
    Instance,
    List,
    Maybe,
    Method,
    Row,
    Rows,
    Unknown,
    Value,
    chosen,
    fields_of,
    hashable,
    join,
    join_all,
    lookup,
    reaches,
    whole,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


class Open(Dict):
    """An open dictionary (more keys may follow) whose entries all have a known shape."""

    __slots__ = ("made",)

    def __init__(self, items: Any, made: Callable[[Value], Value]) -> None:
        super().__init__(items, rest=made(Unknown("which entries a dictionary has is not known")))
        self.made = made  # the entry under a key that was not seen


def of_subscript(run: Interpreter, node: ast.Subscript, frame: Frame) -> Value:
    of = run.evaluate(node.value, frame)
    if isinstance(node.slice, ast.Slice):
        return slice_of(run, of, node.slice, frame)
    return run.item(of, run.evaluate(node.slice, frame))


def item(run: Interpreter, of: Value, key: Value) -> Value:
    """`of[key]`."""
    if isinstance(of, Choice) or (isinstance(key, Choice) and not isinstance(of, (Data, Unknown))):
        return run.lift(run.item, of, key)
    if isinstance(of, Dict):
        return entry(run, of, key)
    if isinstance(of, (List, tuple)):
        return of_sequence(of, key)
    if isinstance(of, str):
        if isinstance(key, int) and whole(of) and -len(of) <= key < len(of):
            return of[key]
        return run.hole("a character of a text is not known")
    if isinstance(of, Rows):
        return of.narrowed().row(len(run.recorder.conditions))
    if isinstance(of, Row):
        return of_row(of, key)
    if isinstance(of, Data):
        return Data(of.tables)
    if isinstance(of, Class):
        found = run.library.member(run, of, key) if whole(key) else None
        if found is None:
            found = lookup(of, key) if isinstance(key, str) else None
        if found is not None:
            return found
        if not isinstance(key, str) and lookup(of, "__class_getitem__") is None:
            return of  # `Statement[Expression]`, a generic class with its parameter
    if isinstance(of, Instance):
        method = run.attribute(of, "__getitem__")
        if isinstance(method, (Function, BoundFunction)):
            return run.call(method, Arguments([key], {}))
        if isinstance(key, int) and not of.of.dataclass and (fields := fields_of(of.of)) is not None:
            if not -len(fields) <= key < len(fields):
                return Unknown("it fails")
            return run.attribute(of, fields[key])
    if isinstance(of, Dotted):
        if of.path == "sys.modules" and whole(key):
            return run.resolve(Dotted(key))
        if (of.path == "builtins" or of.path.endswith(".__dict__")) and whole(key):
            return run.attribute(Dotted(of.path.removesuffix(".__dict__")), key)
        return run.library.entry(run, of, key)
    return run.library.method(run, of, "__getitem__", Arguments([key], {}))


def of_row(of: Row, key: Value) -> Value:
    """`row[key]`: where it is the only entry, that of an object's row is the object."""
    parts = of.parts() or ((of,) if key == 0 else ())
    if isinstance(key, int) and -len(parts) <= key < len(parts):
        return parts[key]
    named = [each for each in parts if each.columns == (key,)]
    if named or not whole(key):
        return named[0] if named else Data(of.tables)
    return Method(of, key)


def of_sequence(of: List | tuple[Value, ...], key: Value) -> Value:
    """An entry of a list or tuple: where it may stand among others, any of those."""
    slots: Sequence[Value] = of
    if isinstance(key, int) and not isinstance(of, List):
        return (
            of[key]
            if -len(of) <= key < len(of)
            else Unknown("an entry of a list is not known", reach=reaches(of))
        )
    if isinstance(of, List) and isinstance(key, int):
        if key < 0:
            slots = of.tail[::-1] if of.open else of[::-1]
            key = -1 - key
        before = slots[: key + 1]
        if len(before) > key and not any(type(each) is Maybe for each in before):
            return slots[key]
        if of.exact:
            return Unknown("an entry of a list is not known", reach=reaches(of))
    found = of.every() if isinstance(of, List) else list(of)
    if isinstance(key, (int, Unknown, Data)):
        return join_all(found, Unknown("an entry of a list is not known", reach=reaches(of)))
    return Unknown("an entry of a list is not known", reach=reaches(of))


def entry(run: Interpreter, of: Dict, key: Value) -> Value:
    """`of[key]` of a dictionary, whose key may not be known."""
    if isinstance(key, str) and HOLE in key:
        from fnmatch import fnmatchcase

        pattern = "*".join(part.replace("[", "[[]") for part in key.split(HOLE))
        alike = [inside(v) for k, v in of.items() if isinstance(k, str) and fnmatchcase(k, pattern)]
        return join_all((*alike, of.rest), Unknown("an entry of a dictionary is not known"))
    if isinstance(of, Open) and not hashable(key):
        return of.made(key)
    if hashable(key):
        if key in of:
            found = of[key]
            if type(found) is Maybe:
                return join(found.value, Unknown("a key may not be in its dictionary"))
            return found
        if not of.open:
            return Unknown("a key is not in its dictionary")
        if isinstance(of, Open):
            with run.store.change(of):
                of[key] = of.made(key)
            return of[key]
        return of_row(of.rest, key) if isinstance(of.rest, Row) and of.rest.parts() is None else of.rest
    return join_all(of.every(), Unknown("an entry of a dictionary is not known"))


def slice_of(run: Interpreter, of: Value, part: ast.Slice, frame: Frame) -> Value:
    bounds = [
        None if bound is None else run.evaluate(bound, frame) for bound in (part.lower, part.upper, part.step)
    ]
    known = all(bound is None or isinstance(bound, int) for bound in bounds) and bounds[2] != 0
    if known and isinstance(of, tuple):
        return of[slice(*bounds)]
    if known and isinstance(of, List) and of.exact:
        return List(of[slice(*bounds)])
    if known and isinstance(of, str) and whole(of):
        return of[slice(*bounds)]
    if isinstance(of, str):
        return _cut(of, *bounds) if known else run.hole("a part of a text is not known")
    if isinstance(of, (List, tuple)):
        every = of.every() if isinstance(of, List) else list(of)
        some = known and bounds != [None, None, None]
        return List(rest=join_all(map(chosen, every) if some else every))
    if isinstance(of, Choice):
        return run.lift(lambda each: slice_of(run, each, part, frame), of)
    if isinstance(of, Rows):  # in a loop, a slice whose ends move is each part of them in turn
        return of if not known and any(each.loop for each in run.recorder.conditions[-1:]) else of.narrowed()
    return of if isinstance(of, Data) else Unknown("a slice is not known", reach=reaches(of))


def _cut(text: str, lower: int | None, upper: int | None, step: int | None) -> str:
    """A slice of a text with holes: known where what is cut off at either end is."""
    if step in (None, 1) and (lower is None or lower >= 0) and (upper is None or upper < 0):
        head = text[: lower or 0]
        tail = text[upper:] if upper is not None else ""
        if HOLE not in head and HOLE not in tail:
            return text[lower:upper]
    return HOLE
