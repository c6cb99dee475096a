"""How many of a table's rows a statement copies into another: INSERT … SELECT, CREATE TABLE … AS."""

from __future__ import annotations

from typing import Literal

from migration_lint.catalog.deletion import condition_behind, holds_for_every_row
from migration_lint.catalog.model import Catalog
from migration_lint.operations import Operation
from migration_lint.reading.sql.tokens import tokenize

#: `some`: as many as a condition or another table leaves, or nobody can tell.
Copied = Literal["all", "some", "none"]

_FEWER = frozenset("LIMIT FETCH OFFSET TOP TABLESAMPLE GROUP HAVING DISTINCT JOIN".split())
#: A join that keeps what stands to its left, or all of it.
_OUTER = frozenset(("LEFT", "OUTER", "FULL"))


def copied(operation: Operation, catalog: Catalog) -> Copied:
    """What of the table that a statement reads first it writes; all, where it says nothing of it."""
    if operation.sql is None:
        return "all"
    tokens = list(tokenize(operation.sql, catalog.dialect))
    words = [each.word for each in tokens]
    if words[-3:] == ["WITH", "NO", "DATA"]:
        return "none"
    depth = 0
    found: Copied = "all"
    start = words.index("SELECT") + 1 if "SELECT" in words else len(words)
    for at in range(start, len(words)):
        depth += (words[at] == "(") - (words[at] == ")")
        if depth < 0:
            break
        if depth > 0:
            continue
        if words[at] == "LIMIT" and tokens[at + 1 : at + 2] and tokens[at + 1].value == "0":
            return "none"
        if words[at] in _FEWER and words[at - 1] not in _OUTER:
            found = "some"
        if words[at] == "WHERE":
            condition = condition_behind(operation.sql, tokens[at + 1 :])
            holds = holds_for_every_row(condition, None, catalog)
            if holds is False:
                return "none"
            found = found if holds else "some"
    return found
