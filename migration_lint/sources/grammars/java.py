"""Java. Node types of tree-sitter-java."""

from __future__ import annotations

from migration_lint.sources.code import (
    Assign,
    Call,
    Declare,
    Definition,
    Expr,
    Field,
    Function,
    Import,
    Index,
    Items,
    Loop,
    Member,
    Name,
    Other,
    Parameter,
    Stmt,
    Text,
)
from migration_lint.sources.grammars import braces
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, block, first, unescaped

_TYPES = (
    "class_declaration",
    "interface_declaration",
    "enum_declaration",
    "record_declaration",
    "annotation_type_declaration",
)
_BODIES = ("class_body", "interface_body", "enum_body", "enum_body_declarations")


def define(root: Node, lowering: Lowering) -> None:
    for node in root.named_children:
        if node.type == "package_declaration":
            lowering.package = lowering.text(node.named_children[-1])
        elif node.type == "import_declaration":
            name = lowering.text(first(node, "scoped_identifier"))
            if first(node, "asterisk") is None and name:
                holder, _, last = name.rpartition(".")
                is_static = lowering.text(node).startswith("import static")
                lowering.imports[last] = Import(holder, last) if is_static else Import(name, last)
        elif node.type in _TYPES:
            _type(node, "", lowering)


def _type(node: Node, owner: str, lowering: Lowering) -> None:
    name = lowering.text(node.child_by_field_name("name"))
    symbol = f"{owner}.{name}" if owner else name
    fields = [Field(p.name, p.type) for p in _parameters(node, lowering)]
    body = node.child_by_field_name("body")
    waiting = list(body.named_children) if body is not None else []
    while waiting:
        child = waiting.pop(0)
        if child.type in _BODIES:
            waiting = [*child.named_children, *waiting]
        elif child.type in _TYPES:
            _type(child, name, lowering)
        elif child.type in ("field_declaration", "constant_declaration"):
            kind = lowering.text(child.child_by_field_name("type"))
            for declared in child.children_by_field_name("declarator"):
                key = lowering.text(declared.child_by_field_name("name"))
                fields.append(Field(key, kind))
                value = declared.child_by_field_name("value")
                if value is not None:
                    expression = lowering.expression(value)
                    lowering.definitions[f"{name}.{key}"] = Definition(lowering.span(child), expression, kind)
                    target = Name(lowering.span(declared), f"{name}.{key}")
                    lowering.top.append(Assign(lowering.span(child), (target,), expression))
        elif child.type in (
            "method_declaration",
            "constructor_declaration",
            "compact_constructor_declaration",
        ):
            lowering.functions.append(_function(child, symbol.rpartition(".")[2], lowering))
        elif child.type not in lowering.comments:
            lowering.top += lowering.statement(child)
    lowering.types[name] = tuple(fields)


def _function(node: Node, owner: str, lowering: Lowering) -> Function:
    modifiers = first(node, "modifiers")
    marks = [m for m in modifiers.named_children if m.type == "annotation"] if modifiers is not None else []
    return Function(
        lowering.span(node),
        lowering.text(node.child_by_field_name("name")),
        owner,
        tuple(_parameters(node, lowering)),
        tuple(lowering.statement(node.child_by_field_name("body"))),
        lowering.text(node.child_by_field_name("type")),
        tuple(lowering.expression(mark) for mark in marks),
    )


def _parameters(node: Node, lowering: Lowering) -> list[Parameter]:
    listed = node.child_by_field_name("parameters")
    return [
        Parameter(
            lowering.text(child.child_by_field_name("name")), lowering.text(child.child_by_field_name("type"))
        )
        for child in (listed.named_children if listed is not None else [])
        if child.type == "formal_parameter"
    ]


def _string(node: Node, lowering: Lowering) -> Expr:
    parts = []
    for child in node.named_children:
        text = lowering.text(child)
        parts.append(unescaped(text) if child.type == "escape_sequence" else text)
    return lowering.literal(node, "".join(parts))


def _call(node: Node, lowering: Lowering) -> Expr:
    name = lowering.text(node.child_by_field_name("name"))
    of = node.child_by_field_name("object")
    span = lowering.span(node)
    callee: Expr = Name(span, name) if of is None else Member(span, lowering.expression(of), name)
    arguments = node.child_by_field_name("arguments")
    args = lowering.expressions(arguments.named_children) if arguments is not None else ()
    return Call(span, callee, args)


