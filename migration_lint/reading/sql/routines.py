"""Functions and procedures that a script makes and then calls: what they run is known by then.

A routine's body does nothing where it is made. `Routines` remembers the bodies, so that a call of one
is read as the statements inside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migration_lint.operations import ANY_TABLE, Operation
from migration_lint.reading.sql.blocks import read_body, read_tokens
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.tokens import Token

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import Reading


class Routine(NamedTuple):
    """A body: a text in PostgreSQL's quotes, or the tokens that stand behind the head."""

    language: str
    body: str
    tokens: tuple[Token, ...] = ()


#: By name, in lower case and without a schema.
Routines = dict[str, Routine]


def remember(routines: Routines, at: Cursor) -> None:
    """Keeps the body of CREATE FUNCTION or PROCEDURE; the cursor stands behind that word."""
    looking = Cursor(at.text, at.tokens, at.dialect, None, at.index)
    looking.if_not_exists()
    if not looking.at_name():
        return
    try:
        name = looking.name().name.lower()
    except Unreadable:
        return
    language = "sql"
    body: str | None = None
    start = -1
    while not looking.done:
        if looking.word == "(":
            looking.skip_group()
        elif looking.take("LANGUAGE"):
            language = looking.token.value.lower()
        elif looking.take("AS"):
            start = looking.index if start < 0 else start
            if looking.token.kind == "string" and body is None:
                body = looking.token.value
        elif looking.word in ("BEGIN", "IS") and start < 0:
            start = looking.index + (looking.word == "IS")
        else:
            looking.skip()
    if at.dialect == "postgresql" and body is not None:
        routines[name] = Routine(language, body)
    elif start >= 0:
        routines[name] = Routine("statements", at.text, tuple(at.tokens[start:]))


def called(reading: Reading, name: str) -> list[Operation] | None:
    """What a call does beyond data; None: the routine is not known. Raises Unreadable."""
    routine = reading.routines.get(name)
    if routine is None:
        return None
    if reading.depth >= reading.deepest:
        raise Unreadable("calls are nested too deep to read", (ANY_TABLE,))
    inner = reading.inner()
    if routine.language == "plpgsql":
        found = read_body(inner, routine.body)
    elif routine.language == "sql":
        found = inner.read_text(routine.body)
    elif routine.language != "statements":
        raise Unreadable(f"a routine in {routine.language} cannot be read", (ANY_TABLE,))
    elif reading.dialect == "mssql":
        found = inner.read_batch(routine.body, routine.tokens)
    else:
        found = read_tokens(inner, routine.body, routine.tokens)
    return [operation for operation in found if operation.kind not in ("dml", "other_ddl")]


def calls_of(routines: Routines, at: Cursor) -> list[str]:
    """Which of these routines a statement calls."""
    if not routines:
        return []
    tokens = at.tokens
    return [
        tokens[index].value.lower()
        for index in range(at.index, at.length - 1)
        if tokens[index + 1].word == "(" and tokens[index].value.lower() in routines
    ]
