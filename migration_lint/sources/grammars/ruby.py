"""Ruby. Node types of tree-sitter-ruby."""

from __future__ import annotations

from migration_lint.sources.code import (
    Assign,
    Branch,
    Call,
    Closure,
    Definition,
    Evaluate,
    Expr,
    Function,
    Index,
    Items,
    Joined,
    Leave,
    Loop,
    Member,
    Name,
    Pairs,
    Parameter,
    Percent,
    Spread,
    Stmt,
    Text,
)
from migration_lint.sources.grammars import braces
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, block, first

_BODIES = ("body_statement", "begin", "then")
_CONTENTS = ("string_content", "heredoc_content")


def define(root: Node, lowering: Lowering) -> None:
    lowering.later = _heredocs(root)
    _body(root, "", lowering)


def _heredocs(root: Node) -> dict[int, Node]:
    """The body of each heredoc by where its beginning stands; both come in the same order."""
    beginnings: list[Node] = []
    bodies: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "heredoc_beginning":
            beginnings.append(node)
        elif node.type == "heredoc_body":
            bodies.append(node)
        waiting += reversed(node.named_children)
    ordered = sorted(beginnings, key=lambda node: node.start_byte)
    return {
        start.start_byte: body
        for start, body in zip(ordered, sorted(bodies, key=lambda node: node.start_byte), strict=False)
    }


def _body(node: Node, owner: str, lowering: Lowering) -> None:
    for child in node.named_children:
        if child.type in ("class", "module"):
            name = lowering.text(child.child_by_field_name("name")).rpartition("::")[2]
            body = child.child_by_field_name("body")
            if body is not None:
                _body(body, name, lowering)
        elif child.type in ("method", "singleton_method"):
            _function(child, owner, lowering)
        elif child.type == "singleton_class":
            body = child.child_by_field_name("body")
            if body is not None:
                _body(body, owner, lowering)
        elif child.type == "assignment":
            for statement in braces.assignment(child, lowering):
                if isinstance(statement, Assign) and isinstance(statement.targets[0], Name):
                    name = statement.targets[0].name
                    key = f"{owner}.{name}" if owner else name
                    lowering.definitions[key] = Definition(statement.span, statement.value)
                    statement = statement._replace(targets=(Name(statement.span, key),))
                lowering.top.append(statement)
        elif child.type in _BODIES:
            _body(child, owner, lowering)
        elif child.type not in ("comment", "heredoc_body", "superclass", "constant"):
            lowering.top += lowering.statement(child)


def _function(node: Node, owner: str, lowering: Lowering) -> None:
    listed = node.child_by_field_name("parameters")
    parameters = [
        Parameter(lowering.text(child.child_by_field_name("name") or child))
        for child in (listed.named_children if listed is not None else [])
    ]
    body = node.child_by_field_name("body")
    statements = lowering.statement(body)
    # the last value is returned; a body of one text says so
    if statements and isinstance(statements[-1], Evaluate):
        statements[-1] = Leave(statements[-1].span, statements[-1].value)
    lowering.functions.append(
        Function(
            lowering.span(node),
            lowering.text(node.child_by_field_name("name")),
            owner,
            tuple(parameters),
            tuple(statements),
        )
    )


def _string(node: Node, lowering: Lowering) -> Expr:
    return braces.text_of(node, lowering, _CONTENTS)


def _heredoc(node: Node, lowering: Lowering) -> Expr:
    body = lowering.later.get(node.start_byte)
    if body is None:
        return lowering.literal(node, "")
    found = braces.text_of(body, lowering, _CONTENTS)
    return found._replace(span=lowering.span(node)) if isinstance(found, (Text, Joined)) else found


def _binary(node: Node, lowering: Lowering) -> Expr:
    operator = lowering.text(node.child_by_field_name("operator"))
    if operator == "%":
        return Percent(lowering.span(node), lowering.field(node, "left"), lowering.field(node, "right"))
    if operator in ("||", "or"):
        return braces.either(node, lowering)
    return braces.concatenation(node, lowering)


def _binary_statement(node: Node, lowering: Lowering) -> list[Stmt]:
    if lowering.text(node.child_by_field_name("operator")) == "<<":
        target = lowering.field(node, "left")
        return [Assign(lowering.span(node), (target,), lowering.field(node, "right"), adds=True)]
    return [Evaluate(lowering.span(node), _binary(node, lowering))]


