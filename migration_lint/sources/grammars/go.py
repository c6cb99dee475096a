"""Go. https://go.dev/ref/spec, node types of tree-sitter-go."""

from __future__ import annotations

import re

from migration_lint.sources.code import (
    Assign,
    Branch,
    Call,
    Closure,
    Constant,
    Declare,
    Definition,
    Evaluate,
    Expr,
    Field,
    Function,
    Import,
    Index,
    Items,
    Leave,
    Loop,
    Member,
    Name,
    Other,
    Pairs,
    Parameter,
    Slice,
    Spread,
    Stmt,
    Target,
)
from migration_lint.sources.grammars import enumerations
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, block, first, unescaped

_EMBED = re.compile(r"^//go:embed\s+(\S+)\s*$")
_COLUMN_TAG = re.compile(r'\b(?:db|sql|gorm):"(?:column:)?([A-Za-z0-9_]+)')

_JSON_TAG = re.compile(r'\bjson:"([^",]*)([^"]*)"')


def define(root: Node, lowering: Lowering) -> None:
    embeds = ""
    for node in root.named_children:
        if node.type == "comment":
            match = _EMBED.match(lowering.text(node))
            embeds = match[1] if match else embeds
            continue
        if node.type == "package_clause":
            lowering.package = lowering.text(first(node, "package_identifier"))
        elif node.type == "import_declaration":
            _imports(node, lowering)
        elif node.type in ("const_declaration", "var_declaration"):
            for statement in _declaration(node, lowering):
                if isinstance(statement, Assign):
                    for target in statement.targets:
                        if isinstance(target, Name):
                            definition = Definition(statement.span, statement.value, statement.type)
                            lowering.definitions[target.name] = definition
                    lowering.top.append(Evaluate(statement.span, statement.value))
                elif isinstance(statement, Declare):
                    nothing = Other(statement.span, ())
                    lowering.definitions[statement.name] = Definition(
                        statement.span, nothing, statement.type, embeds
                    )
            if node.type == "const_declaration":
                enumerations.go_constants(node, lowering)
        elif node.type == "type_declaration":
            _types(node, lowering)
        elif node.type in ("function_declaration", "method_declaration"):
            _function(node, lowering)
        embeds = ""


def _imports(node: Node, lowering: Lowering) -> None:
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if at.type == "import_spec":
            path = lowering.text(at.child_by_field_name("path")).strip('"`')
            name = lowering.text(at.child_by_field_name("name"))
            tail = path.rsplit("/", 1)[-1]
            if re.fullmatch(r"v\d+", tail):
                tail = path.split("/")[-2] if "/" in path else tail
            lowering.imports[name or tail] = Import(path, "*" if name == "." else "")
        else:
            waiting += at.named_children


def _types(node: Node, lowering: Lowering) -> None:
    for spec in node.named_children:
        kind = spec.child_by_field_name("type")
        name = lowering.text(spec.child_by_field_name("name"))
        if kind is None or not name:
            continue
        if kind.type == "struct_type":
            lowering.types[name] = _fields(kind, lowering)
        elif kind.type != "interface_type":
            lowering.aliases[name] = lowering.text(kind)


def _fields(struct: Node, lowering: Lowering) -> tuple[Field, ...]:
    fields: list[Field] = []
    for body in struct.named_children:
        for declared in body.named_children:
            if declared.type != "field_declaration":
                continue
            kind = lowering.text(declared.child_by_field_name("type"))
            tags = lowering.text(declared.child_by_field_name("tag"))
            tag = _COLUMN_TAG.search(tags)
            json = _JSON_TAG.search(tags)
            optional = json is not None and "omitempty" in json[2]
            names = [lowering.text(name) for name in declared.children_by_field_name("name")]
            for name in names or [""]:
                known = json[1] if json else "-" if name[:1].islower() else ""
                fields.append(Field(name, kind, tag[1] if tag else "", known, optional))
    return tuple(fields)


def _function(node: Node, lowering: Lowering) -> None:
    receiver = node.child_by_field_name("receiver")
    parameters = list(_parameters(node.child_by_field_name("parameters"), lowering))
    owner = ""
    if receiver is not None:
        own = _parameters(receiver, lowering)
        parameters[:0] = own
        owner = re.sub(r"\[.*", "", own[0].type.lstrip("*").strip()) if own else ""
    body = node.child_by_field_name("body")
    lowering.functions.append(
        Function(
            lowering.span(node),
            lowering.text(node.child_by_field_name("name")),
            owner,
            tuple(parameters),
            tuple(lowering.statement(body)),
            lowering.text(node.child_by_field_name("result")),
        )
    )


