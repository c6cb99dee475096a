"""What a trigger does to the row of an INSERT that fires it: what it fills, and whether it may refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from migration_lint.operations import Trigger
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.on_insert import run_by_insert
from migration_lint.reading.sql.tokens import Token, tokenize

_TIMES = words("BEFORE AFTER INSTEAD")
_EVENTS = words("INSERT UPDATE DELETE TRUNCATE")
#: Of RAISE, those that let the statement go on.
_MESSAGES = words("DEBUG LOG INFO NOTICE WARNING")
_REFUSING = words("RAISE SIGNAL RESIGNAL ASSERT RAISE_APPLICATION_ERROR THROW")
#: In front of a statement.
_BOUNDARIES = words("; BEGIN THEN ELSE LOOP SET ,")
_ROWS = words("NEW OLD NULL ;")
#: Any column may be among those that are filled.
ANY_COLUMN = "*"


def fired(tokens: Sequence[Token]) -> Trigger:
    """When a trigger fires, by CREATE TRIGGER; and what its body does, where that stands there."""
    end = next((place for place, token in enumerate(tokens) if token.word == "ON"), len(tokens))
    said = tuple(token.word.lower() for token in tokens[:end] if token.word in _TIMES | _EVENTS)
    said += ("row",) * any(token.word == "ROW" for token in tokens[end:])
    body = run_by_insert(tokens[end:])
    if any(token.word == "EXECUTE" for token in body):
        return Trigger(said)
    return Trigger(said, tuple(_filled(body)), refuses(body), tuple(_nulls(body)))


def body_of(text: str) -> Trigger:
    """What the body of a trigger's function in PL/pgSQL does to the row."""
    tokens = run_by_insert(list(tokenize(text, "postgresql")))
    skips = any((token.word, following.word) == ("RETURN", "NULL") for token, following in pairwise(tokens))
    filled = tuple(dict.fromkeys(_filled(tokens)))
    return Trigger((), filled, refuses(tokens), tuple(dict.fromkeys(_nulls(tokens))), skips)


#: Of a function that is not read.
UNREAD = Trigger((), (ANY_COLUMN,), True)


def _filled(tokens: Sequence[Token]) -> Iterator[str]:
    """The columns of NEW that are set, in whatever case."""
    for place, token in enumerate(tokens):
        before = tokens[place - 1].word if place else ";"
        if token.word == "NEW":
            field = tokens[place + 1].word == "." if place + 2 < len(tokens) else False
            following = place + (3 if field else 1)
            assigns = tokens[following].word if following < len(tokens) else ""
            if assigns == ":=" or before == "INTO" or (assigns == "=" and before in _BOUNDARIES):
                yield tokens[place + 2].value.lower() if field else ANY_COLUMN
        elif before == "RETURN" and token.word not in _ROWS:
            yield ANY_COLUMN


def _nulls(tokens: Sequence[Token]) -> Iterator[str]:
    """The columns of NEW that are set to NULL, in whatever case."""
    for place in range(len(tokens) - 4):
        new, dot, _, assigns, value, *behind = (token.word for token in tokens[place : place + 6])
        sets = assigns == ":=" or (assigns == "=" and place and tokens[place - 1].word in _BOUNDARIES)
        if (new, dot, value) == ("NEW", ".", "NULL") and sets and behind in ([";"], []):
            yield tokens[place + 2].value.lower()


def refuses(tokens: Sequence[Token]) -> bool:
    """Whether a body may raise, by a statement of its own."""
    return any(
        token.word in _REFUSING and following.word not in _MESSAGES
        for token, following in zip(tokens, [*tokens[1:], Token("mark", "", "", 0, 0)], strict=False)
    )
