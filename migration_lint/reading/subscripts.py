"""Entries and slices of what may be partly unknown."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migration_lint.operations import HOLE
from migration_lint.reading.running import Arguments
from migration_lint.reading.values import (
    Bound,
    Choice,
    Class,
    Data,
    Dict,
    Dotted,
    Frame,
    Function,
    Instance,
    List,
    Unknown,
    Value,
    fields_of,
    hashable,
    join,
    lookup,
    reaches,
    whole,
)

if TYPE_CHECKING:
    from migration_lint.reading.interpreter import Interpreter


class Open(Dict):
    """A dictionary that holds more than was seen, where it is known what any entry of it is like."""

    __slots__ = ("made",)

    def __init__(self, items: Any, made: Callable[[Value], Value]) -> None:
        super().__init__(items, more=True)
        self.made = made  # the entry under a key that was not seen


class OpenList(List):
    """A list that holds more than was seen, where it is known what any entry of it is like."""

    __slots__ = ("made",)

    def __init__(self, items: Any, made: Callable[[], Value]) -> None:
        super().__init__(items, more=True)
        self.made = made


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
        if isinstance(key, int) and not getattr(of, "maybe", False) and -len(of) <= key < len(of):
            if not getattr(of, "more", False):
                return of[key]
            if key >= 0:  # what is not known may stand in front of it
                return join(of[key], Unknown("an entry of a list is not known", reach=reaches(of)))
        elif len(of) and not getattr(of, "more", False):
            vague = isinstance(key, int) and getattr(of, "maybe", False)
            if vague or isinstance(key, (Unknown, Data)):
                return one_of(run, list(of))  # all that may be there was seen
        return Unknown("an entry of a list is not known", reach=reaches(of))
    if isinstance(of, str):
        if isinstance(key, int) and whole(of) and -len(of) <= key < len(of):
            return of[key]
        return run.hole("a character of a text is not known")
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
        if isinstance(method, (Function, Bound)):
            return run.call(method, Arguments([key], {}))
        if isinstance(key, int) and not of.of.dataclass and (fields := fields_of(of.of)) is not None:
            if not -len(fields) <= key < len(fields):
                return Unknown("it fails")
            return run.attribute(of, fields[key])
    if isinstance(of, Dotted):
        if of.path == "sys.modules" and whole(key):
            return Dotted(key)
        if of.path == "os.environ":
            from migration_lint.reading.python_library import environment_variable

            return environment_variable(run, key)
        return of if of.path.startswith("typing") else run.library.attribute(run, of, "[]")
    return run.library.method(run, of, "__getitem__", Arguments([key], {}))


def entry(run: Interpreter, of: Dict, key: Value) -> Value:
    if isinstance(key, str) and HOLE in key:
        from fnmatch import fnmatchcase

        pattern = "*".join(part.replace("[", "[[]") for part in key.split(HOLE))
        return one_of(run, [v for k, v in of.items() if isinstance(k, str) and fnmatchcase(k, pattern)])
    if isinstance(of, Open) and not hashable(key):
        return of.made(key)
    if hashable(key):
        if key in of:
            absent = Unknown("a key may not be in its dictionary")
            return join(of[key], absent) if key in of.perhaps else of[key]
        if not of.more:
            return Unknown("a key is not in its dictionary")
        if isinstance(of, Open):
            of[key] = of.made(key)
            return of[key]
    return one_of(run, list(of.values()), more=of.more)


def one_of(run: Interpreter, values: list[Value], more: bool = False) -> Value:
    if not values:
        return Unknown("an entry of a dictionary is not known")
    joined = values[0]
    for value in values[1:]:
        joined = join(joined, value)
    return join(joined, Unknown("an entry of a dictionary is not known")) if more else joined


def slice_of(run: Interpreter, of: Value, part: ast.Slice, frame: Frame) -> Value:
    bounds = [
        None if bound is None else run.evaluate(bound, frame) for bound in (part.lower, part.upper, part.step)
    ]
    known = all(bound is None or isinstance(bound, int) for bound in bounds) and bounds[2] != 0
    if known and isinstance(of, (List, tuple)) and not getattr(of, "maybe", False):
        made = of[slice(*bounds)]
        return tuple(made) if isinstance(of, tuple) else List(made, more=of.more)
    if known and isinstance(of, str) and whole(of):
        return of[slice(*bounds)]
    if isinstance(of, str):
        return _cut(of, *bounds) if known else run.hole("a part of a text is not known")
    if isinstance(of, (List, tuple)):
        return List(of, maybe=True, more=getattr(of, "more", False))
    if isinstance(of, Choice):
        return run.lift(lambda each: slice_of(run, each, part, frame), of)
    return of if isinstance(of, Data) else Unknown("a slice is not known", reach=reaches(of))


def _cut(text: str, lower: int | None, upper: int | None, step: int | None) -> str:
    """A slice of a text with holes: known where what is cut off at either end is."""
    if step in (None, 1) and (lower is None or lower >= 0) and (upper is None or upper < 0):
        head = text[: lower or 0]
        tail = text[upper:] if upper is not None else ""
        if HOLE not in head and HOLE not in tail:
            return text[lower:upper]
    return HOLE
