"""What runs functions or statements when it is met: triggers, rules, policies, operators, casts, domains, …

Making one runs nothing. The operation that makes one carries what meeting it does, in `does`, for whoever
replays the operations that meet it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from migration_lint.operations import Operation, altered
from migration_lint.reading.sql import calls, routines
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.named import named_in
from migration_lint.reading.sql.row_triggers import UNREAD, body_of, fired, ruled
from migration_lint.reading.sql.shipped import is_harmless
from migration_lint.reading.sql.state import SqlRoutine
from migration_lint.reading.sql.statements import SqlStatement
from migration_lint.reading.sql.tokens import Token

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import TextReading

#: Kinds of objects that name the function that runs when they are met, and the words in front of it.
_NAMING = {
    "TRIGGER": words("FUNCTION PROCEDURE"),
    "EVENT TRIGGER": words("FUNCTION PROCEDURE"),
    "OPERATOR": words("FUNCTION PROCEDURE RESTRICT JOIN"),
    "OPERATOR CLASS": words("FUNCTION"),
    "OPERATOR FAMILY": words("FUNCTION"),
    "CAST": words("FUNCTION"),
    "CONVERSION": words("FROM"),
    "TRANSFORM": words("FUNCTION"),
    "LANGUAGE": words("HANDLER INLINE VALIDATOR"),
    "FOREIGN DATA WRAPPER": words("HANDLER VALIDATOR"),
    "ACCESS METHOD": words("HANDLER"),
    "AGGREGATE": words(
        "SFUNC FINALFUNC COMBINEFUNC SERIALFUNC DESERIALFUNC MSFUNC MINVFUNC MFINALFUNC SFUNC1 FINALFUNC1"
    ),
    "TYPE": words("SUBTYPE_DIFF CANONICAL INPUT OUTPUT RECEIVE SEND TYPMOD_IN TYPMOD_OUT ANALYZE SUBSCRIPT"),
}
#: Kinds with expressions in them that run when they are met.
_EXPRESSIONS = frozenset({"TRIGGER", "POLICY", "DOMAIN", "STATISTICS", "PUBLICATION"})


def carrying(reading: TextReading, at: Cursor, kind: str, operation: Operation) -> Operation:
    """The operation that CREATE or ALTER makes, with what meeting the object does. Raises Unreadable."""
    if kind == "TRIGGER":
        named = named_in(at.tokens, reading.dialect) if _has_body(at.tokens) else None
        operation = altered(operation, {"trigger": fired(at.tokens), "body": named})
    if reading.dialect != "postgresql":
        return altered(operation, {"does": _trigger(reading, at)}) if kind == "TRIGGER" else operation
    if kind == "RULE":
        return altered(operation, {"does": _rule(reading, at), "trigger": ruled(at.tokens)})
    names = [*_named(at.tokens, _NAMING.get(kind, frozenset()), kind)]
    if kind in _EXPRESSIONS:
        names += calls.called_in(_conditions(at.tokens, kind), reading.dialect)
    said = _conditions_text(at, kind)
    if not names and not said:
        return operation
    does = Operation(kind="dml", action="select", calls=tuple(dict.fromkeys(names)), sql=said or None)
    return altered(operation, {"does": (does,)})


def _has_body(tokens: Sequence[Token]) -> bool:
    """Whether CREATE TRIGGER says what the trigger does, rather than naming a function."""
    return not any(token.word == "EXECUTE" for token in tokens)


def _conditions_text(at: Cursor, kind: str) -> str:
    """The conditions of a policy and of a trigger as text, with the columns that they name."""
    words = [token.word for token in at.tokens]
    starts = {"POLICY": ("USING", "WITH"), "TRIGGER": ("WHEN",)}.get(kind, ())
    start = next((place for place, word in enumerate(words) if word in starts), len(words))
    end = next((place for place in range(start, len(words)) if words[place] == "EXECUTE"), len(words))
    return at.text_of(start, end)


def _named(tokens: Sequence[Token], before: frozenset[str], kind: str) -> list[str]:
    """The functions that stand behind these words: `FUNCTION = s.f`, `FUNCTION 1 (int, int) f(int, int)`."""
    found: list[str] = []
    for index in range(1, len(tokens) - 1):
        if tokens[index].word not in before:
            continue
        place = index + 1
        if kind.startswith("OPERATOR ") and tokens[place].kind == "number":
            place += 1
            if place < len(tokens) and tokens[place].word == "(":
                while place < len(tokens) and tokens[place].word != ")":
                    place += 1
                place += 1
        while place < len(tokens) and tokens[place].word in ("=", "WITH", "SQL"):
            place += 1
        while place + 2 < len(tokens) and tokens[place + 1].word == ".":
            place += 2
        if place >= len(tokens) or tokens[place].kind not in ("word", "name", "string"):
            continue
        token = tokens[place]
        name = token.value.lower() if token.kind == "word" else token.value
        if not is_harmless(name, "postgresql"):
            found.append(name)
    return found


def _conditions(tokens: Sequence[Token], kind: str) -> Sequence[Token]:
    """Where expressions may stand in the statement that makes an object of this kind."""
    start = {"TRIGGER": "WHEN", "DOMAIN": "AS", "STATISTICS": "ON", "PUBLICATION": "WHERE"}.get(kind)
    end = "EXECUTE" if kind == "TRIGGER" else ""
    first = next(
        (index for index, token in enumerate(tokens) if token.word == start), 0 if start is None else -1
    )
    if first < 0:
        first = 3 if kind == "DOMAIN" else len(tokens)
    last = next((index for index in range(first, len(tokens)) if tokens[index].word == end), len(tokens))
    return tokens[first + 1 : last]


def _rule(reading: TextReading, at: Cursor) -> tuple[Operation, ...]:
    """What stands behind DO: one statement, or several in parentheses."""
    tokens = at.tokens
    start = next((index for index, token in enumerate(tokens) if token.word == "DO"), len(tokens)) + 1
    while start < len(tokens) and tokens[start].word in ("ALSO", "INSTEAD", "NOTHING"):
        start += 1
    inner = tokens[start:]
    if inner and inner[0].word == "(" and inner[-1].word == ")":
        inner = inner[1:-1]
    found: list[Operation] = []
    reading = reading.inner()
    reading.later = True
    one: list[Token] = []
    for token in (*inner, None):
        if token is None or token.word == ";":
            if one:
                found += reading.read_statement(SqlStatement(at.text, one))
            one = []
        else:
            one.append(token)
    where = next((index for index, token in enumerate(tokens) if token.word == "WHERE"), None)
    condition = calls.called_in(tokens[where : start - 1], reading.dialect) if where is not None else ()
    if condition:
        found.append(Operation(kind="dml", action="select", calls=condition))
    return routines.consequential(found)


def _trigger(reading: TextReading, at: Cursor) -> tuple[Operation, ...]:
    """What a trigger does whose body stands where it is made: in all dialects but PostgreSQL's."""
    tokens = at.tokens
    opening = {"sqlite": ("BEGIN",), "mssql": ("AS",), "oracle": ("DECLARE", "BEGIN", "CALL")}
    before = opening.get(reading.dialect, ("ROW",))
    on = next((place for place, token in enumerate(tokens) if token.word == "ON"), len(tokens))
    start = next((place for place in range(on, len(tokens)) if tokens[place].word in before), len(tokens))
    if before in (("ROW",), ("AS",)):
        start += 1
    if start < len(tokens) and tokens[start].word in ("FOLLOWS", "PRECEDES"):
        start += 2
    return routines.done_by(reading, SqlRoutine("", "statements", at.text, tuple(tokens[start:])))


