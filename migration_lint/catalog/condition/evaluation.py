"""An expression over the values of a row: SQL's three-valued logic, as far as values are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal

from migration_lint.catalog.condition.documents import Normal, array, elements
from migration_lint.catalog.condition.moments import against_clock
from migration_lint.catalog.condition.tree import Node, NotWorkedOut, Scalar, columns_of
from migration_lint.catalog.condition.values import (
    NULL,
    Value,
    as_number,
    as_text,
    coerced,
    compared,
    either,
    known,
    not_known,
    reason,
    room,
    strict,
    truth,
)
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect


class Row(NamedTuple):
    """What an expression is worked out over: each column's value by its folded name."""

    values: Mapping[str, Value]
    dialect: Dialect
    fold: Callable[[str], str]
    is_strict: Callable[[str], bool]  # whether a function is the server's own and gives NULL for NULL
    table: str = ""  # whose row it is, folded; "": that does not matter
    whole: frozenset[str] = frozenset()  # the folded names of the columns that hold whole numbers
    checks: tuple[str, ...] = ()  # what is not FALSE for it
    within: str = ""  # what stands before the statement that asks: a WITH
    #: Tables in which there is a row that it refers to, with the columns that are equal in both, two and two.
    refers: tuple[tuple[str, frozenset[frozenset[str]]], ...] = ()

    def having(self, name: str, value: Value) -> Row:
        """The row with another value in a column."""
        return self._replace(values={**self.values, name: value})


def evaluate(node: Node, row: Row) -> Value:
    """What an expression may be for a row."""
    return _OPERATIONS[node.operation](node, row)


def _literal(node: Node, row: Row) -> Value:
    return known(node.value)


def _column(node: Node, row: Row) -> Value:
    found = row.values.get(row.fold(node.name))
    return not_known(f"{node.name} is not known") if found is None else found


def _moment(node: Node, row: Row) -> Value:
    return not_known(f"{node.name} is not known", null=False)._replace(term=node.name)


def _array(node: Node, row: Row) -> Value:
    values = [evaluate(each, row) for each in node.parts]
    if any(each.open or len(each.options) > 1 for each in values):
        return _several(node, row)
    return _computed(lambda: array([one for each in values for one in each.options]))


def _computed(compute: Callable[[], Scalar]) -> Value:
    try:
        return known(compute())
    except NotWorkedOut as unknown:
        return not_known(str(unknown))


def _several(node: Node, row: Row) -> Value:
    return not_known(f"an {node.operation} is not worked out", null=False)


def _cast(node: Node, row: Row) -> Value:
    (operand,) = node.parts
    value = evaluate(operand, row)
    longest = room(node.name)  # an explicit cast cuts off what is longer

    def compute(each: Scalar) -> Scalar:
        made = coerced(each, node.name, row.dialect)
        return made[:longest] if longest is not None and isinstance(made, str) else made

    found = strict([value], compute)
    if node.name in _TEXTS:  # no two values have the same text
        return found._replace(term=value.term)
    return found._replace(term=f"{value.term}::{node.name}" if value.term else "")


# Queries


def _exists(node: Node, row: Row) -> Value:
    """Where a query reads the table of the row, the row itself may be what it finds."""
    if _is_own(node, row) and evaluate(node.parts[0], row).options == {True}:
        return known(True)
    if any(row.fold(node.name) == table and _asks(node.parts[0], equal, row) for table, equal in row.refers):
        return known(True)
    condition = node.parts[-1]
    if node.name and not columns_of(condition) and True not in evaluate(condition, row).options:
        return known(False)
    null = NULL.options if node.operation == "among" else frozenset[Scalar]()
    return Value(null | {True, False}, False, "what a query gives is not known")


def _asks(node: Node, equal: Collection[frozenset[str]], row: Row) -> bool:
    """Whether a condition asks no more than that columns are equal which are."""
    if node.operation == "and" or (node.operation == "is" and node.name == "true"):
        return all(_asks(each, equal, row) for each in node.parts)
    if node.operation == "literal":
        return node.value is True
    names = [row.fold(each.name) for each in node.parts if each.operation == "column"]
    return node.operation == "operator" and node.name == "=" and len(names) == 2 and frozenset(names) in equal


def _is_own(node: Node, row: Row) -> bool:
    return bool(node.name) and row.fold(node.name) == row.table


