"""The text of SQL that SQL puts together: `'ALTER TABLE ' || quote_ident(t)`, `format(…)`, `CONCAT(…)`.

An expression is worked out to the texts that it may be; HOLE stands for what is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.operations import HOLE, Dialect
from migration_lint.reading.sql.tokens import Token

#: Texts that one expression may have; more than this is not known.
MOST = 16
_DEEPEST = 12
_LONGEST = 1_000_000
#: A PostgreSQL array literal or constructor as a value: its items, joined by this.
SEPARATOR = "\x1f"

_PLAIN_NAME = lazy_pattern(rf"[a-z_{HOLE}][a-z0-9_${HOLE}]*\Z")
_DIRECTIVE = lazy_pattern(r"%(?:(\d+)\$)?(-?\d*)([sIL%])")
_SAME = frozenset({"QUOTE_IDENT", "QUOTENAME", "CAST", "CONVERT"})
#: Of one text.
_CHANGED: Mapping[str, Callable[[str], str]] = {
    "LOWER": str.lower,
    "UPPER": str.upper,
    "TRIM": lambda text: text.strip(" "),
    "BTRIM": lambda text: text.strip(" "),
    "LTRIM": lambda text: text.lstrip(" "),
    "RTRIM": lambda text: text.rstrip(" "),
}
_EITHER = frozenset({"COALESCE", "IFNULL", "NVL", "ISNULL", "NULLIF"})

Values = Mapping[str, Sequence[str]]


def texts(tokens: Sequence[Token], values: Values, dialect: Dialect, depth: int = 0) -> list[str]:
    """What an expression of text may be; at least one. `values`: what variables (lower case) may hold."""
    if depth > _DEEPEST or not tokens:
        return [HOLE]
    marks = ("||", "+") if dialect == "mssql" else ("||",)
    found = [""]
    for piece in _split(tokens, marks):
        found = joined(found, _piece(piece, values, dialect, depth))
    return found


def joined(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Each of these texts with each of those behind it."""
    found = list(dict.fromkeys(old + new for old in before for new in after))
    return [HOLE] if len(found) > MOST or sum(map(len, found)) > _LONGEST else found


def _split(tokens: Sequence[Token], marks: tuple[str, ...]) -> list[Sequence[Token]]:
    """The parts between `marks` that stand in no parentheses and no CASE."""
    pieces: list[Sequence[Token]] = []
    depth = start = 0
    for index, token in enumerate(tokens):
        word = token.word
        if word in ("(", "[", "CASE"):
            depth += 1
        elif word in (")", "]", "END"):
            depth -= 1
        elif depth == 0 and word in marks:
            pieces.append(tokens[start:index])
            start = index + 1
    pieces.append(tokens[start:])
    return pieces


def _piece(tokens: Sequence[Token], values: Values, dialect: Dialect, depth: int) -> list[str]:
    whole = tokens
    tokens = _without_cast(tokens)
    if not tokens:
        return [HOLE]
    if len(tokens) < len(whole):
        return _cast(_piece(tokens, values, dialect, depth), whole[len(tokens) + 1 :])
    first = tokens[0]
    if all(token.kind == "string" for token in tokens):
        return ["".join(token.value for token in tokens)]
    if len(tokens) == 1:
        if first.kind == "number":
            return [first.value]
        if first.kind in ("word", "name", "parameter"):
            return list(values.get(first.value.lower(), (HOLE,)))
        return [HOLE]
    if first.word == "(" and _closes(tokens, 0) == len(tokens) - 1:
        return _inside(tokens[1:-1], values, dialect, depth)
    if first.word == "SELECT":
        return _inside(tokens, values, dialect, depth)
    if first.word == "CASE":
        return _case(tokens, values, dialect, depth)
    if first.word == "ARRAY" and tokens[1].word == "[":
        items = [texts(item, values, dialect, depth + 1) for item in _split(tokens[2:-1], (",",))]
        if all(len(item) == 1 for item in items):
            return [SEPARATOR.join(item[0] for item in items)]
        return [HOLE]
    if tokens[1].word == "(" and _closes(tokens, 1) == len(tokens) - 1:
        return _call(first, tokens[2:-1], values, dialect, depth)
    if first.kind == "word" and len(tokens) == 2 and tokens[1].kind == "string":
        return [tokens[1].value]  # MySQL's _utf8'…'
    return [HOLE]


