"""Functions that a statement calls, as far as they may do more than work with data.

What a server ships changes no schema, with a few exceptions; what neither the server ships nor the script
makes is given by name, for whoever knows the revisions before it. `DDL_FUNCTIONS` are those of extensions
whose effect on a table can be told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.operations import ANY_TABLE, HOLE, Column, Dialect, Operation
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.schemas import path_in_string
from migration_lint.reading.sql.shipped import is_harmless, is_keyword, is_own_only, is_word
from migration_lint.reading.sql.state import SqlSession
from migration_lint.reading.sql.tokens import Token

#: Behind these words a name with a parenthesis is a table with its columns, a type, or a new name.
_NO_CALL_BEHIND = words(
    """
    INTO AS REFERENCES COPY CONSTRAINT TABLE UPDATE EXECUTE COLLATE INDEX SAVEPOINT CURSOR DEALLOCATE VIEW
    """
)
#: Words in front of a parenthesis that are no function, beside those that PostgreSQL lists as callable.
_NO_FUNCTIONS = words(
    """
    ADD AND ANALYZE AS ASYMMETRIC BETWEEN BY CASE CHECK CONFLICT CUBE DEFAULT DISTINCT DO ELSE END ESCAPE
    EXCEPT EXCLUDE EXPLAIN FILTER FOR FROM FULL GROUP HAVING ILIKE IN INCLUDE INNER INTERSECT INTERVAL INTO
    IS ISNULL JOIN KEY LATERAL LIKE LIMIT MATERIALIZED NOT NOTHING NOTNULL OF OFFSET ON ONLY OPERATOR OR
    ORDER OUTER OVER OVERLAPS PARTITION PLACING RECURSIVE REPEATABLE RETURNING ROLLUP SELECT SET SETS SIMILAR
    STORED SYMMETRIC TABLE THEN TO UNION UNIQUE USING VALUES VARIADIC VIRTUAL WHEN WHERE WINDOW WITH WITHIN
    COLUMNS PASSING PATH NESTED PERFORM RETURN IF WHILE LOOP EXECUTE RAISE INSERT BERNOULLI SYSTEM VARYING
    DECIMAL DEC CHARACTER NCHAR CHAR FLOAT XMLATTRIBUTES XMLNAMESPACES RETURNS OPTIONS
    """
)
#: Words of PL/pgSQL in front of an expression, which are no keywords of SQL.
_PROCEDURAL = words(
    "ASSERT ELSEIF ELSIF EXCEPTION EXIT FOREACH LOOP NOTICE PERFORM QUERY RAISE REVERSE WHILE"
)
_QUERY = words("SELECT INSERT UPDATE DELETE MERGE VALUES WITH TABLE (")
#: MySQL: `INSERT IGNORE t (a) …` needs no INTO.
_FILLED_WITHOUT_INTO = words("INSERT REPLACE IGNORE LOW_PRIORITY DELAYED HIGH_PRIORITY")
#: Where a function may write. SQL Server's cannot, and what Oracle ships is more than is listed here.
_ASKED: tuple[Dialect, ...] = ("postgresql", "sqlite", "mysql", "mariadb")

_STARTS_DDL = lazy_pattern(r"\s*(?:ALTER|DROP|RENAME|CREATE\s+TABLE|EXEC|DO\s*\$|CALL)\b", re.IGNORECASE)
_MOST_CALLS = 100
_LONGEST_CALL = 3_000  # tokens


class FunctionCall:
    """A function call found in a statement: its name and the text of string arguments (None: no string)."""

    __slots__ = ("arguments", "name", "texts")

    def __init__(self, name: str, arguments: list[str | None], texts: list[str]) -> None:
        self.name = name
        self.arguments = arguments
        self.texts = texts


def called_in(tokens: Sequence[Token], dialect: Dialect) -> tuple[str, ...]:
    """The functions that an expression or a statement calls and that may change a schema, in lower case."""
    if dialect not in _ASKED:
        return ()
    found: dict[str, None] = {}
    for index in range(len(tokens) - 1):
        if tokens[index + 1].word != "(":
            continue
        token = tokens[index]
        if token.kind == "word":
            if token.word in _NO_FUNCTIONS:
                continue
            name = token.value.lower()
        elif token.kind == "name":
            name = token.value
        else:
            continue
        if name in found or (is_harmless(name, dialect) and not _is_stored(tokens, index, name, dialect)):
            continue
        if _is_call(tokens, index, dialect):
            found[name] = None
            if len(found) >= _MOST_CALLS:
                found[HOLE] = None  # whatever else
                break
    return tuple(found)


def _is_stored(tokens: Sequence[Token], index: int, name: str, dialect: Dialect) -> bool:
    """Whether a name of the server's own is written so that it means a function of the project's."""
    if index > 1 and tokens[index - 1].word == ".":
        return is_own_only(name, tokens[index - 2].value, dialect)
    return tokens[index].kind == "name" and is_word(name, dialect)


def is_passed_over(name: str, dialect: Dialect) -> bool:
    """Whether a call of this name (lower case) is none of those that `called_in` gives."""
    return is_harmless(name, dialect) or name.upper() in _NO_FUNCTIONS


def _is_call(tokens: Sequence[Token], index: int, dialect: Dialect) -> bool:
    """Whether the name at `index`, in front of a parenthesis, is called: not a table, a type or an alias."""
    first = index
    while first > 1 and tokens[first - 1].word == ".":
        first -= 2
    if first == 0:
        return True
    before = tokens[first - 1]
    if before.word in _NO_CALL_BEHIND:
        return before.word == "UPDATE" and first > 1 and tokens[first - 2].word == "FOR"
    if before.word == "::":
        return False
    if before.word == ")":
        return not _is_alias_behind(tokens, first - 1)
    if before.kind == "name":
        return _is_into(tokens, first - 1)
    if before.word in _FILLED_WITHOUT_INTO and dialect in ("mysql", "mariadb"):
        return False
    word = before.word.lower()
    if before.kind == "word" and before.word not in _PROCEDURAL and not is_keyword(word, dialect):
        return _is_into(tokens, first - 1)  # else an alias with its columns: `FROM t x(a, b)`
    if before.word == "ORDINALITY":
        return False
    if before.word in ("WITH", "RECURSIVE", ","):
        return not _defines_query(tokens, index)
    return True


def _is_into(tokens: Sequence[Token], index: int) -> bool:
    """Whether the name at `index` is a variable of PL/pgSQL's SELECT INTO a, b expression."""
    while index > 1 and tokens[index - 1].word in (",", "."):
        index -= 2
    return index > 0 and tokens[index - 1].word in ("INTO", "STRICT")


