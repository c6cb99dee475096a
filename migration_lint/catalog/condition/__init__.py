"""Whether a condition holds for a row of which some values are known: a CHECK, or a WHERE.

tree        an expression as a tree
syntax      its text as that
queries     what a query in it gives, as far as that is told without its table
values      what an expression may be, as far as that is known
moments     dates, times and the server's clock
documents   JSON and arrays
patterns    PostgreSQL's regular expressions
functions   what the server's functions and operators make of values that are known
evaluation  SQL's three-valued logic over both
sums        arithmetic that comes to the same whatever its columns hold
cases       whether a condition holds in all cases, where no single value tells
"""

from __future__ import annotations

from typing import Literal

from migration_lint.catalog.condition.evaluation import Row, evaluate
from migration_lint.catalog.condition.syntax import parsed
from migration_lint.catalog.condition.tree import Node, NotRead, NotWorkedOut, columns_of
from migration_lint.catalog.condition.values import truth
from migration_lint.named_tuple import NamedTuple

__all__ = [
    "Judged",
    "Node",
    "NotRead",
    "NotWorkedOut",
    "Row",
    "columns_of",
    "evaluate",
    "holds",
    "judge",
    "never_holds",
    "parsed",
]

#: `refuses`: it is FALSE in any case; `depends`: on what the INSERT writes; `unread`: nobody can say here.
Verdict = Literal["refuses", "passes", "depends", "unread"]


class Judged(NamedTuple):
    """What a condition does with a row; `why`: what was not worked out."""

    verdict: Verdict
    why: str = ""


def holds(condition: str, row: Row, *, others: bool = False) -> bool | None:
    """Whether a condition is TRUE for a row, as a WHERE asks; None: nobody can say here.

    `others`: whether it is where what it asks of other tables, whatever the row, is so or is not.
    """
    from migration_lint.catalog.condition.cases import always, answered  # that few conditions need

    try:
        tree = parsed(condition, row.dialect, row.within)
    except NotRead:
        return None
    if others:
        return any(always(each, row) for each in answered(tree, row)) or None
    options = truth(evaluate(tree, row), row.dialect).options
    if True in options and len(options) > 1:
        return True if always(tree, row) else None
    return True in options


def never_holds(condition: str, row: Row) -> bool:
    """Whether a condition is known not to be TRUE for a row."""
    try:
        tree = parsed(condition, row.dialect)
    except NotRead:
        return False
    return True not in truth(evaluate(tree, row), row.dialect).options


def judge(condition: str, row: Row) -> Judged:
    """Whether a condition refuses a row. One that is NULL passes."""
    try:
        tree = parsed(condition, row.dialect)
    except NotRead:
        return Judged("unread", "its condition is not read")
    value = truth(evaluate(tree, row), row.dialect)
    if False not in value.options:
        return Judged("passes")
    if value.options == {False}:
        return Judged("refuses")
    return Judged("unread", value.why) if value.why else Judged("depends")