def _call(node: Node, lowering: Lowering) -> Expr:
    span = lowering.span(node)
    receiver = node.child_by_field_name("receiver")
    name = lowering.text(node.child_by_field_name("method"))
    callee: Expr = Name(span, name) if receiver is None else Member(span, lowering.expression(receiver), name)
    arguments = node.child_by_field_name("arguments")
    args: list[Expr] = []
    keywords: list[tuple[str, Expr]] = []
    for child in arguments.named_children if arguments is not None else []:
        if child.type == "pair":
            keywords.append((lowering.text(child.child_by_field_name("key")), lowering.field(child, "value")))
        elif child.type != "comment":
            args.append(lowering.expression(child))
    body = node.child_by_field_name("block")
    if arguments is None and body is None and receiver is not None:
        return (
            Member(span, lowering.expression(receiver), name)
            if name not in _TEXT_CALLS
            else Call(span, callee, ())
        )
    if body is not None:
        args.append(lowering.expression(body))
    return Call(span, callee, tuple(args), tuple(keywords))


_TEXT_CALLS = ("freeze", "strip", "squish", "strip_heredoc", "to_s", "to_json", "iso8601", "chomp")


def _hash(node: Node, lowering: Lowering) -> Expr:
    pairs: list[tuple[Expr, Expr]] = []
    for child in node.named_children:
        if child.type != "pair":
            continue
        key = child.child_by_field_name("key")
        text = lowering.text(key).strip("\"':")
        value = child.child_by_field_name("value")
        span = lowering.span(child)
        pairs.append(
            (Text(span, text), lowering.expression(value) if value is not None else Name(span, text))
        )
    return Pairs(lowering.span(node), tuple(pairs))


def _modifier(node: Node, lowering: Lowering) -> list[Stmt]:
    condition = lowering.field(node, "condition")
    arm = tuple(lowering.statement(node.child_by_field_name("body")))
    return [Evaluate(lowering.span(node), condition), Branch(lowering.span(node), (arm,), False)]


def _block(node: Node, lowering: Lowering) -> Expr:
    return Closure(lowering.span(node), tuple(lowering.statement(node.child_by_field_name("body"))))


def _words(node: Node, lowering: Lowering) -> Expr:
    words = tuple(Text(lowering.span(child), lowering.text(child)) for child in node.named_children)
    return Items(lowering.span(node), words)


def _scoped(node: Node, lowering: Lowering) -> Expr:
    scope = node.child_by_field_name("scope")
    name = lowering.text(node.child_by_field_name("name"))
    span = lowering.span(node)
    return Name(span, name) if scope is None else Member(span, lowering.expression(scope), name)


def _case(node: Node, lowering: Lowering) -> list[Stmt]:
    arms = [child for child in node.named_children if child.type in ("when", "else", "in_clause")]
    found = tuple(tuple(lowering.statements(arm.named_children)) for arm in arms)
    return [Branch(lowering.span(node), found, any(arm.type == "else" for arm in arms))]


def _while(node: Node, lowering: Lowering) -> list[Stmt]:
    return [
        Loop(
            lowering.span(node),
            (),
            lowering.field(node, "condition"),
            tuple(lowering.statement(node.child_by_field_name("body"))),
        )
    ]


def _return(node: Node, lowering: Lowering) -> list[Stmt]:
    arguments = first(node, "argument_list")
    values = lowering.expressions(arguments.named_children) if arguments is not None else ()
    return [Leave(lowering.span(node), values[0] if values else None)]


GRAMMAR = Grammar(
    "Ruby",
    {
        "string": _string,
        "chained_string": lambda node, low: Joined(low.span(node), low.expressions(node.named_children)),
        "heredoc_beginning": _heredoc,
        "binary": _binary,
        "call": _call,
        "identifier": braces.name,
        "constant": braces.name,
        "instance_variable": braces.name,
        "self": braces.name,
        "scope_resolution": _scoped,
        "element_reference": lambda node, low: Index(
            low.span(node), low.field(node, "object"), low.expression(node.named_children[-1])
        ),
        "array": braces.items,
        "string_array": _words,
        "hash": _hash,
        "splat_argument": lambda node, low: Spread(low.span(node), braces.inner(node, low)),
        "parenthesized_statements": braces.inner,
        "conditional": braces.choice,
        "do_block": _block,
        "block": _block,
        "lambda": braces.closure,
        "simple_symbol": lambda node, low: Text(low.span(node), low.text(node).lstrip(":")),
        "integer": braces.constant,
        "float": braces.constant,
        "true": braces.constant,
        "false": braces.constant,
        "nil": braces.constant,
    },
    {
        "body_statement": block,
        "block_body": block,
        "then": block,
        "else": block,
        "elsif": braces.branch,
        "do": block,
        "ensure": block,
        "begin": braces.attempt,
        "heredoc_body": lambda node, low: [],
        "assignment": braces.assignment,
        "operator_assignment": braces.assignment,
        "binary": _binary_statement,
        "if": braces.branch,
        "unless": braces.branch,
        "if_modifier": _modifier,
        "unless_modifier": _modifier,
        "while": _while,
        "until": _while,
        "case": _case,
        "return": _return,
    },
    define,
)
