"""Python. Node types of tree-sitter-python."""

from __future__ import annotations

from migration_lint.sources.code import (
    Assign,
    Branch,
    Call,
    Choice,
    Closure,
    Constant,
    Declare,
    Definition,
    Each,
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
    Other,
    Pairs,
    Parameter,
    Percent,
    Slice,
    Spread,
    Stmt,
)
from migration_lint.sources.grammars import enumerations
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, block, first, unescaped

_TUPLES = ("pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list")


#: Bases that bring no fields.
_EMPTY = frozenset(
    "object ABC Protocol NamedTuple TypedDict BaseModel Struct Enum StrEnum IntEnum str int Exception".split()
)


def define(root: Node, lowering: Lowering) -> None:
    _body(root, "", lowering)


def _body(node: Node, owner: str, lowering: Lowering) -> None:
    """What a module or a class holds."""
    for child in node.named_children:
        marks: tuple[Expr, ...] = ()
        if child.type == "decorated_definition":
            marks = lowering.expressions(d for d in child.named_children if d.type == "decorator")
            child = child.child_by_field_name("definition") or child
        if child.type == "function_definition":
            lowering.functions.append(_function(child, owner, lowering, marks))
        elif child.type == "class_definition":
            name = lowering.text(child.child_by_field_name("name"))
            name = f"{owner}.{name}" if owner else name
            body = child.child_by_field_name("body")
            if body is not None:
                bases = _bases(child, lowering)
                inherited = (Field("", base) for base in bases if base.rpartition(".")[2] not in _EMPTY)
                lowering.types[name] = (*inherited, *_fields(body, lowering))
                enumerations.python_class(name, bases, body, lowering)
                _body(body, name, lowering)
        elif child.type in ("import_statement", "import_from_statement"):
            _import(child, lowering)
        elif child.type in (
            "if_statement",
            "try_statement",
            "block",
            "else_clause",
            "except_clause",
            "with_statement",
        ):
            _body(child, owner, lowering)
        elif child.type != "comment":
            _constants(lowering.statement(child), owner, lowering)


def _bases(node: Node, lowering: Lowering) -> list[str]:
    listed = node.child_by_field_name("superclasses")
    named = listed.named_children if listed is not None else ()
    return [lowering.text(child) for child in named if child.type in ("identifier", "attribute")]


def _constants(statements: list[Stmt], owner: str, lowering: Lowering) -> None:
    for statement in statements:
        if isinstance(statement, Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, Name):
                name = f"{owner}.{target.name}" if owner else target.name
                value = statement.value
                known = lowering.definitions.get(name)
                if statement.adds and known is not None:
                    value = Joined(statement.span, (known.value, value))
                lowering.definitions[name] = Definition(statement.span, value, statement.type)
        if not isinstance(statement, Declare):
            lowering.top.append(statement)


def _fields(body: Node, lowering: Lowering) -> tuple[Field, ...]:
    fields: list[Field] = []
    for child in body.named_children:
        inner = (
            child.named_children[0]
            if child.type == "expression_statement" and child.named_children
            else child
        )
        if inner.type == "assignment":
            kind = inner.child_by_field_name("type")
            if kind is not None:
                fields.append(Field(lowering.text(inner.child_by_field_name("left")), lowering.text(kind)))
        elif child.type == "function_definition":
            fields += _own_attributes(child, lowering)
    return tuple(fields)


def _own_attributes(node: Node, lowering: Lowering) -> list[Field]:
    """`self.name: type = …` of an __init__."""
    if lowering.text(node.child_by_field_name("name")) != "__init__":
        return []
    kinds = {p.name: p.type for p in _parameters(node, lowering)}
    fields = []
    body = node.child_by_field_name("body")
    for child in body.named_children if body is not None else []:
        inner = (
            child.named_children[0]
            if child.type == "expression_statement" and child.named_children
            else child
        )
        if inner.type != "assignment":
            continue
        left = lowering.text(inner.child_by_field_name("left"))
        kind = lowering.text(inner.child_by_field_name("type"))
        kind = kind or kinds.get(lowering.text(inner.child_by_field_name("right")), "")
        if left.startswith("self.") and kind:
            fields.append(Field(left[5:], kind))
    return fields


