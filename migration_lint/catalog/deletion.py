"""The rows that an UPDATE, a DELETE or a MERGE means, wherever in its statement it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from migration_lint.catalog.condition import holds
from migration_lint.catalog.condition.values import NULL, WRITTEN_NOT_NULL, Value
from migration_lint.catalog.inserted import row_over
from migration_lint.catalog.merging import Merge, matching_constants
from migration_lint.catalog.model import Catalog, CatalogColumn, Table
from migration_lint.catalog.through_queries import Through, numbering, through, top
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE, Dialect, Operation, altered
from migration_lint.reading.sql.cursors import unlimited
from migration_lint.reading.sql.queries import references
from migration_lint.reading.sql.tokens import Token, tokenize

#: How many of a table's rows are meant; `joined`: those that another table has a row for.
Extent = Literal["all", "joined", "some"]

#: What stands before a DELETE that is no part of a foreign key or of a trigger.
_STARTING = frozenset(("", "(", ")"))
#: What may stand between DELETE or INTO and the name of the table.
_BETWEEN = frozenset(("FROM", "ONLY", "(", "LOW_PRIORITY", "QUICK", "IGNORE", "INTO"))
#: With a limit of so many a statement may take all rows of a table.
MANY = 1_000_000
_NUMBER_OF_ROWS = r"(?i)\b(?:LIMIT|TOP|FIRST|NEXT)\s*\(?\s*(\d+)\b"
_FEWER = frozenset(("LIMIT", "TOP", "FETCH"))
_JOINING = frozenset(("USING", "JOIN"))
#: Between these stands a whole condition.
_BEFORE_CONDITION = frozenset(("(", "AND", "OR", "NOT", "WHERE", "WHEN"))
#: What a part of a condition may be, or a value in it: beside NOT the second one holds.
_PARTS = ("TRUE", "FALSE")
_BEHIND_CONDITION = frozenset((")", "AND", "OR", "THEN", "AS"))
#: Where a DELETE names a table of a join: what ON says chooses its rows, too.
_JOINING_TARGETS: tuple[Dialect, ...] = ("mysql", "mariadb", "mssql")
_BEHIND_ON = frozenset("JOIN INNER LEFT RIGHT CROSS NATURAL STRAIGHT_JOIN WHERE FULL SET".split())
_ENDING = frozenset(("RETURNING", "ORDER", "LIMIT", "OPTION", "WHEN", "ON", ";"))


#: What a row has beside its columns, and never without a value.
_SYSTEM_COLUMNS: dict[Dialect, tuple[str, ...]] = {
    "postgresql": ("ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"),
    "sqlite": ("rowid", "oid", "_rowid_"),
    "oracle": ("rowid",),
}
_MOST_CHECKS = 8
_WHOLE = frozenset("int2 int4 int8 int integer bigint smallint tinyint mediumint".split())


class Deletion(NamedTuple):
    """A table whose rows go; `certain`: all of them do."""

    table: str  # as its operation names it
    certain: bool = True


def deletions(operation: Operation, catalog: Catalog) -> Iterator[Deletion]:
    """The tables of which a data statement deletes all rows, or as many as another table says."""
    if operation.together is not None:
        operation = altered(operation, {"sql": operation.together, "together": None})
    limited = operation.using if operation.sql is None else operation.sql
    if limited is not None and any(int(each) >= MANY for each in re.findall(_NUMBER_OF_ROWS, limited)):
        without = {"using" if operation.sql is None else "sql": unlimited(limited)}
        operation = altered(operation, without)
        yield from (each._replace(certain=False) for each in _deletions(operation, catalog))
    else:
        yield from _deletions(operation, catalog)


def _deletions(operation: Operation, catalog: Catalog) -> Iterator[Deletion]:
    if operation.action == "truncate":
        yield from map(Deletion, operation.tables)
    elif operation.sql is None:
        if operation.action == "delete" and means_every_row(operation, catalog):
            yield from map(Deletion, operation.tables[:1])
        elif operation.action == "delete" and operation.using and len(operation.tables) == 1:
            table = catalog.get(catalog.key_of(operation.tables[0]))
            if _may_hold(operation.using, table, catalog):
                yield Deletion(operation.tables[0], certain=False)
    else:
        tokens = list(tokenize(operation.sql, catalog.dialect))
        for at, token in enumerate(tokens):
            before = tokens[at - 1].word if at else ""
            if token.word == "DELETE" and before in _STARTING:
                yield from _deleted(operation, tokens[at + 1 :], catalog, tokens[:at])
            elif token.word == "MERGE" and before in _STARTING:
                yield from _merged(operation, tokens[at + 1 :], catalog)


def means_every_row(operation: Operation, catalog: Catalog) -> bool:
    """Whether an UPDATE or DELETE that Core builds means all rows of its table."""
    if operation.every_row or operation.using is None or len(operation.tables) != 1:
        return operation.every_row
    table = catalog.get(catalog.key_of(operation.tables[0]))
    return bool(holds_for_every_row(operation.using, table, catalog))


def _deleted(
    operation: Operation, tokens: Sequence[Token], catalog: Catalog, before: Sequence[Token]
) -> Iterator[Deletion]:
    found = extent(operation, tokens, catalog)
    queries = through(before, tokens) if catalog.dialect == "mssql" else None
    if queries is not None:
        found = _extent_through(operation, tokens, catalog, queries)
    for table in _targets(operation, tokens, catalog) if found != "some" else ():
        yield Deletion(table, found == "all")


def _extent_through(
    operation: Operation, tokens: Sequence[Token], catalog: Catalog, queries: Through
) -> Extent:
    """How many rows a DELETE through queries means."""
    own = catalog.get(catalog.key_of(operation.tables[0])) if len(operation.tables) == 1 else None
    if queries.fewer or own is None:
        return "some"
    table = numbering(own, queries.numbered)
    sql = operation.sql or ""
    for each in queries.conditions:
        if not holds_for_every_row(condition_behind(sql, each), table, catalog):
            return "some"
    words = [each.word for each in tokens]
    if "(" in words and "FROM" in words[1:]:  # FROM (SELECT …) AS the alias that goes
        return "all" if "WHERE" not in words[words.index(")") :] else "some"
    return extent(operation, tokens, catalog, table)


def _targets(operation: Operation, tokens: Sequence[Token], catalog: Catalog) -> list[str]:
    """The tables whose rows a DELETE takes, as the operation has them; of MySQL's there may be several."""
    start = references(tokens, -1) if catalog.dialect in _JOINING_TARGETS else -1
    if start < 0:
        first = _target(operation, tokens, catalog)
        return [] if first is None else [first]
    named = {catalog.fold_table(each.value) for each in tokens[:start] if each.word not in _BETWEEN}
    found: list[str] = []
    for table in operation.tables:
        name = catalog.key_of(table)[1]
        called = {name}
        for at in range(start, len(tokens) - 1):
            if catalog.fold_table(tokens[at].value) == name:
                behind = at + 1 + (tokens[at + 1].word == "AS")
                called.update(catalog.fold_table(each.value) for each in tokens[behind : behind + 1])
        if called & named:
            found.append(table)
    return found or list(operation.tables)


