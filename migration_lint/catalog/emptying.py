"""Statements that take rows, or the values of a column, away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.operations import Dialect, Operation

if TYPE_CHECKING:
    from migration_lint.reading.sql.tokens import Token

#: What ALTER TABLE does to a partition that takes rows out of the table. Those of a detached partition live
#: on beside it, and those of one that is exchanged or switched are in the other table.
LEAVING = frozenset(
    f"alter table {verb} {part}"
    for verb in ("drop", "truncate", "exchange", "discard", "detach", "convert")
    for part in ("partition", "subpartition")
) | {"alter table switch", "alter table discard"}


def takes_rows(operation: Operation, dialect: Dialect) -> bool:
    """Whether rows of a table surely go: all of them, or those of a partition."""
    if operation.kind == "other_ddl":
        return operation.action in LEAVING
    return operation.action in ("delete", "truncate") and is_every_row(operation, dialect)


def is_every_row(operation: Operation, dialect: Dialect) -> bool:
    """Whether a data statement changes or deletes all rows: TRUNCATE, UPDATE or DELETE without a WHERE."""
    if operation.kind != "dml" or operation.sql is None:
        return operation.every_row
    if operation.action == "truncate":
        return True
    if operation.action not in ("update", "delete"):
        return False
    from migration_lint.reading.sql.tokens import tokenize

    tokens, depth = list(tokenize(operation.sql, dialect)), 0
    for at, token in enumerate(tokens):
        depth += (token.word == "(") - (token.word == ")")
        # DELETE … USING, UPDATE … FROM and LIMIT narrow it down as well: only what surely means all counts.
        if depth == 0 and token.word in ("USING", "JOIN", "LIMIT", "TOP"):
            return False
        if depth == 0 and token.word == "WHERE":
            return _is_always_so([*map(_spelled, tokens[at + 1 :])])
    return True


def _spelled(token: Token) -> str:
    """A token so that names and texts are like no word and no number."""
    return token.word or (token.value if token.kind == "number" else f"'{token.value}'")


def _is_always_so(words: list[str]) -> bool:
    """Whether a condition holds for every row: TRUE, 1 = 1, NOT FALSE."""
    left = [word for word in words if word not in ("(", ")", ";")]
    end = next((at for at, word in enumerate(left) if word == "RETURNING"), len(left))
    left = left[:end]
    equal = len(left) == 3 and left[1] in ("=", "IS") and left[0] == left[2] and not left[0][:1].isalpha()
    return left in (["TRUE"], ["1"], ["NOT", "FALSE"], ["TRUE", "=", "TRUE"]) or equal


def emptied(operation: Operation, dialect: Dialect) -> tuple[str, ...]:
    """The columns that an UPDATE of every row sets to NULL."""
    if operation.kind != "dml" or operation.action != "update" or not is_every_row(operation, dialect):
        return ()
    if operation.sql is None:
        return tuple(column.name for column in operation.columns)
    from migration_lint.reading.sql.tokens import tokenize

    tokens = [each for each in tokenize(operation.sql, dialect) if each.word != ";"]
    words = [each.word for each in tokens]
    ends = [at for at, word in enumerate(words) if word in (",", "WHERE", "RETURNING")] + [len(words)]
    return tuple(
        tokens[end - 3].value
        for end in ends
        if end > 3 and words[end - 2 : end] == ["=", "NULL"] and words[end - 4] in ("SET", ",")
    )
