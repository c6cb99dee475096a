"""Types that list their values: constants of a type in Go, classes in Python, `enum` in TypeScript.

A member whose value cannot be told leaves its type unknown, as do members that are worked out at run time.
"""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.sources.code import Call, Constant, Definition, Enumeration, Expr, Items, Text, dotted
from migration_lint.sources.grammars.lowering import Lowering, Node

_LARGEST_SHIFT = 63


def go_constants(declaration: Node, lowering: Lowering) -> None:
    """The constants of a group that have a type, and those that count by `iota`.

    https://go.dev/ref/spec#Constant_declarations: what is left out is what stands in the line before.
    """
    kind, values = "", list[Node]()
    specs = [child for child in declaration.named_children if child.type == "const_spec"]
    for iota, spec in enumerate(specs):
        value = spec.child_by_field_name("value")
        if value is not None:
            kind, values = lowering.text(spec.child_by_field_name("type")), value.named_children
        for name, given in zip(spec.children_by_field_name("name"), values, strict=False):
            called = lowering.text(name)
            number = _number(given, iota, lowering)
            if called == "_":
                continue
            if number is not None:
                constant = Constant(lowering.span(spec), str(number))
                lowering.definitions[called] = Definition(constant.span, constant, kind)
            expression = lowering.expression(given)
            converted = isinstance(expression, Call) and len(expression.args) == 1
            of = kind or (dotted(expression.callee) if isinstance(expression, Call) and converted else "")
            if isinstance(expression, Call) and converted:
                expression = expression.args[0]
            text = str(number) if number is not None else _text(expression)
            if of:
                _add(of, called, text, lowering)


def _number(node: Node, iota: int, lowering: Lowering) -> int | None:
    """A whole number that is worked out of `iota`."""
    if node.type == "iota":
        return iota
    if node.type == "int_literal":
        return _whole(lowering.text(node))
    if node.type in ("parenthesized_expression", "call_expression"):
        inner = node.child_by_field_name("arguments") or node
        return _number(inner.named_children[0], iota, lowering) if len(inner.named_children) == 1 else None
    if node.type == "unary_expression" and lowering.text(node.child_by_field_name("operator")) == "-":
        number = _number(node.named_children[-1], iota, lowering)
        return -number if number is not None else None
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if node.type != "binary_expression" or left is None or right is None:
        return None
    sides = (_number(left, iota, lowering), _number(right, iota, lowering))
    return _worked_out(lowering.text(node.child_by_field_name("operator")), *sides)


def _worked_out(operator: str, left: int | None, right: int | None) -> int | None:
    if left is None or right is None:
        return None
    if operator == "<<":
        return left << right if 0 <= right <= _LARGEST_SHIFT else None
    return {"+": left + right, "-": left - right, "*": left * right}.get(operator)


def _whole(text: str) -> int | None:
    try:
        return int(text.replace("_", ""), 0)
    except ValueError:
        return None


_ENUMS = frozenset("Enum StrEnum IntEnum TextChoices IntegerChoices ReprEnum".split())
#: Bases by which a member is itself the text or number that a driver writes.
_BARE = frozenset("str int StrEnum IntEnum TextChoices IntegerChoices".split())
#: What makes of the values of members something else than what is written.
_MAKES = ("__new__", "__init__", "_generate_next_value_", "_missing_")


def python_class(name: str, bases: Iterable[str], body: Node, lowering: Lowering) -> None:
    """The members of a class that is an enumeration; nothing for another class."""
    kinds = {base.rpartition(".")[2] for base in bases}
    if not kinds & _ENUMS:
        return
    lowering.enumerations[name] = Enumeration({}, bool(kinds & _BARE))
    counted = 0
    for child in body.named_children:
        inner = child.named_children[0] if child.named_children else child
        if child.type == "function_definition":
            made = lowering.text(child.child_by_field_name("name")) in _MAKES
            if made:
                _add(name, "", None, lowering)
        elif child.type == "expression_statement" and inner.type == "assignment":
            called = lowering.text(inner.child_by_field_name("left"))
            if called.startswith("_") or inner.child_by_field_name("right") is None:
                continue
            value = lowering.field(inner, "right")
            if isinstance(value, Items) and kinds & {"TextChoices", "IntegerChoices"}:
                value = value.items[0]  # the label stands beside it
            counted = _after(value, counted)
            automatic = isinstance(value, Call) and dotted(value.callee).rpartition(".")[2] == "auto"
            text = _text(value)
            if automatic and "StrEnum" in kinds:
                text = called.lower()
            elif automatic and "str" not in kinds:
                text = str(counted)
            _add(name, called, text, lowering)


def typescript_enum(node: Node, lowering: Lowering) -> None:
    """`enum Status { Queued = "queued" }`; a number that is left out is one more than that before it."""
    name = lowering.text(node.child_by_field_name("name"))
    body = node.child_by_field_name("body")
    lowering.enumerations[name] = Enumeration({})
    counted = -1
    for child in body.named_children if body is not None else ():
        if child.type in lowering.comments:
            continue
        named = child.child_by_field_name("name") or child
        called = lowering.text(named).strip("'\"")
        given = child.child_by_field_name("value")
        value = lowering.expression(given) if given is not None else None
        counted = _after(value, counted)
        minus = given is not None and lowering.text(given).startswith("-")
        text = str(counted) if value is None else None if minus else _text(value)
        _add(name, called, text, lowering)


def _after(value: Expr | None, counted: int) -> int:
    """The number that a member has, or would have, where those before it have come to `counted`."""
    number = _whole(value.value) if isinstance(value, Constant) else None
    return number if number is not None else counted + 1


def _text(value: Expr) -> str | None:
    return value.value if isinstance(value, (Text, Constant)) else None


def _add(kind: str, name: str, value: str | None, lowering: Lowering) -> None:
    """One more member of a type; None for a value that nobody can tell."""
    before = lowering.enumerations.get(kind, Enumeration({}))
    if value is None:
        lowering.enumerations[kind] = before._replace(known=False)
    else:
        lowering.enumerations[kind] = before._replace(members={**before.members, name: value})