def _inside(tokens: Sequence[Token], values: Values, dialect: Dialect, depth: int) -> list[str]:
    """A parenthesis: an expression, or a query of one."""
    if tokens and tokens[0].word == "SELECT":
        level = 0
        end = len(tokens)
        for index, token in enumerate(tokens):
            if token.word in ("(", "["):
                level += 1
            elif token.word in (")", "]"):
                level -= 1
            elif level == 0 and token.word in ("FROM", "INTO", "AS", "LIMIT"):
                end = index
                break
        tokens = tokens[1:end]
    return texts(tokens, values, dialect, depth + 1)


def arguments(tokens: Sequence[Token], values: Values, dialect: Dialect) -> dict[str, list[str]]:
    """What the arguments of a call may be, each by its name in lower case or its place from 0."""
    found: dict[str, list[str]] = {}
    for place, piece in enumerate(_split(tokens, (",",))):
        if len(piece) > 2 and piece[1].word in ("=>", ":="):
            found[piece[0].value.lower()] = texts(piece[2:], values, dialect)
        elif piece:
            found[str(place)] = texts(piece, values, dialect)
    return found


def _case(tokens: Sequence[Token], values: Values, dialect: Dialect, depth: int) -> list[str]:
    found: list[str] = []
    level = 0
    start = -1
    for index, token in enumerate(tokens):
        word = token.word
        if word in ("CASE", "("):
            level += 1
        elif word == ")":
            level -= 1
        if level == 1 and start >= 0 and word in ("WHEN", "ELSE", "END"):
            found += texts(tokens[start:index], values, dialect, depth + 1)
            start = -1
        if word == "END":
            level -= 1
        elif level == 1 and word in ("THEN", "ELSE"):
            start = index + 1
    return found or [HOLE]


def _call(name: Token, tokens: Sequence[Token], values: Values, dialect: Dialect, depth: int) -> list[str]:
    function = name.value.upper()
    arguments = _split(tokens, (",",))
    if function in _SAME:
        inner = arguments[-1] if function == "CONVERT" and dialect == "mssql" else arguments[0]
        found = None
        if function == "CAST":
            ends = [index for index, token in enumerate(inner) if token.word == "AS"]
            cast = inner[ends[-1] + 1 :] if ends else ()
            inner = inner[: ends[-1]] if ends else inner
            found = _cast(texts(inner, values, dialect, depth + 1), cast)
        found = texts(inner, values, dialect, depth + 1) if found is None else found
        if function == "QUOTE_IDENT":
            return [_quoted_name(text) for text in found]
        if function == "QUOTENAME":
            return [text if text == HOLE else f"[{text}]" for text in found]
        return found
    if function == "QUOTE_LITERAL" or function == "QUOTE_NULLABLE" or function == "QUOTE":
        return [_literal(text) for text in texts(arguments[0], values, dialect, depth + 1)]
    if function in _CHANGED:
        found = texts(arguments[0], values, dialect, depth + 1) if len(arguments) == 1 else [HOLE]
        known = len(arguments[0]) == 1 or not any(each.word == "FROM" for each in arguments[0])
        return [
            HOLE if HOLE in each and each != HOLE else _CHANGED[function](each) for each in found if known
        ] or [HOLE]
    if function in ("CHR", "CHAR", "NCHAR"):
        return [_characters(tokens)]
    if function in ("CONCAT", "FORMAT"):
        options = [texts(argument, values, dialect, depth + 1) for argument in arguments]
        longest = max(len(text) for option in options for text in option)
        if longest * len(tokens) > _LONGEST * 10:
            return [HOLE]
        combined: list[list[str]] = [[]]
        for option in options:
            combined = [before + [text] for before in combined for text in option]
            if len(combined) > MOST:
                return [HOLE]
        if function == "CONCAT":
            return ["".join(parts) for parts in combined]
        return [_formatted(parts[0], parts[1:]) for parts in combined]
    if function == "REPLACE" and len(arguments) == 3:
        return _replaced(*(texts(argument, values, dialect, depth + 1) for argument in arguments))
    if function == "IF" or function == "IIF":
        return [text for argument in arguments[1:3] for text in texts(argument, values, dialect, depth + 1)]
    if function in _EITHER:
        return [text for argument in arguments for text in texts(argument, values, dialect, depth + 1)]
    return [HOLE]


