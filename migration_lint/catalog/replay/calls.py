"""The functions that an expression calls, asked of its text."""

from __future__ import annotations

from functools import lru_cache


def called(text: str, every: bool = False) -> tuple[str, ...]:
    """The functions in an expression that may change a schema; `every`: all."""
    return _calls(text, every) if "(" in text else ()


@lru_cache(maxsize=4096)
def _calls(text: str, every: bool) -> tuple[str, ...]:
    from migration_lint.reading.sql.calls import called_in
    from migration_lint.reading.sql.tokens import tokenize

    tokens = list(tokenize(text, "postgresql"))
    if not every:
        return called_in(tokens, "postgresql")
    return tuple(
        token.value.lower() if token.kind == "word" else token.value
        for token, following in zip(tokens, tokens[1:], strict=False)
        if following.word == "(" and token.kind in ("word", "name")
    )
