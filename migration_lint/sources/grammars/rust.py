"""Rust. Node types of tree-sitter-rust."""

from __future__ import annotations

import re

from migration_lint.sources.code import (
    Assign,
    Call,
    Declare,
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
    Pairs,
    Parameter,
    Stmt,
    Text,
)
from migration_lint.sources.grammars import braces
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, block, first, unescaped


def define(root: Node, lowering: Lowering) -> None:
    _body(root, "", lowering)


def _body(node: Node, owner: str, lowering: Lowering) -> None:
    skip = False
    for child in node.named_children:
        if child.type == "attribute_item":
            skip = lowering.text(child).replace(" ", "") == "#[cfg(test)]"
            continue
        if skip and child.type == "mod_item":
            skip = False
            continue
        skip = False
        if child.type == "function_item":
            lowering.functions.append(_function(child, owner, lowering))
        elif child.type in ("const_item", "static_item"):
            name = lowering.text(child.child_by_field_name("name"))
            value = child.child_by_field_name("value")
            if value is not None:
                key = f"{owner}.{name}" if owner else name
                expression = lowering.expression(value)
                kind = lowering.text(child.child_by_field_name("type"))
                lowering.definitions[key] = Definition(lowering.span(child), expression, kind)
                lowering.top.append(Evaluate(lowering.span(child), expression))
        elif child.type in ("impl_item", "trait_item", "mod_item"):
            body = child.child_by_field_name("body")
            named = child.child_by_field_name("type") or child.child_by_field_name("name")
            inner = lowering.text(named).partition("<")[0].rpartition("::")[2]
            if body is not None:
                _body(body, owner if child.type == "mod_item" else inner, lowering)
        elif child.type == "struct_item":
            _struct(child, lowering)
        elif child.type == "use_declaration":
            _use(child.child_by_field_name("argument"), "", lowering)
        elif child.type in ("macro_invocation", "macro_definition", "expression_statement"):
            lowering.top += lowering.statement(child)


def _use(node: Node | None, prefix: str, lowering: Lowering) -> None:
    """`use a::{b, c as d, self}`, one name for each leaf of the tree."""
    if node is None:
        return
    if node.type in ("use_list", "scoped_use_list"):
        path = node.child_by_field_name("path")
        listed = node if node.type == "use_list" else node.child_by_field_name("list")
        inner = f"{prefix}{lowering.text(path)}::" if path is not None else prefix
        for child in listed.named_children if listed is not None else ():
            _use(child, inner, lowering)
        return
    named = node.child_by_field_name("path") if node.type == "use_as_clause" else node
    path_text = prefix + lowering.text(named)
    path_text = path_text.removesuffix("::self")
    module, _, name = path_text.rpartition("::")
    alias = lowering.text(node.child_by_field_name("alias")) or name
    lowering.imports[alias] = Import(module or name, name if module else "")


def _struct(node: Node, lowering: Lowering) -> None:
    body = node.child_by_field_name("body")
    lowering.types[lowering.text(node.child_by_field_name("name"))] = tuple(
        Field(
            lowering.text(child.child_by_field_name("name")), lowering.text(child.child_by_field_name("type"))
        )
        for child in (body.named_children if body is not None else [])
        if child.type == "field_declaration"
    )


def _function(node: Node, owner: str, lowering: Lowering) -> Function:
    listed = node.child_by_field_name("parameters")
    body = node.child_by_field_name("body")
    statements = lowering.statement(body)
    if statements and isinstance(statements[-1], Evaluate):
        statements[-1] = Leave(statements[-1].span, statements[-1].value)
    return Function(
        lowering.span(node),
        lowering.text(node.child_by_field_name("name")),
        owner,
        tuple(
            Parameter(
                lowering.text(child.child_by_field_name("pattern")),
                lowering.text(child.child_by_field_name("type")),
            )
            for child in (listed.named_children if listed is not None else [])
            if child.type == "parameter"
        ),
        tuple(statements),
        lowering.text(node.child_by_field_name("return_type")),
    )


def _string(node: Node, lowering: Lowering) -> Expr:
    parts = []
    for child in node.named_children:
        text = lowering.text(child)
        if child.type != "escape_sequence" or node.type.startswith("raw"):
            parts.append(text)
        elif text.startswith("\\\n"):
            continue
        else:
            parts.append(unescaped(text))
    text = "".join(parts)
    return lowering.literal(node, text)


def _macro(node: Node, lowering: Lowering) -> Expr:
    span = lowering.span(node)
    last = lowering.text(node.child_by_field_name("macro")).rpartition("::")[2]
    tokens = first(node, "token_tree")
    typed = last.startswith(("query_as", "query_file_as"))
    given = _arguments(tokens, typed, lowering) if tokens is not None else []
    if last == "format":
        named = [each for each in given if each.type == "assignment_expression"]
        keywords = tuple(
            (lowering.text(each.child_by_field_name("left")), lowering.field(each, "right")) for each in named
        )
        args = lowering.expressions(each for each in given if each not in named)
        template = args[0].value if args and isinstance(args[0], Text) else ""
        captured = tuple((name, Name(span, name)) for name in _CAPTURED.findall(template))
        return Call(span, Name(span, last), args, captured + keywords)
    args = lowering.expressions(given)
    if last == "vec":
        return Items(span, args)
    if last == "concat":
        return Joined(span, args)
    if last.startswith("query_file"):
        args = (Call(span, Name(span, "include_str"), args[:1]), *args[1:])
        last = "query"
    return Call(span, Name(span, last), args)


