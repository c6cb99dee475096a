"""What the body of a routine or a trigger names: tables, columns and functions that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from migration_lint.operations import HOLE, Body, Dialect
from migration_lint.reading.sql import dynamic
from migration_lint.reading.sql.calls import called_in
from migration_lint.reading.sql.cursor import RESERVED, Cursor
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.on_insert import run_by_insert
from migration_lint.reading.sql.queries import tables_read
from migration_lint.reading.sql.row_acts import outermost
from migration_lint.reading.sql.row_triggers import refuses
from migration_lint.reading.sql.tokens import Token, tokenize

#: In front of INTO, where that names what is written into.
_WRITING = words("INSERT REPLACE MERGE IGNORE ABORT FAIL ROLLBACK")
#: In front of UPDATE, where that begins a statement.
_BOUNDARIES = words("; BEGIN THEN ELSE LOOP ROW (")
#: Behind a table, where an INSERT fills its columns in order.
_UNLISTED = words("VALUES SELECT DEFAULT TABLE WITH")
_ROWS = words("NEW OLD")
_END = Token("mark", ";", ";", 0, 0)
_ENDS = words("; BEGIN LOOP")
_EXECUTED_ENDS = words("; INTO USING LOOP")
_ASSIGNED_BEHIND = words("; BEGIN THEN ELSE LOOP DECLARE")
_ASKING = frozenset(("nextval", "currval", "setval"))
_FETCHING = words("FETCH MOVE")
#: Behind these stands no alias.
_NO_TABLES = RESERVED | words("FROM JOIN UPDATE DELETE INTO ONLY USING MERGE TABLE IGNORE LOW_PRIORITY QUICK")
#: Words in front of a parenthesis in a body that are no functions.
_FLOW = words("ELSIF ELSEIF ELSE BEGIN DECLARE EXCEPTION WHEN RETURN RAISE LOOP WHILE IF CURSOR FOREACH")
#: No name that anything could have.
_RESERVED = words(
    """
    AND AS BEGIN CASE DECLARE ELSE END FALSE FOR FROM IF IN INTO IS LOOP NEW NOT NULL OLD ON OR RETURN SELECT
    THEN TRUE VALUES WHEN WHERE
    """
)


def named_in(tokens: Sequence[Token], dialect: Dialect = "postgresql") -> Body:
    """What a body names that an INSERT comes to, as the database holds names."""
    tokens = _with_dynamic(run_by_insert(tokens))
    handles = "HANDLER" in (told := [token.word for token in tokens]) or "EXCEPTION" in told
    written = [*_written(tokens)]
    listed = dict.fromkeys(each for table, columns in written for each in _dotted(table, columns or ()))
    names = dict.fromkeys(
        name_of(token) if token.kind != "string" else sequence_of(token)
        for place, token in enumerate(tokens)
        if _is_sequence(tokens, place)
        or token.kind in ("word", "name")
        and token.word not in _RESERVED
        and not _of_row(tokens, place)
    )
    fields = dict.fromkeys(
        name_of(token) for place, token in enumerate(tokens) if _of_row(tokens, place, words("NEW"))
    )
    return Body(
        tuple(names),
        tuple(listed),
        tuple(fields),
        any(columns is None for _, columns in written),
        refuses(tokens),
        () if handles else _read(tokens, dialect),
        () if handles else tuple(each for each in called_in(tokens, dialect) if each.upper() not in _FLOW),
    )


def _read(tokens: Sequence[Token], dialect: Dialect) -> tuple[str, ...]:
    """The tables that a body reads or deletes from; behind SELECT … INTO stands no table."""
    kept: list[Token] = []
    for place, token in enumerate(tokens):
        before = tokens[place - 1].word if place else ";"
        fetches = token.word == "FROM" and _FETCHING.intersection(
            each.word for each in tokens[max(place - 3, 0) : place]
        )
        if (token.word == "INTO" and before not in _WRITING) or fetches:
            continue
        kept.append(token)
    found = tables_read(Cursor("", kept, dialect, None))
    aliases = {
        token.value
        for before, token in pairwise(kept)
        if before.word in ("AS", ")") or (before.kind in ("word", "name") and before.word not in _NO_TABLES)
    }
    return tuple(
        each for each in found if each not in aliases and each.partition(".")[0].upper() not in _ROWS
    )


def _with_dynamic(tokens: Sequence[Token]) -> Sequence[Token]:
    """With the statements that EXECUTE runs behind those of the body, as far as their texts are known."""
    if not any(token.word == "EXECUTE" for token in tokens):
        return tokens
    values: dict[str, list[str]] = {}
    found = [*tokens]
    for place, token in enumerate(tokens):
        if token.word in (":=", "DEFAULT"):
            name = _assigned(tokens, place)
            texts = dynamic.texts(_up_to(tokens, place + 1, _ENDS), values, "postgresql")
            values[name] = [*dict.fromkeys((*values.get(name, ()), *texts))][: dynamic.MOST]
        elif token.word == "EXECUTE" and place + 1 < len(tokens):
            said = _up_to(tokens, place + 1, _EXECUTED_ENDS)
            for text in dynamic.texts(said, values, "postgresql"):
                inner = [each for each in tokenize(text, "postgresql") if HOLE not in each.value]
                found += [_END, *inner]
    return found


def _assigned(tokens: Sequence[Token], place: int) -> str:
    """The variable in front of := or DEFAULT, which in a declaration stands in front of its type."""
    first = place
    while first and tokens[first - 1].word not in _ASSIGNED_BEHIND:
        first -= 1
    return tokens[first].value.lower()


def _up_to(tokens: Sequence[Token], start: int, ends: frozenset[str]) -> Sequence[Token]:
    end, depth = start, 0
    while end < len(tokens) and (depth > 0 or tokens[end].word not in ends):
        depth += (tokens[end].word == "(") - (tokens[end].word == ")")
        end += 1
    return tokens[start:end]


def name_of(token: Token) -> str:
    """A name as PostgreSQL holds it; others fold it themselves."""
    return token.value.lower() if token.kind == "word" else token.value


def _is_sequence(tokens: Sequence[Token], place: int) -> bool:
    """Whether a text is the name of a sequence that is asked for a number."""
    asks = place > 1 and tokens[place - 1].word == "(" and tokens[place - 2].value.lower() in _ASKING
    return asks and tokens[place].kind == "string"


def sequence_of(token: Token) -> str:
    """The name in a text, without its schema."""
    name = token.value.rpartition(".")[2]
    return name[1:-1] if name.startswith('"') else name.lower()


def _of_row(tokens: Sequence[Token], place: int, rows: frozenset[str] = _ROWS) -> bool:
    """Whether a name is that of a column of the row that fires the trigger."""
    return place > 1 and tokens[place - 1].word == "." and tokens[place - 2].word in rows


def _dotted(table: str, columns: Sequence[str]) -> Iterator[str]:
    yield table
    yield from (f"{table}.{column}" for column in columns)


def _written(tokens: Sequence[Token]) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """The tables that are written into, each with the columns listed; None: all of them, in order."""
    for place, token in enumerate(tokens):
        before = tokens[place - 1].word if place else ";"
        inserts = token.word == "INTO" and before in _WRITING
        if not inserts and not (token.word == "UPDATE" and before in _BOUNDARIES):
            continue
        last = place + 1
        while last + 2 < len(tokens) and tokens[last + 1].word == ".":
            last += 2
        if last < len(tokens) and tokens[last].kind in ("word", "name"):
            yield name_of(tokens[last]), _listed(tokens, last + 1) if inserts else _set(tokens, last + 1)


def _set(tokens: Sequence[Token], place: int) -> tuple[str, ...]:
    """The columns that an UPDATE sets one by one, of the table that ends in front of `place`."""
    behind = _up_to(tokens, place, _ENDS)
    told = [token.word for token in behind]
    start = told.index("SET") if "SET" in told[:3] else len(told)
    places = [at for at, word in outermost(told) if at >= start and word in ("SET", ",")]
    end = next((at for at, word in outermost(told) if at > start and word in ("WHERE", "FROM")), len(told))
    return tuple(
        name_of(behind[at + 1])
        for at in places
        if at + 2 < end and told[at + 2] == "=" and behind[at + 1].kind in ("word", "name")
    )


def _listed(tokens: Sequence[Token], place: int) -> tuple[str, ...] | None:
    """The columns in the parenthesis behind the table of an INSERT."""
    told = [token.word for token in tokens[place : place + 2]]
    if told[:1] != ["("] or told[1:] == ["SELECT"]:
        return None if told and told[0] in _UNLISTED else ()
    end = next((at for at in range(place, len(tokens)) if tokens[at].word == ")"), place)
    return tuple(name_of(token) for token in tokens[place + 1 : end] if token.kind in ("word", "name"))
