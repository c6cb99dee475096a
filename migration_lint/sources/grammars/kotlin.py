"""Kotlin. Node types of tree-sitter-kotlin; most of its children have no field names."""

from __future__ import annotations

import re

from migration_lint.sources.code import (
    Assign,
    Branch,
    Call,
    Choice,
    Closure,
    Definition,
    Evaluate,
    Expr,
    Field,
    Function,
    Import,
    Index,
    Items,
    Joined,
    Leave,
    Loop,
    Member,
    Name,
    Parameter,
    Spread,
    Stmt,
    Text,
)
from migration_lint.sources.grammars import braces
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, block, first, unescaped

_LISTS = ("listOf", "arrayOf", "mutableListOf", "listOfNotNull", "setOf", "arrayListOf", "emptyList")
_DOLLAR = re.compile(r"\$([A-Za-z_]\w*)")


def define(root: Node, lowering: Lowering) -> None:
    _body(root, "", lowering)


def _body(node: Node, owner: str, lowering: Lowering) -> None:
    for child in node.named_children:
        if child.type == "package_header":
            lowering.package = lowering.text(child.named_children[0])
        elif child.type == "import":
            name = lowering.text(child.named_children[0])
            lowering.imports[name.rpartition(".")[2]] = Import(name, name.rpartition(".")[2])
        elif child.type in ("class_declaration", "object_declaration"):
            _type(child, lowering)
        elif child.type == "companion_object":
            inner = first(child, "class_body")
            if inner is not None:
                _body(inner, owner, lowering)
        elif child.type == "function_declaration":
            lowering.functions.append(_function(child, owner, lowering))
        elif child.type == "property_declaration":
            _property(child, owner, lowering)
        elif child.type not in lowering.comments:
            lowering.top += lowering.statement(child)


def _type(node: Node, lowering: Lowering) -> None:
    name = lowering.text(node.child_by_field_name("name"))
    constructor = first(node, "primary_constructor")
    listed = first(constructor, "class_parameters") if constructor is not None else None
    fields = [
        Field(lowering.text(first(child, "identifier")), lowering.text(child.named_children[-1]))
        for child in (listed.named_children if listed is not None else [])
        if child.type == "class_parameter"
    ]
    lowering.types[name] = tuple(fields)
    body = first(node, "class_body", "enum_class_body")
    if body is not None:
        _body(body, name, lowering)


def _property(node: Node, owner: str, lowering: Lowering) -> None:
    for statement in _declaration(node, lowering):
        if isinstance(statement, Assign) and isinstance(statement.targets[0], Name):
            key = statement.targets[0].name
            key = f"{owner}.{key}" if owner else key
            lowering.definitions[key] = Definition(statement.span, statement.value, statement.type)
            lowering.top.append(statement._replace(targets=(Name(statement.span, key),)))


def _function(node: Node, owner: str, lowering: Lowering) -> Function:
    listed = first(node, "function_value_parameters")
    modifiers = first(node, "modifiers")
    parameters = [
        Parameter(lowering.text(first(child, "identifier")), lowering.text(child.named_children[-1]))
        for child in (listed.named_children if listed is not None else [])
        if child.type == "parameter"
    ]
    marks = [m for m in modifiers.named_children if m.type == "annotation"] if modifiers is not None else []
    body = first(node, "function_body")
    statements: list[Stmt] = []
    for child in body.named_children if body is not None else []:
        if child.type == "block":
            statements += lowering.statement(child)
        else:
            statements.append(Leave(lowering.span(child), lowering.expression(child)))
    return Function(
        lowering.span(node),
        lowering.text(node.child_by_field_name("name")),
        owner,
        tuple(parameters),
        tuple(statements),
        "",
        lowering.expressions(marks),
    )


def _string(node: Node, lowering: Lowering) -> Expr:
    """`$name` comes as text in two pieces, `$` and what follows it."""
    parts: list[Expr] = []
    dollar = False
    for child in node.named_children:
        if child.type == "interpolation":
            parts.append(braces.inner(child, lowering))
            continue
        text = lowering.text(child)
        span = lowering.span(child)
        if child.type == "escape_sequence":
            parts.append(Text(span, unescaped(text)))
        elif text == "$":
            dollar = True
            continue
        elif dollar:
            match = re.match(r"[A-Za-z_]\w*", text)
            if match is not None:
                parts += [Name(span, match.group()), Text(span, text[match.end() :])]
            else:
                parts.append(Text(span, f"${text}"))
        else:
            parts.append(Text(span, text))
        dollar = False
    if all(isinstance(part, Text) for part in parts):
        return lowering.literal(node, "".join(part.value for part in parts if isinstance(part, Text)))
    return Joined(lowering.span(node), tuple(parts))


def _call(node: Node, lowering: Lowering) -> Expr:
    span = lowering.span(node)
    callee = lowering.expression(node.named_children[0])
    args: list[Expr] = []
    keywords: list[tuple[str, Expr]] = []
    for child in node.named_children[1:]:
        if child.type == "value_arguments":
            _arguments(child, lowering, args, keywords)
        else:
            args.append(lowering.expression(child))
    if isinstance(callee, Name) and callee.name in _LISTS:
        return Items(span, tuple(args))
    if (
        isinstance(callee, Call)
        and len(node.named_children) > 1
        and node.named_children[1].type != "value_arguments"
    ):
        return callee._replace(span=span, args=(*callee.args, *args))  # f(a) { … }
    return Call(span, callee, tuple(args), tuple(keywords))