def routine_made(reading: TextReading, at: Cursor, replacing: bool, operation: Operation) -> Operation:
    """CREATE FUNCTION or PROCEDURE, with what a call does; the session knows it from here on.

    `at` stands behind that word.
    """
    routine = routines.read_routine(at)
    if routine is None:
        return operation
    if not reading.later:
        reading.session = reading.session.with_routine(routine, replacing)
    does = routines.done_by(reading, routine)
    made = altered(
        operation, {"does": does, "values": (routine.signature,), "body": routines.body_of(routine)}
    )
    if any(
        token.word == "RETURNS" and following.word == "TRIGGER" for token, following in pairwise(at.tokens)
    ):
        read = routine.language == "plpgsql"
        return altered(made, {"trigger": body_of(routine.body) if read else UNREAD})
    return made


def routine_altered(reading: TextReading, at: Cursor, operation: Operation) -> Operation:
    """ALTER FUNCTION, PROCEDURE or ROUTINE: another name, or another search path. `at` is behind its name."""
    tokens = at.tokens[at.index :]
    for index, token in enumerate(tokens[:-2]):
        if token.word == "RENAME" and tokens[index + 1].word == "TO":
            new = Cursor(at.text, at.tokens, at.dialect, None, at.index + index + 2).identifier()
            session = reading.session
            for routine in session.routines:
                if routine.name == (operation.name or "").lower():
                    session = session.with_routine(routine._replace(name=new.lower()), replacing=False)
            reading.session = session
            return altered(operation, {"new_name": new})
        if token.word in ("SET", "RESET") and tokens[index + 1].value.lower() in ("search_path", "all"):
            raise Unreadable("the routine's own search path changes")
    return operation


def routines_dropped(
    reading: TextReading, at: Cursor, if_exists: bool, cascade: bool, kind: str
) -> list[Operation]:
    """DROP FUNCTION a(int), b: an operation each. `at` stands at the first name. Raises Unreadable."""
    operations: list[Operation] = []
    while True:
        name = at.name(default=at.schema)
        signature = routines.signature_dropped(at)
        at.skip_group()
        if not reading.later:
            reading.session = reading.session.without_routine(name.name.lower(), signature)
        operations.append(
            Operation(
                kind="other_ddl",
                action=f"drop {kind.lower()}",
                name=name.name,
                schema=name.schema,
                values=() if signature is None else (signature,),
                if_exists=if_exists,
                cascade=cascade,
            )
        )
        if not at.take(","):
            return operations