def _new(node: Node, lowering: Lowering) -> Expr:
    span = lowering.span(node)
    kind = lowering.text(node.child_by_field_name("type")).partition("<")[0]
    arguments = node.child_by_field_name("arguments")
    args = lowering.expressions(arguments.named_children) if arguments is not None else ()
    if kind.endswith(("List", "ArrayDeque")) and not args:
        return Items(span, ())
    body = first(node, "class_body")
    if body is not None:
        args = (*args, Other(span, lowering.expressions(body.named_children)))
    return Call(span, Name(span, kind), args)


def _annotation(node: Node, lowering: Lowering) -> Expr:
    """`@Query("…")`, `@Insert({"…", "…"})`: the parts of an array are one text."""
    arguments = node.child_by_field_name("arguments")
    args: list[Expr] = []
    for child in arguments.named_children if arguments is not None else []:
        value = child.child_by_field_name("value") if child.type == "element_value_pair" else child
        if value is not None:
            args.append(lowering.expression(value))
    return Call(lowering.span(node), Name(lowering.span(node), "Query"), tuple(args))


def _declaration(node: Node, lowering: Lowering) -> list[Stmt]:
    kind = lowering.text(node.child_by_field_name("type"))
    kind = "" if kind == "var" else kind
    found: list[Stmt] = []
    for declared in node.children_by_field_name("declarator"):
        name = declared.child_by_field_name("name")
        value = declared.child_by_field_name("value")
        span = lowering.span(declared)
        if value is None:
            found.append(Declare(span, lowering.text(name), kind))
        elif name is not None:
            found.append(Assign(span, (lowering.expression(name),), lowering.expression(value), type=kind))
    return found


def _resource(node: Node, lowering: Lowering) -> list[Stmt]:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None or value is None:
        return lowering.statements(node.named_children)
    return [Assign(lowering.span(node), (lowering.expression(name),), lowering.expression(value))]


def _each(node: Node, lowering: Lowering) -> list[Stmt]:
    body = tuple(lowering.statement(node.child_by_field_name("body")))
    return [Loop(lowering.span(node), (lowering.field(node, "name"),), lowering.field(node, "value"), body)]


def _array_of_texts(node: Node, lowering: Lowering) -> Expr:
    values = lowering.expressions(node.named_children)
    if values and all(isinstance(value, Text) for value in values):
        text = " ".join(value.value for value in values if isinstance(value, Text))
        return Text(values[0].span, text)
    return Items(lowering.span(node), values)


GRAMMAR = Grammar(
    "Java",
    {
        "string_literal": _string,
        "text_block": _string,
        "binary_expression": braces.concatenation,
        "method_invocation": _call,
        "object_creation_expression": _new,
        "annotation": _annotation,
        "element_value_array_initializer": _array_of_texts,
        "field_access": braces.member("object", "field"),
        "array_access": lambda node, low: Index(
            low.span(node), low.field(node, "array"), low.field(node, "index")
        ),
        "array_creation_expression": lambda node, low: (
            low.field(node, "value") if node.child_by_field_name("value") else Items(low.span(node), ())
        ),
        "array_initializer": braces.items,
        "identifier": braces.name,
        "type_identifier": braces.name,
        "this": braces.name,
        "parenthesized_expression": braces.inner,
        "cast_expression": lambda node, low: low.field(node, "value"),
        "ternary_expression": braces.choice,
        "lambda_expression": braces.closure,
        "assignment_expression": braces.assigned,
        "decimal_integer_literal": braces.constant,
        "decimal_floating_point_literal": braces.constant,
        "true": braces.constant,
        "false": braces.constant,
        "null_literal": braces.constant,
    },
    {
        "block": block,
        "constructor_body": block,
        "expression_statement": block,
        "local_variable_declaration": _declaration,
        "assignment_expression": braces.assignment,
        "if_statement": braces.branch,
        "enhanced_for_statement": _each,
        "for_statement": braces.loop,
        "while_statement": braces.loop,
        "do_statement": braces.loop,
        "switch_expression": braces.cases("switch_block_statement_group", "switch_rule"),
        "try_statement": braces.attempt,
        "try_with_resources_statement": braces.attempt,
        "resource_specification": block,
        "resource": _resource,
        "finally_clause": block,
        "synchronized_statement": block,
        "return_statement": braces.leave,
        "throw_statement": braces.leave,
        "method_declaration": lambda node, low: low.statement(node.child_by_field_name("body")),
    },
    define,
)
