"""C#. Node types of tree-sitter-c-sharp."""

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
    Member,
    Name,
    Other,
    Pairs,
    Parameter,
    Stmt,
    Text,
)
from migration_lint.sources.grammars import braces
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, block, first, unescaped

_TYPES = (
    "class_declaration",
    "struct_declaration",
    "record_declaration",
    "interface_declaration",
)
_CONTENTS = ("string_content", "string_literal_content", "raw_string_content")


def define(root: Node, lowering: Lowering) -> None:
    waiting = list(root.named_children)
    while waiting:
        node = waiting.pop(0)
        if (
            node.type in ("namespace_declaration", "declaration_list")
            or node.type == "file_scoped_namespace_declaration"
        ):
            waiting = [*node.named_children, *waiting]
        elif node.type == "using_directive":
            name = lowering.text(node.named_children[-1])
            lowering.imports[name.rpartition(".")[2]] = Import(name)
        elif node.type in _TYPES:
            _type(node, lowering)
        elif node.type == "global_statement":
            lowering.top += lowering.statements(node.named_children)


def _type(node: Node, lowering: Lowering) -> None:
    name = lowering.text(node.child_by_field_name("name"))
    listed = first(node, "parameter_list")
    fields = [Field(p.name, p.type) for p in _parameters(listed, lowering)]
    body = node.child_by_field_name("body")
    for child in body.named_children if body is not None else []:
        if child.type in _TYPES:
            _type(child, lowering)
        elif child.type == "field_declaration":
            declaration = first(child, "variable_declaration")
            if declaration is not None:
                _fields(declaration, name, fields, lowering)
        elif child.type == "property_declaration":
            key = lowering.text(child.child_by_field_name("name"))
            kind = lowering.text(child.child_by_field_name("type"))
            fields.append(Field(key, kind))
            value = child.child_by_field_name("value")
            if value is not None:
                lowering.definitions[f"{name}.{key}"] = Definition(
                    lowering.span(child),
                    braces.inner(value, lowering) if value.named_children else lowering.expression(value),
                    kind,
                )
        elif child.type in ("method_declaration", "constructor_declaration", "local_function_statement"):
            lowering.functions.append(_function(child, name, lowering))
    lowering.types[name] = tuple(fields)


def _fields(declaration: Node, owner: str, fields: list[Field], lowering: Lowering) -> None:
    for statement in _declaration(declaration, lowering):
        if isinstance(statement, Assign) and isinstance(statement.targets[0], Name):
            key = statement.targets[0].name
            fields.append(Field(key, statement.type))
            lowering.definitions[f"{owner}.{key}"] = Definition(
                statement.span, statement.value, statement.type
            )
            lowering.top.append(Evaluate(statement.span, statement.value))
        elif isinstance(statement, Declare):
            fields.append(Field(statement.name, statement.type))


def _function(node: Node, owner: str, lowering: Lowering) -> Function:
    body = node.child_by_field_name("body")
    if body is not None and body.type == "arrow_expression_clause":
        statements: list[Stmt] = [Leave(lowering.span(body), braces.inner(body, lowering))]
    else:
        statements = lowering.statement(body)
    marks = [
        mark
        for child in node.named_children
        if child.type == "attribute_list"
        for mark in child.named_children
    ]
    return Function(
        lowering.span(node),
        lowering.text(node.child_by_field_name("name")),
        owner,
        tuple(_parameters(node.child_by_field_name("parameters"), lowering)),
        tuple(statements),
        lowering.text(node.child_by_field_name("returns")),
        lowering.expressions(marks),
    )


def _parameters(node: Node | None, lowering: Lowering) -> list[Parameter]:
    return [
        Parameter(
            lowering.text(child.child_by_field_name("name")), lowering.text(child.child_by_field_name("type"))
        )
        for child in (node.named_children if node is not None else [])
        if child.type == "parameter"
    ]


def _string(node: Node, lowering: Lowering) -> Expr:
    if node.type == "verbatim_string_literal":
        return lowering.literal(node, lowering.text(node)[2:-1].replace('""', '"'))
    return braces.text_of(node, lowering, _CONTENTS)


def _interpolated(node: Node, lowering: Lowering) -> Expr:
    verbatim = "@" in lowering.text(first(node, "interpolation_start"))
    parts: list[Expr] = []
    for child in node.named_children:
        if child.type == "string_content":
            text = lowering.text(child).replace("{{", "{").replace("}}", "}")
            parts.append(Text(lowering.span(child), text.replace('""', '"') if verbatim else text))
        elif child.type == "escape_sequence":
            parts.append(Text(lowering.span(child), unescaped(lowering.text(child))))
        elif child.type == "interpolation":
            inner = [
                n
                for n in child.named_children
                if n.type
                not in (
                    "interpolation_brace",
                    "interpolation_format_clause",
                    "interpolation_alignment_clause",
                )
            ]
            parts += lowering.expressions(inner[:1])
    return Joined(lowering.span(node), tuple(parts))


def _argument(node: Node, lowering: Lowering) -> Expr:
    found = lowering.expressions(node.named_children[-1:])
    return found[0] if found else Other(lowering.span(node), ())


