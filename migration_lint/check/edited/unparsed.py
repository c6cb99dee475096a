"""Statements of a module that this Python does not parse: those that it does not by their tokens."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence

from migration_lint.check.edited.telling import made_plain
from migration_lint.errors import CannotJudge
from migration_lint.history.source import decode, parse
from migration_lint.named_tuple import NamedTuple

_LAYOUT = (tokenize.NL, tokenize.COMMENT, tokenize.ENCODING, tokenize.ENDMARKER)
_GOING_ON = ("else", "elif", "except", "finally")
#: PEP 758, which Python 3.14 brought.
_SEVERAL_TYPES = re.compile(r"^(\s*except\*?\s+)([\w.]+(?:\s*,\s*[\w.]+)+)\s*:", re.M)


class Told(NamedTuple):
    """The statements of a module."""

    code: list[ast.stmt]
    newer: bool = False  # this Python does not parse it


def statements(path: str, data: bytes) -> Told:
    """The statements of a module. Raises CannotJudge where not even its tokens can be told."""
    try:
        return Told(made_plain(parse(path, data), ()))
    except CannotJudge as error:
        try:
            text = _SEVERAL_TYPES.sub(r"\1(\2):", decode(path, data))
            return Told([each for part in _parts(text) for each in _statements(path, text, part)], True)
        except (tokenize.TokenError, SyntaxError):
            raise error from None


def _parts(text: str) -> Iterator[list[tokenize.TokenInfo]]:
    """The tokens of each statement at the top of a module, its decorators with it."""
    part: list[tokenize.TokenInfo] = []
    depth, begins, decorates = 0, True, False
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        depth += (token.type == tokenize.INDENT) - (token.type == tokenize.DEDENT)
        if token.type in _LAYOUT or (token.type == tokenize.DEDENT and depth == 0):
            continue
        if begins and depth == 0 and token.string not in _GOING_ON:
            if part and not decorates:
                yield part
                part = []
            decorates = token.string == "@"
        part.append(token)
        begins = token.type == tokenize.NEWLINE or (begins and token.type == tokenize.DEDENT)
    if part:
        yield part


def _statements(path: str, text: str, part: Sequence[tokenize.TokenInfo]) -> list[ast.stmt]:
    last = max(token.end[0] for token in part if token.type != tokenize.DEDENT)
    lines = text.split("\n")[part[0].start[0] - 1 : last]
    try:
        return made_plain(parse(path, "\n".join(lines).encode()), ())
    except CannotJudge:
        return [_by_tokens(part)]


def _by_tokens(part: Sequence[tokenize.TokenInfo]) -> ast.stmt:
    """A statement that is equal to another one where its tokens are, and names all that stands in it."""
    words = [token.string for token in part if token.type == tokenize.NAME]
    said = ast.Constant(" ".join(f"{token.type}:{token.string}" for token in part))
    value = ast.Tuple([said, *(ast.Name(word, ast.Load()) for word in words)], ast.Load())
    bound = _bound(part)
    return ast.Assign([ast.Name(bound, ast.Store())], value) if bound else ast.Expr(value)


def _bound(part: Sequence[tokenize.TokenInfo]) -> str:
    """The name that a statement defines or assigns, if it is one."""
    first = 0
    while part[first].string == "@":
        first = next(at for at in range(first, len(part)) if part[at].type == tokenize.NEWLINE) + 1
    words = [token.string for token in part[first : first + 3]]
    words = words[1:] if words[0] == "async" else words
    if words[0] in ("def", "class"):
        return words[1]
    return words[0] if words[1:2] in (["="], [":"]) and words[0].isidentifier() else ""