def _merged(operation: Operation, tokens: Sequence[Token], catalog: Catalog) -> Iterator[Deletion]:
    """DELETE of WHEN MATCHED, where ON holds for all, and of NOT MATCHED BY SOURCE."""
    table = _target(operation, tokens, catalog)
    own = catalog.get(catalog.key_of(table)) if table else None
    known = own if len(operation.tables) == 1 else None
    merge = Merge(operation.sql or "", tokens)
    clauses = list(merge.deleting())
    matched = [condition for by_source, condition in clauses if not by_source]
    lacking = [condition for by_source, condition in clauses if by_source]
    constant = matching_constants(merge, matched, lambda name: own is None or name in own.columns)
    goes = bool(lacking) and holds_for_every_row(merge.any_of(lacking), own, catalog) is True
    if constant and own is not None:
        goes = goes or holds_for_every_row(constant, own, catalog) is True
    elif matched and not goes:
        goes = _all_match(operation, tokens, known, catalog) or _all_refer(merge, own, catalog)
        goes = goes and holds_for_every_row(merge.any_of(matched), known, catalog) is True
    if table is not None and goes:
        yield Deletion(table, certain=False)


def _all_refer(merge: Merge, table: Table | None, catalog: Catalog) -> bool:
    """Whether each row of the table of a MERGE refers to one of what stands behind USING."""
    on, source = merge.written(merge.on()), merge.written(merge.source())
    condition = f"EXISTS (SELECT 1 FROM {source} WHERE {on})"
    return table is not None and holds_for_every_row(condition, table, catalog) is True


