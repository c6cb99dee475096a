"""SQL Server's DELETE through a query: one that WITH names, or that stands behind FROM with an alias."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migration_lint.catalog.model import CatalogColumn, Table
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint
from migration_lint.reading.sql.tokens import Token

#: What leaves rows of a query's table out, whatever its conditions say.
_FEWER = frozenset("JOIN EXCEPT INTERSECT HAVING EXISTS GROUP DISTINCT OFFSET FETCH APPLY".split())
#: Their least value is 1.
_NUMBERING = frozenset(("ROW_NUMBER", "RANK", "DENSE_RANK"))
#: No fewer rows than a table of any size has.
_ANY_SIZE = 2_000_000_000


class Through(NamedTuple):
    """The queries through which a DELETE goes."""

    fewer: bool  # they leave rows out, or nobody can tell
    conditions: tuple[Sequence[Token], ...]  # behind their WHEREs
    numbered: tuple[str, ...]  # columns that number their rows from 1


def through(before: Sequence[Token], behind: Sequence[Token]) -> Through | None:
    """The queries of a DELETE, by its tokens in front of that word and behind it; None: it names a table."""
    words = [each.word for each in behind]
    start = 1 if words[:1] == ["FROM"] else 0
    name = behind[start].value.lower() if start < len(behind) else ""
    queries = [group for called, group in _defined(before) if called]
    if name in [called for called, _ in _defined(before)]:
        return _of([token for group in queries for token in group])
    for place, word in enumerate(words):
        if word == "FROM" and words[place + 1 : place + 2] == ["("] and place > start:
            end = _closing(words, place + 1)
            alias = end + 1 + (words[end + 1 : end + 2] == ["AS"])
            if alias < len(behind) and behind[alias].value.lower() == name:
                return _of(behind[place + 2 : end])
    return None


def top(tokens: Sequence[Token], place: int) -> str:
    """How many rows TOP at this place takes: `all`, `some`, or `joined`, where a variable says it."""
    inside = [each for each in tokens[place + 1 : place + 6] if each.word not in ("(", ")")]
    following = [each.word for each in tokens[place + 1 : place + 6]]
    value = inside[0].value if inside else ""
    if "PERCENT" in following:
        return "all" if value.split(".")[0] == "100" else "some"
    if value.isdecimal():
        return "all" if int(value) >= _ANY_SIZE else "some"
    return "joined" if value.startswith("@") else "some"


def numbering(table: Table, columns: Sequence[str]) -> Table:
    """A table with columns that number its rows from 1."""
    made = {name: CatalogColumn(name, name, "bigint", False, None, None) for name in columns}
    checks = [Constraint("check", expression=f"{name} >= 1") for name in columns]
    return table._replace(columns={**table.columns, **made}, constraints=(*checks, *table.constraints))


def _of(tokens: Sequence[Token]) -> Through:
    words = [each.word for each in tokens]
    limits = any(word == "TOP" and top(tokens, place) != "all" for place, word in enumerate(words))
    conditions = tuple(tokens[place + 1 :] for place, word in enumerate(words) if word == "WHERE")
    return Through(limits or not _FEWER.isdisjoint(words), conditions, tuple(_numbered(tokens)))


def _numbered(tokens: Sequence[Token]) -> Iterator[str]:
    words = [each.word for each in tokens]
    for place, word in enumerate(words):
        if word not in _NUMBERING or words[place + 1 : place + 4] != ["(", ")", "OVER"]:
            continue
        if words[place - 1 : place] == ["="]:
            yield tokens[place - 2].value.lower()
            continue
        end = _closing(words, place + 4)
        alias = end + 1 + (words[end + 1 : end + 2] == ["AS"])
        if alias < len(tokens) and tokens[alias].kind in ("word", "name"):
            yield tokens[alias].value.lower()


def _defined(tokens: Sequence[Token]) -> Iterator[tuple[str, Sequence[Token]]]:
    """The queries that WITH names."""
    words = [each.word for each in tokens]
    place = 0
    while place + 1 < len(tokens):
        if words[place] == "AS" and words[place + 1] == "(":
            end = _closing(words, place + 1)
            before = place - 1
            if words[before] == ")":
                before = next((at for at in range(before, 0, -1) if words[at] == "("), 1) - 1
            yield tokens[before].value.lower(), tokens[place + 2 : end]
            place = end
        place += 1


def _closing(words: Sequence[str], place: int) -> int:
    """Where the parenthesis closes that opens at `place`."""
    depth = 0
    for at in range(place, len(words)):
        depth += (words[at] == "(") - (words[at] == ")")
        if depth == 0:
            return at
    return len(words) - 1