def _query(node: Node, row: Row) -> Value:
    return not_known("what a query gives is not known")


def _count(node: Node, row: Row) -> Value:
    return not_known("what a query counts is not known", null=False)


def bounded(node: Node, row: Row) -> Node | None:
    """A comparison of what is in a row with the greatest or least of all rows, as one with itself."""
    for (one, other), mark in ((node.parts, node.name), (node.parts[::-1], FLIPPED.get(node.name, ""))):
        if other.operation not in ("max", "min") or other.parts[0] != one or not _is_own(other, row):
            continue
        within, beyond = ("<=", ">") if other.operation == "max" else (">=", "<")
        if mark in (within, beyond) and evaluate(other.parts[1], row).options == {True}:
            return Node("operator", (one, one), "=" if mark == within else "<>")
    return None


# Logic


def _and(node: Node, row: Row) -> Value:
    return _joined(node, row, decisive=False)


def _or(node: Node, row: Row) -> Value:
    return _joined(node, row, decisive=True)


def _joined(node: Node, row: Row, *, decisive: bool) -> Value:
    """AND, which FALSE decides, and OR, which TRUE decides."""
    one, other = (truth(evaluate(each, row), row.dialect) for each in node.parts)
    options: set[Scalar] = set()
    for left in one.options:
        for right in other.options:
            if decisive in (left, right):
                options.add(decisive)
            else:
                options.add(None if None in (left, right) else not decisive)
    return Value(frozenset(options), False, (one.why or other.why) if len(options) > 1 else "")


def _not(node: Node, row: Row) -> Value:
    value = truth(evaluate(node.parts[0], row), row.dialect)
    return value._replace(options=frozenset(None if each is None else not each for each in value.options))


def _is(node: Node, row: Row) -> Value:
    """IS NULL, IS TRUE, IS DISTINCT FROM and their opposites, which are never NULL."""
    if node.name == "distinct":
        return _distinct(node, row)
    negated, name = node.name.startswith("not "), node.name.removeprefix("not ")
    operand = node.parts[0]
    if operand.operation == "row":  # each of its columns is NULL, or none is
        tested = [_is(Node("is", (each,), node.name), row) for each in operand.parts]
        return _all(tested)
    value = evaluate(operand, row)
    if name == "null":
        options = {each is None for each in value.options} | ({False} if value.open else set())
    else:
        value = truth(value, row.dialect)
        wanted = {"true": True, "false": False, "unknown": None}[name]
        options = {each is wanted for each in value.options}
    found = frozenset[Scalar](each != negated for each in options)
    return Value(found, False, value.why if len(found) > 1 else "")


def _all(values: Sequence[Value]) -> Value:
    """TRUE where all of these are, which are never NULL."""
    options: set[Scalar] = {True} if all(True in each.options for each in values) else set()
    if any(False in each.options for each in values):
        options.add(False)
    if any(each.options == {False} for each in values):
        options = {False}
    return Value(frozenset(options), False, next((each.why for each in values if each.why), ""))


def _distinct(node: Node, row: Row) -> Value:
    one, other = (evaluate(each, row) for each in node.parts)
    options: set[Scalar] = set()
    if one.may_be_null and other.may_be_null:
        options.add(False)
    for left, right in ((one, other), (other, one)):
        if left.may_be_null and (right.open or right.options - NULL.options):
            options.add(True)
    without = [each._replace(options=each.options - NULL.options) for each in (one, other)]
    equal = (
        _comparison("=", without, row.dialect) if all(each.open or each.options for each in without) else None
    )
    if equal is not None:
        options |= {not each for each in equal.options}
    return Value(frozenset(options), False, "" if equal is None or len(options) < 2 else equal.why)


def _case(node: Node, row: Row) -> Value:
    found: list[Value] = []
    for condition, result in zip(node.parts[:-1:2], node.parts[1::2], strict=False):
        value = truth(evaluate(condition, row), row.dialect)
        if True in value.options:
            result_value = evaluate(result, row)
            found.append(result_value._replace(why=result_value.why or value.why))
        if value.options == {True}:
            return either(found)
    return either((*found, evaluate(node.parts[-1], row)))


# Comparisons


def _in(node: Node, row: Row) -> Value:
    first, *others = node.parts
    return evaluate(_chained("or", "=", first, others), row)