def _new(node: Node, lowering: Lowering) -> Expr:
    span = lowering.span(node)
    kind = lowering.text(node.child_by_field_name("type")).partition("<")[0]
    arguments = node.child_by_field_name("arguments")
    args = lowering.expressions(arguments.named_children) if arguments is not None else ()
    start = node.child_by_field_name("initializer")
    if start is not None:
        return _initializer(start, lowering)
    if kind.endswith("List") and not args:
        return Items(span, ())
    return Call(span, Name(span, kind), args)


def _initializer(node: Node, lowering: Lowering) -> Expr:
    """`{ a, b }` or `{ Name = value, … }`"""
    span = lowering.span(node)
    pairs: list[tuple[Expr, Expr]] = []
    items: list[Expr] = []
    for child in node.named_children:
        if child.type == "assignment_expression":
            key = child.child_by_field_name("left")
            pairs.append((Text(lowering.span(child), lowering.text(key)), lowering.field(child, "right")))
        elif child.type != "comment":
            items.append(lowering.expression(child))
    return Pairs(span, tuple(pairs)) if pairs else Items(span, tuple(items))


def _anonymous(node: Node, lowering: Lowering) -> Expr:
    """`new { a, b = c.d }`: names and values follow each other, told apart by the `=` between them."""
    pairs: list[tuple[Expr, Expr]] = []
    name: Node | None = None
    children = node.children
    for index, child in enumerate(children):
        if not child.is_named or child.type == "comment":
            continue
        if index + 1 < len(children) and children[index + 1].type == "=":
            name = child
            continue
        text = lowering.text(name) if name is not None else lowering.text(child).rpartition(".")[2]
        pairs.append((Text(lowering.span(child), text), lowering.expression(child)))
        name = None
    return Pairs(lowering.span(node), tuple(pairs))


def _declaration(node: Node, lowering: Lowering) -> list[Stmt]:
    found: list[Stmt] = []
    kind = lowering.text(node.child_by_field_name("type"))
    kind = "" if kind == "var" else kind
    for declared in node.named_children:
        if declared.type != "variable_declarator":
            continue
        name = declared.child_by_field_name("name")
        values = [child for child in declared.named_children if child != name]
        span = lowering.span(declared)
        if values:
            target = Name(span, lowering.text(name))
            found.append(Assign(span, (target,), lowering.expression(values[-1]), type=kind))
        else:
            found.append(Declare(span, lowering.text(name), kind))
    return found


def _assignment(node: Node, lowering: Lowering) -> list[Stmt]:
    """`command.CommandText = "…"` runs nothing yet, but it is where the statement is given."""
    left = lowering.field(node, "left")
    if isinstance(left, Member) and left.name == "CommandText":
        span = lowering.span(node)
        call = Call(span, Member(span, left.of, "CommandText"), (lowering.field(node, "right"),))
        return [Assign(span, (left.of,), call)]
    return braces.assignment(node, lowering)


def _binary(node: Node, lowering: Lowering) -> Expr:
    if lowering.text(node.child_by_field_name("operator")) == "??":
        return braces.either(node, lowering)
    return braces.concatenation(node, lowering)


def _element(node: Node, lowering: Lowering) -> Expr:
    key = node.child_by_field_name("subscript")
    inner = lowering.expressions(key.named_children) if key is not None else ()
    return Index(
        lowering.span(node),
        lowering.field(node, "expression"),
        inner[0] if inner else Other(lowering.span(node), ()),
    )


GRAMMAR = Grammar(
    "C#",
    {
        "string_literal": _string,
        "verbatim_string_literal": _string,
        "raw_string_literal": _string,
        "interpolated_string_expression": _interpolated,
        "binary_expression": _binary,
        "invocation_expression": braces.call("function", "arguments"),
        "attribute": lambda node, low: Call(
            low.span(node),
            Name(low.span(node), "Query"),
            low.expressions((first(node, "attribute_argument_list") or node).named_children),
        ),
        "attribute_argument": braces.last,
        "argument": _argument,
        "object_creation_expression": _new,
        "implicit_object_creation_expression": _new,
        "anonymous_object_creation_expression": _anonymous,
        "implicit_array_creation_expression": braces.inner,
        "array_creation_expression": braces.last,
        "initializer_expression": _initializer,
        "collection_expression": braces.items,
        "member_access_expression": braces.member("expression", "name"),
        "element_access_expression": _element,
        "generic_name": lambda node, low: Name(low.span(node), low.text(node).partition("<")[0]),
        "identifier": braces.name,
        "this": braces.name,
        "parenthesized_expression": braces.inner,
        "await_expression": braces.inner,
        "cast_expression": lambda node, low: low.field(node, "value"),
        "conditional_expression": braces.choice,
        "lambda_expression": braces.closure,
        "assignment_expression": braces.assigned,
        "integer_literal": braces.constant,
        "real_literal": braces.constant,
        "boolean_literal": braces.constant,
        "null_literal": braces.constant,
    },
    {
        "block": block,
        "expression_statement": block,
        "local_declaration_statement": block,
        "variable_declaration": _declaration,
        "assignment_expression": _assignment,
        "if_statement": braces.branch,
        "foreach_statement": braces.loop,
        "for_statement": braces.loop,
        "while_statement": braces.loop,
        "switch_statement": braces.cases("switch_section"),
        "try_statement": braces.attempt,
        "finally_clause": block,
        "using_statement": block,
        "lock_statement": block,
        "return_statement": braces.leave,
        "throw_statement": braces.leave,
        "local_function_statement": lambda node, low: low.statement(node.child_by_field_name("body")),
    },
    define,
)
