"""What the variable of a loop in a block takes in turn, as far as it is written out."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.operations import Dialect
from migration_lint.reading.sql import dynamic
from migration_lint.reading.sql.tokens import Token

_MOST_NUMBERS = 50
_MOST_VALUES = 200


def loop_values(head: Sequence[Token], values: dynamic.Values, dialect: Dialect) -> list[str] | None:
    """What the variable of a loop takes in turn, where its head writes it out; None: not known."""
    words = [token.word for token in head]
    counted = _counted(head) or _listed(head)
    if counted is not None:
        return counted
    if words[:1] == ["FOREACH"] and "ARRAY" in words:
        expression = head[words.index("ARRAY") + 1 :]
    elif words[:1] == ["FOR"] and words[2:5] in (["IN", "SELECT", "UNNEST"], ["IN", "SELECT", "*"]):
        if "UNNEST" not in words or "WHERE" in words:
            return None
        start = words.index("UNNEST") + 2
        depth = 1
        end = start
        while end < len(head):
            depth += {"(": 1, ")": -1}.get(words[end], 0)
            if depth == 0:
                break
            end += 1
        expression = head[start:end]
    else:
        return None
    options = dynamic.texts(expression, values, dialect)
    found = dynamic.items(options[0]) if len(options) == 1 else None
    return found if found and len(found) <= _MOST_VALUES else None


def _counted(head: Sequence[Token]) -> list[str] | None:
    """FOR i IN 1..3, whose numbers are read as `1.` and `.3`."""
    if len(head) != 5 or head[2].word != "IN":
        return None
    first, last = head[3].value.rstrip("."), head[4].value.lstrip(".")
    if not (first.isdecimal() and last.isdecimal()) or len(first + last) > 12:
        return None
    found = [str(number) for number in range(int(first), min(int(last), int(first) + _MOST_NUMBERS) + 1)]
    return found if 0 < len(found) <= _MOST_NUMBERS else None


def _listed(head: Sequence[Token]) -> list[str] | None:
    """FOR t IN VALUES ('a'), ('b')"""
    if len(head) < 7 or head[2].word != "IN" or head[3].word != "VALUES":
        return None
    rows = [token.value for token in head[4:] if token.kind == "string"]
    marks = "".join(token.word or "?" for token in head[4:])
    return rows if marks == ",".join(["(?)"] * len(rows)) else None
