"""Where code is evaluated, and what is told of it on the way."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal

from migration_lint.sources.sqlalchemy.terms import Class, Made, Part, Place, Term

#: Calls of the project's own functions are entered so deep.
DEEPEST = 4
#: Decorators of what a mapped class has in the place of a column.
CLASS_LEVEL = frozenset(
    "hybrid_property hybrid_method expression setter inplace comparator update_expression deleter"
    " declared_attr directive cascading".split()
)


@dataclass(slots=True)
class Frame:
    """Where code is evaluated. `symbol`: the function that it belongs to, as the source file calls it."""

    path: str
    names: dict[str, Term] = field(default_factory=dict)
    owner: Class | None = None
    symbol: str = ""
    types: dict[str, Term] = field(default_factory=dict)
    depth: int = 0
    returns: list[Term] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """Something that code does: a call, an attribute that is read or set. `value`: what it is set to."""

    kind: Literal["call", "get", "set"]
    term: Made | Part
    frame: Frame
    place: Place
    value: Term | None = None
    source: ast.expr | None = None  # the expression that gives the value


def mark(node: ast.expr) -> str:
    """The last part of a decorator's name; of `name.setter` the part before."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
