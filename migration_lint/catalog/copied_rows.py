"""How many of a table's rows a statement copies into another: INSERT … SELECT, CREATE TABLE … AS.

All of them by a query that is known to leave none out: the table itself, columns and functions that make one
value of a row, a condition that holds for every row, joins that keep what stands to their left.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Literal

from migration_lint.catalog.deletion import condition_behind, holds_for_every_row
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
    if name >= len(tokens) or catalog.fold_table(tokens[name].value) not in names:
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
