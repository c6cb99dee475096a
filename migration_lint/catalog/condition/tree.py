"""The tree of an expression."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from migration_lint.named_tuple import NamedTuple

#: What a value may be: NULL, a truth value, a number, a text, a date or time.
Scalar = bool | Decimal | str | date | None


class Node(NamedTuple):
    """A part of an expression: an operation, its operands, and a name or a value.

    `operation` is `literal` (with `value`), `column`, `cast` (to the type `name`), `call`, `operator`, `and`,
    `or`, `not`, `is` (`name`: null, true, false, unknown, distinct), `like`, `ilike`, `in` (its first operand
    in the others), `any`, `all` (an operator over an array), `case`, `array`, `row`, `moment`: a value that
    only the server has when it runs, CURRENT_DATE; or of a query: `exists` (a row of the table `name` for
    which its operand is TRUE; "": no more is known), `among` (the same, and NULL where that cannot be told;
    its second operand is the condition of the query), `count` (of the rows for which its operand is TRUE),
    `max` and `min` (of its first operand, where its second one is TRUE), `collected` (an array of the same),
    or `query` (its only value). What reads no table is written without the query.
    """

    operation: str
    parts: tuple[Node, ...] = ()
    name: str = ""
    value: Scalar = None


class NotRead(Exception):
    """The text is no expression that is known here."""


class NotWorkedOut(Exception):
    """The server works it out; nobody does here."""


def columns_of(node: Node) -> frozenset[str]:
    """The names of columns in an expression."""
    found = frozenset((node.name,)) if node.operation == "column" else frozenset[str]()
    return found.union(*map(columns_of, node.parts))
