"""SQL text → tokens, one compiled expression a dialect.

The expression takes what can be said in one linear match; whatever nests or may run to the end of the
text (comments, strings with doubled quotes, dollar quotes) is read by hand, so that no text, however
hostile, costs more than one pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from migration_lint.operations import HOLE, Dialect

#: word: an unquoted name or keyword; name: a quoted name; broken: a quote or comment that never ends.
TokenKind = Literal["word", "name", "string", "number", "parameter", "mark", "broken"]


class Token(NamedTuple):
    """One token; `text[start:end]` is how it was written."""

    kind: TokenKind
    word: str  # keywords in upper case and marks as they are; empty for everything that was quoted
    value: str  # a name or a string without its quotes; else as written
    start: int
    end: int


class _Lexicon(NamedTuple):
    parts: tuple[str, ...]  # alternatives, in order
    backslash: bool = False  # a backslash escapes inside '…'
    double_is_string: bool = False  # "…" is a string (MySQL)
    nested_comments: bool = False
    versioned_comments: bool = False  # /*! … */ is run


_SPACE = r"(?P<space>[\s\x00\ufeff]+)"
_WORD = rf"(?P<word>(?:[^\W\d]|{HOLE})[\w$#@{HOLE}]*)"
_NUMBER = r"(?P<number>0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
_LINE_COMMENT = r"(?P<comment>--[^\r\n]*)"
_MARK = r"(?P<mark>::|:=|\|\||=>|<>|!=|<=|>=|\*/|.)"
_STRING = r"(?P<string>'[^']*'(?!'))"
_STRING_BACKSLASH = r"(?P<string>'[^'\\]*'(?!'))"
_QUOTED = r'(?P<quoted>"[^"]*"(?!"))'


_BLOCK = r"(?P<block>/\*)"
_SLOW = r"(?P<slow>[\"'`])"
_PYTHON_PARAMETER = r"%s\b|%\(\w+\)s"

_POSTGRESQL = _Lexicon(
    (
        _SPACE,
        r"(?P<prefixed>[eEnNbBxX]'|[uU]&['\"])",
        _WORD,
        _STRING,
        _QUOTED,
        r"(?P<dollar>\$(?:[^\W\d]\w*)?\$)",
        _LINE_COMMENT,
        _BLOCK,
        _NUMBER,
        rf"(?P<parameter>:(?=[^\W\d])\w+|\$\d+|{_PYTHON_PARAMETER})",
        _SLOW,
        _MARK,
    ),
    nested_comments=True,
)
_MYSQL = _Lexicon(
    (
        _SPACE,
        r"(?P<prefixed>[nNbBxX]')",
        _WORD,
        _STRING_BACKSLASH,
        r'(?P<quoted>"[^"\\]*"(?!"))',
        r"(?P<backtick>`[^`]*`(?!`))",
        r"(?P<comment>--(?=[\s\x00-\x1f]|$)[^\r\n]*|\#[^\r\n]*)",
        _BLOCK,
        _NUMBER,
        rf"(?P<parameter>@{{1,2}}[\w$.]*|(?<![\w`]):(?=[^\W\d])\w+|{_PYTHON_PARAMETER})",
        _SLOW,
        _MARK,
    ),
    backslash=True,
    double_is_string=True,
    versioned_comments=True,
)
_SQLITE = _Lexicon(
    (
        _SPACE,
        r"(?P<prefixed>[xX]')",
        _WORD,
        _STRING,
        _QUOTED,
        r"(?P<backtick>`[^`]*`(?!`))",
        r"(?P<bracket>\[[^\]]*\])",
        r"(?P<slow_bracket>\[)",
        _LINE_COMMENT,
        _BLOCK,
        _NUMBER,
        rf"(?P<parameter>[:@$](?=[^\W\d])\w+|\?\d*|{_PYTHON_PARAMETER})",
        _SLOW,
        _MARK,
    ),
)
_MSSQL = _Lexicon(
    (
        _SPACE,
        r"(?P<prefixed>[nN]')",
        rf"(?P<word>(?:[^\W\d]|\#|{HOLE})[\w$#@{HOLE}]*)",
        _STRING,
        _QUOTED,
        r"(?P<bracket>\[[^\]]*\](?!\]))",
        r"(?P<slow_bracket>\[)",
        _LINE_COMMENT,
        _BLOCK,
        _NUMBER,
        rf"(?P<parameter>@[\w$#@]*|:(?=[^\W\d])\w+|{_PYTHON_PARAMETER})",
        _SLOW,
        _MARK,
    ),
    nested_comments=True,
)
_ORACLE = _Lexicon(
    (
        _SPACE,
        r"(?P<oracle_quote>[nN]?[qQ]'[^\s])",
        r"(?P<prefixed>[nN]')",
        _WORD,
        _STRING,
        _QUOTED,
        _LINE_COMMENT,
        _BLOCK,
        _NUMBER,
        rf"(?P<parameter>:(?=\w)\w+|{_PYTHON_PARAMETER})",
        _SLOW,
        _MARK,
    ),
)
_LEXICONS: dict[Dialect, _Lexicon] = {
    "postgresql": _POSTGRESQL,
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite": _SQLITE,
    "mssql": _MSSQL,
    "oracle": _ORACLE,
}

_VERSION = re.compile(r"/\*M?!\d*")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_CLOSING = {"[": "]", "{": "}", "(": ")", "<": ">"}
_STRING_STOPS = {quote: re.compile(rf"[{quote}\\]") for quote in "'\""}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "Z": "\x1a"}
_UNICODE_ESCAPE = re.compile(r"\\(\\|\+[0-9a-fA-F]{6}|[0-9a-fA-F]{4})")


@cache
def _pattern(dialect: Dialect) -> re.Pattern[str]:
    """Compiled when the dialect is first met: a run needs one of them."""
    return re.compile("|".join(_LEXICONS[dialect].parts), re.DOTALL)


def tokenize(text: str, dialect: Dialect, start: int = 0) -> Iterator[Token]:
    """The tokens of `text` from `start`; comments and white space are left out.

    Never raises. A quote or comment that does not end is one token of kind "broken" that takes the rest.
    """
    lexicon = _LEXICONS[dialect]
    match = _pattern(dialect).match
    position = start
    length = len(text)
    inside_versioned = False
    while position < length:
        found = match(text, position)
        if found is None:  # pragma: no cover - the last alternative takes any character
            return
        kind = found.lastgroup
        end = found.end()
        if kind == "space" or kind == "comment":
            pass
        elif kind == "word":
            value = found[0]
            yield Token("word", value.upper(), value, position, end)
        elif kind == "mark":
            value = found[0]
            if value == "*/":
                if inside_versioned:
                    inside_versioned = False
                else:  # `SELECT 2*/…` is no comment's end
                    end = position + 1
                    yield Token("mark", "*", "*", position, end)
            else:
                yield Token("mark", value, value, position, end)
        elif kind == "string":
            yield Token("string", "", text[position + 1 : end - 1], position, end)
        elif kind == "quoted":
            sort: TokenKind = "string" if lexicon.double_is_string else "name"
            yield Token(sort, "", text[position + 1 : end - 1], position, end)
        elif kind == "backtick" or kind == "bracket":
            yield Token("name", "", text[position + 1 : end - 1], position, end)
        elif kind == "number" or kind == "parameter":
            value = found[0]
            yield Token("number" if kind == "number" else "parameter", "", value, position, end)
        else:
            if kind == "block" and lexicon.versioned_comments:
                version = _VERSION.match(text, position)
                if version is not None:
                    inside_versioned = True
                    position = version.end()
                    continue
            if kind == "block":
                end = _after_comment(text, position, lexicon.nested_comments)
                if end < 0:
                    yield Token("broken", "", "comment", position, length)
                    return
                position = end
                continue
            token = _quoted(text, position, found[0], lexicon)
            yield token
            end = token.end
        position = end


def _after_comment(text: str, position: int, nested: bool) -> int:
    """Where the comment that starts at `position` ends; -1: nowhere."""
    if not nested:
        end = text.find("*/", position + 2)
        return end + 2 if end >= 0 else -1
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return -1


def _quoted(text: str, position: int, opening: str, lexicon: _Lexicon) -> Token:
    """A string or name that the pattern leaves to be read by hand."""
    if opening[0] == "$":
        end = text.find(opening, position + len(opening))
        if end < 0:
            return Token("broken", "", "dollar-quoted string", position, len(text))
        return Token("string", "", text[position + len(opening) : end], position, end + len(opening))
    if len(opening) > 2 and opening[-2] == "'":  # Oracle's q'[ … ]'
        closing = _CLOSING.get(opening[-1], opening[-1]) + "'"
        end = text.find(closing, position + len(opening))
        if end < 0:
            return Token("broken", "", "string", position, len(text))
        return Token("string", "", text[position + len(opening) : end], position, end + len(closing))
    quote = "]" if opening == "[" else opening[-1]
    prefix = opening[:-1].upper()
    escapes = (lexicon.backslash and quote in "'\"") or prefix == "E"
    content = position + len(opening)
    end = _end_of_quote(text, content, quote, escapes)
    if end < 0:
        return Token("broken", "", "string" if quote == "'" else "quoted name", position, len(text))
    value = text[content:end].replace(quote + quote, quote)
    if escapes and "\\" in value:
        value = _ESCAPE.sub(_unescape, value)
    elif prefix == "U&" and "\\" in value:
        value = _UNICODE_ESCAPE.sub(_unescape_unicode, value)
    if quote == "'" or (quote == '"' and lexicon.double_is_string):
        return Token("string", "", value, position, end + 1)
    return Token("name", "", value, position, end + 1)


def _end_of_quote(text: str, position: int, quote: str, escapes: bool) -> int:
    """Where the closing quote stands; -1: there is none."""
    while True:
        if escapes:
            stop = _STRING_STOPS[quote].search(text, position)
            end = stop.start() if stop is not None else -1
            if stop is not None and stop[0] == "\\":
                position = end + 2
                continue
        else:
            end = text.find(quote, position)
        if end < 0 or text[end + 1 : end + 2] != quote:
            return end
        position = end + 2


def _unescape(found: re.Match[str]) -> str:
    escaped = found[1]
    try:
        if escaped[0] in "xuU" and len(escaped) > 1:
            return chr(int(escaped[1:], 16))
        if escaped[0] in "01234567" and len(escaped) > 1:
            return chr(int(escaped, 8))
    except (ValueError, OverflowError):
        return found[0]
    return _ESCAPED.get(escaped, escaped)


def _unescape_unicode(found: re.Match[str]) -> str:
    escaped = found[1]
    if escaped == "\\":
        return "\\"
    try:
        return chr(int(escaped.lstrip("+"), 16))
    except (ValueError, OverflowError):
        return found[0]
