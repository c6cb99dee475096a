"""JavaScript and TypeScript, with JSX. Node types of tree-sitter-javascript and tree-sitter-typescript."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.sources.code import (
    Assign,
    Call,
    Closure,
    Declare,
    Definition,
    Expr,
    Field,
    Function,
    Import,
    Joined,
    Member,
    Name,
    Other,
    Pairs,
    Parameter,
    Spread,
    Stmt,
    Text,
)
from migration_lint.sources.grammars import braces, enumerations
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, block, first

_FUNCTIONS = ("arrow_function", "function_expression", "function", "generator_function")
_CONTAINERS = (
    "export_statement",
    "internal_module",
    "module",
    "namespace_export",
    "expression_statement",
    "statement_block",
    "ambient_declaration",
)


def define(root: Node, lowering: Lowering) -> None:
    _body(root, "", lowering)


def _body(node: Node, owner: str, lowering: Lowering) -> None:
    for child in node.named_children:
        kind = child.type
        if kind == "import_statement":
            _import(child, lowering)
        elif kind == "export_statement" and child.child_by_field_name("source") is not None:
            _handed_on(child, lowering)
        elif kind in ("function_declaration", "generator_function_declaration", "method_definition"):
            _function(child, lowering.text(child.child_by_field_name("name")), owner, lowering)
        elif kind in ("class_declaration", "abstract_class_declaration", "class"):
            name = lowering.text(child.child_by_field_name("name")) or "default"
            body = child.child_by_field_name("body")
            if body is not None:
                lowering.types[name] = _fields(body, lowering)
                _body(body, name, lowering)
        elif kind in ("interface_declaration", "type_alias_declaration"):
            _type(child, lowering)
        elif kind == "enum_declaration":
            enumerations.typescript_enum(child, lowering)
        elif kind in ("lexical_declaration", "variable_declaration"):
            for declared in child.named_children:
                _defined(declared, "name", owner, lowering)
        elif kind in ("public_field_definition", "field_definition"):
            _defined(child, "name" if child.child_by_field_name("name") else "property", owner, lowering)
        elif kind == "assignment_expression":
            _exported(child, lowering)
        elif kind in _CONTAINERS:
            _body(child, owner, lowering)
        elif kind == "object" and node.type == "export_statement":
            _methods(child, "default", lowering)
            lowering.top += lowering.statement(child)
        elif kind not in (
            "comment",
            "decorator",
            "identifier",
            "export_clause",
            "string",
            "property_identifier",
        ):
            lowering.top += lowering.statement(child)


def _type(node: Node, lowering: Lowering) -> None:
    name = lowering.text(node.child_by_field_name("name"))
    body = node.child_by_field_name("body") or node.child_by_field_name("value")
    if body is None:
        return
    if body.type in ("interface_body", "object_type"):
        extended = first(node, "extends_type_clause")
        bases = extended.named_children if extended is not None else ()
        inherited = (Field("", lowering.text(base)) for base in bases)
        lowering.types[name] = (*inherited, *_fields(body, lowering))
    else:
        lowering.aliases[name] = lowering.text(body)


def _defined(node: Node, field: str, owner: str, lowering: Lowering) -> None:
    name = lowering.text(node.child_by_field_name(field))
    value = node.child_by_field_name("value")
    if value is None:
        return
    bare = _unwrapped(value)
    if bare.type in _FUNCTIONS:
        _function(bare, name, owner, lowering, node)
        return
    if bare.type == "object":
        _methods(bare, name, lowering)
    key = f"{owner}.{name}" if owner else name
    kind = lowering.text(node.child_by_field_name("type")).lstrip(": ")
    expression = lowering.expression(value)
    lowering.definitions[key] = Definition(lowering.span(node), expression, kind)
    lowering.top.append(Assign(lowering.span(node), (Name(lowering.span(node), key),), expression))


def _unwrapped(node: Node) -> Node:
    while (
        node.type in ("as_expression", "satisfies_expression", "parenthesized_expression")
        and node.named_children
    ):
        node = node.named_children[0]
    return node


def _exported(node: Node, lowering: Lowering) -> None:
    """`exports.name = …`, `module.exports = …`"""
    left = lowering.text(node.child_by_field_name("left"))
    right = node.child_by_field_name("right")
    name = left.rpartition(".")[2]
    if right is not None and right.type in _FUNCTIONS:
        _function(right, name, "", lowering)
        return
    if right is not None and right.type == "object":
        _methods(right, "", lowering)
    if right is not None and left.startswith(("exports.", "module.exports.")):
        lowering.definitions[name] = Definition(lowering.span(node), lowering.expression(right))
    lowering.top += lowering.statement(node)


def _methods(node: Node, owner: str, lowering: Lowering) -> None:
    """The functions of an object that is written out."""
    for child in node.named_children:
        if child.type == "method_definition":
            _function(child, lowering.text(child.child_by_field_name("name")), owner, lowering)
        elif child.type == "pair":
            value = child.child_by_field_name("value")
            if value is not None and value.type in _FUNCTIONS:
                _function(value, lowering.text(child.child_by_field_name("key")), owner, lowering)


def _function(node: Node, name: str, owner: str, lowering: Lowering, whole: Node | None = None) -> None:
    found = braces.closure(node, lowering)
    lowering.functions.append(
        Function(
            lowering.span(whole or node),
            name.lstrip("#"),
            owner,
            tuple(_parameters(node, lowering)),
            (*_taken_apart(node, lowering), *(found.body if isinstance(found, Closure) else ())),
            lowering.text(node.child_by_field_name("return_type")).lstrip(": "),
        )
    )


def _taken_apart(node: Node, lowering: Lowering) -> Iterator[Stmt]:
    """What a function takes of its parameters at once: those go by the text of their pattern."""
    listed = node.child_by_field_name("parameters")
    for child in listed.named_children if listed is not None else ():
        pattern = child.child_by_field_name("pattern") or child
        if pattern.type == "object_pattern":
            yield from _taken(pattern, braces.name(pattern, lowering), lowering)


def _parameters(node: Node, lowering: Lowering) -> list[Parameter]:
    listed = node.child_by_field_name("parameters")
    single = node.child_by_field_name("parameter")
    if single is not None:
        return [Parameter(lowering.text(single))]
    found = []
    for child in listed.named_children if listed is not None else []:
        pattern = child.child_by_field_name("pattern")
        kind = lowering.text(child.child_by_field_name("type")).lstrip(": ")
        if pattern is not None:
            found.append(Parameter(lowering.text(pattern), kind))
        elif child.type in ("identifier", "object_pattern"):
            found.append(Parameter(lowering.text(child)))
        elif child.type == "assignment_pattern":
            found.append(Parameter(lowering.text(child.child_by_field_name("left"))))
    return found


def _fields(node: Node, lowering: Lowering) -> tuple[Field, ...]:
    found = []
    for child in node.named_children:
        if child.type in ("property_signature", "public_field_definition"):
            kind = lowering.text(child.child_by_field_name("type")).lstrip(": ")
            optional = any(mark.type == "?" for mark in child.children)
            name = lowering.text(child.child_by_field_name("name"))
            found.append(Field(name, f"{kind} | undefined" if optional else kind, optional=optional))
        elif (
            child.type == "method_definition"
            and lowering.text(child.child_by_field_name("name")) == "constructor"
        ):
            found += [Field(p.name, p.type) for p in _parameters(child, lowering)]
    return tuple(found)


def _import(node: Node, lowering: Lowering) -> None:
    source = lowering.text(node.child_by_field_name("source")).strip("'\"`")
    clause = first(node, "import_clause")
    for child in clause.named_children if clause is not None else []:
        if child.type == "identifier":
            lowering.imports[lowering.text(child)] = Import(source, "default")
        elif child.type == "namespace_import":
            lowering.imports[lowering.text(child.named_children[0])] = Import(source)
        elif child.type == "named_imports":
            for specifier in child.named_children:
                real = lowering.text(specifier.child_by_field_name("name"))
                local = lowering.text(specifier.child_by_field_name("alias")) or real
                lowering.imports[local] = Import(source, real)


def _handed_on(node: Node, lowering: Lowering) -> None:
    """`export * from`, `export {a as b} from`: what whoever imports this file finds in it."""
    source = lowering.text(node.child_by_field_name("source")).strip("'\"`")
    clause = first(node, "export_clause")
    if clause is None and first(node, "namespace_export") is None:
        lowering.imports[f"* of {source}"] = Import(source, "*")
    for specifier in clause.named_children if clause is not None else ():
        real = lowering.text(specifier.child_by_field_name("name"))
        given = lowering.text(specifier.child_by_field_name("alias")) or real
        lowering.imports[given] = Import(source, real)


def _string(node: Node, lowering: Lowering) -> Expr:
    return braces.text_of(node, lowering, ("string_fragment",))


def _call(node: Node, lowering: Lowering) -> Expr:
    """A call, or a tagged template, whose values are bound and not put in."""
    function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    arguments = node.child_by_field_name("arguments")
    callee = lowering.expression(function) if function is not None else Other(lowering.span(node), ())
    if arguments is not None and arguments.type == "template_string":
        return _tagged(node, callee, arguments, lowering)
    args = lowering.expressions(arguments.named_children) if arguments is not None else ()
    return Call(lowering.span(node), callee, args)


def _tagged(node: Node, callee: Expr, template: Node, lowering: Lowering) -> Expr:
    text = _string(template, lowering)
    span = lowering.span(node)
    if not isinstance(text, Joined):
        return Call(span, callee, (text,))
    parts: list[Expr] = []
    values: list[Expr] = []
    for part in text.parts:
        if isinstance(part, Text):
            parts.append(part)
        elif isinstance(part, Call) and part.args:
            parts.append(part)  # sql(columns), sql.raw(…), Prisma.sql`…` put text in
        else:
            values.append(part)
            parts.append(Text(part.span, f"${len(values)}"))
    return Call(span, callee, (Joined(text.span, tuple(parts)), *values))


def _object(node: Node, lowering: Lowering) -> Expr:
    pairs: list[tuple[Expr, Expr]] = []
    for child in node.named_children:
        if child.type == "pair":
            key = child.child_by_field_name("key")
            name: Expr = (
                Text(lowering.span(key), lowering.text(key))
                if key is not None and key.type == "property_identifier"
                else lowering.field(child, "key")
            )
            pairs.append((name, lowering.field(child, "value")))
        elif child.type == "shorthand_property_identifier":
            value = braces.name(child, lowering)
            pairs.append((Text(value.span, lowering.text(child)), value))
        elif child.type != "comment":
            other = lowering.expression(child)
            pairs.append((other, other))
    return Pairs(lowering.span(node), tuple(pairs))


def _declaration(node: Node, lowering: Lowering) -> list[Stmt]:
    found: list[Stmt] = []
    for child in node.named_children:
        if child.type != "variable_declarator":
            continue
        value = child.child_by_field_name("value")
        target = child.child_by_field_name("name")
        kind = lowering.text(child.child_by_field_name("type")).lstrip(": ")
        if target is None:
            continue
        if value is None:
            found.append(Declare(lowering.span(child), lowering.text(target), kind))
            continue
        expression = lowering.expression(value)
        span = lowering.span(child)
        if target.type == "object_pattern" and isinstance(expression, (Name, Member)):
            found += _taken(target, expression, lowering)
        elif target.type in ("object_pattern", "array_pattern"):
            names = [n for n in target.named_children if "identifier" in n.type]
            targets = tuple(Name(lowering.span(n), lowering.text(n)) for n in names)
            found += [Assign(span, (name,), expression) for name in targets[:1]]
            found += [Assign(span, (name,), Other(span, ())) for name in targets[1:]]
        else:
            found.append(Assign(span, (lowering.expression(target),), expression, type=kind))
    return found


def _taken(pattern: Node, of: Expr, lowering: Lowering) -> list[Stmt]:
    """`{reason, hint: text} = of`: each name with the member that it takes."""
    found: list[Stmt] = []
    for child in pattern.named_children:
        key = child.child_by_field_name("key") or child.child_by_field_name("left") or child
        local = child.child_by_field_name("value") or key
        if "identifier" in key.type and "identifier" in local.type:
            span = lowering.span(child)
            target = Name(span, lowering.text(local))
            found.append(Assign(span, (target,), Member(span, of, lowering.text(key))))
    return found


def _binary(node: Node, lowering: Lowering) -> Expr:
    if lowering.text(node.child_by_field_name("operator")) in ("||", "??"):
        return braces.either(node, lowering)
    return braces.concatenation(node, lowering)


def _nested(node: Node, lowering: Lowering) -> list[Stmt]:
    span = lowering.span(node)
    name = node.child_by_field_name("name")
    value = braces.closure(node, lowering)
    return [Assign(span, (Name(span, lowering.text(name)),), value)]


GRAMMAR = Grammar(
    "JavaScript",
    {
        "string": _string,
        "template_string": _string,
        "binary_expression": _binary,
        "call_expression": _call,
        "new_expression": _call,
        "member_expression": braces.member("object", "property"),
        "subscript_expression": braces.index("object", "index"),
        "identifier": braces.name,
        "this": braces.name,
        "shorthand_property_identifier": braces.name,
        "array": braces.items,
        "object": _object,
        "spread_element": lambda node, low: Spread(low.span(node), braces.inner(node, low)),
        "parenthesized_expression": braces.inner,
        "await_expression": braces.inner,
        "non_null_expression": braces.inner,
        "as_expression": lambda node, low: low.expression(node.named_children[0]),
        "satisfies_expression": lambda node, low: low.expression(node.named_children[0]),
        "ternary_expression": braces.choice,
        "arrow_function": braces.closure,
        "function_expression": braces.closure,
        "generator_function": braces.closure,
        "assignment_expression": braces.assigned,
        "augmented_assignment_expression": braces.assigned,
        "number": braces.constant,
        "true": braces.constant,
        "false": braces.constant,
        "null": braces.constant,
        "undefined": braces.constant,
    },
    {
        "statement_block": block,
        "expression_statement": block,
        "else_clause": block,
        "finally_clause": block,
        "lexical_declaration": _declaration,
        "variable_declaration": _declaration,
        "assignment_expression": braces.assignment,
        "augmented_assignment_expression": braces.assignment,
        "if_statement": braces.branch,
        "for_in_statement": braces.loop,
        "for_statement": braces.loop,
        "while_statement": braces.loop,
        "do_statement": braces.loop,
        "switch_statement": braces.cases("switch_case", "switch_default"),
        "try_statement": braces.attempt,
        "return_statement": braces.leave,
        "throw_statement": braces.leave,
        "function_declaration": _nested,
        "generator_function_declaration": _nested,
        "import_statement": lambda node, low: [],
    },
    define,
)
