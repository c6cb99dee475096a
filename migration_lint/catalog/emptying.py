"""Statements that take rows, or the values of a column, away."""

from __future__ import annotations

from migration_lint.catalog.model import Catalog
from migration_lint.operations import Operation, altered


def is_every_row(operation: Operation, catalog: Catalog) -> bool:
    """Whether a data statement changes or deletes all rows: TRUNCATE, UPDATE or DELETE without a WHERE."""
    if operation.kind != "dml" or operation.action not in ("update", "delete", "truncate"):
        return False
    if operation.sql is None:
        from migration_lint.catalog.deletion import means_every_row

        return means_every_row(operation, catalog)
    if operation.action == "truncate":
        return True
    from migration_lint.catalog.deletion import extent
    from migration_lint.reading.sql.tokens import tokenize

    if operation.together is not None:
        operation = altered(operation, {"sql": operation.together})
    tokens = list(tokenize(operation.sql or "", catalog.dialect))
    return extent(operation, tokens[1:], catalog) == "all"


def emptied(operation: Operation, catalog: Catalog) -> tuple[str, ...]:
    """The columns that an UPDATE sets to NULL."""
    if operation.sql is None:
        return tuple(column.name for column in operation.columns)
    from migration_lint.reading.sql.tokens import tokenize

    tokens = [each for each in tokenize(operation.sql, catalog.dialect) if each.word != ";"]
    words = [each.word for each in tokens]
    ends = [at for at, word in enumerate(words) if word in (",", "WHERE", "RETURNING")] + [len(words)]
    return tuple(
        tokens[end - 3].value
        for end in ends
        if end > 3 and words[end - 2 : end] == ["=", "NULL"] and words[end - 4] in ("SET", ",")
    )
