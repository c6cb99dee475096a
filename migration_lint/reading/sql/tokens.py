"""SQL text → tokens, one compiled expression a dialect.

The expression takes what can be said in one linear match; whatever nests or may run to the end of the
text (comments, strings with doubled quotes, dollar quotes) is read by hand, so that no text, however
hostile, costs more than one pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple
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


class Quoting(NamedTuple):
    """How the session has strings and quoted names read."""

    #: A backslash in '…' is not what it is by default: PostgreSQL's standard_conforming_strings are off, or
    #: MySQL's NO_BACKSLASH_ESCAPES are on; None: nobody knows.
    turned: bool | None = False
    double_is_name: bool = False  # MySQL's ANSI_QUOTES: "…" is a name


#: As every server does it that nobody has told otherwise.
PLAIN = Quoting()


class _Lexicon(NamedTuple):
    parts: tuple[str, ...]  # alternatives, in order
    backslash: bool = False  # a backslash escapes inside '…'
    double_is_string: bool = False  # "…" is a string (MySQL)
    nested_comments: bool = False
    versioned_comments: bool = False  # /*! … */ is run
    continued: bool = False  # 'a' and 'b' on two lines are one string
    told: bool = False  # the session reads a backslash in '…' otherwise than the pattern does
    unsure: bool = False  # nobody knows how the session reads it


_SPACE = r"(?P<space>[\s\x00\ufeff]+)"
_WORD = rf"(?P<word>(?:[^\W\d]|{HOLE})[\w$#@{HOLE}]*)"
_WORD_POSTGRESQL = r"(?P<word>(?:[A-Za-z_]|[^\x00-\x7f\ufeff])(?:[\w$]|[^\x00-\x7f\ufeff])*)"
_WORD_MYSQL = rf"(?P<word>(?:[^\W\d]|\$|{HOLE})[\w${HOLE}]*)"
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
        _WORD_POSTGRESQL,
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
    continued=True,
)
_MYSQL = _Lexicon(
    (
        _SPACE,
        r"(?P<prefixed>[nNbBxX]')",
        _WORD_MYSQL,
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

_VERSION = lazy_pattern(r"/\*M?!\d*")
_COMMENT_EDGE = lazy_pattern(r"/\*|\*/")
_CLOSING = {"[": "]", "{": "}", "(": ")", "<": ">"}
_STRING_STOPS = {quote: lazy_pattern(rf"[{quote}\\]") for quote in "'\""}
_ESCAPE = lazy_pattern(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "Z": "\x1a"}
_BEFORE_CONTINUED = frozenset(" \t\f\v\r\n-")
#: White space with a line's end in it, in which comments may stand, and then a quote.
_CONTINUED = lazy_pattern(r"(?:[ \t\f\v]|--[^\r\n]*(?=[\r\n]))*[\r\n](?:[ \t\f\v\r\n]|--[^\r\n]*[\r\n])*'")
_BETWEEN = r"(?:[ \t\f\v\r\n]|--[^\r\n]*[\r\n]|/\*(?:[^*]|\*(?!/))*\*/)*"
_UESCAPE = lazy_pattern(rf"{_BETWEEN}UESCAPE{_BETWEEN}'([^'0-9a-fA-F+\"\s])'", re.IGNORECASE)
_UESCAPE_WORD = lazy_pattern(rf"{_BETWEEN}UESCAPE\b", re.IGNORECASE)


@cache
def _pattern(dialect: Dialect) -> re.Pattern[str]:
    """Compiled when the dialect is first met: a run needs one of them."""
    return re.compile("|".join(_LEXICONS[dialect].parts), re.DOTALL)


def tokenize(text: str, dialect: Dialect, start: int = 0, quoting: Quoting = PLAIN) -> Iterator[Token]:
    """The tokens of `text` from `start`; comments and white space are left out.

    Never raises. A quote or comment that does not end is one token of kind "broken" that takes the rest, and
    so is a string that ends here or there, by a setting of the session that is not known.
    """
    lexicon = _LEXICONS[dialect]
    if quoting is not PLAIN and quoting != PLAIN:
        lexicon = _told(lexicon, quoting)
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
            position = end
            continue
        if kind == "word":
            value = found[0]
            token = Token("word", value.upper(), value, position, end)
        elif kind == "mark":
            value = found[0]
            if value == "*/" and inside_versioned:
                inside_versioned = False
                position = end
                continue
            if value == "*/":  # `SELECT 2*/…` is no comment's end
                value = "*"
            token = Token("mark", value, value, position, position + len(value))
        elif kind == "block":
            version = _VERSION.match(text, position) if lexicon.versioned_comments else None
            if version is not None:
                inside_versioned = True
                position = version.end()
                continue
            position = _after_comment(text, position, lexicon.nested_comments)
            if position < 0:
                yield Token("broken", "", "comment", found.start(), length)
                return
            continue
        elif kind == "number" or kind == "parameter":
            token = Token("number" if kind == "number" else "parameter", "", found[0], position, end)
        else:
            token = _in_quotes(text, found, lexicon)
        yield token
        position = token.end


def _in_quotes(text: str, found: re.Match[str], lexicon: _Lexicon) -> Token:
    """The string or quoted name that begins where the pattern found something of that sort."""
    kind, position, end = found.lastgroup, found.start(), found.end()
    if kind == "quoted":
        sort: TokenKind = "string" if lexicon.double_is_string else "name"
        return Token(sort, "", text[position + 1 : end - 1], position, end)
    if kind == "backtick" or kind == "bracket":
        return Token("name", "", text[position + 1 : end - 1], position, end)
    if kind == "string" and not (lexicon.told and "\\" in found[0]):  # else it is not as the pattern has it
        token = Token("string", "", text[position + 1 : end - 1], position, end)
    else:
        token = _quoted(text, position, "'" if kind == "string" else found[0], lexicon)
    if not lexicon.continued or token.kind == "broken":
        return token
    if token.kind == "string" and text[token.end : token.end + 1] in _BEFORE_CONTINUED:
        token = _continued(text, token, lexicon)
    return _unicode(text, token) if kind == "prefixed" and found[0][0] in "uU" else token


@cache
def _told(lexicon: _Lexicon, quoting: Quoting) -> _Lexicon:
    """The dialect's way of reading with what the session says."""
    return lexicon._replace(
        backslash=lexicon.backslash != bool(quoting.turned),
        double_is_string=lexicon.double_is_string and not quoting.double_is_name,
        told=quoting.turned is not False,
        unsure=quoting.turned is None,
    )


