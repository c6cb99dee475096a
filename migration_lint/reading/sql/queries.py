"""Which tables a query or data statement names, by the words in front of them."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.operations import HOLE
from migration_lint.reading.sql.cursor import RESERVED, Cursor, Unreadable
from migration_lint.reading.sql.tokens import Token

_BEFORE_TABLE = frozenset({"FROM", "JOIN", "INTO", "UPDATE", "USING", "TABLE", "MERGE"})
#: IS DISTINCT FROM, ON DUPLICATE KEY UPDATE, FOR UPDATE, …
_NOT_BEFORE_TABLE = frozenset(
    (("FROM", "DISTINCT"), *(("UPDATE", before) for before in ("KEY", "FOR", "ON", "DO")))
)
_BETWEEN = frozenset({"ONLY", "LATERAL", "TEMP", "TEMPORARY", "UNLOGGED", "IGNORE", "TABLE", "LOW_PRIORITY"})
_LIST_END = frozenset({"WHERE", "SET", "GROUP", "ORDER", "SELECT", "VALUES", "RETURNING", "LIMIT", "HAVING"})
#: `extract(year FROM x)`: inside these calls FROM is not followed by a table.
_FROM_FUNCTIONS = frozenset({"EXTRACT", "SUBSTRING", "TRIM", "OVERLAY", "POSITION"})
_NO_TABLE = RESERVED | {"SKIP", "NOWAIT", "OF", "BTREE", "HASH", "GIN", "GIST", "OUTFILE", "DUMPFILE"}
_MODIFIERS = frozenset({"LOW_PRIORITY", "QUICK", "IGNORE"})
#: Where `INSERT t` and `REPLACE t` need no INTO, and what may stand between.
_WITHOUT_INTO = frozenset(("mysql", "mariadb", "mssql"))
_FILLING = frozenset(("INSERT", "REPLACE"))
_BEFORE_FILLED = frozenset(("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE"))
#: A data statement that names more is a dump of data.
_MOST = 200


def tables_read(at: Cursor, start: int = 0, end: int | None = None) -> tuple[str, ...]:
    """The tables named between two tokens, without those that WITH defines and those not fully known."""
    looking = Cursor(at.text, at.tokens, at.dialect, at.schema, start)
    if end is not None:
        looking.length = min(end, at.length)
    found: dict[str, None] = {}
    calls: list[bool] = []  # for each open parenthesis: does FROM mean nothing in it
    list_depth = -1  # where a comma goes on with a list of tables
    before = ""
    has_with = False
    written: set[str] = set()  # behind INTO no name of WITH can stand
    while looking.index < looking.length:
        word = looking.tokens[looking.index].word
        looking.index += 1
        if word == "(":
            calls.append(before in _FROM_FUNCTIONS)
        elif word == ")":
            if calls:
                calls.pop()
            if len(calls) < list_depth:
                list_depth = -1
        elif word in _BEFORE_TABLE:
            if (calls and calls[-1]) or (word, before) in _NOT_BEFORE_TABLE:
                before = word
                continue
            while looking.word in _BETWEEN:
                looking.skip()
            if word != "INTO":
                list_depth = len(calls)
            _take_name(looking, found, called=word != "INTO")
            if word == "INTO" and found:
                written.add(next(reversed(found)))
        elif word in _FILLING and before != "THEN" and at.dialect in _WITHOUT_INTO:
            _take_filled(looking, found)
        elif word == "," and list_depth == len(calls):
            _take_name(looking, found, called=True)
        elif word in _LIST_END:
            if list_depth == len(calls):
                list_depth = -1
        elif word == "WITH":
            has_with = True
        before = word
        if len(found) >= _MOST:
            break
    if has_with and found:
        for name in _defined(at, start, looking.length) - written:
            found.pop(name, None)
    return tuple(name for name in found if HOLE not in name)


def _take_filled(looking: Cursor, found: dict[str, None]) -> None:
    """Takes the table of an INSERT without INTO; INSERT(…) and REPLACE(…) are functions."""
    while looking.word in _BEFORE_FILLED:
        looking.skip()
    if looking.word == "TOP":
        looking.skip()
        looking.skip_group()
        looking.take("PERCENT")
    if looking.word != "INTO":
        _take_name(looking, found, called=False)


def references(tokens: Sequence[Token], start: int = 0) -> int:
    """Where the tables of MySQL's `DELETE a FROM t a …` and `DELETE FROM a USING t a …` begin; else `start`.

    In front of that stand names of those, or their aliases, whose rows go; `start` is at the word DELETE.
    """
    depth, first = 0, True
    for place in range(start + 1, len(tokens)):
        word = tokens[place].word
        depth += (word == "(") - (word == ")")
        if depth < 0 or word in ("WHERE", "JOIN", "FOR", ";"):  # FOR PORTION OF p FROM
            break
        if depth == 0 and (word == "USING" or (word == "FROM" and not first)):
            return place
        first = first and word in _MODIFIERS
    return start


def _take_name(looking: Cursor, found: dict[str, None], called: bool) -> None:
    """Takes a table's name, if one comes next; not that of a function that is called."""
    if looking.token.kind not in ("word", "name") or looking.word in _NO_TABLE:
        return
    try:
        name = looking.name(default=looking.schema)
    except Unreadable:
        return
    if not called or looking.word != "(":
        found[name.dotted] = None


def _defined(at: Cursor, start: int, end: int) -> set[str]:
    """Names in front of `AS (` and `(a, b) AS (`."""
    names: set[str] = set()
    opened: list[int] = []
    closed = -1  # where the group that closed last had opened
    tokens = at.tokens
    for index in range(start, end):
        word = tokens[index].word
        if word == "(":
            opened.append(index)
        elif word == ")":
            closed = opened.pop() if opened else -1
        elif word == "AS" and index > start and index + 1 < end:
            if tokens[index + 1].word not in ("(", "MATERIALIZED", "NOT"):
                continue
            place = closed - 1 if tokens[index - 1].word == ")" else index - 1
            if place >= start and tokens[place].kind in ("word", "name"):
                taking = Cursor(at.text, at.tokens, at.dialect, None, place)
                names.add(taking.name(default=at.schema).dotted)
    return names
