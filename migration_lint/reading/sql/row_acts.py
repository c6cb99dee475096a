"""What the body of a trigger does where an INSERT fires it, each act with the condition under which it does.

An act is a tuple of texts: its kind, the condition ("": any), and

    raises                          it refuses the row
    skips                           it returns no row
    replaces  column  expression    it sets a column of NEW
    inserts   table   column  expression  …      into another table; a column is "" where none is listed
    deletes   table   condition     "": all rows
    updates   table   condition     column  expression  …
    takes     table                 of SQL Server, the rows that `inserted` holds

In conditions and expressions `NEW.kind` is written "new.kind", and "new.?kind" where the body sets it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, pairwise

from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.on_insert import guarded_by_insert, unanswered, unreturned
from migration_lint.reading.sql.tokens import Token

Act = tuple[str, ...]

#: Of RAISE, those that let the statement go on.
_MESSAGES = words("DEBUG LOG INFO NOTICE WARNING")
_REFUSING = words("RAISE SIGNAL RESIGNAL ASSERT RAISE_APPLICATION_ERROR THROW RAISERROR ROLLBACK")
#: Where a statement begins behind a DELETE without `;`, and what says that other rows are meant.
_STARTING = words("INSERT UPDATE DELETE MERGE IF BEGIN END DECLARE SET RAISERROR THROW RETURN PRINT")
_OTHERS = words("< > <> != <= >= NOT EXCEPT")
#: In front of a statement.
_BOUNDARIES = words("; BEGIN THEN ELSE LOOP SET ,")
_ENDS = words("; RETURNING")
#: Of an INSERT, where it says what becomes of a row that is there: ON CONFLICT, ON DUPLICATE KEY.
_INSTEAD = words("CONFLICT DUPLICATE")
_MOST, _LONGEST, _FARTHEST = 40, 1_000, 500


def acts_of(tokens: Sequence[Token], filled: Collection[str], returns: bool = False) -> list[Act]:
    """The acts of a body; `filled`: the columns of NEW that it sets, `*` for any.

    `returns`: it is of PL/pgSQL, and has to say which row it returns.
    """

    def told(part: Sequence[Token]) -> str:
        return written(part, filled)

    kept = guarded_by_insert(tokens, told)
    found: dict[Act, None] = {}
    plain = [token for token, _ in kept]
    for place, (_, condition) in enumerate(kept):
        own = _narrowed(plain, place)
        under = f"({told(own)}) AND {condition}" if own and condition else told(own) if own else condition
        found |= dict.fromkeys((kind, under, *rest) for kind, *rest in _at(plain, place, filled))
    handles = _handles([each.word for each in tokens])
    if not handles:
        found |= dict.fromkeys(("raises", condition) for condition in unanswered(tokens, told))
    end = unreturned(tokens, told) if returns and not handles else None
    if end is not None and "tg_" not in end.lower():
        found["raises", end] = None
    if handles:
        found = {act: None for act in found if act[0] not in ("inserts", "upserts")}
    return sorted(found, key=lambda act: act[0] not in ("raises", "skips"))[:_MOST]


def _narrowed(tokens: Sequence[Token], place: int) -> Sequence[Token]:
    """The condition of SQLite's SELECT RAISE(…) WHERE …, of which the table may be the one row of NEW."""
    if tokens[place].word != "RAISE" or [each.word for each in tokens[place + 1 : place + 2]] != ["("]:
        return ()
    rest = _up_to(tokens, place)
    where = next((at for at, word in outermost([each.word for each in rest]) if word in ("WHERE", "FROM")), 0)
    return rest[where + 1 :] if where and rest[where].word == "WHERE" else ()


def _handles(words: Sequence[str]) -> bool:
    """Whether a body has a handler of MySQL's, or EXCEPTION WHEN: what fails in it may be of no matter."""
    return "HANDLER" in words or ("EXCEPTION", "WHEN") in pairwise(words)


def _at(tokens: Sequence[Token], place: int, filled: Collection[str]) -> Iterator[Sequence[str]]:
    word, before = tokens[place].word, tokens[place - 1].word if place else ";"
    following = [token.word for token in tokens[place + 1 : place + 4]] + ["", "", ""]
    if raises(tokens, place):
        yield ("raises",)
    if word == "RETURN" and following[0] in ("NULL", "OLD") and following[1] not in (".", "::"):
        yield ("skips",)
    if word == "NEW" and following[0] == "." and before in _BOUNDARIES and following[2] in (":=", "="):
        yield "replaces", name_of(tokens[place + 2]), written(_up_to(tokens, place + 4))
    if word == "INTO" and before == "INSERT":  # IGNORE refuses nothing
        yield from _inserted(tokens, place + 1, filled)
    if word == "DELETE" and any(each.word == "INSERTED" for each in tokens):
        yield from _taken(tokens, place)
    if word == "UPDATE" and before in _BOUNDARIES and place + 1 < len(tokens):
        yield from _updated(tokens, place + 1, filled)
    if word == "FROM" and before == "DELETE":
        table, at = _table(tokens, place + 1)
        rest = _up_to(tokens, at)
        where = next((index for index, token in enumerate(rest) if token.word == "WHERE"), len(rest))
        if table and not any(token.word == "USING" for token in rest[:where]):
            condition = written(rest[where + 1 :], filled)
            if condition or where == len(rest):
                yield "deletes", table, condition


