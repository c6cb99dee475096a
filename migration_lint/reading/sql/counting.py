"""Loops that count: which variable they count with, and which part of a condition hangs on it.

Such a part is TRUE for each row in some round, as far as anybody can tell; but `id = i`, where the bounds of
`i` are written out, is not: it takes the rows of these numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from migration_lint.named_tuple import NamedTuple
from migration_lint.reading.sql.tokens import Token

_ASSIGNING = frozenset((":=", "="))
_ENDING = frozenset(("RETURNING", "ORDER", "LIMIT", ";"))
_NEVER_COUNTED = frozenset(("SELECT", "UNNEST", "EXECUTE", "VALUES", "QUERY"))


class Counter(NamedTuple):
    """What counts the rounds of a loop."""

    bounded: bool  # by numbers that are written out


def counters(head: Sequence[Token], body: Sequence[Token]) -> Iterator[tuple[str, Counter]]:
    """The variables that a loop counts with, by names in lower case."""
    words = [token.word for token in head]
    bounds = head[3:]
    if words[:1] == ["FOR"] and words[2:3] == ["IN"] and _is_range(bounds):
        yield head[1].value.lower(), Counter(all(_is_number(each) for each in bounds))
    elif "GENERATE_SERIES" in words[4:7] and words[3:4] == ["SELECT"]:  # [* FROM] generate_series(1, n)
        bounds = head[words.index("GENERATE_SERIES") + 1 :]
        yield head[1].value.lower(), Counter(all(each.kind in ("number", "mark") for each in bounds))
    elif words[:1] != ["FOR"] and words[:1] != ["FOREACH"]:
        for at in range(len(body) - 3):
            name, mark, again, sign = body[at : at + 4]
            if mark.word in _ASSIGNING and name.value == again.value and sign.word in ("+", "-"):
                yield name.value.lower(), Counter(_is_bounded(name.value, [*head, *body]))


def _is_range(bounds: Sequence[Token]) -> bool:
    """`1..n`: the tokenizer leaves the two points where they stand, beside a number or by themselves."""
    depth = 0
    for before, token in zip(bounds, bounds[1:], strict=False):
        depth += (before.word == "(") - (before.word == ")")
        points = before.value.endswith(".") and (token.value.startswith(".") or before.value.endswith(".."))
        if depth == 0 and (points or token.value.startswith("..") or before.value.endswith("..")):
            return bounds[0].word not in _NEVER_COUNTED
    return False


def _is_number(token: Token) -> bool:
    return token.value.strip(".").isdecimal() or token.word in (".", "-", "REVERSE", "BY", "")


def _is_bounded(name: str, loop: Sequence[Token]) -> bool:
    """Whether the end of a loop compares its counter with a number: `WHILE i < 10`, `EXIT WHEN i > 10`."""
    return any(
        one.value == name and mark.word in ("<", ">", "<=", ">=", "=") and other.kind == "number"
        for one, mark, other in zip(loop, loop[1:], loop[2:], strict=False)
    )


def hanging(tokens: Sequence[Token], known: Mapping[str, Counter]) -> Iterator[tuple[int, int]]:
    """Where in an UPDATE or DELETE the parts of its condition stand that hang on a counter."""
    words = [token.word for token in tokens]
    depth = 0
    where = next((at for at, word in enumerate(words) if word == "WHERE"), len(words))
    parts, start, between = [], where + 1, 0
    end = len(tokens)
    for at in range(where + 1, len(tokens)):
        depth += (words[at] in ("(", "CASE")) - (words[at] in (")", "END"))
        if depth:
            continue
        between += words[at] == "BETWEEN"
        if words[at] in _ENDING:
            end = at
            break
        if words[at] == "AND" and between:
            between -= 1
        elif words[at] == "AND":
            parts.append((start, at))
            start = at + 1
        elif words[at] == "OR":
            parts, start = [], where + 1
            end = next((place for place in range(at, len(words)) if words[place] in _ENDING), len(words))
            break
    for first, last in [*parts, (start, end)]:
        part = tokens[first:last]
        named = [known[name] for each in part if (name := each.value.lower()) in known and each.word]
        if named and not (any(each.bounded for each in named) and _is_equality(part)):
            yield first, last


def _is_equality(part: Sequence[Token]) -> bool:
    """`id = i`, `t.id = (i)`."""
    marks = [each.word for each in part if each.kind not in ("word", "name")]
    return marks.count("=") == 1 and all(mark in ("=", ".", "(", ")") for mark in marks)
