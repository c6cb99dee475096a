"""SQL expressions as text: compared, searched for a name, and with a name changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from migration_lint.operations import Dialect

# Texts, which `re` compiles when they are first needed: many runs need none, and compiling takes a while.
_LITERAL_OR_WORD = r"(?s)'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]+`|[\w$.]+|[^\w\s]"
_CAST = (
    r"(?i)::\s*(?:\"[^\"]+\"|[\w.]+)"
    r"(?:\s+varying|\s+precision|\s+with(?:out)? time zone)?(?:\([\d, ]*\))?(?:\[\])*"
)
_CAST_TO = r"(?i)::\s*((?:\w+\.)?\w+)|\bcast\s*\([^()]*(?:\([^()]*\)[^()]*)*\bas\s+((?:\w+\.)?\w+)"
_FOLDED = r"[^\W\dA-Z][^\WA-Z$]*"
_LITERAL = r"('(?:[^']|'')*')"
_NUMBER = r"'([-+]?\d+(?:\.\d+)?)'"
_NAME = r"\"((?:[^\"]|\"\")+)\"|`((?:[^`]|``)+)`|\[((?:[^\]]|\]\])+)\]|([^\W\d][\w$]*)"
_NOW = frozenset(("current_timestamp", "now ( )", "transaction_timestamp ( )"))


def canonical_expression(text: str | None, fold: Callable[[str], str] = str) -> str | None:
    """An SQL expression apart from case, spacing, casts and the parentheses around the whole of it.

    Meant for defaults and for the conditions of indexes: `'0'` is `0`, `now()` is CURRENT_TIMESTAMP. `fold`
    gives what is equal for two names that mean the same to the server.
    """
    if text is None:
        return None
    parts = [
        part if part[0] == "'" else _plain(part, fold)
        for part in re.findall(_LITERAL_OR_WORD, _without_casts(text))
    ]
    while len(parts) > 2 and parts[0] == "(" and _closing(parts) == len(parts) - 1:
        parts = parts[1:-1]
    for at in range(len(parts) - 3, -1, -1):  # MariaDB's current_timestamp() is CURRENT_TIMESTAMP
        if parts[at : at + 3] == ["current_timestamp", "(", ")"]:
            del parts[at + 1 : at + 3]
    plain = " ".join(parts)
    if plain in _NOW:
        return "now ( )"
    number = re.fullmatch(_NUMBER, plain)
    return number[1] if number else plain


def _plain(word: str, fold: Callable[[str], str]) -> str:
    """A word without case; a name in quotes keeps those that it would mean something else without."""
    if len(word) < 2 or word[0] not in '"`':
        return word.lower()
    name = word[1:-1]
    if fold(name) != fold(name.lower()):
        return word
    return name.lower() if re.fullmatch(_FOLDED, name.lower()) else word.lower()


def _without_casts(text: str) -> str:
    if "::" not in text:
        return text
    return outside_literals(text, lambda piece: re.sub(_CAST, "", piece))


def _closing(parts: list[str]) -> int:
    depth = 0
    for at, part in enumerate(parts):
        depth += (part == "(") - (part == ")")
        if not depth:
            return at
    return -1


def only_name(expression: str, dialect: Dialect) -> str | None:
    """The name that an expression consists of, as the database holds it; None where it is more than that."""
    text = expression.strip()
    while text.startswith("(") and text.endswith(")") and _closing(list(text)) == len(text) - 1:
        text = text[1:-1].strip()
    found = re.fullmatch(_NAME, text)
    if found is None:
        return None
    *quoted, plain = found.groups()
    for name, mark in zip(quoted, ('"', "`", "]"), strict=True):
        if name is not None:
            return name.replace(mark * 2, mark)
    return plain.lower() if dialect == "postgresql" else plain


def cast_to(text: str) -> list[str]:
    """The types that an expression casts something to, without what stands in parentheses behind them."""
    return [one or other for one, other in re.findall(_CAST_TO, text)]


def mentions(expression: str | None, column: str) -> bool:
    """Whether a name stands in an expression, outside its string literals."""
    return expression is not None and _word(column).search(_without_literals(expression)) is not None


def renamed(text: str, old: str, new: str) -> str:
    """The expression with one name changed, outside its string literals."""
    return outside_literals(text, lambda piece: _word(old).sub(lambda match: new, piece))


def renamed_all(text: str | None, names: Mapping[str, str]) -> str | None:
    """The expression with all names changed at once, outside its string literals."""
    if text is None or all(old == new for old, new in names.items()):
        return text
    lower = {old.lower(): new for old, new in names.items()}

    def changed(word: re.Match[str]) -> str:
        return names.get(word[0]) or lower.get(word[0].lower(), word[0])

    return outside_literals(text, lambda piece: re.sub(r"[\w$]+", changed, piece))


def outside_literals(text: str, change: Callable[[str], str]) -> str:
    """The expression with what stands outside its string literals changed."""
    pieces = re.split(_LITERAL, text)
    return "".join(piece if at % 2 else change(piece) for at, piece in enumerate(pieces))


def _without_literals(expression: str) -> str:
    return re.sub(_LITERAL, "''", expression) if "'" in expression else expression


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])", re.I)
