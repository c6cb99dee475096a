"""Whether a condition is TRUE whatever a row holds, worked out case by case.

What stands in a condition twice is the same both times, so that `a OR NOT a` is TRUE for what is not NULL. A
*term* is what is compared: a column, or a call. A case gives each term a value: NULL, one that it is compared
with, or one between those; and each condition that is left TRUE, FALSE or NULL. There are more cases than
rows may be, so that what is TRUE in all of them is TRUE for all rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise, product

from migration_lint.catalog.condition import sums
from migration_lint.catalog.condition.evaluation import COMPARED, FLIPPED, Row, bounded, evaluate
from migration_lint.catalog.condition.syntax import parsed
from migration_lint.catalog.condition.tree import Node, NotRead, NotWorkedOut, Scalar, columns_of
from migration_lint.catalog.condition.values import NULL, Value, as_number, known, truth

_MOST_CASES = 4096
_MOST_LEFT = 6
_MOST_ASKED = 3
#: What has these for its parts is TRUE or FALSE because of them.
_JOINING = frozenset(("and", "or", "not"))
#: They give no number below 0.
_COUNTING = frozenset(
    "length char_length character_length octet_length bit_length abs random cardinality "
    "strpos pg_backend_pid".split()
)  # fmt: skip
#: They give another value each time.
_CHANGING = frozenset(
    "random nextval clock_timestamp statement_timestamp timeofday gen_random_uuid uuid_generate_v1 uuid "
    "uuid_generate_v4 rand newid randomblob".split()
)
_OPPOSITE = {"<": ">=", ">": "<=", "<>": "="}


def always(tree: Node, row: Row) -> bool:
    """Whether a condition is TRUE in all cases; False: it is not, or there are too many of them."""
    tree = _settled(_given_checks(tree, row), row)
    if any(count > 1 for count in _changing(tree).values()):
        return False
    terms = _terms(tree, row)
    names = {term: f"\0{number}" for number, term in enumerate(terms)}
    tree = _named(tree, names, {term: ranks for term, (_, ranks) in terms.items()})
    choices = [values for values, _ in terms.values()]
    cases = 1
    for each in choices:
        cases *= max(len(each), 1)
    if cases > _MOST_CASES:
        return False
    for case in product(*choices):
        values = {**row.values, **dict(zip(map(row.fold, names.values()), case, strict=True))}
        if not _holds(tree, row._replace(values=values)):
            return False
    return True


def _given_checks(tree: Node, row: Row) -> Node:
    """A condition, or that a CHECK on its columns is FALSE, which no row gets past."""
    named = set(map(row.fold, columns_of(tree)))
    for text in row.checks:
        try:
            check = parsed(text, row.dialect)
        except NotRead:
            continue
        if named & set(map(row.fold, columns_of(check))):
            tree = Node("or", (tree, Node("is", (check,), "false")))
    return tree


def answered(tree: Node, row: Row) -> Iterator[Node]:
    """A condition with every answer to what it asks of other tables, whatever the row."""
    asked = [each for each in dict.fromkeys(_asked(tree)) if not columns_of(each) & row.values.keys()]
    asked = [each for each in asked if each.name and row.fold(each.name) != row.table]
    for answers in product((True, False), repeat=len(asked)) if 0 < len(asked) <= _MOST_ASKED else ():
        yield _replaced(tree, dict(zip(asked, map(_literal, answers), strict=True)))


def _asked(node: Node) -> Iterator[Node]:
    if node.operation == "exists":
        yield node
    for each in node.parts:
        yield from _asked(each)


def _holds(tree: Node, row: Row) -> bool:
    """Whether a condition is TRUE in a case, whatever the conditions in it that are left open are."""
    if truth(evaluate(tree, row), row.dialect).options == {True}:
        return True
    left = {
        leaf: options
        for leaf in dict.fromkeys(_leaves(tree))
        if len(options := truth(evaluate(leaf, row), row.dialect).options) > 1
    }
    if not left or len(left) > _MOST_LEFT:
        return False
    for case in product(*left.values()):
        settled = _replaced(tree, dict(zip(left, map(_literal, case), strict=True)))
        if truth(evaluate(settled, row), row.dialect).options != {True}:
            return False
    return True


def _literal(value: Scalar) -> Node:
    return Node("literal", value=value)


def _replaced(node: Node, by: Mapping[Node, Node]) -> Node:
    return by.get(node) or node._replace(parts=tuple(_replaced(each, by) for each in node.parts))


# One spelling for what means the same


def _settled(node: Node, row: Row) -> Node:
    """Names folded, IN written out, and of the comparisons =, <= and >= alone, a literal on the right."""
    parts = tuple(_settled(each, row) for each in node.parts)
    if node.operation == "column":
        return node._replace(name=row.fold(node.name))
    if node.operation == "in":
        found = _literal(value=False)
        for each in parts[1:]:
            found = Node("or", (found, _settled(Node("operator", (parts[0], each), "="), row)))
        return found
    node = node._replace(parts=parts)
    if not _is_comparison(node):
        return node
    node = bounded(node, row) or node
    same = sums.settled(node, row.whole.__contains__)
    if same is not None:
        return same
    one, other = node.parts
    mark = node.name
    if one.operation == "literal" or (other.operation != "literal" and str(one) > str(other)):
        one, other, mark = other, one, FLIPPED[mark]
    opposite = _OPPOSITE.get(mark)
    return (
        Node("operator", (one, other), mark)
        if opposite is None
        else Node("not", (Node("operator", (one, other), opposite),))
    )


def _is_comparison(node: Node) -> bool:
    return (
        node.operation == "operator"
        and node.name in COMPARED
        and len(node.parts) == 2
        and not any(each.operation == "row" for each in node.parts)
    )


def _leaves(node: Node) -> Iterator[Node]:
    """The conditions of which others are made."""
    if node.operation in _JOINING or (node.operation == "is" and node.name != "distinct" and _is_logic(node)):
        for each in node.parts:
            yield from _leaves(each)
    elif node.operation == "case":
        for each in (*node.parts[::2], *node.parts[1::2]):
            yield from _leaves(each)
    elif node.operation != "literal":
        yield node


def _is_logic(node: Node) -> bool:
    """Whether IS asks for TRUE and FALSE, or for NULL of what is one of these."""
    name = node.name.removeprefix("not ")
    return name != "null" or node.parts[0].operation in _JOINING or _is_comparison(node.parts[0])


def _changing(node: Node) -> Counter[Node]:
    found = Counter((node,) if node.operation == "call" and node.name in _CHANGING else ())
    for each in node.parts:
        found += _changing(each)
    return found


# Terms

#: What a term is in each case, and which number stands for a text that it is compared with.
_Choices = tuple[list[Value], dict[Scalar, Decimal]]


def _terms(tree: Node, row: Row) -> dict[Node, _Choices]:
    compared: dict[Node, list[tuple[str, Node]]] = {}
    for leaf in _leaves(tree):
        if _is_comparison(leaf):
            for one, other in (leaf.parts, leaf.parts[::-1]):
                if one.operation != "literal":
                    compared.setdefault(one, []).append((leaf.name, other))
        elif leaf.operation == "is" and leaf.name != "distinct" and leaf.parts[0].operation != "row":
            compared.setdefault(leaf.parts[0], [])
    return {term: _choices(term, comparisons, row) for term, comparisons in compared.items()}


def _choices(term: Node, comparisons: list[tuple[str, Node]], row: Row) -> _Choices:
    value = evaluate(term, row)
    null = [NULL] if value.may_be_null else []
    others = value._replace(options=value.options - NULL.options)
    if not value.open:
        return [known(each) for each in value.options], {}
    literals = [(mark, other.value) for mark, other in comparisons if other.operation == "literal"]
    found = {each for _, each in literals if each is not None}
    if len(literals) < len(comparisons) or not found:
        return [others._replace(term=value.term or str(term)), *null], {}
    if all(isinstance(each, bool) for each in found):
        return [known(True), known(False), *null], {}
    try:
        numbers = sorted({_number(each) for each in found})
        ranks: dict[Scalar, Decimal] = {each: _number(each) for each in found if isinstance(each, str)}
    except NotWorkedOut:
        if len(found) > 1 and any(mark != "=" for mark, _ in literals):
            return [others._replace(term=value.term or str(term)), *null], {}
        ranks = {each: Decimal(number) for number, each in enumerate(sorted(map(str, found)))}
        numbers = list(ranks.values())
    counts = term.operation == "count" or term.name in _COUNTING
    least = Decimal(0) if counts or found == {""} else None
    whole = term.operation == "column" and row.fold(term.name) in row.whole
    return [*map(known, _around(numbers, least, whole=whole)), *null], ranks


def _number(value: Scalar) -> Decimal:
    if isinstance(value, bool):
        raise NotWorkedOut(f"{value} is no number")
    return as_number(value)


def _around(numbers: list[Decimal], least: Decimal | None, *, whole: bool) -> Iterable[Decimal]:
    """These numbers, and one from each range between them, from below and from above."""
    found = {*numbers, numbers[0] - 1, numbers[-1] + 1}
    if whole:
        found |= {each + step for each in numbers for step in (-1, 1)}
    else:
        found |= {(one + other) / 2 for one, other in pairwise(numbers)}
    if least is not None:
        found = {each for each in found if each >= least} | {least, (least + min(found | {least})) / 2}
        found = {each for each in found if each >= least}
    return sorted(found)


def _named(node: Node, names: Mapping[Node, str], ranks: Mapping[Node, Mapping[Scalar, Decimal]]) -> Node:
    """A condition with each term as a column of its own, and numbers for the texts beside it."""
    if _is_comparison(node):
        one, other = node.parts
        if other.operation == "literal":
            other = _literal(ranks.get(one, {}).get(other.value, other.value))
        return node._replace(parts=tuple(_column(each, names) for each in (one, other)))
    if node.operation == "is" and node.name != "distinct" and node.parts[0] in names:
        return node._replace(parts=(_column(node.parts[0], names),))
    if node.operation in _JOINING or node.operation in ("is", "case"):
        return node._replace(parts=tuple(_named(each, names, ranks) for each in node.parts))
    return node


def _column(node: Node, names: Mapping[Node, str]) -> Node:
    return Node("column", name=names[node]) if node in names else node
