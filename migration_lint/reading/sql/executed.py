"""What EXECUTE runs, with the expressions of the block where their values are pasted or handed in.

`'DELETE FROM t WHERE id = $1' USING r.id`, `format('… id = %L', r.id)` and `'… id = ' || r.id` all come to
`DELETE FROM t WHERE id = (r.id)`, of which the block knows what `r` goes through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from migration_lint.reading.sql.tokens import Token

# Texts, which `re` compiles when they are first needed.
_DIRECTIVE = r"%(?:(\d+)\$)?([sIL%])"
_HANDED = r"\$(\d+)"
_LONGEST = 20_000
_QUOTING = frozenset(("QUOTE_LITERAL", "QUOTE_NULLABLE"))
_ENDS = frozenset(("INTO", "USING", "BULK", "LOOP"))


def with_expressions(text: str, tokens: Sequence[Token]) -> str | None:
    """The statement behind EXECUTE, its tokens up to where it ends; None: more than that is put together."""
    words = [token.word for token in tokens]
    end = _end(words)
    made = _pasted(text, tokens[:end])
    handed = words.index("USING", end) if "USING" in words[end:] else len(words)
    stop = next((at for at in range(handed, len(words)) if words[at] in ("INTO", "LOOP")), len(words))
    values = [f"({_written(text, each)})" for each in apart(tokens[handed + 1 : stop], ",")]
    if made is None or len(made) > _LONGEST:
        return None
    numbers = [int(number) for number in re.findall(_HANDED, made)]
    longest = max(map(len, values), default=0)
    if any(not 0 < number <= len(values) for number in numbers) or len(numbers) * longest > _LONGEST:
        return None
    return re.sub(_HANDED, lambda found: values[int(found[1]) - 1], made)


def _end(words: Sequence[str]) -> int:
    depth = 0
    for at, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth == 0 and word in _ENDS:
            return at
    return len(words)


def _pasted(text: str, tokens: Sequence[Token]) -> str | None:
    if tokens and tokens[0].word == "FORMAT" and len(tokens) > 2 and tokens[1].word == "(":
        given = apart(tokens[2:-1], ",")
        if tokens[-1].word != ")" or len(given[0]) != 1 or given[0][0].kind != "string":
            return None
        return _formatted(given[0][0].value, [f"({_written(text, each)})" for each in given[1:]])
    pieces = [_piece(text, each) for each in apart(tokens, "||")]
    return "".join(pieces) if pieces else None


def _formatted(text: str, values: Sequence[str]) -> str | None:
    place, made = 0, ""
    at = 0
    for found in re.finditer(_DIRECTIVE, text):
        made += text[at : found.start()]
        at = found.end()
        if found[2] == "%":
            made += "%"
            continue
        place = int(found[1]) if found[1] else place + 1
        if found[2] == "I" or place > len(values):
            return None  # a name, which the text that is read holds as far as it is known
        made += values[place - 1]
        if len(made) > _LONGEST:
            return None
    return made + text[at:]


def _piece(text: str, tokens: Sequence[Token]) -> str:
    if len(tokens) == 1 and tokens[0].kind == "string":
        return tokens[0].value
    if tokens[0].word in _QUOTING and len(tokens) > 3:
        tokens = tokens[2:-1]
    return f"({_written(text, tokens)})"


def apart(tokens: Sequence[Token], mark: str) -> list[Sequence[Token]]:
    """What stands between marks that are in no parentheses."""
    found: list[Sequence[Token]] = []
    depth = start = 0
    for index, token in enumerate(tokens):
        depth += (token.word in ("(", "[")) - (token.word in (")", "]"))
        if token.word == mark and not depth:
            found.append(tokens[start:index])
            start = index + 1
    return [each for each in (*found, tokens[start:]) if each]


def _written(text: str, tokens: Sequence[Token]) -> str:
    return text[tokens[0].start : tokens[-1].end]
