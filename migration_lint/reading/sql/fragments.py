"""Texts that become part of a statement: each is the one expression, name or type that belongs there, or not.

An argument such as `server_default=text(…)` goes into the statement as it is. Whether it is what belongs in
its place is asked here, with what it calls; what it is instead, where it is not, is the reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE, Dialect
from migration_lint.reading.sql.calls import called_in
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.shipped import is_harmless
from migration_lint.reading.sql.tokens import PLAIN, Quoting, Token, tokenize

#: Longer texts are no argument that anybody writes.
_LONGEST = 100_000
_OPENING = {"(": ")", "[": "]"}
#: Words that no expression holds at its top: they begin a statement, a clause or another part of this one.
_NOT_AT_TOP = words(
    """
    ADD ALTER CALL COPY CREATE DELETE DO DROP EXECUTE FROM GRANT GROUP HAVING INSERT INTO JOIN LIMIT MERGE
    ORDER PREPARE RENAME RETURNING REVOKE SELECT TRUNCATE UNION UPDATE VALUES WHERE WITH
    STORED VIRTUAL GENERATED REFERENCES CHECK CONSTRAINT PRIMARY FOREIGN UNIQUE TABLESPACE PARTITION
    """
)
#: Those that a column may be called by, all the same: where an operand is expected, they are one.
_NAMES_TOO = words(
    """
    ADD ALTER CALL COPY DELETE DROP EXECUTE INSERT MERGE PREPARE RENAME REVOKE TRUNCATE UPDATE VALUES STORED
    VIRTUAL GENERATED TABLESPACE PARTITION
    """
)
#: Words that follow one another only as an expression's.
_AFTER_OPERAND = words(
    """
    AND OR IS NOT IN LIKE ILIKE SIMILAR BETWEEN COLLATE AT ISNULL NOTNULL OVERLAPS THEN ELSE END WHEN
    ESCAPE OPERATOR DIV MOD XOR REGEXP RLIKE SOUNDS GLOB MATCH FILTER OVER WITHIN VARYING PRECISION
    ZONE TIME LOCAL WITH WITHOUT SYMMETRIC DISTINCT TRUE FALSE NULL UNKNOWN DOCUMENT DAY HOUR MINUTE
    SECOND MONTH YEAR TO JSON NFC NFD NFKC NFKD NORMALIZED
    """
)


class Fragment(NamedTuple):
    """A text that is what belongs in its place: its tokens, and the functions that it calls.

    `calls` are those that may change a schema, as an operation's are.
    """

    text: str
    tokens: tuple[Token, ...]
    calls: tuple[str, ...] = ()


class NotOne(NamedTuple):
    """A text that is not: `why` completes "it is not one expression: …"."""

    why: str


def expression(
    text: str, dialect: Dialect, *, on_update: bool = False, quoting: Quoting = PLAIN
) -> Fragment | NotOne:
    """The text as one expression: a default, a check, a USING, a WHERE, a generated column's.

    `on_update`: MySQL's `… ON UPDATE CURRENT_TIMESTAMP` may stand behind it.
    """
    tokens = _balanced(text, dialect, quoting)
    if isinstance(tokens, NotOne):
        return tokens
    if on_update and dialect in ("mysql", "mariadb"):
        for index in range(len(tokens) - 2):
            if tokens[index].word == "ON" and tokens[index + 1].word == "UPDATE":
                head, tail = tokens[:index], tokens[index + 2 :]
                why = _not_expression(head, dialect) or _not_expression(tail, dialect)
                return NotOne(why) if why else Fragment(text, tokens, called_in(tokens, dialect))
    why = _not_expression(tokens, dialect)
    return NotOne(why) if why else Fragment(text, tokens, called_in(tokens, dialect))


def index_item(text: str, dialect: Dialect, quoting: Quoting = PLAIN) -> Fragment | NotOne:
    """The text as an item of an index: an expression or a name, an operator class and an order behind it."""
    tokens = _balanced(text, dialect, quoting)
    if isinstance(tokens, NotOne):
        return tokens
    end = len(tokens)
    if end > 2 and tokens[end - 2].word == "NULLS" and tokens[end - 1].word in ("FIRST", "LAST"):
        end -= 2
    if end > 1 and tokens[end - 1].word in ("ASC", "DESC"):
        end -= 1
    end = _before_class(tokens, end)
    why = _not_expression(tokens[:end], dialect)
    return NotOne(why) if why else Fragment(text, tokens, called_in(tokens, dialect))


def _before_class(tokens: Sequence[Token], end: int) -> int:
    """Where the expression in front of an operator class, `[schema.]name[(parameters)]`, ends."""
    first = end
    if tokens[first - 1].word == ")":
        depth = 0
        while first:
            first -= 1
            depth += {")": 1, "(": -1}.get(tokens[first].word, 0)
            if not depth:
                break
    if first < 1 or tokens[first - 1].kind not in ("word", "name"):
        return end
    first -= 1
    while first > 1 and tokens[first - 1].word == "." and tokens[first - 2].kind in ("word", "name"):
        first -= 2
    # What stands before it has to be a whole operand; a name alone, `a` or `lower(a)`, is the expression.
    before = tokens[first - 1] if first else None
    ends = before is not None and (before.kind != "mark" or before.word in (")", "]"))
    return first if ends else end


def name(text: str, dialect: Dialect, *, dotted: bool = True, quoting: Quoting = PLAIN) -> Fragment | NotOne:
    """The text as one name: a tablespace, an operator class, a table of INHERITS, a collation."""
    tokens = _balanced(text, dialect, quoting)
    if isinstance(tokens, NotOne):
        return tokens
    expected = "name"
    for token in tokens:
        if expected == "name":
            if token.kind not in ("word", "name"):
                return NotOne(f"a name is expected, not {_shown(text, token)}")
            expected = "dot"
        elif token.word == "." and dotted:
            expected = "name"
        else:
            return NotOne(f"behind the name stands {_shown(text, token)}")
    return NotOne("it ends with a dot") if expected == "name" else Fragment(text, tokens)


def type(text: str, dialect: Dialect, quoting: Quoting = PLAIN) -> Fragment | NotOne:
    """The text as one type: words, arguments, array brackets; COLLATE and a character set behind it."""
    tokens = _balanced(text, dialect, quoting)
    if isinstance(tokens, NotOne):
        return tokens
    depth = 0
    for index, token in enumerate(tokens):
        if token.word in _OPENING:
            depth += 1
        elif token.word in (")", "]"):
            depth -= 1
        elif token.word == ",":
            if depth == 0:
                return NotOne("a comma parts it")
        elif depth == 0:
            if token.kind == "mark" and token.word not in (".", "%"):
                return NotOne(f"a type holds no {_shown(text, token)}")
            if token.kind in ("string", "number", "parameter"):
                return NotOne(f"a type holds no {_shown(text, token)}")
            if token.word in _NOT_IN_TYPE:
                return NotOne(f"{_shown(text, token)} is no part of a type")
            if index == 0 and token.kind not in ("word", "name"):
                return NotOne(f"a type's name is expected, not {_shown(text, token)}")
    return Fragment(text, tokens)


_NOT_IN_TYPE = (
    _NOT_AT_TOP | words("DEFAULT NOT NULL KEY COMMENT AUTO_INCREMENT IDENTITY ON AS USING")
) - words("WITH")


def options(text: str, dialect: Dialect, quoting: Quoting = PLAIN) -> Fragment | NotOne:
    """The text as a value, or a list of `name = value`: storage parameters, table options, PARTITION BY.

    Only its edges are judged: nothing in it ends the statement or the parenthesis that it stands in.
    """
    tokens = _balanced(text, dialect, quoting)
    if isinstance(tokens, NotOne):
        return tokens
    for token in tokens:
        if token.word in _STATEMENTS:
            return NotOne(f"{_shown(text, token)} is no part of options")
    return Fragment(text, tokens, called_in(tokens, dialect))


_STATEMENTS = words("ALTER CREATE DROP SELECT INSERT UPDATE DELETE TRUNCATE EXECUTE CALL AS RENAME GRANT")


def part(text: str, dialect: Dialect, quoting: Quoting = PLAIN) -> Fragment | NotOne:
    """The text as whatever part of a query: a hint, a prefix, an operator.

    Only its edges are judged, as those of options; a comment alone, which a hint is, and nothing are such.
    """
    tokens = _balanced(text, dialect, quoting)
    if isinstance(tokens, NotOne):
        return Fragment(text, ()) if tokens == _EMPTY and _closes_comments(text) else tokens
    return Fragment(text, tokens, called_in(tokens, dialect))


def keywords(text: str, dialect: Dialect, allowed: Sequence[str]) -> Fragment | NotOne:
    """The text as some of these words and nothing else: the prefixes of CREATE TABLE."""
    tokens = _balanced(text, dialect, PLAIN)
    if isinstance(tokens, NotOne):
        return tokens
    for token in tokens:
        if token.word not in allowed:
            return NotOne(f"{_shown(text, token)} is none of {', '.join(allowed)}")
    return Fragment(text, tokens)


def may_change(function: str, dialect: Dialect) -> bool:
    """Whether a call of the function may change a schema, as far as its name tells."""
    return not is_harmless(function.lower(), dialect)


_EMPTY = NotOne("it is empty")


def _closes_comments(text: str) -> bool:
    """Whether a text of comments and spaces leaves none of them open."""
    return "--" not in text and "#" not in text and text.count("/*") == text.count("*/")


def _balanced(text: str, dialect: Dialect, quoting: Quoting) -> tuple[Token, ...] | NotOne:
    """The tokens, where each bracket closes, and nothing ends the statement or hides the rest of it."""
    if len(text) > _LONGEST:
        return NotOne("it is too long to be read")
    tokens = tuple(tokenize(text, dialect, 0, quoting))
    if not tokens:
        return _EMPTY
    if _ends_in_comment(text, tokens, dialect):
        return NotOne("a comment hides what comes behind it")
    opened: list[str] = []
    for token in tokens:
        if token.kind == "broken":
            return NotOne(f"a {token.value} in it does not end")
        if token.word == ";":
            return NotOne("a semicolon ends the statement")
        if token.word == "\\":
            return NotOne("it holds a backslash")
        if token.word in _OPENING:
            opened.append(_OPENING[token.word])
        elif token.word in (")", "]") and (not opened or opened.pop() != token.word):
            return NotOne(f'a "{token.word}" closes what was opened before it')
    return NotOne(f'a "{opened[-1]}" is missing') if opened else tokens


def _ends_in_comment(text: str, tokens: Sequence[Token], dialect: Dialect) -> bool:
    """Whether a comment that only the end of a line ends stands behind the last token."""
    behind = text[tokens[-1].end :]
    if dialect in ("mysql", "mariadb") and "#" in behind:
        return True
    return "--" in behind and "\n" not in behind[behind.rindex("--") :]


def _not_expression(tokens: Sequence[Token], dialect: Dialect) -> str | None:
    """Why these balanced tokens are no one expression; None: they are."""
    if not tokens:
        return "it is empty"
    depth = 0
    operand = False  # the token before ends an operand
    operator = False  # the parenthesis that is open is that of `OPERATOR(…)`
    for index, token in enumerate(tokens):
        word, before = token.word, tokens[index - 1].word if index else ""
        if word in _OPENING:
            operator = before == "OPERATOR" if depth == 0 else operator
            depth += 1
            operand = False
            continue
        if word in (")", "]"):
            depth -= 1
            operand = not operator
            continue
        if depth:
            continue
        if word == ",":
            return "a comma parts it"
        of_type = word == "WITH" and index + 1 < len(tokens) and tokens[index + 1].word == "TIME"
        named = not operand and word in _NAMES_TOO
        if (
            word in _NOT_AT_TOP
            and not named
            and not of_type
            and not (word == "FROM" and before == "DISTINCT")
        ):
            return f"{token.value} is no part of an expression"
        if token.kind == "mark":
            operand = False
            continue
        if operand and not _may_follow(token):
            return f"{token.value[:40]} cannot follow what stands before it".replace(HOLE, "…")
        operand = token.kind != "word" or word not in _OPERATORS
    return None


_OPERATORS = words(
    """
    AND OR NOT IN LIKE ILIKE SIMILAR BETWEEN COLLATE ESCAPE CASE WHEN THEN ELSE DIV MOD XOR REGEXP RLIKE
    INTERVAL DATE TIME TIMESTAMP IS DISTINCT FROM SYMMETRIC AT TO BINARY GLOB MATCH ARRAY ROW ANY ALL SOME
    EXISTS OVER FILTER GROUP WITHIN OPERATOR TIMESTAMPTZ N TYPE ZONE WITH WITHOUT DOUBLE CHARACTER NATIONAL
    BIT JSON LOCAL VARYING PRECISION LEADING TRAILING BOTH JSONB PRIOR CONNECT_BY_ROOT ESCAPE NEXT VALUE FOR
    """
)


def _may_follow(token: Token) -> bool:
    """Whether a token may follow an operand."""
    # A string may: `date '…'`, `_utf8'…'`, and MySQL's strings in a row.
    return token.kind == "string" or token.word in _AFTER_OPERAND or token.word in _OPERATORS


def _shown(text: str, token: Token) -> str:
    return f'"{text[token.start : token.end][:40]}"'.replace(HOLE, "…")


__all__ = [
    "Fragment",
    "NotOne",
    "expression",
    "index_item",
    "keywords",
    "may_change",
    "name",
    "options",
    "part",
    "type",
]
