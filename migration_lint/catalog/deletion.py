"""The rows that an UPDATE, a DELETE or a MERGE means, wherever in its statement it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from migration_lint.catalog.condition import holds
from migration_lint.catalog.condition.values import WRITTEN, WRITTEN_NOT_NULL
from migration_lint.catalog.inserted import row_over
from migration_lint.catalog.model import Catalog, Table
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation
from migration_lint.reading.sql.tokens import Token, tokenize

#: How many of a table's rows are meant; `joined`: those that another table has a row for.
Extent = Literal["all", "joined", "some"]

#: What stands before a DELETE that is no part of a foreign key or of a trigger.
_STARTING = frozenset(("", "(", ")"))
#: What may stand between DELETE or INTO and the name of the table.
_BETWEEN = frozenset(("FROM", "ONLY", "(", "LOW_PRIORITY", "QUICK", "IGNORE", "INTO"))
_FEWER = frozenset(("LIMIT", "TOP", "FETCH"))
_JOINING = frozenset(("USING", "JOIN"))
_ENDING = frozenset(("RETURNING", "ORDER", "LIMIT", "OPTION", "WHEN", "ON", ";"))


class Deletion(NamedTuple):
    """A table whose rows go; `certain`: all of them do."""

    table: str  # as its operation names it
    certain: bool = True


def deletions(operation: Operation, catalog: Catalog) -> Iterator[Deletion]:
    """The tables of which a data statement deletes all rows, or as many as another table says."""
    if operation.action == "truncate":
        yield from map(Deletion, operation.tables)
    elif operation.sql is None:
        if operation.action == "delete" and operation.every_row:
            yield from map(Deletion, operation.tables[:1])
    else:
        tokens = list(tokenize(operation.sql, catalog.dialect))
        for at, token in enumerate(tokens):
            before = tokens[at - 1].word if at else ""
            if token.word == "DELETE" and before in _STARTING:
                yield from _deleted(operation, tokens[at + 1 :], catalog)
            elif token.word == "MERGE" and before in _STARTING:
                yield from _merged(operation, tokens[at + 1 :], catalog)


def _deleted(operation: Operation, tokens: Sequence[Token], catalog: Catalog) -> Iterator[Deletion]:
    table = _target(operation, tokens, catalog)
    found = extent(operation, tokens, catalog)
    if table is not None and found != "some":
        yield Deletion(table, found == "all")


def _merged(operation: Operation, tokens: Sequence[Token], catalog: Catalog) -> Iterator[Deletion]:
    """DELETE without an AND of its own: WHEN MATCHED, where ON holds for all, and NOT MATCHED BY SOURCE."""
    table = _target(operation, tokens, catalog)
    words = [each.word for each in tokens]
    deleting = {words[at - 1] for at in range(1, len(words)) if words[at : at + 2] == ["THEN", "DELETE"]} & {
        "MATCHED",
        "SOURCE",
    }
    if "SOURCE" not in deleting and "ON" in words:
        condition = condition_behind(operation.sql or "", tokens[words.index("ON") + 1 :])
        if not holds_for_every_row(condition, None, catalog):
            return
    if table is not None and deleting:
        yield Deletion(table, certain=False)


def _target(operation: Operation, tokens: Sequence[Token], catalog: Catalog) -> str | None:
    """The table that a statement names first, as the operation has it; where that is an alias: its first."""
    at = next((at for at, each in enumerate(tokens) if each.word not in _BETWEEN), len(tokens))
    while at + 2 < len(tokens) and tokens[at + 1].word == ".":
        at += 2
    name = catalog.fold_table(tokens[at].value) if at < len(tokens) else ""
    tables = operation.tables
    return next((each for each in tables if catalog.key_of(each)[1] == name), tables[0] if tables else None)


def extent(operation: Operation, tokens: Sequence[Token], catalog: Catalog) -> Extent:
    """How many rows an UPDATE or DELETE means; its `tokens` are those of the statement's from there on."""
    depth, joined, condition = 0, False, None
    for at, token in enumerate(tokens):
        depth += (token.word == "(") - (token.word == ")")
        if depth < 0:
            break
        if depth > 0:
            continue
        if token.word in _FEWER:
            return "some"
        joined = joined or token.word in _JOINING
        if token.word == "WHERE":
            condition = condition_behind(operation.sql or "", tokens[at + 1 :])
    if len(operation.tables) == 1:  # joined with itself, each row has one that is like it in all columns
        joined = False
    table = None if joined else _target(operation, tokens, catalog)
    known = None if table is None else catalog.get(catalog.key_of(table))
    if condition is not None and not holds_for_every_row(condition, known, catalog):
        return "some"
    return "joined" if joined else "all"


def condition_behind(sql: str, tokens: Sequence[Token]) -> str:
    """What stands behind a WHERE, up to where it ends."""
    depth, end = 0, 0
    for token in tokens:
        depth += (token.word == "(") - (token.word == ")")
        if depth < 0 or (depth == 0 and token.word in _ENDING):
            break
        end = token.end
    return sql[tokens[0].start : end] if end else ""


def holds_for_every_row(condition: str, table: Table | None, catalog: Catalog) -> bool | None:
    """Whether a condition is TRUE whatever a row of the table has in it; None: for some, or not known."""
    columns = {} if table is None else table.columns
    values = {  # what is NULL does not equal itself
        name: WRITTEN_NOT_NULL._replace(term=name) if column.nullable is False else WRITTEN
        for name, column in columns.items()
    }
    return holds(condition, row_over(values, catalog))