def _arguments(node: Node, lowering: Lowering, args: list[Expr], keywords: list[tuple[str, Expr]]) -> None:
    for child in node.named_children:
        inner = [n for n in child.named_children if n.type not in lowering.comments]
        if len(inner) == 2:
            keywords.append((lowering.text(inner[0]), lowering.expression(inner[1])))
        elif inner:
            args.append(lowering.expression(inner[0]))


def _annotation(node: Node, lowering: Lowering) -> Expr:
    args: list[Expr] = []
    keywords: list[tuple[str, Expr]] = []
    made = first(node, "constructor_invocation")
    listed = first(made, "value_arguments") if made is not None else None
    if listed is not None:
        _arguments(listed, lowering, args, keywords)
    span = lowering.span(node)
    return Call(span, Name(span, "Query"), tuple(args), tuple(keywords))


def _navigation(node: Node, lowering: Lowering) -> Expr:
    children = node.named_children
    return Member(lowering.span(node), lowering.expression(children[0]), lowering.text(children[-1]))


def _binary(node: Node, lowering: Lowering) -> Expr:
    operator = lowering.text(node.child_by_field_name("operator"))
    if operator == "?:":
        return braces.either(node, lowering)
    if operator == "to":
        return Items(lowering.span(node), (lowering.field(node, "left"), lowering.field(node, "right")))
    return braces.concatenation(node, lowering)


def _declaration(node: Node, lowering: Lowering) -> list[Stmt]:
    declared = first(node, "variable_declaration", "multi_variable_declaration")
    values = [
        child
        for child in node.named_children
        if child.type
        not in ("modifiers", "variable_declaration", "multi_variable_declaration", "getter", "setter")
        and child.type not in lowering.comments
    ]
    if declared is None or not values:
        return []
    span = lowering.span(node)
    names = [declared] if declared.type == "variable_declaration" else declared.named_children
    targets = tuple(Name(span, lowering.text(first(name, "identifier"))) for name in names)
    kind = declared.named_children[1] if len(names) == 1 and len(declared.named_children) > 1 else None
    return [Assign(span, targets, lowering.expression(values[-1]), type=lowering.text(kind))]


def _if(node: Node, lowering: Lowering) -> list[Stmt]:
    condition = node.child_by_field_name("condition")
    arms = [child for child in node.named_children if child != condition]
    found: list[Stmt] = []
    if condition is not None:
        found.append(Evaluate(lowering.span(condition), lowering.expression(condition)))
    return [
        *found,
        Branch(lowering.span(node), tuple(tuple(lowering.statement(arm)) for arm in arms), len(arms) > 1),
    ]


def _if_value(node: Node, lowering: Lowering) -> Expr:
    condition = node.child_by_field_name("condition")
    arms = [child for child in node.named_children if child != condition]
    values = [arm.named_children[-1] if arm.type == "block" and arm.named_children else arm for arm in arms]
    if len(values) == 2 and all(arm.type != "block" or len(arm.named_children) == 1 for arm in arms):
        return Choice(lowering.span(node), lowering.expressions(values))
    return Closure(lowering.span(node), tuple(_if(node, lowering)))


def _for(node: Node, lowering: Lowering) -> list[Stmt]:
    children = node.named_children
    body = children[-1] if children else None
    over = lowering.expression(children[1]) if len(children) > 2 else None
    name = lowering.text(first(children[0], "identifier")) if children else ""
    span = lowering.span(node)
    return [Loop(span, (Name(span, name),), over, tuple(lowering.statement(body)))]


def _lambda(node: Node, lowering: Lowering) -> Expr:
    statements = [child for child in node.named_children if child.type != "lambda_parameters"]
    return Closure(lowering.span(node), tuple(lowering.statements(statements)))


def _nested(node: Node, lowering: Lowering) -> list[Stmt]:
    return [Evaluate(lowering.span(node), Closure(lowering.span(node), _function(node, "", lowering).body))]


GRAMMAR = Grammar(
    "Kotlin",
    {
        "string_literal": _string,
        "multiline_string_literal": _string,
        "binary_expression": _binary,
        "infix_expression": lambda node, low: Items(
            low.span(node), low.expressions([node.named_children[0], node.named_children[-1]])
        ),
        "call_expression": _call,
        "annotation": _annotation,
        "navigation_expression": _navigation,
        "index_expression": lambda node, low: Index(
            low.span(node), low.expression(node.named_children[0]), low.expression(node.named_children[-1])
        ),
        "identifier": braces.name_or_nothing,
        "this_expression": braces.name,
        "spread_expression": lambda node, low: Spread(low.span(node), braces.inner(node, low)),
        "parenthesized_expression": braces.inner,
        "value_argument": braces.last,
        "as_expression": lambda node, low: low.expression(node.named_children[0]),
        "collection_literal": braces.items,
        "if_expression": _if_value,
        "lambda_literal": _lambda,
        "annotated_lambda": braces.last,
        "number_literal": braces.constant,
        "boolean_literal": braces.constant,
        "null": braces.constant,
    },
    {
        "block": block,
        "property_declaration": _declaration,
        "assignment": braces.assignment,
        "if_expression": _if,
        "for_statement": _for,
        "while_statement": braces.loop,
        "when_expression": braces.cases("when_entry"),
        "try_expression": braces.attempt,
        "finally_block": block,
        "return_expression": braces.leave,
        "throw_expression": braces.leave,
        "function_declaration": _nested,
    },
    define,
)