def _any(node: Node, row: Row) -> Value:
    """An operator over an array that is written out: `= ANY (ARRAY['a', 'b'])`, `= ANY ('{a,b}')`."""
    first, of = node.parts
    listed = _elements(of)
    if listed is None:
        held = evaluate(of, row)
        if held.is_null:
            return NULL
        listed = _held(held)
    if listed is None:
        values = [evaluate(each, row) for each in node.parts]
        return strict(
            values, _not_worked_out(f"{node.name} {node.operation.upper()}"), truths=True, null=True
        )
    return evaluate(_chained("or" if node.operation == "any" else "and", node.name, first, listed), row)


def _held(array: Value) -> list[Node] | None:
    """What stands in an array that is a value."""
    if array.open or len(array.options) != 1:
        return None
    try:
        return [Node("literal", value=each) for one in array.options for each in elements(one)]
    except NotWorkedOut:
        return None


def _elements(array: Node) -> list[Node] | None:
    """What stands in an array; None: it is not written out."""
    if array.operation == "cast":
        inner = _elements(array.parts[0])
        type = array.name.removesuffix("[]")
        return None if inner is None else [Node("cast", (each,), type) for each in inner]
    if array.operation == "array":
        return list(array.parts)
    text = array.value if array.operation == "literal" else None
    plain = re.fullmatch(r"\{([^{}\"\\]*)\}", text) if isinstance(text, str) else None
    if plain is None:
        return None
    words = [each.strip() for each in plain[1].split(",")] if plain[1].strip() else []
    return [Node("literal", value=None if each.upper() == "NULL" else each) for each in words]


def _chained(joining: str, operator: str, first: Node, others: Sequence[Node]) -> Node:
    found = Node("literal", value=joining == "and")
    for each in others:
        found = Node(joining, (found, Node("operator", (first, each), operator)))
    return found


#: Regular expressions that match whatever there is.
_ANY_TEXT: frozenset[Scalar] = frozenset(("", ".*", "^", "$", "^.*", ".*$", "^.*$", ".*?"))
FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
COMPARED: dict[str, Callable[[int], bool]] = {
    "=": lambda sign: sign == 0,
    "<>": lambda sign: sign != 0,
    "<": lambda sign: sign < 0,
    ">": lambda sign: sign > 0,
    "<=": lambda sign: sign <= 0,
    ">=": lambda sign: sign >= 0,
}


def _comparison(mark: str, values: Sequence[Value], dialect: Dialect) -> Value:
    one, other = values
    if one.term and one.term == other.term:
        return known(COMPARED[mark](0))
    for sign, clock, others in ((1, one, other), (-1, other, one)):
        found = None if others.open else against_clock(clock.term, others.options - NULL.options)
        if found is not None:
            null = NULL.options & (clock.options | others.options)
            return Value(null | {COMPARED[mark](found * sign)})

    def compute(left: Scalar, right: Scalar) -> bool:
        sign = compared(left, right, dialect)
        if sign is not None:
            return COMPARED[mark](sign)
        if mark in ("=", "<>"):
            return mark == "<>"
        raise NotWorkedOut("the collation decides it")

    return strict(values, compute, truths=True)


def _operator(node: Node, row: Row) -> Value:
    mark = node.name
    if mark in COMPARED and len(node.parts) == 2:
        one, other = node.parts
        if one.operation == other.operation == "row":
            return _rows_compared(mark, one, other, row)
        node = bounded(node, row) or node
        return _comparison(node.name, [evaluate(each, row) for each in node.parts], row.dialect)
    values = [evaluate(each, row) for each in node.parts]
    if mark in ("~", "~*") and len(values) == 2 and values[1].options <= _ANY_TEXT and not values[1].open:
        return _unless_null(values[0])
    if row.dialect == "postgresql" and len(values) == 2:
        from migration_lint.catalog.condition.functions import (  # a server's, few of them used
            OPERATORS,
            TESTS,
        )

        if mark in TESTS or mark in OPERATORS:
            tests = mark in TESTS
            return strict(values, TESTS[mark] if tests else OPERATORS[mark], truths=tests, null=not tests)
    compute = _ARITHMETIC.get((mark, len(values)))
    if compute is None or (mark == "||" and row.dialect in ("mysql", "mariadb")):
        return strict(values, _not_worked_out(mark), null=True)
    return strict(values, compute)


