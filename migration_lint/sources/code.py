"""One small vocabulary for the code of every language: what matters to a SQL text and to its values.

A grammar (`grammars/`) turns the syntax tree of its language into these; nothing after it knows the
language. What a grammar does not know becomes `Other` or `Closure`, with everything inside it kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from migration_lint.named_tuple import NamedTuple


class Span(NamedTuple):
    """Where a piece of code stands. Lines count from 1; start and end are byte offsets."""

    path: str
    line: int
    end_line: int
    start: int
    end: int
    source: bytes

    @property
    def text(self) -> str:
        return self.source[self.start : self.end].decode("utf-8", "replace")


class Text(NamedTuple):
    """A string literal."""

    span: Span
    value: str


class Joined(NamedTuple):
    """Pieces of text put together: a concatenation or a template."""

    span: Span
    parts: tuple[Expr, ...]


class Constant(NamedTuple):
    """A number, a truth value or nothing. `value` as SQL would write it: `1`, `true`, `NULL`."""

    span: Span
    value: str


class Name(NamedTuple):
    span: Span
    name: str


class Member(NamedTuple):
    """`of.name`"""

    span: Span
    of: Expr
    name: str


class Call(NamedTuple):
    span: Span
    callee: Expr
    args: tuple[Expr, ...]
    keywords: tuple[tuple[str, Expr], ...] = ()


class Items(NamedTuple):
    """A list, tuple, array or slice that is written out."""

    span: Span
    items: tuple[Expr, ...]


class Pairs(NamedTuple):
    """A dictionary, object or struct that is written out. `type` where it has one."""

    span: Span
    pairs: tuple[tuple[Expr, Expr], ...]
    type: str = ""


class Each(NamedTuple):
    """A comprehension: `element` for each of `over`."""

    span: Span
    element: Expr
    targets: tuple[Expr, ...]
    over: Expr


class Spread(NamedTuple):
    """`*of`, `...of`, `of...`"""

    span: Span
    of: Expr


class Index(NamedTuple):
    """`of[key]`"""

    span: Span
    of: Expr
    key: Expr


class Slice(NamedTuple):
    """`of[low:high]`; None where the bound is left out or is no number that is written out."""

    span: Span
    of: Expr
    low: int | None
    high: int | None


class Percent(NamedTuple):
    """`template % values` of Python and Ruby."""

    span: Span
    template: Expr
    values: Expr


class Choice(NamedTuple):
    """One of several: a conditional expression, `a or b`."""

    span: Span
    options: tuple[Expr, ...]


class Target(NamedTuple):
    """`&of`: the place that something is written to."""

    span: Span
    of: Expr


class Closure(NamedTuple):
    """Statements inside an expression: a lambda, a block, a nested function."""

    span: Span
    body: tuple[Stmt, ...]


class Other(NamedTuple):
    """Anything else, with the expressions inside it."""

    span: Span
    inside: tuple[Expr, ...]


Expr: TypeAlias = (
    Text
    | Joined
    | Constant
    | Name
    | Member
    | Call
    | Items
    | Pairs
    | Each
    | Spread
    | Index
    | Slice
    | Percent
    | Choice
    | Target
    | Closure
    | Other
)


class Assign(NamedTuple):
    """`targets = value`; several targets take a value apart. `adds`: `+=`. `type` where it is declared."""

    span: Span
    targets: tuple[Expr, ...]
    value: Expr
    adds: bool = False
    type: str = ""


class Declare(NamedTuple):
    """A name that is given a type but no value."""

    span: Span
    name: str
    type: str


class Evaluate(NamedTuple):
    span: Span
    value: Expr


class Leave(NamedTuple):
    """return or raise: what follows on this path is not reached."""

    span: Span
    value: Expr | None = None


class Branch(NamedTuple):
    """One of the arms runs; where not `exhaustive`, perhaps none."""

    span: Span
    arms: tuple[tuple[Stmt, ...], ...]
    exhaustive: bool


class Loop(NamedTuple):
    span: Span
    targets: tuple[Expr, ...]
    over: Expr | None
    body: tuple[Stmt, ...]


Stmt: TypeAlias = Assign | Declare | Evaluate | Leave | Branch | Loop


class Parameter(NamedTuple):
    name: str
    type: str = ""


class Function(NamedTuple):
    """`owner`: the class or receiver type that it belongs to. `marks`: its annotations and attributes."""

    span: Span
    name: str
    owner: str
    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    returns: str = ""
    marks: tuple[Expr, ...] = ()

    @property
    def symbol(self) -> str:
        return f"{self.owner}.{self.name}" if self.owner else self.name


class Import(NamedTuple):
    """`name` of `module`; the module itself where `name` is empty. `*` for everything of it."""

    module: str
    name: str = ""


class Definition(NamedTuple):
    """A constant, class-wide ones as `Class.NAME`. `embeds`: the path of a file whose text it is."""

    span: Span
    value: Expr
    type: str = ""
    embeds: str = ""


class Field(NamedTuple):
    """A field of a struct or class.

    `tag`: the column that it says it stands for; `json`: its name in JSON, where that is said, or `-` where
    it has none; `optional`: JSON may lack it.
    """

    name: str
    type: str
    tag: str = ""
    json: str = ""
    optional: bool = False


class Enumeration(NamedTuple):
    """A type that lists its values. `members`: the value of each as SQL has it, by the member's name.

    `bare`: a driver writes a member as its value, not only where the code takes `.value` of it.
    `known`: there are no members beside these.
    """

    members: Mapping[str, str]
    bare: bool = True
    known: bool = True


class Module(NamedTuple):
    """One file. `package`: what it says it belongs to, where the language has such a clause."""

    path: str
    language: str
    package: str
    imports: dict[str, Import]
    definitions: dict[str, Definition]
    types: dict[str, tuple[Field, ...]]
    functions: tuple[Function, ...]
    problem: str = ""
    by_symbol: Mapping[str, Function] = MappingProxyType({})
    """The functions by their qualified name, the first where there are several."""
    aliases: Mapping[str, str] = MappingProxyType({})
    """Types that only give another type a name, and which."""
    enumerations: Mapping[str, Enumeration] = MappingProxyType({})
    """Of a language without such types: the constants of a type."""


def joined(parts: Sequence[Enumeration]) -> Enumeration:
    """An enumeration whose members stand in several places."""
    members = {name: value for part in parts for name, value in part.members.items()}
    bare, known = (all(each) for each in zip(*((part.bare, part.known) for part in parts), strict=True))
    return Enumeration(members, bare, known)


def qualified(module: Module, name: str) -> tuple[str, ...]:
    """What a name of a file is called where it is defined, the most telling first.

    `encode` is `json.dumps` by `from json import dumps as encode`, or by `encode = json.dumps`. What a
    library is imported as may be the better name for it, and counts after its own.
    """
    first, _, rest = name.partition(".")
    defined = module.definitions.get(first)
    if defined is not None and not rest and isinstance(defined.value, Member):
        name = dotted(defined.value)
        first, _, rest = name.partition(".")
    imported = module.imports.get(first)
    if imported is None or imported.module.startswith("."):
        return (name,)
    holder = re.sub(r"[/\\:]+", ".", imported.module)
    whole = ".".join(part for part in (holder, imported.name, rest) if part)
    return (whole, name) if rest else (whole,)


def dotted(expression: Expr) -> str:
    """`json.Marshal` for a name with members; a call or index on the way is left out; "" for others."""
    names: list[str] = []
    while True:
        if isinstance(expression, Member):
            names.append(expression.name)
            expression = expression.of
        elif isinstance(expression, Call):
            expression = expression.callee
        elif isinstance(expression, Index):
            expression = expression.of
        elif isinstance(expression, Name):
            names.append(expression.name)
            break
        else:
            break
    return ".".join(reversed(names))


def outcomes(body: Sequence[Stmt]) -> tuple[Expr, ...]:
    """What statements inside an expression come to, one for each way: `if a { b } else { c }` of Rust.

    Empty where one of the ways comes to nothing that is told.
    """
    last = body[-1] if body else None
    if isinstance(last, Evaluate):
        return (last.value,)
    if not isinstance(last, Branch):
        return ()
    ways = [outcomes(arm) for arm in last.arms if not (arm and isinstance(arm[-1], Leave))]
    return tuple(value for way in ways for value in way) if all(ways) else ()


def inside(expression: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside one."""
    if isinstance(expression, (Text, Constant, Name, Closure)):
        return ()
    if isinstance(expression, Joined):
        return expression.parts
    if isinstance(expression, Call):
        return (expression.callee, *expression.args, *(value for _, value in expression.keywords))
    if isinstance(expression, Items):
        return expression.items
    if isinstance(expression, Pairs):
        return tuple(side for pair in expression.pairs for side in pair)
    if isinstance(expression, Each):
        return (expression.element, expression.over)
    if isinstance(expression, Index):
        return (expression.of, expression.key)
    if isinstance(expression, Percent):
        return (expression.template, expression.values)
    if isinstance(expression, Choice):
        return expression.options
    if isinstance(expression, Other):
        return expression.inside
    return (expression.of,)
