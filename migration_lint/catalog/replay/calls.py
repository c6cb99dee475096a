"""The functions that an expression calls, asked of its text."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migration_lint.operations import Dialect
    from migration_lint.reading.sql.tokens import Token


def called(text: str, dialect: Dialect = "postgresql", every: bool = False) -> tuple[str, ...]:
    """The functions in an expression that may change a schema, or rows; `every`: all."""
    if "(" not in text:
        return ()
    return tuple(name for _, name in _every(text)) if every else _calls(text, dialect)


def called_in_schema(text: str, schema: str) -> tuple[str, ...]:
    """The functions in an expression that it says are in a schema; "": those of which it says none."""
    return tuple(name for said, name in _every(text) if said == schema) if "(" in text else ()


@lru_cache(maxsize=4096)
def _calls(text: str, dialect: Dialect) -> tuple[str, ...]:
    from migration_lint.reading.sql.calls import called_in
    from migration_lint.reading.sql.tokens import tokenize

    return called_in(list(tokenize(text, dialect)), dialect)


@lru_cache(maxsize=4096)
def _every(text: str) -> tuple[tuple[str, str], ...]:
    """All functions that an expression calls: the schema that it says, or "", and the name."""
    from migration_lint.reading.sql.tokens import tokenize

    tokens = list(tokenize(text, "postgresql"))
    return tuple(
        (_name(tokens[at - 2]) if at > 1 and tokens[at - 1].word == "." else "", _name(token))
        for at, (token, following) in enumerate(pairwise(tokens))
        if following.word == "(" and token.kind in ("word", "name")
    )


def _name(token: Token) -> str:
    return token.value.lower() if token.kind == "word" else token.value