def _import(node: Node, lowering: Lowering) -> list[Stmt]:
    """The names of an import; inside a function they are taken for the file's."""
    module = lowering.text(node.child_by_field_name("module_name"))
    for name in node.children_by_field_name("name"):
        if name.type == "aliased_import":
            real = lowering.text(name.child_by_field_name("name"))
            local = lowering.text(name.child_by_field_name("alias"))
        else:
            real = lowering.text(name)
            local = real if module else real.split(".")[0]
        if module:
            lowering.imports[local] = Import(module, real)
        else:
            lowering.imports[local] = Import(real if name.type == "aliased_import" else local)
    if first(node, "wildcard_import") is not None:
        lowering.imports[f"* of {module}"] = Import(module, "*")
    return []


def _function(node: Node, owner: str, lowering: Lowering, marks: tuple[Expr, ...] = ()) -> Function:
    return Function(
        lowering.span(node),
        lowering.text(node.child_by_field_name("name")),
        owner,
        tuple(_parameters(node, lowering)),
        tuple(lowering.statement(node.child_by_field_name("body"))),
        lowering.text(node.child_by_field_name("return_type")),
        marks,
    )


def _parameters(node: Node, lowering: Lowering) -> list[Parameter]:
    listed = node.child_by_field_name("parameters")
    found = []
    for child in listed.named_children if listed is not None else []:
        if child.type == "identifier":
            found.append(Parameter(lowering.text(child)))
        elif child.type in ("typed_parameter", "typed_default_parameter", "default_parameter"):
            name = child.child_by_field_name("name") or child.named_children[0]
            found.append(Parameter(lowering.text(name), lowering.text(child.child_by_field_name("type"))))
    return found


def _string(node: Node, lowering: Lowering) -> Expr:
    parts: list[Expr] = []
    start = first(node, "string_start")
    prefix = lowering.text(start).rstrip("\"'").lower()
    for child in node.named_children:
        if child.type == "string_content":
            parts.append(lowering.literal(child, _content(child, lowering, "r" in prefix, "f" in prefix)))
        elif child.type == "interpolation":
            parts.append(lowering.field(child, "expression"))
    if all(isinstance(part, Constant) for part in parts):
        return lowering.literal(node, "")
    if len(parts) == 1 and "f" not in prefix:
        content = parts[0]
        return content._replace(span=lowering.span(node))
    return Joined(lowering.span(node), tuple(parts))


def _content(node: Node, lowering: Lowering, raw: bool, template: bool) -> str:
    text: list[str] = []
    at = node.start_byte
    for child in node.children:
        text.append(lowering.source[at : child.start_byte].decode("utf-8", "replace"))
        written = lowering.text(child)
        if child.type == "escape_interpolation":
            text.append(written[:1])
        elif raw:
            text.append(written)
        else:
            text.append(unescaped(written))
        at = child.end_byte
    text.append(lowering.source[at : node.end_byte].decode("utf-8", "replace"))
    whole = "".join(text)
    return whole.replace("{{", "{").replace("}}", "}") if template else whole


def _adjacent(node: Node, lowering: Lowering) -> Expr:
    return Joined(lowering.span(node), lowering.expressions(node.named_children))


def _binary(node: Node, lowering: Lowering) -> Expr:
    operator = lowering.text(node.child_by_field_name("operator"))
    if operator == "%":
        return Percent(lowering.span(node), lowering.field(node, "left"), lowering.field(node, "right"))
    return lowering.joined(node, ("+",))


def _call(node: Node, lowering: Lowering) -> Expr:
    arguments = node.child_by_field_name("arguments")
    args: list[Expr] = []
    keywords: list[tuple[str, Expr]] = []
    if arguments is not None and arguments.type == "argument_list":
        for child in arguments.named_children:
            if child.type == "keyword_argument":
                keywords.append(
                    (lowering.text(child.child_by_field_name("name")), lowering.field(child, "value"))
                )
            elif child.type != "comment":
                args.append(lowering.expression(child))
    elif arguments is not None:
        args.append(lowering.expression(arguments))
    return Call(lowering.span(node), lowering.field(node, "function"), tuple(args), tuple(keywords))


def _subscript(node: Node, lowering: Lowering) -> Expr:
    key = node.child_by_field_name("subscript")
    of = lowering.field(node, "value")
    if key is not None and key.type == "slice":
        return _slice(node, of, key, lowering)
    return Index(lowering.span(node), of, lowering.field(node, "subscript"))


def _slice(node: Node, of: Expr, key: Node, lowering: Lowering) -> Expr:
    low, _, high = lowering.text(key).partition(":")
    low, high = low.strip(), high.strip()
    return Slice(
        lowering.span(node),
        of,
        int(low) if low.isdigit() else None,
        int(high) if high.isdigit() else None,
    )