def _is_alias_behind(tokens: Sequence[Token], closing: int) -> bool:
    """Whether a name behind this parenthesis is an alias; not behind OPERATOR(…) and DISTINCT ON (…)."""
    depth = 0
    for index in range(closing, max(closing - _LONGEST_CALL, -1), -1):
        depth += {")": 1, "(": -1}.get(tokens[index].word, 0)
        if depth == 0:
            return index == 0 or tokens[index - 1].word not in ("OPERATOR", "ON")
    return False


def _defines_query(tokens: Sequence[Token], index: int) -> bool:
    """Whether `name (a, b) AS (SELECT …)` begins here, a query that WITH names."""
    depth = 0
    for place in range(index + 1, min(len(tokens), index + _LONGEST_CALL)):
        depth += {"(": 1, ")": -1}.get(tokens[place].word, 0)
        if depth == 0:
            behind = [token.word for token in tokens[place + 1 : place + 5]]
            if behind[:1] != ["AS"]:
                return False
            rest = [word for word in behind[1:] if word not in ("NOT", "MATERIALIZED")]
            return rest[:1] == ["("] and len(rest) > 1 and rest[1] in _QUERY
    return False


def calls(at: Cursor) -> list[FunctionCall]:
    """The calls in a statement of functions whose effect can be told. Raises Unreadable if they are many."""
    found: list[FunctionCall] = []
    tokens = at.tokens
    for index in range(at.index, at.length - 1):
        token = tokens[index]
        if tokens[index + 1].word == "(" and (token.kind == "word" or token.kind == "name"):
            name = token.value.lower()
            if name in DDL_FUNCTIONS or _handed_sql(at, index + 1):
                if len(found) >= _MOST_CALLS:
                    raise Unreadable("it calls more functions than can be read", (ANY_TABLE,))
                found.append(_call(at, index, name))
    return found


def _handed_sql(at: Cursor, index: int) -> bool:
    """Whether a function that is not the server's own is given a text of SQL, which it is taken to run."""
    token = at.tokens[index + 1] if index + 1 < at.length else None
    if token is None or token.kind != "string" or _STARTS_DDL.match(token.value) is None:
        return False
    return at.dialect == "oracle" or not is_harmless(at.tokens[index - 1].value.lower(), at.dialect)