def _continued(text: str, token: Token, lexicon: _Lexicon) -> Token:
    """A string and those that a line's end alone parts from it: to PostgreSQL they are one."""
    opening = text[token.start]
    if opening in '$"':
        return token
    while token.kind == "string":
        found = _CONTINUED.match(text, token.end)
        if found is None:
            return token
        escaping = opening in "eE" or (opening == "'" and lexicon.backslash)
        more = _quoted(text, found.end() - 1, "E'" if escaping else "'", lexicon, found.end() - 1)
        token = more._replace(value=token.value + more.value, start=token.start)
    return token


def _unicode(text: str, token: Token) -> Token:
    """U&'…' and U&"…" with the UESCAPE behind them: the text that is meant."""
    escape, end = "\\", token.end
    said = _UESCAPE.match(text, token.end)
    if said is not None:
        escape, end = said[1], said.end()
    elif _UESCAPE_WORD.match(text, token.end):
        return Token("broken", "", "UESCAPE", token.start, len(text))
    value = token.value
    if escape in value:
        sign = re.escape(escape)
        value = re.sub(rf"{sign}({sign}|\+[0-9a-fA-F]{{6}}|[0-9a-fA-F]{{4}})", _meant, value)
    return token._replace(value=value, end=end)


def _meant(found: re.Match[str]) -> str:
    escaped = found[1]
    if len(escaped) == 1:
        return escaped
    try:
        return chr(int(escaped.lstrip("+"), 16))
    except (ValueError, OverflowError):
        return found[0]


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


def _quoted(text: str, position: int, opening: str, lexicon: _Lexicon, quote_at: int | None = None) -> Token:
    """A string or name that the pattern leaves to be read by hand; `quote_at`: its quote stands there."""
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
    content = position + len(opening) if quote_at is None else quote_at + 1
    end = _end_of_quote(text, content, quote, escapes)
    if end < 0:
        return Token("broken", "", "string" if quote == "'" else "quoted name", position, len(text))
    value = text[content:end].replace(quote + quote, quote)
    if lexicon.unsure and quote == "'" and prefix != "E" and "\\" in value:
        return Token("broken", "", "string", position, len(text))
    if escapes and "\\" in value:
        value = _ESCAPE.sub(_unescape, value)
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
