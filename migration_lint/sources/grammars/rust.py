"""Rust. Node types of tree-sitter-rust.

What a macro holds is tokens: its arguments are told apart by commas.
"""

from __future__ import annotations

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
            path = lowering.text(child.named_children[-1])
            lowering.imports[path.rpartition("::")[2]] = Import(path)
        elif child.type == "macro_invocation" or child.type == "expression_statement":
            lowering.top += lowering.statement(child)


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
    name = lowering.text(node.child_by_field_name("macro")).replace("::", ".")
    tokens = first(node, "token_tree")
    groups = _groups(tokens) if tokens is not None else []
    args = [_argument(group, lowering) for group in groups]
    last = name.rpartition(".")[2]
    if last == "vec":
        return Items(span, tuple(args))
    if last == "concat":
        return Joined(span, tuple(args))
    if last == "format" and args:
        keywords = tuple(
            (lowering.text(group[0]), _argument(group[2:], lowering)) for group in groups if _is_named(group)
        )
        return Call(span, Name(span, "format"), tuple(args), keywords)
    if last.startswith("query_as") and args:
        args = args[1:]  # the type comes first
    if last.startswith("query_file"):
        args = [Call(span, Name(span, "include_str"), tuple(args[:1])), *args[1:]]
        last = "query"
    callee: Expr = Name(span, last)
    return Call(span, callee, tuple(args))


def _is_named(group: list[Node]) -> bool:
    return len(group) > 2 and group[1].type == "="


def _groups(tokens: Node) -> list[list[Node]]:
    groups: list[list[Node]] = [[]]
    for child in tokens.children[1:-1]:
        if child.type == ",":
            groups.append([])
        else:
            groups[-1].append(child)
    return [group for group in groups if group]


def _argument(group: list[Node], lowering: Lowering) -> Expr:
    if len(group) == 1:
        return lowering.expression(group[0])
    start, end = lowering.span(group[0]), lowering.span(group[-1])
    span = start._replace(end=end.end, end_line=end.end_line)
    names = [child for child in group if child.type in ("identifier", "self", "field_identifier")]
    texts = [child for child in group if "string_literal" in child.type]
    if texts and len(names) == 0:
        return Joined(span, lowering.expressions(texts))
    expression: Expr = Name(span, lowering.text(names[0]) if names else span.text)
    for child in names[1:]:
        expression = Member(span, expression, lowering.text(child))
    return expression


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
        "identifier": braces.name,
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
