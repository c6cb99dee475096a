"""What a query gives out: the names of its columns, and of which column of a table or which type each is."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.data_class import replace
from migration_lint.operations import Output
from migration_lint.reading.sql.cursor import RESERVED, Cursor, Unreadable, named
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.tokens import Token

_SETS = words("UNION INTERSECT EXCEPT MINUS")
_BEHIND = words(
    """
    WHERE GROUP HAVING ORDER LIMIT OFFSET FETCH WINDOW FOR UNION INTERSECT EXCEPT MINUS WITH QUALIFY CONNECT
    START OPTION
    """
)
_JOINS = words("JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL STRAIGHT_JOIN ON USING")
#: Where an expression without a name is called as it is written, up to so many characters.
_BY_TEXT, _LONGEST = ("mysql", "mariadb", "sqlite"), 64
_BETWEEN = words("ONLY LATERAL")


def read_outputs(at: Cursor, names: Sequence[str]) -> tuple[Output, ...]:
    """The columns that the query at the cursor gives out; `()`: they are not known.

    `names` are those that stand in front of it, which count instead of the query's own.
    """
    at = Cursor(at.text, at.tokens, at.dialect, at.schema, at.index)
    at.take("AS")
    begin = at.index
    if not at.take("SELECT"):
        return ()
    try:
        items = _items(at)
        tables = _tables(at) if at.take("FROM") else {}
    except Unreadable:
        return ()
    made: list[Output] = []
    for start, end in items:
        found = _outputs(at, start, end, tables)
        if not found:
            return ()
        made += found
    if any(token.word in _SETS for token in at.tokens):
        # Of which type a column of several queries is hangs on all of them.
        whole = at.text_of(begin, at.length)
        made = [
            replace(each, table=each.table if each.name == "*" else None, column=None, type=None, text=whole)
            for each in made
        ]
    if names and not any(each.name == "*" for each in made):  # else who knows the tables gives the names
        if len(names) > len(made):
            return ()
        made = [replace(each, name=name) for each, name in zip(made, names, strict=False)] + made[
            len(names) :
        ]
    return () if any(not each.name for each in made) else tuple(made)


def _items(at: Cursor) -> list[tuple[int, int]]:
    """The places of the items of a SELECT list. Raises Unreadable where there is something before it."""
    if at.take("DISTINCT") and at.take("ON"):
        at.skip_group()
    elif at.word in ("TOP", "STRAIGHT_JOIN", "SQL_CALC_FOUND_ROWS"):
        raise Unreadable("what stands before the columns is not known")
    at.take("ALL")
    found = []
    while not at.done:
        start = at.index
        at.skip_until((*_BEHIND, "FROM", "INTO"))
        if at.index == start:
            raise Unreadable("a column expected")
        found.append((start, at.index))
        if not at.take(","):
            break
    return found


def _tables(at: Cursor) -> dict[str, str | None]:
    """The tables of a FROM clause by the names that the query has for them; None: another query. In order."""
    found: dict[str, str | None] = {}
    while not at.done and at.word not in _BEHIND and at.word != ")":
        while at.word in _BETWEEN:
            at.skip()
        dotted: str | None = None
        called = ""
        if at.word == "(":
            at.skip_group()
        else:
            name = at.name(default=at.schema)
            called = name.name
            if at.word == "(":  # a function
                at.skip_group()
            else:
                dotted = name.dotted
            at.take("*")
        said = at.take("AS")
        if said or (at.token.kind in ("word", "name") and at.word not in _JOINS | _BEHIND | RESERVED):
            called = at.identifier()
        if at.word == "(" and called:  # names for its columns
            at.skip_group()
            dotted = None
        found[called] = None if called in found else dotted
        _skip_join(at)
    return found


def _skip_join(at: Cursor) -> None:
    """To the name of the next table: behind a comma, or JOIN with what stands before it."""
    while not at.done and at.word not in _BEHIND and at.word != ")":
        word = at.word
        if word == "(":
            at.skip_group()
            continue
        at.skip()
        if word in (",", "JOIN", "STRAIGHT_JOIN"):
            return


def _outputs(at: Cursor, start: int, end: int, tables: dict[str, str | None]) -> list[Output]:
    """What one item of a SELECT list gives out; [] where a name cannot be told."""
    tokens = at.tokens[start:end]
    if tokens[-1].value == "*" and len(tokens) in (1, 3) and (len(tokens) == 1 or tokens[1].value == "."):
        return _all(at, tokens, tables)
    found = _output(at, start, tokens, tables)
    if found is not None and not found.name and at.dialect in _BY_TEXT:
        found = replace(found, name=at.text[tokens[0].start : tokens[-1].end])
        if any(token.kind == "string" for token in tokens) or len(found.name) > _LONGEST:
            return []  # called otherwise than it is written
    return [found] if found is not None and found.name else []


def _output(at: Cursor, start: int, tokens: Sequence[Token], tables: dict[str, str | None]) -> Output | None:
    """One item that is no `*`."""
    name, length = _alias(at, tokens)
    tokens = tokens[:length]
    text = at.text_of(start, start + length)
    path = _path(at, tokens)
    if path is not None:
        table = tables.get(path[-2]) if len(path) > 1 else next(iter(tables.values()), None)
        if table is None or (len(path) == 1 and None in tables.values()):
            return Output(name or path[-1], text=text)  # of another query
        return Output(
            name or path[-1], table if len(tables) == 1 or len(path) > 1 else None, path[-1], None, text
        )
    cast = _cast(tokens)
    if cast is None:
        return Output(name, None, None, None, text)
    operand, (first, last) = cast
    path = _path(at, tokens[slice(*operand)])
    if not name and path is not None and at.dialect not in _BY_TEXT:
        name = path[-1]
    return Output(name, None, None, at.text_of(start + first, start + last), text)


def _all(at: Cursor, tokens: Sequence[Token], tables: dict[str, str | None]) -> list[Output]:
    if len(tokens) == 1:
        # Of several tables the columns of all, where none is joined by a name that both have.
        known = list(tables.values())
        joined = len(known) > 1 and any(token.word in ("USING", "NATURAL") for token in at.tokens)
        return [] if joined or None in known else [Output("*", each) for each in known]
    table = tables.get(_named(at, tokens[0]))
    return [] if table is None else [Output("*", table)]


def _alias(at: Cursor, tokens: Sequence[Token]) -> tuple[str, int]:
    """The name behind an expression, and where the expression ends."""
    last = tokens[-1]
    if len(tokens) < 2 or last.kind not in ("word", "name", "string"):
        return "", len(tokens)
    if tokens[-2].word == "AS":
        return _named(at, last), len(tokens) - 2
    before = tokens[-2]
    cast = any(token.value == "::" for token in tokens) or before.value in (".", "::")
    ends = before.word == ")" or (before.kind != "mark" and before.word not in RESERVED)
    if cast or not ends or last.kind == "string" or last.word in RESERVED | {"END"}:
        return "", len(tokens)
    return _named(at, last), len(tokens) - 1


def _path(at: Cursor, tokens: Sequence[Token]) -> list[str] | None:
    """The parts of `a`, `t.a`, `s.t.a`; None: it is more than a column's name."""
    if len(tokens) not in (1, 3, 5) or any(token.value != "." for token in tokens[1::2]):
        return None
    if any(token.kind not in ("word", "name") or token.word in RESERVED for token in tokens[::2]):
        return None
    return [_named(at, token) for token in tokens[::2]]


def _cast(tokens: Sequence[Token]) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Where the operand and the type of `… :: type` or `CAST ( … AS type )` stand."""
    depth = 0
    marks: list[int] = []
    for index, token in enumerate(tokens):
        depth += (token.word in ("(", "[")) - (token.word in (")", "]"))
        if token.value == "::" and depth == 0:
            marks.append(index)
        elif depth == 0 and token.kind == "mark" and token.value not in (".", ")", "]") and not marks:
            return None  # of `a + b::int` the cast is a part
        elif token.word == "AS" and depth == 1:
            marks.append(index)
    if not marks:
        return None
    last = marks[-1]
    if tokens[last].value == "::":
        return (0, marks[0]), (last + 1, len(tokens))
    if tokens[0].word == "CAST" and len(tokens) > 1 and tokens[1].word == "(" and tokens[-1].word == ")":
        return (2, last), (last + 1, len(tokens) - 1)
    return None


def _named(at: Cursor, token: Token) -> str:
    return named(token, at.dialect)
