"""Arithmetic over whole numbers that comes to the same whatever they are: `a - a`, `2 * a - a > a - 1`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from migration_lint.catalog.condition.tree import Node, columns_of

#: A sum of products: how often each product, told by its columns in order, is in it.
_Sum = Mapping[tuple[str, ...], Decimal]

_MOST = 32
_HOLDS: Mapping[str, Callable[[Decimal], bool]] = {
    "=": lambda number: number == 0,
    "<>": lambda number: number != 0,
    "<": lambda number: number < 0,
    "<=": lambda number: number <= 0,
    ">": lambda number: number > 0,
    ">=": lambda number: number >= 0,
}


def settled(node: Node, is_whole: Callable[[str], bool]) -> Node | None:
    """A comparison that hangs on nothing but which of its columns are NULL; None: it hangs on more."""
    holds = _HOLDS.get(node.name)
    columns = list(dict.fromkeys(columns_of(node)))
    if holds is None or not columns or not all(map(is_whole, columns)):
        return None
    one, other = (_sum(each) for each in node.parts)
    if one is None or other is None:
        return None
    left = _added(one, other, -1)
    if any(product and number for product, number in left.items()):
        return None
    truth = Node("literal", value=holds(left.get((), Decimal(0))))
    given = tuple(Node("is", (Node("column", name=each),), "not null") for each in columns)
    return Node("case", (given[0] if len(given) == 1 else Node("and", given), truth, Node("literal")))


def _sum(node: Node) -> _Sum | None:
    if node.operation == "literal":
        return {(): node.value} if isinstance(node.value, Decimal) else None
    if node.operation == "column":
        return {(node.name,): Decimal(1)}
    if node.operation != "operator":
        return None
    parts = [_sum(each) for each in node.parts]
    known = [each for each in parts if each is not None]
    if len(known) < len(parts):
        return None
    if len(known) == 1:
        return _added({}, known[0], -1) if node.name == "-" else known[0] if node.name == "+" else None
    one, other = known
    if node.name in ("+", "-"):
        return _added(one, other, 1 if node.name == "+" else -1)
    if node.name == "*" and len(one) * len(other) <= _MOST:
        made: _Sum = {}
        for product, number in _products(one, other):
            made = _added(made, {product: number}, 1)
        return made
    return {} if node.name == "%" and other in ({(): Decimal(1)}, {(): Decimal(-1)}) else None


def _added(one: _Sum, other: _Sum, sign: int) -> _Sum:
    made = dict(one)
    for product, number in other.items():
        made[product] = made.get(product, Decimal(0)) + sign * number
    return made


def _products(one: _Sum, other: _Sum) -> Iterator[tuple[tuple[str, ...], Decimal]]:
    for left, number in one.items():
        for right, times in other.items():
            yield tuple(sorted((*left, *right))), number * times
