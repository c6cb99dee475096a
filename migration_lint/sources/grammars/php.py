"""PHP. Node types of tree-sitter-php. Names keep no `$`: `$row` is `row`, `$this` is `this`."""

from __future__ import annotations

from migration_lint.sources.code import (
    Call,
    Definition,
    Evaluate,
    Expr,
    Field,
    Function,
    Import,
    Index,
    Items,
    Loop,
    Member,
    Name,
    Pairs,
    Parameter,
    Spread,
    Stmt,
)
from migration_lint.sources.grammars import braces
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, block, first

_TYPES = ("class_declaration", "trait_declaration", "interface_declaration", "enum_declaration")
_CONTENTS = ("string_content", "nowdoc_string")


def define(root: Node, lowering: Lowering) -> None:
    for node in root.named_children:
        if node.type == "namespace_definition":
            lowering.package = lowering.text(node.child_by_field_name("name"))
            body = node.child_by_field_name("body")
            if body is not None:
                define(body, lowering)
        elif node.type == "namespace_use_declaration":
            for clause in node.named_children:
                name = lowering.text(clause)
                lowering.imports[name.rpartition("\\")[2]] = Import(name)
        elif node.type == "const_declaration":
            _constants(node, "", lowering)
        elif node.type in _TYPES:
            _type(node, lowering)
        elif node.type == "function_definition":
            lowering.functions.append(_function(node, "", lowering))
        elif node.type not in ("comment", "php_tag", "text"):
            lowering.top += lowering.statement(node)


def _type(node: Node, lowering: Lowering) -> None:
    name = lowering.text(node.child_by_field_name("name"))
    fields: list[Field] = []
    body = node.child_by_field_name("body")
    for child in body.named_children if body is not None else []:
        if child.type == "const_declaration":
            _constants(child, name, lowering)
        elif child.type == "property_declaration":
            kind = lowering.text(child.child_by_field_name("type"))
            for element in child.named_children:
                if element.type != "property_element":
                    continue
                key = lowering.text(element.child_by_field_name("name")).lstrip("$")
                fields.append(Field(key, kind))
                value = element.child_by_field_name("default_value")
                if value is not None:
                    lowering.definitions[f"{name}.{key}"] = Definition(
                        lowering.span(child), lowering.expression(value), kind
                    )
        elif child.type == "method_declaration":
            function = _function(child, name, lowering)
            lowering.functions.append(function)
            if function.name == "__construct":
                fields += [Field(p.name, p.type) for p in function.parameters]
    lowering.types[name] = tuple(fields)


def _constants(node: Node, owner: str, lowering: Lowering) -> None:
    for element in node.named_children:
        if element.type != "const_element":
            continue
        name = lowering.text(element.named_children[0])
        expression = lowering.expression(element.named_children[-1])
        key = f"{owner}.{name}" if owner else name
        lowering.definitions[key] = Definition(lowering.span(element), expression)
        lowering.top.append(Evaluate(lowering.span(element), expression))


def _function(node: Node, owner: str, lowering: Lowering) -> Function:
    listed = node.child_by_field_name("parameters")
    return Function(
        lowering.span(node),
        lowering.text(node.child_by_field_name("name")),
        owner,
        tuple(
            Parameter(
                lowering.text(child.child_by_field_name("name")).lstrip("$"),
                lowering.text(child.child_by_field_name("type")),
            )
            for child in (listed.named_children if listed is not None else [])
        ),
        tuple(lowering.statement(node.child_by_field_name("body"))),
        lowering.text(node.child_by_field_name("return_type")),
    )


def _string(node: Node, lowering: Lowering) -> Expr:
    return braces.text_of(node, lowering, _CONTENTS)


def _heredoc(node: Node, lowering: Lowering) -> Expr:
    body = node.child_by_field_name("value")
    return _string(body, lowering) if body is not None else lowering.literal(node, "")


def _variable(node: Node, lowering: Lowering) -> Expr:
    return Name(lowering.span(node), lowering.text(node).lstrip("$"))