def _items(node: Node, lowering: Lowering) -> Expr:
    return Items(lowering.span(node), lowering.expressions(node.named_children))


def _dictionary(node: Node, lowering: Lowering) -> Expr:
    pairs: list[tuple[Expr, Expr]] = []
    rest: list[Expr] = []
    for child in node.named_children:
        if child.type == "pair":
            pairs.append((lowering.field(child, "key"), lowering.field(child, "value")))
        elif child.type != "comment":
            rest.append(lowering.expression(child))
    pairs += [(item, item) for item in rest]
    return Pairs(lowering.span(node), tuple(pairs))


def _comprehension(node: Node, lowering: Lowering) -> Expr:
    clause = first(node, "for_in_clause")
    body = lowering.field(node, "body")
    if clause is None:
        return Other(lowering.span(node), (body,))
    left = clause.child_by_field_name("left")
    targets = _targets(left, lowering) if left is not None else ()
    return Each(lowering.span(node), body, targets, lowering.field(clause, "right"))


def _targets(node: Node, lowering: Lowering) -> tuple[Expr, ...]:
    return lowering.expressions(node.named_children if node.type in _TUPLES else [node])


def _assign(node: Node, lowering: Lowering) -> list[Stmt]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    kind = lowering.text(node.child_by_field_name("type"))
    span = lowering.span(node)
    if left is None:
        return []
    if right is None:
        return [Declare(span, lowering.text(left), kind)]
    targets = _targets(left, lowering)
    if right.type == "assignment":
        inner = lowering.statement(right)
        chained = [Assign(span, targets, s.value) for s in inner if isinstance(s, Assign)][:1]
        return [*inner, *chained]
    value = lowering.expression(right)
    if isinstance(value, Items) and len(value.items) == len(targets) > 1:
        return [Assign(span, (t,), v) for t, v in zip(targets, value.items, strict=True)]
    return [Assign(span, targets, value, node.type == "augmented_assignment", kind)]


def _walrus(node: Node, lowering: Lowering) -> Expr:
    target = lowering.field(node, "name")
    value = lowering.field(node, "value")
    span = lowering.span(node)
    return Closure(span, (Assign(span, (target,), value),))


def _expression_statement(node: Node, lowering: Lowering) -> list[Stmt]:
    return lowering.statements(node.named_children)


def _if(node: Node, lowering: Lowering) -> list[Stmt]:
    found: list[Stmt] = []
    condition = node.child_by_field_name("condition")
    if condition is not None:
        found.append(Evaluate(lowering.span(condition), lowering.expression(condition)))
    arms = [tuple(lowering.statement(node.child_by_field_name("consequence")))]
    whole = False
    for clause in node.children_by_field_name("alternative"):
        whole = whole or clause.type == "else_clause"
        body = clause.child_by_field_name("body") or clause.child_by_field_name("consequence")
        arms.append(tuple(lowering.statement(body)))
    return [*found, Branch(lowering.span(node), tuple(arms), whole)]


def _for(node: Node, lowering: Lowering) -> list[Stmt]:
    left = node.child_by_field_name("left")
    return [
        Loop(
            lowering.span(node),
            _targets(left, lowering) if left is not None else (),
            lowering.field(node, "right"),
            tuple(lowering.statement(node.child_by_field_name("body"))),
        )
    ]


def _while(node: Node, lowering: Lowering) -> list[Stmt]:
    condition = lowering.field(node, "condition")
    body = tuple(lowering.statement(node.child_by_field_name("body")))
    return [Loop(lowering.span(node), (), condition, body)]


def _with(node: Node, lowering: Lowering) -> list[Stmt]:
    found: list[Stmt] = []
    waiting = [child for child in node.named_children if child.type == "with_clause"]
    for item in [item for clause in waiting for item in clause.named_children]:
        value = item.child_by_field_name("value")
        if value is not None and value.type == "as_pattern":
            names = [
                target for child in value.children_by_field_name("alias") for target in child.named_children
            ]
            targets = lowering.expressions(names)
            found.append(Assign(lowering.span(item), targets, lowering.expression(value.named_children[0])))
        elif value is not None:
            found += lowering.statement(value)
    return [*found, *lowering.statement(node.child_by_field_name("body"))]


def _try(node: Node, lowering: Lowering) -> list[Stmt]:
    found: list[Stmt] = []
    handlers: list[tuple[Stmt, ...]] = []
    for child in node.named_children:
        if child.type in ("except_clause", "except_group_clause"):
            handlers.append(tuple(lowering.statements(child.named_children)))
        elif child.type == "finally_clause" and handlers:
            found.append(Branch(lowering.span(node), tuple(handlers), False))
            handlers = []
            found += lowering.statements(child.named_children)
        else:
            found += lowering.statement(child)
    if handlers:
        found.append(Branch(lowering.span(node), tuple(handlers), False))
    return found