def _all_match(operation: Operation, tokens: Sequence[Token], table: Table | None, catalog: Catalog) -> bool:
    """Whether each row of the table of a MERGE has one in what stands behind USING."""
    words = [each.word for each in tokens]
    using, on = (words.index(word) if word in words else 0 for word in ("USING", "ON"))
    narrowed = words.index("WHERE", using, on) if "WHERE" in words[using:on] else None
    conditions = [on, *([] if narrowed is None else [narrowed])]
    return (
        on > 0
        and _FEWER.isdisjoint(words[using:on])
        and all(
            holds_for_every_row(condition_behind(operation.sql or "", tokens[at + 1 :]), table, catalog)
            for at in conditions
        )
    )


def _target(operation: Operation, tokens: Sequence[Token], catalog: Catalog) -> str | None:
    """The table that a statement names first, as the operation has it; where that is an alias: its first."""
    at = next((at for at, each in enumerate(tokens) if each.word not in _BETWEEN), len(tokens))
    while at + 2 < len(tokens) and tokens[at + 1].word == ".":
        at += 2
    name = catalog.fold_table(tokens[at].value) if at < len(tokens) else ""
    tables = operation.tables
    return next((each for each in tables if catalog.key_of(each)[1] == name), tables[0] if tables else None)


def extent(
    operation: Operation, tokens: Sequence[Token], catalog: Catalog, of: Table | None = None
) -> Extent:
    """How many rows an UPDATE or DELETE means; its `tokens` are those of the statement's from there on.

    `of`: its table, where that is known to have more columns.
    """
    depth, joined, condition, within, beside, source = 0, False, None, "", 0, ""
    on: list[str] = []  # the conditions of joins
    for at, token in enumerate(tokens):
        depth += (token.word == "(") - (token.word == ")")
        if depth < 0:
            break
        if depth > 0:
            continue
        if token.word in _FEWER:
            limit = top(tokens, at) if token.word == "TOP" else "some"
            if limit == "some":
                return "some"
            joined = joined or limit == "joined"
        joined = joined or token.word in _JOINING
        if token.word in ("USING", "FROM") and at and tokens[at - 1].word != "DELETE":
            beside = token.end
        if token.word == "ON" and catalog.dialect in _JOINING_TARGETS and not _keeps_all(tokens[:at]):
            on.append(f"({condition_behind(operation.sql or '', _up_to_join(tokens[at + 1 :]))})")
        if token.word == "WHERE":
            condition = condition_behind(operation.sql or "", tokens[at + 1 :])
            source = (operation.sql or "")[beside : token.start] if beside else ""
            if beside and condition and len(operation.tables) == 1:  # a query, or the table once more
                condition = f"EXISTS (SELECT 1 FROM {source} WHERE {condition})"
            within = (operation.sql or "")[: token.start].lstrip()
    if beside and joined and condition and len(operation.tables) > 1:  # each row refers to one of the others
        own = _target(operation, tokens, catalog)
        refers = None if own is None else catalog.get(catalog.key_of(own))
        condition_of = f"EXISTS (SELECT 1 FROM {source} WHERE {condition})"
        if refers is not None and holds_for_every_row(condition_of, refers, catalog):
            return "all"
    if on:
        condition = " AND ".join([*on, *([] if condition is None else [f"({condition})"])])
    if len(operation.tables) == 1:  # joined with itself, each row has one that is like it in all columns
        joined = False
    table = None if joined else _target(operation, tokens, catalog)
    known = None if table is None else of or catalog.get(catalog.key_of(table))
    if condition is not None and not holds_for_every_row(condition, known, catalog, within=within):
        others = holds_for_every_row(condition, known, catalog, others=True, within=within)
        return "joined" if others or _may_hold(condition, known, catalog) else "some"
    return "joined" if joined else "all"


def _keeps_all(before: Sequence[Token]) -> bool:
    """Whether the join in front of an ON leaves out no row of what stands to its left."""
    words = [each.word for each in before[-12:]]
    join = len(words) - 1 - words[::-1].index("JOIN") if "JOIN" in words else 0
    return words[join - 1 : join] == ["LEFT"] or words[max(join - 2, 0) : join] == ["LEFT", "OUTER"]


