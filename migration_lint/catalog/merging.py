"""The rows that a MERGE deletes: those of all its clauses, by what stands behind USING and ON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from migration_lint.named_tuple import NamedTuple
from migration_lint.reading.sql.executed import apart
from migration_lint.reading.sql.tokens import Token

_TRUE = "true"


class Merge(NamedTuple):
    """A MERGE, its tokens from behind that word."""

    sql: str
    tokens: Sequence[Token]

    @property
    def words(self) -> list[str]:
        return [each.word for each in self.tokens]

    def deleting(self) -> Iterator[tuple[bool, Sequence[Token]]]:
        """The clauses that delete: whether rows that the source lacks, and the condition behind AND."""
        words = self.words
        for start, end in pairwise([*(at for at, word in enumerate(words) if word == "WHEN"), len(words)]):
            then = next((at for at in range(start, end) if words[at : at + 2] == ["THEN", "DELETE"]), None)
            if then is not None:
                joined = next((at for at in range(start, then) if words[at] == "AND"), then)
                yield "SOURCE" in words[start:then], self.tokens[joined + 1 : then]

    def source(self) -> Sequence[Token]:
        """What stands between USING and ON."""
        words = self.words
        using, on = (words.index(each) if each in words else len(words) for each in ("USING", "ON"))
        return self.tokens[using + 1 : on]

    def on(self) -> Sequence[Token]:
        words = self.words
        start = words.index("ON") + 1 if "ON" in words else len(words)
        end = next((at for at in range(start, len(words)) if words[at] == "WHEN"), len(words))
        return self.tokens[start:end]

    def written(self, tokens: Sequence[Token]) -> str:
        return self.sql[tokens[0].start : tokens[-1].end] if tokens else _TRUE

    def any_of(self, conditions: Sequence[Sequence[Token]]) -> str:
        """The condition of the rows that some of these take."""
        return " OR ".join(f"({self.written(each)})" for each in conditions)


def matching_constants(
    merge: Merge, conditions: Sequence[Sequence[Token]], own: Callable[[str], bool]
) -> str:
    """The condition of the rows that clauses take where the source is written out; "": it is not.

    `own`: whether the table has a column of a name.
    """
    found = _constants(merge)
    if found is None:
        return ""
    alias, rows = found
    taken = []
    for row in rows:
        on = _filled(merge, merge.on(), alias, row, own)
        taken += [f"(({on}) AND ({_filled(merge, each, alias, row, own)}))" for each in conditions]
    return " OR ".join(taken)


_Rows = tuple[str, list[dict[str, str]]]


def _constants(merge: Merge) -> _Rows | None:
    """`(VALUES (1, 2)) AS s (x, y)`, `(SELECT 1 AS x) s`."""
    tokens = merge.source()
    words = [each.word for each in tokens]
    close = _closing(words)
    behind = [each for each in tokens[close + 1 :] if each.word not in ("AS", "(", ")", ",")]
    if words[:1] != ["("] or not behind or "FROM" in words[:close]:
        return None
    names = [each.value.lower() for each in behind[1:]]
    listed = apart(tokens[2:close], ",")
    if words[1] == "VALUES":
        rows = [apart(each[1:-1], ",") for each in listed]
    elif words[1] == "SELECT":
        bare = [each[:-1] if len(each) > 1 else each for each in listed]
        rows = [[each[:-1] if each[-1].word == "AS" else each for each in bare]]
        names = names or [each[-1].value.lower() for each in listed]
    else:
        return None
    names = names or [f"column{place + 1}" for place in range(len(rows[0]))]
    return behind[0].value.lower(), [
        dict(zip(names, (merge.written(each) for each in row), strict=False)) for row in rows
    ]


def _closing(words: Sequence[str]) -> int:
    """Where the parenthesis closes that stands first; 0: none does."""
    depth = 0
    for at, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return at
    return 0


def _filled(
    merge: Merge, tokens: Sequence[Token], alias: str, row: dict[str, str], own: Callable[[str], bool]
) -> str:
    """A condition with the values of one row of the source in the places of its columns."""
    if not tokens:
        return _TRUE
    made, at, index = "", tokens[0].start, 0
    while index < len(tokens):
        token, name = tokens[index], tokens[index].value.lower()
        qualified = name == alias and index + 2 < len(tokens) and tokens[index + 1].word == "."
        of = tokens[index + 2].value.lower() if qualified else name
        before = tokens[index - 1].word if index else ""
        if token.kind in ("word", "name") and of in row and before != "." and (qualified or not own(of)):
            made += merge.sql[at : token.start] + f"({row[of]})"
            index += 2 * qualified
            at = tokens[index].end
        index += 1
    return made + merge.sql[at : tokens[-1].end]
