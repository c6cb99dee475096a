"""What an INSERT works out of its row beside CHECKs, and the rows for which that cannot be done.

A stored generated column, and what an index is over: PostgreSQL refuses a row for which a cast or a division
in one of them fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal

from migration_lint.catalog.condition import Node, NotRead, NotWorkedOut, Row, evaluate, never_holds, parsed
from migration_lint.catalog.condition.values import NULL, Value, coerced, known, room, truth
from migration_lint.catalog.model import Catalog, Table
from migration_lint.named_tuple import NamedTuple

#: Whether working out an expression fails: for the row in any case, for some, or for none that is known.
Failure = Literal["fails", "may", "no"]

_ANY_TEXT = r"(?:text|varchar|character varying|char|character|bpchar|citext|name|bytea)(?:\(\d+\))?"
_TEXTS = r"(?:text|varchar|character varying|char|character|bpchar|citext|name)(?:\(\d+\))?"
_JSON = r"jsonb?"
#: A text that is none of these is refused for certain.
_EXACT = (
    r"(?:int[248]?|integer|bigint|smallint|numeric|decimal|float[48]|real|double precision|bool|boolean)"
    r"(?:\(.*\))?"
)
#: Functions that give a text.
_OF_TEXT = frozenset(
    "lower upper trim btrim ltrim rtrim substr substring left right replace split_part concat initcap md5 "
    "to_char regexp_replace reverse lpad rpad translate concat_ws format".split()
)
_OF_FIRST = frozenset(("coalesce", "nullif", "greatest", "least"))
#: Behind an expression in parentheses, in an index: `(lower(a)) text_pattern_ops`.
_OPERATOR_CLASS = r"(?<=\))(?:\s+[\w.]+)+\s*$"
_QUOTED = r"'(?:[^']|'')*'"
#: A call, a cast, or arithmetic: of what has none of them, as of a part of an array, no value fails.
_MAY_FAIL = r"\w\s*\(|::|[-+*/%^]"
_ZERO = known(Decimal(0))
_DIVIDING = frozenset((("operator", "/"), ("operator", "%"), ("call", "mod"), ("call", "div")))


class Computed(NamedTuple):
    """An expression that is worked out for each row that is written."""

    by: str  # "the generated column total"
    text: str
    longest: int | None = None  # how many characters there is room for; None: for any number


def computed(table: Table, row: Row, catalog: Catalog) -> Iterator[Computed]:
    """Those of a table."""
    for column in table.columns.values():
        if column.generated == "stored" and column.expression is not None:
            longest = room(catalog.canonical(column.type) or "")
            yield Computed(f"the generated column {column.name}", column.expression, longest)
    for index in table.indexes:
        by = f"the index {index.name}" if index.name else "an index"
        if index.where is not None:
            yield Computed(by, index.where)
        if index.expressions and not (index.where is not None and never_holds(index.where, row)):
            yield from (Computed(by, each) for each in index.columns if row.fold(each) not in table.columns)


def failure(of: Computed, row: Row, table: Table, catalog: Catalog) -> Failure:
    """Whether working it out fails for a row, or there is no room for it; what is not read may fail."""
    tree = _read(of.text, catalog) or _read(re.sub(_OPERATOR_CLASS, "", of.text), catalog)
    if tree is None:
        return "may" if re.search(_MAY_FAIL, re.sub(_QUOTED, "''", of.text)) else "no"
    types = {name: catalog.canonical(column.type) for name, column in table.columns.items()}
    found = _Walk(row, types, catalog).of(tree)
    return _too_long(evaluate(tree, row), of.longest) if found == "no" and of.longest is not None else found


def _read(text: str, catalog: Catalog) -> Node | None:
    try:
        return parsed(text, catalog.dialect)
    except NotRead:
        return None


def _too_long(value: Value, longest: int) -> Failure:
    """Spaces at the end are cut off where there is no room for them."""
    texts = [each for each in value.options if isinstance(each, str)]
    outcomes: set[Failure] = {"fails" if len(each.rstrip(" ")) > longest else "no" for each in texts}
    return _joined(outcomes, value)


class _Walk(NamedTuple):
    row: Row
    types: Mapping[str, str | None]
    catalog: Catalog

    def of(self, node: Node) -> Failure:
        """What stands behind a condition is taken to be guarded by that."""
        parts = node.parts
        if node.operation == "case" or (node.operation in ("and", "or") and self._may_end(node)):
            parts = parts[:1]
        found = {self.of(each) for each in parts}
        if node.operation == "cast":
            found.add(self._cast(node))
        elif len(node.parts) == 2 and (node.operation, node.name) in _DIVIDING:
            found.add(self._divided(node))
        elif node.operation == "call" and self._raises(node.name):
            found.add("may")
        return "fails" if "fails" in found else "may" if "may" in found else "no"

    def _raises(self, name: str) -> bool:
        """Whether a function of a revision may raise."""
        bodies = self.catalog.routines.get(self.catalog.fold(name), ())
        return any(each.body is not None and each.body.raises for each in bodies)

    def _may_end(self, node: Node) -> bool:
        """Whether what stands in front of AND or OR may decide it."""
        return truth(evaluate(node.parts[0], self.row), self.row.dialect).options != {node.operation == "and"}

    def _cast(self, node: Node) -> Failure:
        value = evaluate(node.parts[0], self.row)
        type = self.catalog.canonical(node.name) or node.name
        if value.is_null or re.fullmatch(_ANY_TEXT, type):
            return "no"
        domains = self.catalog.domains_of(type)
        base = domains[-1].type if domains else type
        outcomes = {self._one(each, base or "") for each in value.options - NULL.options}
        source = self._type_of(node.parts[0]) or ""
        textual = re.fullmatch(_TEXTS, source) is not None
        if value.open and (textual or (re.fullmatch(_JSON, source) and not re.fullmatch(_JSON, type))):
            outcomes.add("may")
        if any(each.constraints or not each.nullable for each in domains):
            outcomes.add("may")
        return _joined(outcomes, value)

    def _one(self, value: object, type: str) -> Failure:
        enum = self.catalog.enum_of(type)
        if enum is not None:
            return "no" if not enum.values or value in enum.values else "fails"
        if not isinstance(value, str):
            return "no"
        try:
            coerced(value, type, self.row.dialect)
        except NotWorkedOut:
            return "fails" if re.fullmatch(_EXACT, self.catalog.canonical(type) or "") else "may"
        return "no"

    def _divided(self, node: Node) -> Failure:
        divisor = node.parts[1]
        if divisor.operation == "call" and divisor.name in ("nullif", "greatest"):
            return "no"
        if self._type_of(node.parts[0]) in ("interval", "money"):
            return "no"
        value = evaluate(divisor, self.row)
        outcomes: set[Failure] = {
            "fails" if _is_zero(each) else "no" for each in value.options - NULL.options
        }
        if value.open and divisor.operation == "column" and not self._is_not_zero(divisor.name):
            outcomes.add("may")
        return _joined(outcomes, value)

    def _is_not_zero(self, name: str) -> bool:
        """Whether a CHECK leaves out 0."""
        zero = self.row.having(self.row.fold(name), _ZERO)
        return any(never_holds(each, zero) for each in self.row.checks)

    def _type_of(self, node: Node) -> str | None:
        if node.operation == "column":
            return self.types.get(self.row.fold(node.name))
        if node.operation == "cast":
            return self.catalog.canonical(node.name)
        if node.operation == "literal":
            return "text" if isinstance(node.value, str) else None
        if node.operation == "operator":
            if node.name in ("->>", "#>>"):
                return "text"
            if node.name in ("->", "#>"):
                return "jsonb"
            texts = [re.fullmatch(_TEXTS, self._type_of(each) or "") for each in node.parts]
            return "text" if node.name == "||" and any(texts) else None
        if node.operation == "call" and node.name in _OF_TEXT:
            return "text"
        if node.operation == "call" and node.name in _OF_FIRST and node.parts:
            return self._type_of(node.parts[0])
        return None


def _joined(outcomes: set[Failure], value: Value) -> Failure:
    """`fails` where every value does."""
    if outcomes == {"fails"} and not value.open and not value.may_be_null:
        return "fails"
    return "may" if outcomes - {"no"} else "no"


def _is_zero(value: object) -> bool:
    return not isinstance(value, (bool, str)) and value == 0
