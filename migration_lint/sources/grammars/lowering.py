"""How a syntax tree becomes code: a table of node types a language, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeAlias

from migration_lint.named_tuple import NamedTuple
from migration_lint.sources.code import (
    Closure,
    Definition,
    Enumeration,
    Evaluate,
    Expr,
    Field,
    Function,
    Import,
    Joined,
    Module,
    Other,
    Span,
    Stmt,
    Text,
)

DEEPEST = 120
"""How deeply code may be nested to be read: Python's own stack has to hold it several times."""


class Node(Protocol):
    """A node of a syntax tree, as tree-sitter has it."""

    @property
    def type(self) -> str: ...
    @property
    def start_byte(self) -> int: ...
    @property
    def end_byte(self) -> int: ...
    @property
    def start_point(self) -> tuple[int, int]: ...
    @property
    def end_point(self) -> tuple[int, int]: ...
    @property
    def children(self) -> list[Node]: ...
    @property
    def named_children(self) -> list[Node]: ...
    @property
    def is_named(self) -> bool: ...
    @property
    def has_error(self) -> bool: ...
    @property
    def is_missing(self) -> bool: ...
    def child_by_field_name(self, name: str, /) -> Node | None: ...
    def children_by_field_name(self, name: str, /) -> list[Node]: ...


Run: TypeAlias = tuple[Node, Node]
"""A piece of a file, from the first of two nodes to the last."""


class Grammar(NamedTuple):
    """One language. A node type without an entry is read as an expression with others inside."""

    name: str
    expressions: Mapping[str, Callable[[Node, Lowering], Expr]]
    statements: Mapping[str, Callable[[Node, Lowering], list[Stmt]]]
    define: Callable[[Node, Lowering], None]
    comments: frozenset[str] = frozenset({"comment", "line_comment", "block_comment"})


class Reparse(Protocol):
    def __call__(self, *runs: Run) -> Node: ...


class Lowering:
    """One file on its way into code: what was found so far, and the way down the tree."""

    def __init__(self, grammar: Grammar, path: str, source: bytes, reparse: Reparse) -> None:
        self.path = path
        self.source = source
        self.package = ""
        self.imports: dict[str, Import] = {}
        self.definitions: dict[str, Definition] = {}
        self.types: dict[str, tuple[Field, ...]] = {}
        self.aliases: dict[str, str] = {}
        self.enumerations: dict[str, Enumeration] = {}
        self.functions: list[Function] = []
        self.top: list[Stmt] = []
        self.problem = ""
        self.later: dict[int, Node] = {}
        """What stands after the line that it belongs to, by where it belongs: the bodies of heredocs."""
        self.comments = grammar.comments
        self.reparse = reparse
        """The tree of some runs of the file, read as code: what a macro holds is mere tokens at first."""
        self._grammar = grammar
        self._depth = 0

    def module(self, root: Node) -> Module:
        if root.has_error:
            line = _first_error(root)
            self.problem = f"line {line} cannot be parsed as {self._grammar.name}"
        self._grammar.define(root, self)
        for node in _errors(root) if root.has_error else ():
            if not any(f.span.start <= node.start_byte < f.span.end for f in self.functions):
                self.top += self.statement(node)
        if self.top:
            self.functions.append(Function(self.span(root), "", "", (), tuple(self.top)))
        return Module(
            self.path,
            self._grammar.name,
            self.package,
            self.imports,
            self.definitions,
            self.types,
            tuple(self.functions),
            self.problem,
            {function.symbol: function for function in reversed(self.functions)},
            self.aliases,
            self.enumerations,
        )

    def span(self, node: Node) -> Span:
        return Span(
            self.path,
            node.start_point[0] + 1,
            node.end_point[0] + 1,
            node.start_byte,
            node.end_byte,
            self.source,
        )

    def text(self, node: Node | None) -> str:
        if node is None:
            return ""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def expression(self, node: Node) -> Expr:
        if self._depth >= DEEPEST:
            if not self.problem:
                self.problem = f"line {node.start_point[0] + 1} is nested too deeply to be read"
            return Other(self.span(node), ())
        self._depth += 1
        try:
            handler = self._grammar.expressions.get(node.type)
            if handler is not None:
                return handler(node, self)
            if node.type in self._grammar.statements:
                return Closure(self.span(node), tuple(self._grammar.statements[node.type](node, self)))
            return Other(self.span(node), self.expressions(node.named_children))
        finally:
            self._depth -= 1

    def expressions(self, nodes: Iterable[Node]) -> tuple[Expr, ...]:
        return tuple(self.expression(node) for node in nodes if node.type not in self._grammar.comments)

    def statements(self, nodes: Iterable[Node]) -> list[Stmt]:
        found: list[Stmt] = []
        for node in nodes:
            found += self.statement(node)
        return found

    def statement(self, node: Node | None) -> list[Stmt]:
        if node is None or node.type in self._grammar.comments:
            return []
        if self._depth < DEEPEST:
            handler = self._grammar.statements.get(node.type)
            if handler is not None:
                self._depth += 1
                try:
                    return handler(node, self)
                finally:
                    self._depth -= 1
        return [Evaluate(self.span(node), self.expression(node))]

    def field(self, node: Node, name: str) -> Expr:
        """The expression of a field; one that is left out is an empty `Other`."""
        child = node.child_by_field_name(name)
        return Other(self.span(node), ()) if child is None else self.expression(child)

    def joined(self, node: Node, operators: tuple[str, ...]) -> Expr:
        """A binary expression. Chains of one of the operators are taken apart without recursion."""
        parts: list[Expr] = []
        at: Node | None = node
        while at is not None and at.type == node.type:
            operator = at.child_by_field_name("operator")
            right = at.child_by_field_name("right")
            if self.text(operator) not in operators or right is None:
                break
            parts.append(self.expression(right))
            at = at.child_by_field_name("left")
        if not parts:
            return Other(self.span(node), self.expressions(node.named_children))
        if at is not None:
            parts.append(self.expression(at))
        return Joined(self.span(node), tuple(reversed(parts)))

    def literal(self, node: Node, value: str) -> Text:
        return Text(self.span(node), value)


def block(node: Node, lowering: Lowering) -> list[Stmt]:
    """A node whose children are statements."""
    return lowering.statements(node.named_children)


def first(node: Node, *types: str) -> Node | None:
    """The first child of one of the types."""
    return next((child for child in node.named_children if child.type in types), None)


def unescaped(text: str) -> str:
    """A backslash escape as most languages write it; an unknown one is its character."""
    if len(text) < 2:
        return text
    kind = text[1]
    if kind in _ESCAPES:
        return _ESCAPES[kind]
    if kind in "xuU":
        digits = text[2:].strip("{}")
        try:
            return chr(int(digits, 16))
        except (ValueError, OverflowError):
            return ""
    return text[1:]


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "", "b": "", "f": "", "v": "", "\n": ""}


def _errors(root: Node) -> list[Node]:
    """The outermost nodes of what could not be parsed; found without recursion, as they may be deep."""
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR" or node.is_missing:
            found.append(node)
        else:
            waiting += [child for child in reversed(node.children) if child.has_error or child.is_missing]
    return found


def _first_error(root: Node) -> int:
    errors = _errors(root)
    return errors[0].start_point[0] + 1 if errors else 1