def _parameters(node: Node | None, lowering: Lowering) -> list[Parameter]:
    found: list[Parameter] = []
    for declared in node.named_children if node is not None else []:
        if declared.type not in ("parameter_declaration", "variadic_parameter_declaration"):
            continue
        kind = lowering.text(declared.child_by_field_name("type"))
        if declared.type == "variadic_parameter_declaration":
            kind = f"[]{kind}"
        names = declared.children_by_field_name("name")
        found += [Parameter(lowering.text(name), kind) for name in names] or [Parameter("", kind)]
    return found


def _string(node: Node, lowering: Lowering) -> Expr:
    if node.type == "raw_string_literal":
        return lowering.literal(node, lowering.text(node)[1:-1].replace("\r", ""))
    parts = [
        unescaped(lowering.text(child)) if child.type == "escape_sequence" else lowering.text(child)
        for child in node.named_children
    ]
    return lowering.literal(node, "".join(parts))


def _binary(node: Node, lowering: Lowering) -> Expr:
    return lowering.joined(node, ("+",))


def _call(node: Node, lowering: Lowering) -> Expr:
    arguments = node.child_by_field_name("arguments")
    args = lowering.expressions(arguments.named_children) if arguments is not None else ()
    return Call(lowering.span(node), lowering.field(node, "function"), args)


def _conversion(node: Node, lowering: Lowering) -> Expr:
    kind = node.child_by_field_name("type")
    name = Name(lowering.span(kind or node), lowering.text(kind))
    return Call(lowering.span(node), name, (lowering.field(node, "operand"),))


def _selector(node: Node, lowering: Lowering) -> Expr:
    name = lowering.text(node.child_by_field_name("field"))
    return Member(lowering.span(node), lowering.field(node, "operand"), name)


def _composite(node: Node, lowering: Lowering) -> Expr:
    kind = node.child_by_field_name("type")
    body = node.child_by_field_name("body")
    return _literal_value(body or node, lowering, lowering.text(kind))._replace(span=lowering.span(node))


def _literal_value(node: Node, lowering: Lowering, kind: str = "") -> Pairs | Items:
    items: list[Expr] = []
    pairs: list[tuple[Expr, Expr]] = []
    for child in node.named_children:
        if child.type == "keyed_element":
            key, value = child.named_children[0], child.named_children[-1]
            pairs.append((_element(key, lowering), _element(value, lowering)))
        elif child.type != "comment":
            items.append(_element(child, lowering))
    if pairs:
        return Pairs(lowering.span(node), tuple(pairs), kind)
    return Items(lowering.span(node), tuple(items))


def _element(node: Node, lowering: Lowering) -> Expr:
    inner = node.named_children[0] if node.type == "literal_element" and node.named_children else node
    return _literal_value(inner, lowering) if inner.type == "literal_value" else lowering.expression(inner)


def _unary(node: Node, lowering: Lowering) -> Expr:
    operand = lowering.field(node, "operand")
    operator = lowering.text(node.child_by_field_name("operator"))
    if operator == "&":
        return operand if isinstance(operand, (Pairs, Items)) else Target(lowering.span(node), operand)
    if operator == "-" and isinstance(operand, Constant):
        return Constant(lowering.span(node), f"-{operand.value}")
    return operand if operator == "*" else Other(lowering.span(node), (operand,))


def _slice(node: Node, lowering: Lowering) -> Expr:
    of = lowering.field(node, "operand")
    low, high = (lowering.text(node.child_by_field_name(side)) for side in ("start", "end"))
    return Slice(
        lowering.span(node),
        of,
        int(low) if low.isdigit() else None,
        int(high) if high.isdigit() else None,
    )


def _declaration(node: Node, lowering: Lowering) -> list[Stmt]:
    found: list[Stmt] = []
    specs = [
        spec
        for child in node.named_children
        for spec in ([child] if "list" not in child.type else child.named_children)
    ]
    for spec in specs:
        if spec.type not in ("const_spec", "var_spec"):
            continue
        names = [lowering.expression(name) for name in spec.children_by_field_name("name")]
        names = [name for name in names if isinstance(name, Name)]
        kind = lowering.text(spec.child_by_field_name("type"))
        value = spec.child_by_field_name("value")
        values = lowering.expressions(value.named_children) if value is not None else ()
        span = lowering.span(spec)
        if len(values) == len(names):
            found += [Assign(span, (n,), v, type=kind) for n, v in zip(names, values, strict=True)]
        elif values:
            found.append(Assign(span, tuple(names), values[0], type=kind))
        else:
            found += [Declare(span, name.name, kind) for name in names if isinstance(name, Name)]
    return found


