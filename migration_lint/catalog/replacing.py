"""The rows that REPLACE and INSERT OR REPLACE put anew, which are deleted before."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.catalog.deletion import Extent, condition_behind, holds_for_every_row
from migration_lint.catalog.model import Catalog
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation
from migration_lint.reading.sql.tokens import Token, tokenize

#: What leaves rows of what a query reads out.
_FEWER = frozenset("LIMIT FETCH OFFSET JOIN GROUP HAVING DISTINCT EXCEPT INTERSECT EXISTS".split())


class Replaced(NamedTuple):
    """The table whose rows a statement puts anew; `joined`: those that another table has a row for."""

    table: str  # as its operation names it
    extent: Extent


def replaced(operation: Operation, catalog: Catalog) -> Replaced | None:
    """What a data statement replaces; None: it is no such statement, or its table is not known."""
    tokens = list(tokenize(operation.sql or "", catalog.dialect))
    words = [each.word for each in tokens]
    if catalog.dialect == "sqlite":
        replaces = any(words[at : at + 2] == ["OR", "REPLACE"] for at in range(len(words)))
        replaces = replaces or words[:2] == ["REPLACE", "INTO"]
    else:
        replaces = operation.action == "replace" and catalog.dialect in ("mysql", "mariadb")
    if not replaces or not operation.tables:
        return None
    target, *others = operation.tables
    return Replaced(target, _extent(operation, tokens, others, catalog))


def _extent(operation: Operation, tokens: Sequence[Token], others: Sequence[str], catalog: Catalog) -> Extent:
    words = [each.word for each in tokens]
    if "SELECT" not in words and "TABLE" not in words:  # rows that are written out
        return "some"
    if not _FEWER.isdisjoint(words):
        return "some"
    if "WHERE" in words:
        condition = condition_behind(operation.sql or "", tokens[words.index("WHERE") + 1 :])
        table = catalog.get(catalog.key_of((*others, operation.tables[0])[0]))
        if not holds_for_every_row(condition, table, catalog):
            return "some"
    return "joined" if others or "FROM" not in words else "all"