def _characters(tokens: Sequence[Token]) -> str:
    """CHR(95), and MySQL's CHAR(95, 96 USING utf8mb4)."""
    end = next((index for index, token in enumerate(tokens) if token.word == "USING"), len(tokens))
    codes = [each for each in tokens[:end] if each.word != ","]
    if not codes or not all(each.kind == "number" and each.value.isdecimal() for each in codes):
        return HOLE
    return "".join(chr(int(each.value)) if 0 < int(each.value) < 128 else HOLE for each in codes)


def _cast(found: list[str], type: Sequence[Token]) -> list[str]:
    """Texts as a type holds them: one that is shorter than a text cuts it off."""
    longest = next(
        (int(each.value) for each in type if each.kind == "number" and each.value.isdecimal()), None
    )
    if longest is None and type and type[0].value.lower() in ("char", "character"):
        longest = 1
    cut = longest is not None and any(len(each) > longest or HOLE in each for each in found)
    return [HOLE] if cut else found


def _replaced(subjects: Sequence[str], olds: Sequence[str], news: Sequence[str]) -> list[str]:
    """REPLACE(): known where each of its texts is."""
    if len(subjects) * len(olds) * len(news) > MOST or any(
        HOLE in text for text in (*subjects, *olds, *news)
    ):
        return [HOLE]
    found = [
        text.replace(old, new) if old else text
        for text in subjects
        for old in olds
        for new in news
        if text.count(old) * len(new) <= _LONGEST
    ]
    return found or [HOLE]


def _formatted(text: str, arguments: Sequence[str]) -> str:
    """PostgreSQL's format()."""
    position = 0
    if text.count("%") * max(map(len, arguments), default=0) > _LONGEST:
        return HOLE

    def directive(found: re.Match[str]) -> str:
        nonlocal position
        if found[3] == "%":
            return "%"
        if found[1]:
            position = int(found[1][:6])
        else:
            position += 1
        value = arguments[position - 1] if 0 < position <= len(arguments) else HOLE
        if found[3] == "I":
            return _quoted_name(value)
        return _literal(value) if found[3] == "L" else value

    return _DIRECTIVE.sub(directive, text)


def _quoted_name(text: str) -> str:
    if _PLAIN_NAME.match(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _without_cast(tokens: Sequence[Token]) -> Sequence[Token]:
    """The expression without `::type` behind it."""
    depth = 0
    for index, token in enumerate(tokens):
        if token.word in ("(", "["):
            depth += 1
        elif token.word in (")", "]"):
            depth -= 1
        elif depth == 0 and token.word == "::":
            return tokens[:index]
    return tokens


def _closes(tokens: Sequence[Token], start: int) -> int:
    """Where the parenthesis that opens at `start` closes."""
    depth = 0
    for index in range(start, len(tokens)):
        if tokens[index].word == "(":
            depth += 1
        elif tokens[index].word == ")":
            depth -= 1
            if depth == 0:
                return index
    return -1


def items(text: str) -> list[str] | None:
    """The items of an array's text as `texts` gives it; None: not known."""
    if text == HOLE:
        return None
    if SEPARATOR in text:
        return text.split(SEPARATOR)
    if text.startswith("{") and text.endswith("}") and "{" not in text[1:]:
        return [item.strip().strip('"') for item in text[1:-1].split(",")]
    return [text]