def _up_to_join(tokens: Sequence[Token]) -> Sequence[Token]:
    """The condition of a join: up to the next one, or to WHERE."""
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.word == "(") - (token.word == ")")
        if depth < 0 or (depth == 0 and token.word in _BEHIND_ON):
            return tokens[:at]
    return tokens


def _may_hold(condition: str, table: Table | None, catalog: Catalog) -> bool:
    """Whether a condition of which a part is not known may hold for every row, as that part may."""
    return any(_holds_where(condition, part, table, catalog) for part in _PARTS if HOLE in condition)


def _holds_where(condition: str, part: str, table: Table | None, catalog: Catalog) -> bool:
    """Whether a condition holds for every row where the parts of it that are not known are `part`."""
    tokens = list(tokenize(condition, catalog.dialect))
    words = ["(", *(each.word or each.value for each in tokens), ")"]
    made, end = "", 0
    for at, token in enumerate(tokens, 1):
        if words[at] == HOLE and words[at - 1] in _BEFORE_CONDITION and words[at + 1] in _BEHIND_CONDITION:
            queried = words[at - 2 : at] == ["EXISTS", "("]
            made += condition[end : token.start] + ("SELECT 1" if queried else part)
            end = token.end
    return bool(made) and bool(holds_for_every_row(made + condition[end:], table, catalog))


def condition_behind(sql: str, tokens: Sequence[Token]) -> str:
    """What stands behind a WHERE, up to where it ends."""
    depth, end = 0, 0
    for token in tokens:
        depth += (token.word in ("(", "CASE")) - (token.word in (")", "END"))
        if depth < 0 or (depth == 0 and token.word in _ENDING):
            break
        end = token.end
    return sql[tokens[0].start : end] if end else ""


def holds_for_every_row(
    condition: str, table: Table | None, catalog: Catalog, *, others: bool = False, within: str = ""
) -> bool | None:
    """Whether a condition is TRUE whatever a row of the table has in it; None: for some, or not known.

    `others`: whether it is where other tables have rows, or have none, whatever the row; `within`: what
    stands before its statement, a WITH.
    """
    columns = {} if table is None else table.columns
    system = _SYSTEM_COLUMNS.get(catalog.dialect, ())
    values = {name: WRITTEN_NOT_NULL._replace(term=name) for name in system}
    values |= {name: _held(name, column, catalog) for name, column in columns.items()}
    row = row_over(values, catalog)._replace(within=within)
    if table is not None:
        whole = (name for name, column in columns.items() if _is_whole(column, catalog))
        row = row._replace(table=catalog.fold(table.name), whole=frozenset(whole))
        checks = [
            each.expression
            for each in table.constraints
            if each.kind == "check" and each.expression and not (each.not_valid or each.unenforced)
        ]
        row = row._replace(checks=tuple(checks[:_MOST_CHECKS]), refers=tuple(_referred(table, catalog)))
    return holds(condition, row, others=others)


def _held(name: str, column: CatalogColumn, catalog: Catalog) -> Value:
    """What a column may hold. What is NULL does not equal itself."""
    enum = catalog.enum_of(column.type) if not (column.type or "").endswith("]") else None
    held = Value(frozenset(enum.values)) if enum is not None and enum.values else Value(open=True)
    if column.nullable is False:
        return held if not held.open else WRITTEN_NOT_NULL._replace(term=name)
    return held._replace(options=held.options | NULL.options)


def _referred(table: Table, catalog: Catalog) -> Iterator[tuple[str, frozenset[frozenset[str]]]]:
    """The tables in which each row has one that it refers to, with the columns that are equal in both."""
    fold = catalog.fold
    for each in table.constraints:
        own = [table.columns.get(fold(name)) for name in each.columns]
        sure = not (each.not_valid or each.unenforced) and all(one and one.nullable is False for one in own)
        if each.kind != "foreign_key" or not sure or each.referred_table is None:
            continue
        other = catalog.get(catalog.key(each.referred_schema, each.referred_table))
        keys = [key.columns for key in other.constraints if key.kind == "primary_key"] if other else []
        named = each.referred_columns or next(iter(keys), ())
        pairs = zip(map(fold, each.columns), map(fold, named), strict=False)
        yield fold(each.referred_table), frozenset(map(frozenset, pairs))


def _is_whole(column: CatalogColumn, catalog: Catalog) -> bool:
    return (catalog.canonical(column.type) or "") in _WHOLE