def _rows_compared(mark: str, one: Node, other: Node, row: Row) -> Value:
    pairs = list(zip(one.parts, other.parts, strict=False))
    if mark not in ("=", "<>") or len(one.parts) != len(other.parts):
        values = [evaluate(each, row) for pair in pairs for each in pair]
        return strict(values, _not_worked_out("a comparison of rows"), truths=True, null=True)
    equal = Node("literal", value=True)
    for pair in pairs:
        equal = Node("and", (equal, Node("operator", pair, "=")))
    return evaluate(equal if mark == "=" else Node("not", (equal,)), row)


def _like(node: Node, row: Row) -> Value:
    def compute(text: Scalar, pattern: Scalar) -> bool:
        found = as_text(pattern)
        if "\\" in found or row.dialect not in ("postgresql", "oracle"):
            raise NotWorkedOut("a pattern is not worked out")
        parts = (".*" if each == "%" else "." if each == "_" else re.escape(each) for each in found)
        flags = re.DOTALL | (re.IGNORECASE if node.operation == "ilike" else 0)
        return re.fullmatch("".join(parts), as_text(text), flags) is not None

    values = [evaluate(each, row) for each in node.parts]
    if values[1].options and not values[1].open and all(_is_any(each) for each in values[1].options):
        return _unless_null(values[0])
    return strict(values, compute, truths=True)


def _is_any(pattern: Scalar) -> bool:
    """Whether all texts are like this."""
    return isinstance(pattern, str) and bool(pattern) and not pattern.strip("%")


def _unless_null(value: Value) -> Value:
    """TRUE, where a value is not NULL."""
    return Value(frozenset([True, *(value.options & NULL.options)]) if not value.is_null else NULL.options)


# Functions


def _call(node: Node, row: Row) -> Value:
    name = node.name.lower()
    lazy = _OF_NULLS.get(name)
    values = [evaluate(each, row) for each in node.parts]
    if lazy is not None:
        return lazy(values, row)
    if name in _SHAPES and len(values) == 1 and values[0].shape:
        return Value((values[0].options & NULL.options) | {values[0].shape})
    compute = _FUNCTIONS.get((name, len(values)))
    if compute is not None:
        return strict(values, compute)
    if row.dialect == "postgresql" and values:
        from migration_lint.catalog.condition.functions import FUNCTIONS, OF_NULLS  # each takes a value

        if row.is_strict(name) and (name, len(values)) in FUNCTIONS:
            return strict(values, FUNCTIONS[name, len(values)], null=True)
        of_nulls = OF_NULLS.get((name, len(values)))
        if of_nulls is not None and all(not each.open and len(each.options) == 1 for each in values):
            return _computed(lambda: of_nulls(*(one for each in values for one in each.options)))
    if name in _NOW and not values:
        return not_known(f"{name}() is not known", null=False)._replace(term="CURRENT_TIMESTAMP")
    if not row.is_strict(name):
        decided = values and all(each.open and not each.why for each in values)
        return Value(NULL.options, True, "" if decided else f"what {name} gives is not known")
    if not values:
        return not_known(f"{name}() is not known", null=False)
    return strict(values, _not_worked_out(f"{name}()"), null=True)


def _not_worked_out(what: str) -> Callable[..., Scalar]:
    def compute(*values: Scalar) -> Scalar:
        raise NotWorkedOut(f"{what} is not worked out")

    return compute


def _coalesce(values: Sequence[Value], row: Row) -> Value:
    found: list[Value] = []
    for each in values:
        found.append(each._replace(options=each.options - NULL.options))
        if not each.may_be_null:
            return either(found)
    last = either(found)
    return last._replace(options=last.options | NULL.options)


def _nullif(values: Sequence[Value], row: Row) -> Value:
    one, other = values
    equal = _comparison("=", values, row.dialect)
    found = [one] if equal.options != {True} else []
    if True in equal.options:
        found.append(NULL)
    return either(found)


def _greatest(values: Sequence[Value], row: Row) -> Value:
    return _extreme(values, row, max)


def _least(values: Sequence[Value], row: Row) -> Value:
    return _extreme(values, row, min)


