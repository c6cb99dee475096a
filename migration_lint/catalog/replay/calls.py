"""The functions that an expression calls, asked of its text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migration_lint.reading.sql.tokens import Token


def called(text: str, every: bool = False) -> tuple[str, ...]:
    """The functions in an expression that may change a schema; `every`: all."""
    return _calls(text, every) if "(" in text else ()


def called_in_schema(text: str, schema: str) -> bool:
    """Whether an expression calls a function that it says is in a schema."""
    return "(" in text and schema in _schemas(text)


@lru_cache(maxsize=4096)
def _calls(text: str, every: bool) -> tuple[str, ...]:
    from migration_lint.reading.sql.calls import called_in
    from migration_lint.reading.sql.tokens import tokenize

    tokens = list(tokenize(text, "postgresql"))
    if not every:
        return called_in(tokens, "postgresql")
    return tuple(
        _name(token)
        for token, following in zip(tokens, tokens[1:], strict=False)
        if following.word == "(" and token.kind in ("word", "name")
    )


@lru_cache(maxsize=4096)
def _schemas(text: str) -> tuple[str, ...]:
    """The schemas that are said of the functions in an expression."""
    from migration_lint.reading.sql.tokens import tokenize

    tokens = list(tokenize(text, "postgresql"))
    return tuple(
        _name(schema)
        for schema, dot, function, opening in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False)
        if opening.word == "(" and dot.word == "." and function.kind in ("word", "name")
    )


def _name(token: Token) -> str:
    return token.value.lower() if token.kind == "word" else token.value