def _match(node: Node, lowering: Lowering) -> list[Stmt]:
    arms: list[tuple[Stmt, ...]] = []
    waiting = list(node.named_children)
    while waiting:
        child = waiting.pop(0)
        if child.type == "case_clause":
            arms.append(tuple(lowering.statement(child.child_by_field_name("consequence"))))
        elif child.type == "block":
            waiting += child.named_children
    return [Branch(lowering.span(node), tuple(arms), False)]


def _leave(node: Node, lowering: Lowering) -> list[Stmt]:
    values = lowering.expressions(node.named_children)
    return [Leave(lowering.span(node), values[0] if values else None)]


def _nested(node: Node, lowering: Lowering) -> list[Stmt]:
    """A function or class inside a function: its code belongs to the outer symbol."""
    body = node.child_by_field_name("body")
    definition = node.child_by_field_name("definition")
    if definition is not None:
        return lowering.statement(definition)
    parameters = [
        Declare(lowering.span(node), parameter.name, parameter.type)
        for parameter in (_parameters(node, lowering) if node.type == "function_definition" else [])
    ]
    span = lowering.span(node)
    name = node.child_by_field_name("name")
    closure = Closure(span, (*parameters, *lowering.statement(body)))
    if name is None or node.type == "class_definition":
        return [Evaluate(span, closure)]
    return [Assign(span, (Name(lowering.span(name), lowering.text(name)),), closure)]


def _lambda(node: Node, lowering: Lowering) -> Expr:
    span = lowering.span(node)
    return Closure(span, (Leave(span, lowering.field(node, "body")),))


def _constant(node: Node, lowering: Lowering) -> Expr:
    text = lowering.text(node)
    return Constant(lowering.span(node), {"None": "NULL", "True": "true", "False": "false"}.get(text, text))


def _inner(node: Node, lowering: Lowering) -> Expr:
    inner = lowering.expressions(node.named_children)
    return inner[0] if len(inner) == 1 else Other(lowering.span(node), inner)


def _choice(node: Node, lowering: Lowering) -> Expr:
    parts = lowering.expressions(node.named_children)
    if len(parts) == 3:
        return Choice(lowering.span(node), (parts[0], parts[2]))
    return Other(lowering.span(node), parts)


def _boolean(node: Node, lowering: Lowering) -> Expr:
    options = (lowering.field(node, "left"), lowering.field(node, "right"))
    if lowering.text(node.child_by_field_name("operator")) == "or":
        return Choice(lowering.span(node), options)
    return Other(lowering.span(node), options)


GRAMMAR = Grammar(
    "Python",
    {
        "string": _string,
        "concatenated_string": _adjacent,
        "binary_operator": _binary,
        "call": _call,
        "attribute": lambda node, low: Member(
            low.span(node), low.field(node, "object"), low.text(node.child_by_field_name("attribute"))
        ),
        "subscript": _subscript,
        "identifier": lambda node, low: Name(low.span(node), low.text(node)),
        "list": _items,
        "tuple": _items,
        "set": _items,
        "expression_list": _items,
        "dictionary": _dictionary,
        "list_comprehension": _comprehension,
        "generator_expression": _comprehension,
        "set_comprehension": _comprehension,
        "list_splat": lambda node, low: Spread(low.span(node), _inner(node, low)),
        "dictionary_splat": lambda node, low: Spread(low.span(node), _inner(node, low)),
        "parenthesized_expression": _inner,
        "await": _inner,
        "conditional_expression": _choice,
        "boolean_operator": _boolean,
        "lambda": _lambda,
        "named_expression": _walrus,
        "integer": _constant,
        "float": _constant,
        "none": _constant,
        "true": _constant,
        "false": _constant,
    },
    {
        "block": block,
        "expression_statement": _expression_statement,
        "assignment": _assign,
        "augmented_assignment": _assign,
        "if_statement": _if,
        "for_statement": _for,
        "while_statement": _while,
        "with_statement": _with,
        "try_statement": _try,
        "match_statement": _match,
        "return_statement": _leave,
        "raise_statement": _leave,
        "import_statement": _import,
        "import_from_statement": _import,
        "function_definition": _nested,
        "class_definition": _nested,
        "decorated_definition": _nested,
    },
    define,
)
