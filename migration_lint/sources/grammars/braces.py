"""What the grammars of the languages with braces have in common: node types differ, fields mostly agree."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.sources.code import (
    Assign,
    Branch,
    Call,
    Choice,
    Closure,
    Constant,
    Evaluate,
    Expr,
    Index,
    Items,
    Joined,
    Leave,
    Loop,
    Member,
    Name,
    Other,
    Stmt,
    Text,
)
from migration_lint.sources.grammars.lowering import Lowering, Node, unescaped

Lower = Callable[[Node, Lowering], Expr]

_NOTHING = {
    "null": "NULL",
    "nil": "NULL",
    "undefined": "NULL",
    "None": "NULL",
    "TRUE": "true",
    "FALSE": "false",
}


def name(node: Node, lowering: Lowering) -> Expr:
    return Name(lowering.span(node), lowering.text(node))


def name_or_nothing(node: Node, lowering: Lowering) -> Expr:
    """A name, in languages whose word for nothing is one: `None` of Rust, `null` of Kotlin."""
    return constant(node, lowering) if lowering.text(node) in ("None", "null") else name(node, lowering)


def constant(node: Node, lowering: Lowering) -> Expr:
    text = lowering.text(node)
    return Constant(lowering.span(node), _NOTHING.get(text, text))


def inner(node: Node, lowering: Lowering) -> Expr:
    """A node around one expression: parentheses, await, an argument."""
    found = lowering.expressions(node.named_children)
    return found[0] if len(found) == 1 else Other(lowering.span(node), found)


def last(node: Node, lowering: Lowering) -> Expr:
    """A node whose last child is what counts: a cast, a named argument."""
    found = lowering.expressions(node.named_children[-1:])
    return found[0] if found else Other(lowering.span(node), ())


def items(node: Node, lowering: Lowering) -> Expr:
    return Items(lowering.span(node), lowering.expressions(node.named_children))


def concatenation(node: Node, lowering: Lowering) -> Expr:
    return lowering.joined(node, ("+", ".", "<<"))


def text_of(node: Node, lowering: Lowering, contents: tuple[str, ...], whole: bool = False) -> Expr:
    """A literal or template: text nodes and escapes as they are, everything else is an expression in it.

    `whole`: the node's own bytes between its first and last child belong to it, as in a verbatim string.
    """
    parts: list[Expr] = []
    for child in node.named_children:
        if child.type in contents:
            parts.append(Text(lowering.span(child), lowering.text(child)))
        elif child.type == "escape_sequence":
            parts.append(Text(lowering.span(child), unescaped(lowering.text(child))))
        elif child.type in _MARKS:
            continue
        else:
            parts.append(inner(child, lowering) if child.type in _PUT_IN else lowering.expression(child))
    if all(isinstance(part, Text) for part in parts):
        return lowering.literal(node, "".join(part.value for part in parts if isinstance(part, Text)))
    return Joined(lowering.span(node), tuple(parts))


_PUT_IN = ("template_substitution", "interpolation", "interpolated_expression", "interpolated_identifier")
_MARKS = (
    "interpolation_start interpolation_brace interpolation_format_clause interpolation_quote"
    " string_literal_encoding heredoc_start heredoc_end string_start string_end raw_string_start"
    " raw_string_end"
).split()


def call(function: str, arguments: str) -> Lower:
    """A call whose function and arguments are in fields of these names."""

    def lower(node: Node, lowering: Lowering) -> Expr:
        listed = node.child_by_field_name(arguments)
        if listed is None:
            listed = next((child for child in node.named_children if child.type == arguments), None)
        args = lowering.expressions(listed.named_children) if listed is not None else ()
        return Call(lowering.span(node), lowering.field(node, function), args)

    return lower


def member(of: str, field: str) -> Lower:
    def lower(node: Node, lowering: Lowering) -> Expr:
        text = lowering.text(node.child_by_field_name(field))
        return Member(lowering.span(node), lowering.field(node, of), text.partition("<")[0].lstrip("$"))

    return lower


def index(of: str, key: str) -> Lower:
    def lower(node: Node, lowering: Lowering) -> Expr:
        return Index(lowering.span(node), lowering.field(node, of), lowering.field(node, key))

    return lower


def choice(node: Node, lowering: Lowering) -> Expr:
    """A conditional expression: its condition, then both options."""
    found = lowering.expressions(node.named_children)
    return Choice(lowering.span(node), found[1:] if len(found) > 2 else found)


def either(node: Node, lowering: Lowering) -> Expr:
    """`a ?? b`, `a ?: b`, `a || b`"""
    return Choice(lowering.span(node), (lowering.field(node, "left"), lowering.field(node, "right")))


def closure(node: Node, lowering: Lowering) -> Expr:
    """A lambda: a body of statements, or an expression that it returns."""
    span = lowering.span(node)
    body = node.child_by_field_name("body")
    if body is None:
        return Closure(span, tuple(lowering.statements(node.named_children)))
    if "block" in body.type or body.type in ("compound_statement", "do_block"):
        return Closure(span, tuple(lowering.statement(body)))
    return Closure(span, (Leave(span, lowering.expression(body)),))


def assignment(node: Node, lowering: Lowering) -> list[Stmt]:
    operator = lowering.text(node.child_by_field_name("operator"))
    text = lowering.text(node)
    left = node.child_by_field_name("left")
    if not operator and left is not None:
        operator = lowering.source[left.end_byte : left.end_byte + 6].decode("utf-8", "replace").strip()[:2]
    adds = operator in ("+=", ".=", "<<") and bool(text)
    return [Assign(lowering.span(node), (lowering.field(node, "left"),), lowering.field(node, "right"), adds)]


def branch(node: Node, lowering: Lowering) -> list[Stmt]:
    """`if`, with its arms in fields of one of the usual names."""
    found: list[Stmt] = []
    condition = node.child_by_field_name("condition") or node.child_by_field_name("value")
    if condition is not None:
        found.append(Evaluate(lowering.span(condition), lowering.expression(condition)))
    body = node.child_by_field_name("consequence") or node.child_by_field_name("body")
    others = node.children_by_field_name("alternative")
    arms = [tuple(lowering.statement(body))]
    whole = False
    for other in others:
        whole = whole or other.type not in ("else_if_clause", "elsif")
        arms.append(tuple(lowering.statement(other)))
    return [*found, Branch(lowering.span(node), tuple(arms), whole)]


def cases(*types: str) -> Callable[[Node, Lowering], list[Stmt]]:
    """A switch: one arm a case, wherever in the node the cases are."""

    def lower(node: Node, lowering: Lowering) -> list[Stmt]:
        arms: list[tuple[Stmt, ...]] = []
        before: list[Stmt] = []
        whole = False
        waiting = list(node.named_children)
        while waiting:
            child = waiting.pop(0)
            if child.type in types:
                whole = (
                    whole
                    or "default" in child.type
                    or lowering.text(child).lstrip().startswith(("default", "else", "_"))
                )
                arms.append(tuple(lowering.statements(child.named_children)))
            elif child.type in ("switch_body", "switch_block", "match_block"):
                waiting = [*child.named_children, *waiting]
            else:
                before += lowering.statement(child)
        return [*before, Branch(lowering.span(node), tuple(arms), whole)]

    return lower


def loop(node: Node, lowering: Lowering) -> list[Stmt]:
    """`for` over something, where it has left and right, or any other loop."""
    span = lowering.span(node)
    body = node.child_by_field_name("body")
    left = (
        node.child_by_field_name("left")
        or node.child_by_field_name("name")
        or node.child_by_field_name("pattern")
    )
    right = node.child_by_field_name("right") or node.child_by_field_name("value")
    inside = tuple(lowering.statement(body))
    if left is not None and right is not None:
        return [Loop(span, (lowering.expression(left),), lowering.expression(right), inside)]
    rest = [child for child in node.named_children if child != body]
    return [*lowering.statements(rest), Loop(span, (), None, inside)]


def attempt(node: Node, lowering: Lowering) -> list[Stmt]:
    """`try`: its handlers may run, what is after `finally` does."""
    found: list[Stmt] = []
    handlers: list[tuple[Stmt, ...]] = []
    for child in node.named_children:
        if child.type in ("catch_clause", "catch_block", "rescue"):
            handlers.append(tuple(lowering.statements(child.named_children)))
        else:
            if handlers and child.type in ("finally_clause", "finally_block", "ensure"):
                found.append(Branch(lowering.span(node), tuple(handlers), False))
                handlers = []
            found += (
                lowering.statements(child.named_children)
                if "clause" in child.type
                else lowering.statement(child)
            )
    if handlers:
        found.append(Branch(lowering.span(node), tuple(handlers), False))
    return found


def leave(node: Node, lowering: Lowering) -> list[Stmt]:
    values = lowering.expressions(node.named_children)
    return [Leave(lowering.span(node), values[0] if values else None)]


def assigned(node: Node, lowering: Lowering) -> Expr:
    """An assignment inside an expression."""
    return Closure(lowering.span(node), tuple(assignment(node, lowering)))