def _extreme(values: Sequence[Value], row: Row, pick: Callable[..., Decimal]) -> Value:
    """PostgreSQL passes over NULL, the others give NULL for it."""
    if row.dialect != "postgresql":
        return strict(values, lambda *each: pick(map(as_number, each)))
    left = [each for each in values if not each.is_null]
    if not left:
        return NULL
    without = [each._replace(options=each.options - NULL.options) for each in left]
    if all(each == other for each, other in zip(left, without, strict=True)):
        return strict(left, lambda *each: pick(map(as_number, each)))
    null = NULL.options if all(each.may_be_null for each in left) else frozenset[Scalar]()
    return Value(null, True, reason(left))


def _num_nulls(values: Sequence[Value], row: Row) -> Value:
    return _counted(values, null=True)


def _num_nonnulls(values: Sequence[Value], row: Row) -> Value:
    return _counted(values, null=False)


def _counted(values: Sequence[Value], *, null: bool) -> Value:
    """How many are NULL, or are not: between those that are so in any case and those that may be."""
    nulls = sum(each.is_null for each in values)
    others = sum(not each.may_be_null for each in values)
    least, most = (nulls, len(values) - others) if null else (others, len(values) - nulls)
    why = next((each.why for each in values if each.may_be_null and not each.is_null and each.why), "")
    return Value(frozenset(Decimal(each) for each in range(least, most + 1)), False, why)


def _divided(one: Scalar, other: Scalar) -> Scalar:
    left, right = as_number(one), as_number(other)
    if right == 0 or left % right != 0:
        raise NotWorkedOut("a quotient is not worked out")
    return left / right


def _joined_texts(one: Scalar, other: Scalar) -> Scalar:
    if isinstance(one, Normal) or isinstance(other, Normal):
        raise NotWorkedOut("|| is not worked out")
    return as_text(one) + as_text(other)


_ARITHMETIC: dict[tuple[str, int], Callable[..., Scalar]] = {
    ("+", 2): lambda one, other: as_number(one) + as_number(other),
    ("-", 2): lambda one, other: as_number(one) - as_number(other),
    ("*", 2): lambda one, other: as_number(one) * as_number(other),
    ("/", 2): _divided,
    ("-", 1): lambda one: -as_number(one),
    ("+", 1): lambda one: as_number(one),
    ("||", 2): _joined_texts,
}
_FUNCTIONS: dict[tuple[str, int], Callable[..., Scalar]] = {
    ("lower", 1): lambda text: as_text(text).lower(),
    ("upper", 1): lambda text: as_text(text).upper(),
    ("length", 1): lambda text: Decimal(len(as_text(text))),
    ("char_length", 1): lambda text: Decimal(len(as_text(text))),
    ("character_length", 1): lambda text: Decimal(len(as_text(text))),
    ("trim", 1): lambda text: as_text(text).strip(" "),
    ("btrim", 1): lambda text: as_text(text).strip(" "),
    ("ltrim", 1): lambda text: as_text(text).lstrip(" "),
    ("rtrim", 1): lambda text: as_text(text).rstrip(" "),
    ("abs", 1): lambda number: abs(as_number(number)),
}
_OF_NULLS: dict[str, Callable[[Sequence[Value], Row], Value]] = {
    "coalesce": _coalesce,
    "ifnull": _coalesce,
    "nvl": _coalesce,
    "nullif": _nullif,
    "greatest": _greatest,
    "least": _least,
    "num_nulls": _num_nulls,
    "num_nonnulls": _num_nonnulls,
}
_TEXTS = frozenset(("text", "varchar", "character varying"))
_SHAPES = frozenset(("jsonb_typeof", "json_typeof"))
_NOW = frozenset(("now", "transaction_timestamp"))
_OPERATIONS: dict[str, Callable[[Node, Row], Value]] = {
    "literal": _literal,
    "column": _column,
    "moment": _moment,
    "array": _array,
    "row": _several,
    "cast": _cast,
    "and": _and,
    "or": _or,
    "not": _not,
    "is": _is,
    "case": _case,
    "in": _in,
    "any": _any,
    "all": _any,
    "exists": _exists,
    "among": _exists,
    "query": _query,
    "collected": _query,
    "max": _query,
    "min": _query,
    "count": _count,
    "operator": _operator,
    "like": _like,
    "ilike": _like,
    "call": _call,
}