def _call(at: Cursor, index: int, name: str) -> FunctionCall:
    """The call whose name stands at `index`."""
    reading = Cursor(at.text, at.tokens, at.dialect, at.schema, index + 2)
    reading.length = min(at.length, index + _LONGEST_CALL)
    end = reading.after_group(index + 1)
    arguments: list[str | None] = []
    texts: list[str] = []
    while reading.index < end - 1:
        start = reading.index
        reading.skip_item()
        argument = at.tokens[start : reading.index]
        if len(argument) >= 3 and argument[1].word in ("=>", ":="):
            argument = argument[2:]
        text = argument[0].value if argument and argument[0].kind == "string" else None
        if text is not None and len(argument) > 1 and argument[1].word != "::":
            text += HOLE
        if argument and argument[0].kind == "parameter":
            text = HOLE
        arguments.append(text)
        texts.append(at.text_of(start, reading.index))
        if reading.index == start and reading.word != ",":
            break
        reading.take(",")
    return FunctionCall(name, arguments, texts)


def called(call: FunctionCall) -> list[Operation] | str:
    """What a call does: operations, or a text of SQL that it runs."""
    reader = DDL_FUNCTIONS.get(call.name)
    if reader == "add_geometry":
        return _geometry_added(call)
    if reader == "drop_geometry":
        return _geometry_dropped(call)
    if reader == "drop_geometry_table":
        names = [HOLE if name is None else name for name in call.arguments][-2:]
        schema = names[0] if len(names) > 1 else None
        return [Operation(kind="drop_table", table=names[-1].lower() if names else HOLE, schema=schema)]
    text = call.arguments[0] if call.arguments else None
    return HOLE if text is None else text


def _geometry_added(call: FunctionCall) -> list[Operation]:
    """PostGIS: AddGeometryColumn([[catalog,] schema,] table, column, srid, type, dimension)."""
    names: list[str] = []
    for argument, text in zip(call.arguments, call.texts, strict=True):
        if argument is None and text.lstrip("-").isdigit():
            break
        names.append(HOLE if argument is None else argument)
    if len(names) < 2 or len(names) > 4:
        return [Operation(kind="other_ddl", action="addgeometrycolumn")]
    rest = call.arguments[len(names) + 1 :]
    kind = rest[0] if rest and rest[0] else "geometry"
    srid = call.texts[len(names)] if len(names) < len(call.texts) else ""
    column = Column(names[-1], f"geometry({kind},{srid})" if srid else "geometry")
    return [
        Operation(
            kind="add_column",
            table=names[-2],
            schema=names[-3] if len(names) > 2 else None,
            column=column.name,
            columns=(column,),
        )
    ]


def _geometry_dropped(call: FunctionCall) -> list[Operation]:
    names = [HOLE if name is None else name for name in call.arguments]
    if len(names) < 2:
        return [Operation(kind="opaque", reason="a call of DropGeometryColumn", tables=(ANY_TABLE,))]
    return [
        Operation(
            kind="drop_column",
            table=names[-2],
            schema=names[-3] if len(names) > 2 else None,
            column=names[-1],
        )
    ]


def configured(at: Cursor, session: SqlSession) -> SqlSession:
    """The session after a query that calls set_config, which does what SET does."""
    tokens = at.tokens
    left = _MOST_CALLS
    for index in range(at.index, at.length - 3):
        if tokens[index].value.lower() != "set_config" or tokens[index + 1].word != "(":
            continue
        left -= 1
        if not left:
            return session.set(session.now._replace(path=(HOLE,)))
        call = _call(at, index, "set_config")
        name = call.arguments[0] if call.arguments else None
        value = call.arguments[1] if len(call.arguments) > 1 else None
        local = len(call.texts) > 2 and call.texts[2].strip("'").lower() not in ("false", "f", "0", "off")
        settings = session.now
        if name is None or HOLE in name or name.lower() == "search_path":
            path = None if name is None or value is None or HOLE in name else path_in_string(value)
            settings = settings._replace(path=(HOLE,) if path is None else (tuple(path) or None))
        if name is None or HOLE in name or name.lower() == "standard_conforming_strings":
            on = {"on": False, "off": True}.get((value or "").lower()) if name else None
            settings = settings._replace(quoting=settings.quoting._replace(turned=on))
        done = session.set(settings, local)
        alone = not any(token.word in ("FROM", "WHERE", "CASE", "LIMIT") for token in tokens[at.index :])
        session = done if alone else session.join(done)
    return session


#: Functions of extensions whose effect can be told, and functions that run the query that they are given.
DDL_FUNCTIONS = {
    "addgeometrycolumn": "add_geometry",
    "dropgeometrycolumn": "drop_geometry",
    "dropgeometrytable": "drop_geometry_table",
    "query_to_xml": "runs",
    "query_to_xmlschema": "runs",
    "query_to_xml_and_xmlschema": "runs",
    "ts_stat": "runs",
}