def _arguments(tokens: Node, typed: bool, lowering: Lowering) -> list[Node]:
    """What a macro is given: its tokens read as what is in parentheses or brackets elsewhere.

    `typed`: a type comes first, which is left out.
    """
    held = tokens.children
    comma = next((index for index, each in enumerate(held) if each.type == ","), 0) if typed else 0
    runs = [(held[0], held[0]), (held[comma + 1], held[-1])] if comma else [(tokens, tokens)]
    given = lowering.reparse(*runs).named_children
    while len(given) == 1 and given[0].type in _AROUND:
        around, given = given[0], given[0].named_children
        if around.type != "expression_statement":
            break
    return [each for each in given if each.type not in lowering.comments]


#: `{table}` of a format, which takes a name that is in sight; one that is given wins.
_CAPTURED = re.compile(r"(?<!\{)\{([A-Za-z_]\w*)[:}]")
_AROUND = (
    "expression_statement",
    "tuple_expression",
    "parenthesized_expression",
    "array_expression",
    "block",
)


def _call(node: Node, lowering: Lowering) -> Expr:
    arguments = node.child_by_field_name("arguments")
    args = lowering.expressions(arguments.named_children) if arguments is not None else ()
    callee = lowering.field(node, "function")
    span = lowering.span(node)
    if isinstance(callee, Member) and callee.name == "from" and len(args) == 1:
        return args[0]  # String::from("…")
    if isinstance(callee, Member) and callee.name == "new" and isinstance(callee.of, Name):
        if callee.of.name == "String":
            return Text(span, "")
        if callee.of.name == "Vec":
            return Items(span, ())
    return Call(span, callee, args)


def _scoped(node: Node, lowering: Lowering) -> Expr:
    span = lowering.span(node)
    path = node.child_by_field_name("path")
    name = lowering.text(node.child_by_field_name("name"))
    return Name(span, name) if path is None else Member(span, lowering.expression(path), name)


def _let(node: Node, lowering: Lowering) -> list[Stmt]:
    pattern = node.child_by_field_name("pattern")
    value = node.child_by_field_name("value")
    kind = lowering.text(node.child_by_field_name("type"))
    span = lowering.span(node)
    if pattern is None:
        return []
    if pattern.type == "mut_pattern":
        pattern = pattern.named_children[-1]
    if value is None:
        return [Declare(span, lowering.text(pattern), kind)]
    names = pattern.named_children if pattern.type == "tuple_pattern" else [pattern]
    targets = tuple(Name(lowering.span(name), lowering.text(name).removeprefix("mut ")) for name in names)
    return [Assign(span, targets, lowering.expression(value), type=kind)]


def _for(node: Node, lowering: Lowering) -> list[Stmt]:
    body = tuple(lowering.statement(node.child_by_field_name("body")))
    return [
        Loop(lowering.span(node), (lowering.field(node, "pattern"),), lowering.field(node, "value"), body)
    ]


def _struct_value(node: Node, lowering: Lowering) -> Expr:
    body = node.child_by_field_name("body")
    pairs: list[tuple[Expr, Expr]] = []
    for child in body.named_children if body is not None else []:
        value = child.child_by_field_name("value")
        name = lowering.text(child.child_by_field_name("field") or child)
        span = lowering.span(child)
        pairs.append(
            (Text(span, name), lowering.expression(value) if value is not None else Name(span, name))
        )
    return Pairs(lowering.span(node), tuple(pairs), lowering.text(node.child_by_field_name("name")))


GRAMMAR = Grammar(
    "Rust",
    {
        "string_literal": _string,
        "raw_string_literal": _string,
        "binary_expression": braces.concatenation,
        "macro_invocation": _macro,
        "call_expression": _call,
        "generic_function": lambda node, low: low.field(node, "function"),
        "field_expression": braces.member("value", "field"),
        "scoped_identifier": _scoped,
        "index_expression": lambda node, low: Index(
            low.span(node), low.expression(node.named_children[0]), low.expression(node.named_children[-1])
        ),
        "identifier": braces.name_or_nothing,
        "field_identifier": braces.name,
        "self": braces.name,
        "array_expression": braces.items,
        "tuple_expression": braces.items,
        "struct_expression": _struct_value,
        "reference_expression": lambda node, low: low.field(node, "value"),
        "parenthesized_expression": braces.inner,
        "await_expression": lambda node, low: low.expression(node.named_children[0]),
        "try_expression": braces.inner,
        "type_cast_expression": lambda node, low: low.field(node, "value"),
        "closure_expression": braces.closure,
        "integer_literal": braces.constant,
        "float_literal": braces.constant,
        "boolean_literal": braces.constant,
    },
    {
        "block": block,
        "expression_statement": block,
        "else_clause": block,
        "unsafe_block": block,
        "async_block": block,
        "let_declaration": _let,
        "const_item": lambda node, low: [
            Assign(
                low.span(node),
                (Name(low.span(node), low.text(node.child_by_field_name("name"))),),
                low.field(node, "value"),
            )
        ],
        "assignment_expression": braces.assignment,
        "compound_assignment_expr": braces.assignment,
        "if_expression": braces.branch,
        "match_expression": braces.cases("match_arm"),
        "for_expression": _for,
        "while_expression": braces.loop,
        "loop_expression": braces.loop,
        "return_expression": braces.leave,
    },
    define,
)