def _call(node: Node, lowering: Lowering) -> Expr:
    span = lowering.span(node)
    of = node.child_by_field_name("object") or node.child_by_field_name("scope")
    function = node.child_by_field_name("function")
    callee: Expr
    if function is not None:
        callee = Name(span, lowering.text(function).lstrip("\\$"))
    else:
        name = lowering.text(node.child_by_field_name("name"))
        callee = Member(span, lowering.expression(of), name) if of is not None else Name(span, name)
    arguments = node.child_by_field_name("arguments") or first(node, "arguments")
    if node.type == "object_creation_expression":
        callee = Name(span, lowering.text(node.named_children[0]) if node.named_children else "")
    args = lowering.expressions(arguments.named_children) if arguments is not None else ()
    return Call(span, callee, args)


def _array(node: Node, lowering: Lowering) -> Expr:
    pairs: list[tuple[Expr, Expr]] = []
    items: list[Expr] = []
    for child in node.named_children:
        inner = lowering.expressions(child.named_children)
        if len(inner) == 2:
            pairs.append((inner[0], inner[1]))
        elif inner:
            items.append(inner[0])
    return Pairs(lowering.span(node), tuple(pairs)) if pairs else Items(lowering.span(node), tuple(items))


def _constant_access(node: Node, lowering: Lowering) -> Expr:
    children = node.named_children
    return Member(
        lowering.span(node),
        Name(lowering.span(node), lowering.text(children[0])),
        lowering.text(children[-1]),
    )


def _binary(node: Node, lowering: Lowering) -> Expr:
    if lowering.text(node.child_by_field_name("operator")) in ("??", "?:"):
        return braces.either(node, lowering)
    return lowering.joined(node, (".",))


def _each(node: Node, lowering: Lowering) -> list[Stmt]:
    children = node.named_children
    target = children[1] if len(children) > 1 else None
    if target is not None and target.type == "pair":
        target = target.named_children[-1]
    body = tuple(lowering.statement(node.child_by_field_name("body")))
    targets = (lowering.expression(target),) if target is not None else ()
    return [Loop(lowering.span(node), targets, lowering.expression(children[0]), body)]


GRAMMAR = Grammar(
    "PHP",
    {
        "string": _string,
        "encapsed_string": _string,
        "heredoc": _heredoc,
        "nowdoc": _heredoc,
        "binary_expression": _binary,
        "member_call_expression": _call,
        "nullsafe_member_call_expression": _call,
        "scoped_call_expression": _call,
        "function_call_expression": _call,
        "object_creation_expression": _call,
        "argument": braces.last,
        "variable_name": _variable,
        "name": braces.name,
        "relative_scope": braces.name,
        "member_access_expression": braces.member("object", "name"),
        "class_constant_access_expression": _constant_access,
        "scoped_property_access_expression": _constant_access,
        "subscript_expression": lambda node, low: Index(
            low.span(node), low.expression(node.named_children[0]), low.expression(node.named_children[-1])
        ),
        "array_creation_expression": _array,
        "variadic_unpacking": lambda node, low: Spread(low.span(node), braces.inner(node, low)),
        "parenthesized_expression": braces.inner,
        "cast_expression": lambda node, low: low.field(node, "value"),
        "conditional_expression": braces.choice,
        "arrow_function": braces.closure,
        "anonymous_function": braces.closure,
        "assignment_expression": braces.assigned,
        "augmented_assignment_expression": braces.assigned,
        "integer": braces.constant,
        "float": braces.constant,
        "boolean": braces.constant,
        "null": braces.constant,
    },
    {
        "compound_statement": block,
        "colon_block": block,
        "expression_statement": block,
        "else_clause": block,
        "else_if_clause": braces.branch,
        "finally_clause": block,
        "assignment_expression": braces.assignment,
        "augmented_assignment_expression": braces.assignment,
        "if_statement": braces.branch,
        "foreach_statement": _each,
        "for_statement": braces.loop,
        "while_statement": braces.loop,
        "switch_statement": braces.cases("case_statement", "default_statement"),
        "try_statement": braces.attempt,
        "return_statement": braces.leave,
        "throw_expression": braces.leave,
    },
    define,
)