def _assign(node: Node, lowering: Lowering) -> list[Stmt]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    targets = lowering.expressions(left.named_children) if left is not None else ()
    values = lowering.expressions(right.named_children) if right is not None else ()
    adds = lowering.text(node.child_by_field_name("operator")) == "+="
    span = lowering.span(node)
    if len(targets) == len(values):
        return [Assign(span, (t,), v, adds) for t, v in zip(targets, values, strict=True)]
    return [Assign(span, targets, value, adds) for value in values[:1]]


def _if(node: Node, lowering: Lowering) -> list[Stmt]:
    found = lowering.statement(node.child_by_field_name("initializer"))
    condition = node.child_by_field_name("condition")
    if condition is not None:
        found.append(Evaluate(lowering.span(condition), lowering.expression(condition)))
    arms = [tuple(lowering.statement(node.child_by_field_name("consequence")))]
    otherwise = node.child_by_field_name("alternative")
    if otherwise is not None:
        arms.append(tuple(lowering.statement(otherwise)))
    found.append(Branch(lowering.span(node), tuple(arms), otherwise is not None))
    return found


def _for(node: Node, lowering: Lowering) -> list[Stmt]:
    body = tuple(lowering.statement(node.child_by_field_name("body")))
    targets: tuple[Expr, ...] = ()
    over: Expr | None = None
    before: list[Stmt] = []
    for child in node.named_children:
        if child.type == "range_clause":
            left = child.child_by_field_name("left")
            # the last name is the element; the one before it is the index or key
            targets = lowering.expressions(left.named_children)[1:] if left is not None else ()
            over = lowering.field(child, "right")
        elif child.type == "for_clause":
            before = lowering.statement(child.child_by_field_name("initializer"))
        elif child.type != "block":
            over = lowering.expression(child)
    return [*before, Loop(lowering.span(node), targets, over, body)]


def _switch(node: Node, lowering: Lowering) -> list[Stmt]:
    found = lowering.statement(node.child_by_field_name("initializer"))
    arms: list[tuple[Stmt, ...]] = []
    whole = False
    for child in node.named_children:
        if child.type in ("expression_case", "default_case", "type_case", "communication_case"):
            whole = whole or child.type == "default_case"
            values = child.child_by_field_name("value")
            statements = [part for part in child.named_children if part != values]
            arms.append(tuple(lowering.statements(statements)))
    return [*found, Branch(lowering.span(node), tuple(arms), whole)]


def _return(node: Node, lowering: Lowering) -> list[Stmt]:
    return [Leave(lowering.span(node), _inner(node, lowering))]


def _list(node: Node, lowering: Lowering) -> Expr:
    items = lowering.expressions(node.named_children)
    return items[0] if len(items) == 1 else Items(lowering.span(node), items)


def _constant(node: Node, lowering: Lowering) -> Expr:
    text = lowering.text(node)
    return Constant(lowering.span(node), "NULL" if text == "nil" else text)


def _closure(node: Node, lowering: Lowering) -> Expr:
    return Closure(lowering.span(node), tuple(lowering.statement(node.child_by_field_name("body"))))


def _inner(node: Node, lowering: Lowering) -> Expr:
    inner = lowering.expressions(node.named_children)
    return inner[0] if len(inner) == 1 else Other(lowering.span(node), inner)


def _name(node: Node, lowering: Lowering) -> Expr:
    return Name(lowering.span(node), lowering.text(node))


GRAMMAR = Grammar(
    "Go",
    {
        "interpreted_string_literal": _string,
        "raw_string_literal": _string,
        "binary_expression": _binary,
        "call_expression": _call,
        "type_conversion_expression": _conversion,
        "selector_expression": _selector,
        "identifier": _name,
        "composite_literal": _composite,
        "literal_value": _literal_value,
        "unary_expression": _unary,
        "index_expression": lambda node, low: Index(
            low.span(node), low.field(node, "operand"), low.field(node, "index")
        ),
        "slice_expression": _slice,
        "expression_list": _list,
        "parenthesized_expression": _inner,
        "variadic_argument": lambda node, low: Spread(low.span(node), _inner(node, low)),
        "type_assertion_expression": lambda node, low: low.field(node, "operand"),
        "func_literal": _closure,
        "int_literal": _constant,
        "float_literal": _constant,
        "true": _constant,
        "false": _constant,
        "nil": _constant,
    },
    {
        "block": block,
        "statement_list": block,
        "labeled_statement": block,
        "short_var_declaration": _assign,
        "assignment_statement": _assign,
        "var_declaration": _declaration,
        "const_declaration": _declaration,
        "return_statement": _return,
        "if_statement": _if,
        "for_statement": _for,
        "expression_switch_statement": _switch,
        "type_switch_statement": _switch,
        "select_statement": _switch,
    },
    define,
)