def _taken(tokens: Sequence[Token], place: int) -> Iterator[Sequence[str]]:
    """`DELETE t FROM t JOIN inserted i ON …`, `DELETE FROM t WHERE id IN (SELECT id FROM inserted)`."""
    rest = _up_to(tokens, place)
    words = [each.word for each in rest]
    end = next((at for at in range(1, len(words)) if words[at] in _STARTING), len(words))
    if "INSERTED" not in words[:end] or _OTHERS.intersection(words[:end]):
        return
    first = 2 if words[1:2] == ["FROM"] else 1
    table = _table(rest, first)[0] if first < end else ""
    source = next((at for at in range(first + 1, end) if words[at] == "FROM"), end)
    of = _table(rest, source + 1)[0] if source + 1 < end else ""
    aliased = [name_of(each) for each in rest[source + 2 : source + 4]]
    yield "takes", of if of.lower() != "inserted" and table in aliased else table


def _updated(tokens: Sequence[Token], place: int, filled: Collection[str]) -> Iterator[Sequence[str]]:
    """UPDATE of one table, whose columns are set one by one."""
    table, at = _table(tokens, place + (tokens[place].word == "ONLY"))
    rest = _up_to(tokens, at)
    words = [token.word for token in rest]
    start = words.index("SET") + 1 if "SET" in words[:3] else len(words)
    behind = (at for at, word in outermost(words) if at > start and word in ("WHERE", "FROM"))
    where = next(behind, len(words))
    if not table or start == len(words) or words[where : where + 1] == ["FROM"]:
        return
    pairs: list[str] = []
    marks = [start - 1, *(at for at, word in outermost(words[:where]) if at > start and word == ","), where]
    for first, last in pairwise(marks):
        if words[first + 2 : first + 3] != ["="]:
            return
        pairs += [name_of(rest[first + 1]), written(rest[first + 3 : last], filled)]
    yield "updates", table, written(rest[where + 1 :], filled), *pairs


def outermost(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The words that stand in no parenthesis, with their places."""
    depth = 0
    for at, word in enumerate(words):
        depth += (word in ("(", "CASE")) - (word in (")", "END"))
        if not depth:
            yield at, word


def raises(tokens: Sequence[Token], place: int) -> bool:
    """Whether a statement that may raise stands here, or a part of one."""
    word = tokens[place].word
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if word == "INTO":
        return following is not None and following.word == "STRICT"
    if word == "/":
        return following is not None and following.kind == "number" and not following.value.strip("0.")
    return word in _REFUSING and (following is None or following.word not in _MESSAGES)


def _inserted(tokens: Sequence[Token], place: int, filled: Collection[str]) -> Iterator[Sequence[str]]:
    table, at = _table(tokens, place)
    columns: list[str] = []
    if at < len(tokens) and tokens[at].word == "(":
        groups, at = _group(tokens, at)
        columns = [name_of(each[0]) for each in groups if len(each) == 1]
    if not table or at >= len(tokens) or tokens[at].word != "VALUES":
        return
    at += 1
    kind = "upserts" if any(each.word in _INSTEAD for each in _up_to(tokens, at)) else "inserts"
    while at < len(tokens) and tokens[at].word == "(":
        values, at = _group(tokens, at)
        if columns and len(columns) != len(values):
            return
        named = columns or [""] * len(values)
        pairs = zip(named, (written(each, filled) for each in values), strict=True)
        yield kind, table, *chain.from_iterable(pairs)
        at += at < len(tokens) and tokens[at].word == ","


def _table(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """The name of a table without its schema, and where it ends."""
    while place + 2 < len(tokens) and tokens[place + 1].word == ".":
        place += 2
    named = place < len(tokens) and tokens[place].kind in ("word", "name")
    return (name_of(tokens[place]) if named else ""), place + 1


def _group(tokens: Sequence[Token], place: int) -> tuple[list[Sequence[Token]], int]:
    """What stands between the commas in a parenthesis, and where it ends."""
    depth, start = 0, place + 1
    found: list[Sequence[Token]] = []
    for at in range(place, min(len(tokens), place + _FARTHEST)):
        word = tokens[at].word
        depth += (word in ("(", "[")) - (word in (")", "]"))
        if depth == 0 or (depth == 1 and word == ","):
            found.append(tokens[start:at])
            start = at + 1
        if depth == 0:
            return found, at + 1
    return found, len(tokens)


def _up_to(tokens: Sequence[Token], place: int) -> Sequence[Token]:
    last = min(len(tokens), place + _FARTHEST)
    return tokens[place : next((at for at in range(place, last) if tokens[at].word in _ENDS), last)]


def name_of(token: Token) -> str:
    """A name as PostgreSQL holds it; others fold it themselves."""
    return token.value.lower() if token.kind == "word" else token.value


def written(tokens: Sequence[Token], filled: Collection[str] = ()) -> str:
    """An expression as text, in which a column of NEW is one name; "": it is too long."""
    found: list[str] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.word in ("NEW", "OLD") and place + 2 < len(tokens) and tokens[place + 1].word == ".":
            name = name_of(tokens[place + 2])
            known = name not in filled and "*" not in filled
            found.append(f'"{token.word.lower()}.{"" if known else "?"}{name}"')
            place += 2
        elif token.kind == "string":
            found.append("'" + token.value.replace("'", "''") + "'")
        elif token.kind == "name":
            found.append('"' + token.value.replace('"', '""') + '"')
        else:
            found.append(token.value)
        place += 1
    text = " ".join(found)
    return text if len(text) < _LONGEST else ""
