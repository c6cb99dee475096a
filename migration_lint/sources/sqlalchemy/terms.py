"""What an expression of Python comes to, as far as it can be told without running it: a term.

Names are followed to what they mean, calls of the project's own functions to what they return. What a
library does is left as it stands, `Made(External("sqlalchemy.select"), …)`, for those who know the library.
Terms are compared by identity: one made twice is two.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


class Place:
    """Where a piece of code stands: its file, and its node of the syntax tree."""

    __slots__ = ("node", "path")

    def __init__(self, path: str, node: ast.expr | ast.stmt) -> None:
        self.path = path
        self.node = node

    @property
    def line(self) -> int:
        return self.node.lineno

    @property
    def end(self) -> tuple[int, int]:
        """Its last line, and how far it goes there: of calls in a chain, the later one's is further on."""
        return (self.node.end_lineno or 0, self.node.end_col_offset or 0)

    @property
    def key(self) -> tuple[str, int, int, int, int]:
        node = self.node
        return (self.path, node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A constant."""

    value: object


@dataclass(frozen=True, slots=True, eq=False)
class External:
    """Something of a library, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """A module of the project."""

    path: str


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the project. There is one term for each."""

    path: str
    name: str  # qualified inside its module
    node: ast.ClassDef


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the project; `bound`: the instance or class that it is called on."""

    path: str
    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    owner: Class | None = None
    bound: Term | None = None
    closure: dict[str, Term] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """What a method calls `self`: some instance of a class."""

    of: Class


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What a call gives. A keyword of None: `**` of the value."""

    callee: Term
    args: tuple[Term, ...]
    keywords: tuple[tuple[str | None, Term], ...]
    place: Place

    def keyword(self, name: str) -> Term | None:
        return next((value for key, value in self.keywords if key == name), None)

    def argument(self, number: int, name: str) -> Term | None:
        """An argument by its place or its name."""
        if number < len(self.args) and not any(isinstance(each, Spread) for each in self.args[: number + 1]):
            return self.args[number]
        return self.keyword(name)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """`of.name`"""

    of: Term
    name: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """`of[key]`"""

    of: Term
    key: Term


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One of those that an iteration gives."""

    of: Term


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """`*of`"""

    of: Term


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """A list, tuple or set that is written out, or a comprehension's: `kind` says which."""

    kind: str
    items: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """A dictionary that is written out; a key of None: `**` of the value."""

    pairs: tuple[tuple[Term | None, Term], ...]
    place: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """An operator with what it is applied to."""

    operator: str
    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A parameter whose argument is not known."""

    name: str
    annotation: Term | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of several: arms met."""

    options: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """What could not be told, and why, as a clause."""

    why: str = ""


Term: TypeAlias = (
    Known
    | External
    | Namespace
    | Class
    | Function
    | Instance
    | Made
    | Part
    | Item
    | Element
    | Spread
    | Listed
    | Pairs
    | Combined
    | Parameter
    | Choice
    | Unknown
)

_MOST_OPTIONS = 8


def either(terms: list[Term]) -> Term:
    """One of some terms. Past a bound the rest are not kept apart, and it is unknown which it is."""
    kept: list[Term] = []
    for term in terms:
        for option in term.options if isinstance(term, Choice) else (term,):
            if not any(option is each or _same(option, each) for each in kept):
                kept.append(option)
    if len(kept) == 1:
        return kept[0]
    return Choice(tuple(kept)) if len(kept) <= _MOST_OPTIONS else Choice((*kept[:_MOST_OPTIONS], Unknown()))


def _same(one: Term, other: Term) -> bool:
    if isinstance(one, Known) and isinstance(other, Known):
        return type(one.value) is type(other.value) and one.value == other.value
    return isinstance(one, External) and isinstance(other, External) and one.name == other.name


def options(term: Term) -> tuple[Term, ...]:
    return term.options if isinstance(term, Choice) else (term,)


def text_of(term: Term | None) -> str | None:
    """The text that a term is known to be."""
    return term.value if isinstance(term, Known) and isinstance(term.value, str) else None


def inner(term: Term) -> Iterator[Term]:
    """The terms directly inside one."""
    match term:
        case Made():
            yield term.callee
            yield from term.args
            yield from (value for _, value in term.keywords)
        case Part() | Element() | Spread():
            yield term.of
        case Item():
            yield term.of
            yield term.key
        case Listed():
            yield from term.items
        case Pairs():
            for key, value in term.pairs:
                if key is not None:
                    yield key
                yield value
        case Combined():
            yield from term.parts
        case Choice():
            yield from term.options
        case _:
            pass


def item(of: Term, key: Term) -> Term:
    """`of[key]`"""
    if isinstance(key, Known):
        if isinstance(of, Listed) and of.kind != "each" and isinstance(key.value, int):
            spread = any(isinstance(each, Spread) for each in of.items)
            if not spread and -len(of.items) <= key.value < len(of.items):
                return of.items[key.value]
        if isinstance(of, Pairs):
            for name, value in reversed(of.pairs):
                if isinstance(name, Known) and name.value == key.value:
                    return value
    return Item(of, key)


def element(of: Term) -> Term:
    """One of those that an iteration over a term gives."""
    if isinstance(of, Listed) and of.items and not any(isinstance(each, Spread) for each in of.items):
        return either(list(of.items))
    return Element(of)


def is_open(term: Term) -> bool:
    """Whether a term may stand for a class or a column, and nothing tells which."""
    if isinstance(term, (Parameter, Unknown, Element)):
        return True
    if isinstance(term, Item):
        return is_open(term.of)
    if isinstance(term, Made):
        return isinstance(term.callee, Function) or (
            isinstance(term.callee, External) and term.callee.name in ("builtins.getattr", "builtins.globals")
        )
    if isinstance(term, Part):
        return is_open(term.of) or isinstance(term.of, Instance)
    return False
