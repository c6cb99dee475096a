"""How many of a table's rows a statement copies into another, or into another column of theirs.

All of them by a query that is known to leave none out: the table itself, columns and functions that make one
value of a row, a condition that holds for every row, joins that keep what stands to their left.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from migration_lint.catalog.deletion import condition_behind, extent, holds_for_every_row
from migration_lint.catalog.model import Catalog
from migration_lint.operations import Operation
from migration_lint.reading.sql.tokens import Token, tokenize

#: `some`: as many as a condition or another table leaves, or nobody can tell.
Copied = Literal["all", "some", "none"]

#: A word behind which a query gives fewer rows, or a statement writes fewer.
_FEWER = frozenset(
    """
    LIMIT FETCH OFFSET TOP TABLESAMPLE GROUP HAVING DISTINCT UNION INTERSECT EXCEPT MINUS QUALIFY CONFLICT
    DUPLICATE ONLY
    """.split()
)
#: Functions that make one value of each row.
_OF_A_ROW = frozenset(
    """
    abs array array_length btrim cast ceil char_length coalesce concat concat_ws convert date date_format
    date_part date_trunc datetime extract floor format gen_random_uuid greatest hex if ifnull iif isnull
    json_array json_build_array json_build_object json_extract json_object jsonb_build_array
    jsonb_build_object least left length lower lpad ltrim md5 newid nextval now nullif quote replace right
    round row row_to_json rpad rtrim split_part strftime substr substring timezone to_char to_date to_json
    to_jsonb to_number to_timestamp trim trunc upper uuid uuid_generate_v4
    """.split()
)
_NULL = r"(?is)(?:\w+\.)?\"?(\w+)\"?\s+is\s+(not\s+)?null"
#: Words before a parenthesis that are no function's name.
_NO_FUNCTION = frozenset("SELECT IN AND OR NOT THEN ELSE WHEN CASE AS ANY ALL EXISTS BETWEEN IS LIKE".split())


def copied(operation: Operation, names: Collection[str], catalog: Catalog) -> Copied:
    """What of a table it writes into another; `names`, folded and without schemas, are those of the table."""
    if operation.sql is None:
        if operation.action == "insert":
            return "all" if operation.every_row else "some"
        return "none"
    tokens = [each for each in tokenize(operation.sql, catalog.dialect) if each.word != ";"]
    words = [each.word for each in tokens]
    if words[-3:] == ["WITH", "NO", "DATA"]:
        return "none"
    if words[:1] in (["UPDATE"], ["DELETE"], ["TRUNCATE"]):
        return "none"
    query = _query(tokens)
    return "some" if query is None else _given(operation.sql, query, names, catalog)


def copied_within(operation: Operation, column: str, source: str, catalog: Catalog) -> Copied:
    """Of how many rows a statement writes into a column what stands in another, or is worked out of it."""
    if operation.action in ("select", "delete", "truncate"):
        return "none"
    column, source = catalog.fold(column), catalog.fold(source)
    if operation.sql is None:
        if operation.action == "update" and column not in map(catalog.fold, operation.said):
            return "none"
        return "all" if operation.every_row else "some"
    tokens = list(tokenize(operation.sql, catalog.dialect))
    if not {column, source}.issubset(_column(each, catalog) for each in tokens):
        return "none"
    if tokens[0].word != "UPDATE":
        return "some"
    if not any(_assigns(each, column, source, catalog) for each in _assignments(tokens)):
        return "none"
    if extent(operation, tokens[1:], catalog) == "all":
        return "all"
    where = [at for at, each in enumerate(tokens) if each.word == "WHERE"]
    condition = condition_behind(operation.sql, tokens[where[0] + 1 :]) if len(where) == 1 else ""
    found = re.fullmatch(_NULL, condition.strip())
    if found is None:
        return "some"
    name = catalog.fold(found[1].lower() if catalog.dialect == "postgresql" else found[1])
    # Those that it leaves out have nothing to copy, or have it already.
    return "all" if name == (source if found[2] else column) else "some"


def _column(token: Token, catalog: Catalog) -> str:
    """The column that a token may name, folded; "": none."""
    if token.kind not in ("word", "name"):
        return ""
    is_plain = token.kind == "word" and catalog.dialect == "postgresql"
    return catalog.fold(token.value.lower() if is_plain else token.value)


def _table(token: Token, catalog: Catalog) -> str:
    is_plain = token.kind == "word" and catalog.dialect == "postgresql"
    return catalog.fold_table(token.value.lower() if is_plain else token.value)


def _assignments(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """What stands between the commas behind SET."""
    words = [each.word for each in tokens]
    start = words.index("SET") + 1 if "SET" in words else len(words)
    depths = _depths(words[start:])
    for at, depth in enumerate(depths, start):
        if not depth and words[at] in (",", "WHERE", "FROM", "RETURNING", "ORDER", "LIMIT", ";"):
            yield tokens[start:at]
            start = at + 1
            if words[at] != ",":
                return
    yield tokens[start:]


def _assigns(tokens: Sequence[Token], column: str, source: str, catalog: Catalog) -> bool:
    """Whether an assignment gives a column something of another."""
    at = next((at for at, each in enumerate(tokens) if each.word == "="), 0)
    sets, read = ([_column(each, catalog) for each in some] for some in (tokens[:at], tokens[at + 1 :]))
    return column in sets and source in read


def _query(tokens: Sequence[Token]) -> Sequence[Token] | None:
    """The query of INSERT INTO t (…), CREATE TABLE t AS or SELECT … INTO t; None: it is none of these."""
    words = [each.word for each in tokens]
    if words[:2] != ["INSERT", "INTO"] and words[:1] not in (["CREATE"], ["SELECT"]):
        return None
    depths = _depths(words)
    starts = [at for at, word in enumerate(words) if word in ("SELECT", "TABLE") and at and not depths[at]]
    if words[0] == "SELECT":
        return tokens
    if words[0] == "CREATE":
        starts = [at for at in starts if words[at] == "SELECT" or words[at - 1] == "AS"]
    if starts:
        return tokens[starts[0] :]
    inner = next((at for at, word in enumerate(words) if word == "SELECT" and words[at - 1] == "("), None)
    if inner is None or depths[inner] != 1 or words[-1] != ")" or 0 in depths[inner : len(words) - 1]:
        return None
    return tokens[inner:-1]


def _depths(words: Sequence[str]) -> list[int]:
    """How many parentheses are open at each word; at one that opens or closes: those around it."""
    found, depth = [], 0
    for word in words:
        depth -= word == ")"
        found.append(depth)
        depth += word == "("
    return found


def _given(sql: str, query: Sequence[Token], names: Collection[str], catalog: Catalog) -> Copied:
    words = [each.word for each in query]
    depths = _depths(words)
    outer = [each for each, depth in zip(query, depths, strict=True) if not depth]
    if any(one.word == "LIMIT" and other.value == "0" for one, other in pairwise(outer)):
        return "none"
    found: Copied = "some" if _FEWER.intersection(each.word for each in outer) else "all"
    start = 1
    if words[0] == "SELECT":
        start = next((at for at, word in enumerate(words) if word == "FROM" and not depths[at]), -1) + 1
        if not start:
            return "some"
        if not _keeps_rows(query[1 : start - 1]):
            found = "some"
    return _from(sql, query[start:], names, catalog, found)


def _keeps_rows(listed: Sequence[Token]) -> bool:
    """Whether what a query gives out is worked out of each row by itself."""
    skipped, depth = None, 0
    for at, token in enumerate(listed):
        depth -= token.word == ")"
        if skipped is not None and depth <= skipped:
            skipped = None
        following = listed[at + 1].word if at + 1 < len(listed) else ""
        if token.word == "(" and following == "SELECT" and skipped is None:
            skipped = depth  # a value, whatever is in there
        is_call = following == "(" and token.kind in ("word", "name") and token.word not in _NO_FUNCTION
        if skipped is None and is_call and token.value.lower() not in _OF_A_ROW:
            return False
        depth += token.word == "("
    return True


def _from(
    sql: str, tokens: Sequence[Token], names: Collection[str], catalog: Catalog, found: Copied
) -> Copied:
    """What is left of a table's rows by what stands behind FROM."""
    words = [each.word for each in tokens]
    name = 0
    while words[name + 1 : name + 2] == ["."]:
        name += 2
    if name >= len(tokens) or _table(tokens[name], catalog) not in names:
        return "some"
    depths = _depths(words)
    joined = False
    for at in range(name + 1, len(tokens)):
        if depths[at]:
            continue
        word, before = words[at], words[at - 1]
        if word == "JOIN":
            outer = before in ("LEFT", "FULL") or (before == "OUTER" and words[at - 2] in ("LEFT", "FULL"))
            joined, found = True, found if outer else "some"
        elif word in ("RIGHT", "APPLY", "LATERAL") or (word == "," and not joined):
            found = "some"
        elif word == "ORDER":
            break
        elif word == "WHERE":
            holds = holds_for_every_row(condition_behind(sql, tokens[at + 1 :]), None, catalog)
            if holds is False:
                return "none"
            return found if holds else "some"
    return found
