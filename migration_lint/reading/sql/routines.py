"""Functions and procedures that a script makes and then calls: what they run is known by then.

A routine's body does nothing where it is made. `Routines` remembers the bodies, so that a call of one
is read as the statements inside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migration_lint.operations import ANY_TABLE, Operation
from migration_lint.reading.sql import dynamic
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
    parameters: tuple[str, ...] = ()  # names in lower case


#: What an argument may be, by its name in lower case or its place from 0.
Arguments = dict[str, list[str]]
_LONGEST_CALL = 1_000  # tokens
_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
#: First words of a body of MySQL's that is one statement.
_SINGLE = frozenset(
    {"ALTER", "CREATE", "DROP", "RENAME", "CALL", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "PREPARE"}
)
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
    parameters = _parameters(looking)
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
        elif looking.word in _SINGLE and start < 0 and at.dialect in ("mysql", "mariadb"):
            start = looking.index  # a body of one statement
            break
        else:
            looking.skip()
    if at.dialect == "postgresql" and body is not None:
        routines[name] = Routine(language, body, parameters=parameters)
    elif start >= 0:
        routines[name] = Routine("statements", at.text, tuple(at.tokens[start:]), parameters)


def _parameters(looking: Cursor) -> tuple[str, ...]:
    """The names of `(IN a text, b int)`, or of SQL Server's `@a int, @b int AS`."""
    found: list[str] = []
    grouped = looking.take("(")
    while not looking.done and (grouped or looking.token.kind == "parameter") and looking.word != ")":
        if looking.ahead(1).kind in ("word", "name"):
            looking.take_any(_MODES)
        found.append(looking.token.value.lower())
        looking.skip_until(() if grouped else ("AS",))
        looking.take(",")
    return tuple(found)


def called(reading: Reading, name: str, arguments: Arguments | None = None) -> list[Operation] | None:
    """What a call does beyond data; None: the routine is not known. Raises Unreadable."""
    routine = reading.routines.get(name)
    if routine is None:
        return None
    if reading.depth >= reading.deepest:
        raise Unreadable("calls are nested too deep to read", (ANY_TABLE,))
    inner = reading.inner()
    if reading.dialect not in (
        "mysql",
        "mariadb",
    ):  # there a parameter may be set in ways that are not followed
        for key, options in (arguments or {}).items():
            if not key.isdecimal():
                inner.values[key] = options
            elif int(key) < len(routine.parameters):
                inner.values[routine.parameters[int(key)]] = options
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


def calls_of(reading: Reading, at: Cursor) -> list[tuple[str, Arguments]]:
    """Which of the routines known a statement calls, and with what."""
    if not reading.routines:
        return []
    tokens = at.tokens
    return [
        (tokens[index].value.lower(), arguments_of(reading, at, index + 1))
        for index in range(at.index, at.length - 1)
        if tokens[index + 1].word == "(" and tokens[index].value.lower() in reading.routines
    ]


def arguments_of(reading: Reading, at: Cursor, opening: int) -> Arguments:
    """What the arguments in the parenthesis at `opening` may be."""
    if opening >= at.length or at.tokens[opening].word != "(":
        return {}
    inside = at.tokens[opening + 1 : at.after_group(opening) - 1]
    return dynamic.arguments(inside, reading.values, reading.dialect) if len(inside) < _LONGEST_CALL else {}
