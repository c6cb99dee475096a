"""What a loop over the rows of a table does in all of its rounds together.

A statement that is run for each row with that row's own values concerns every row of which it says no more
than that: `DELETE … WHERE id = :id` becomes `WHERE id = id`. One that takes a number of rows at a time, and
is run until there are none left, concerns as many as without that number.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from migration_lint.operations import HOLE, Dialect, Operation, altered
from migration_lint.reading.models.context import context
from migration_lint.reading.models.expressions import table_name
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    NOTHING,
    Choice,
    ColumnModel,
    Data,
    Dict,
    GivenText,
    List,
    Method,
    Parameter,
    Pasted,
    Row,
    Rows,
    RowText,
    SqlText,
    Value,
    alternatives,
    join_all,
    pasted_value,
    whole,
)
from migration_lint.reading.sql.cursors import unlimited

_NAMED = r"(?<![:\w]):(\w+)|%\((\w+)\)s"
_IN_ORDER = r"%s|\?"
#: A column where a list is asked for.
_ANY_OF = r"=\s*(?:ANY|SOME)\s*\(\s*([\"`][^\"`]+[\"`]|\(CASE\b.+?\bEND\))\s*(?:::\s*\w+(?:\[\])?\s*)?\)"
_BARE_IN = r"\bIN\s+([\"`][^\"`]+[\"`])"
_NOT_PLAIN = "SELECT|GROUP|HAVING|WINDOW|UNION|INTERSECT|EXCEPT|ORDER|LIMIT|OFFSET|FETCH|FOR"
#: A query of nothing but columns of one table, of all rows or those that a condition leaves.
_PLAIN = (
    r"\s*SELECT\s+(?:DISTINCT\s+)?(?P<columns>\*|[\w.\"`]+(?:\s*,\s*[\w.\"`]+)*)\s+FROM\s+"
    r"(?P<table>[\w.\"`]+)(?:\s+(?:AS\s+)?(?!ORDER\b|WHERE\b)\w+)?"
    rf"(?:\s+WHERE\s+(?P<where>(?:(?!\b(?:{_NOT_PLAIN})\b|:\w|%|\?|;).)+?))?"
    rf"(?:\s+ORDER\s+BY\s+(?:(?!\b(?:{_NOT_PLAIN})\b)[\w\s,.\"`])+)?\s*;?\s*"
)


def goes_through(run: Interpreter, row: Row) -> bool:
    """Whether a loop comes to each of the rows that this one is in turn, and leaves none out."""
    conditions = run.recorder.conditions[row.depth :]
    return bool(conditions) and all(each.loop for each in conditions)


def repeats(run: Interpreter) -> bool:
    """Whether it runs in a `while` of which nobody knows how often."""
    return any(each.loop == "while" for each in run.recorder.conditions)


def rows_of(run: Interpreter, executed: Value) -> Value:
    """What executing something gives: rows, where it is a query."""
    found = [_rows(each) for each in alternatives(executed)]
    return found[0] if len(found) == 1 else Data()


def keep_rows(run: Interpreter, rows: Value) -> Value:
    """Keep what a statement gives for the cursor that is asked for it; gives that."""
    last, known = context(run).fetched, isinstance(rows, Rows)
    if known or last:
        with run.store.change(last):
            last[:] = [rows] if known else []
    return rows


def fetched(run: Interpreter, *, whole: bool) -> Value:
    """What a cursor gives; `whole`: all of what is left."""
    found = join_all(map(inside, context(run).fetched.every()), Data())
    rows = found if isinstance(found, Rows) else Data()
    return rows if whole or not isinstance(rows, Rows) else rows.narrowed()


def _rows(executed: Value) -> Data:
    if isinstance(executed, Data) and executed.action == "select":
        return Rows(executed.tables, executed.every_row, executed.columns)
    text = executed.text if isinstance(executed, SqlText) else executed
    plain = re.fullmatch(_PLAIN, text, re.I | re.S) if isinstance(text, str) and whole(text) else None
    if plain is None:
        return Data()
    columns = tuple(_bare(each).rpartition(".")[2] for each in plain["columns"].split(","))
    where: str | None = plain["where"]
    return Rows((_bare(plain["table"]),), where is None, columns, where=where)


def _bare(name: str) -> str:
    """A name without its quotes, as PostgreSQL reads it."""
    name = name.strip()
    quoted = name.startswith(('"', "`"))
    return re.sub('["`]', "", name) if quoted else name.lower()


def with_rows(run: Interpreter, of: Value, a: Arguments) -> Arguments:
    """The operands of a condition: beside a column, the own value of each row of its table as the column."""
    columns = [each for each in (of, *a.args) if isinstance(each, ColumnModel)]
    tables = {table_name(each.table) for each in columns}
    dialect = context(run).dialect
    given = [
        each.value if isinstance(each, Parameter) and each.value is not NOTHING else each for each in a.args
    ]
    return a._replace(args=[_with_row(run, each, tables, dialect) for each in given])


def _with_row(run: Interpreter, value: Value, tables: Container[str | None], dialect: Dialect) -> Value:
    if isinstance(value, Rows):
        column = _column(value, "", tables, dialect) if value.every_row or value.where is not None else None
        return value if column is None else (column,)
    if isinstance(value, List):
        return _listed(value, tables, dialect)
    return _of_loop(run, value, tables, dialect) or value


def _listed(value: List, tables: Container[str | None], dialect: Dialect) -> Value:
    """A list that holds the values of all rows of a table, as their column."""
    if not value.open or value or value.tail:
        return value
    columns = [_of_row(each, tables, dialect) for each in alternatives(value.rest)]
    return (columns[0],) if len(columns) == 1 and columns[0] is not None else value


def _of_row(value: Value, tables: Container[str | None], dialect: Dialect) -> SqlText | None:
    row, name = (value.of, value.name) if isinstance(value, Method) else (value, "")
    told = isinstance(row, Row) and (row.every_row or row.where is not None)
    return _column(row, name, tables, dialect) if told else None


def _of_loop(
    run: Interpreter, value: Value, tables: Container[str | None], dialect: Dialect
) -> SqlText | None:
    row = value.of if isinstance(value, Method) else value
    if not isinstance(row, Row) or not goes_through(run, row):
        return None
    return _of_row(value, tables, dialect)


def _column(rows: Data, name: str, tables: Container[str | None], dialect: Dialect) -> SqlText | None:
    """The column that rows of one of the tables give, or one of theirs, as SQL; with their condition."""
    if not name and len(rows.columns) == 1:
        name = rows.columns[0]
    mark = "`" if dialect in ("mysql", "mariadb") else '"'
    known = len(rows.tables) == 1 and rows.tables[0] in tables
    known = known and whole(name) and mark not in name and name not in ("", "*")
    column, where = f"{mark}{name}{mark}", rows.where if isinstance(rows, (Row, Rows)) else None
    if known and where is not None:  # NULL for the others, which nothing equals
        return SqlText(f"(CASE WHEN {where} THEN {column} END)")
    return SqlText(column) if known else None


def with_values(of: Value, given: Dict) -> Value:
    """A text with its parameters, where some of these are what rows hold."""
    holding = any(pasted_value(each) is not None for each in given.plain().values())
    return GivenText(of.text, given) if isinstance(of, SqlText) and holding else of


def together(run: Interpreter, position: int, values: Value) -> None:
    """Say of the statements since a position what all rounds of the loops around them do with `values`."""
    operations = run.recorder.operations
    operations[position:] = with_given(run, operations[position:], values)


def with_given(run: Interpreter, operations: Iterable[Operation], values: Value) -> Iterator[Operation]:
    """Statements that are given values, each with what all rounds of the loops around it do with them."""
    for each in operations:
        said = each.using if each.sql is None else each.sql
        if each.kind != "dml" or each.action not in ("delete", "update") or not said:
            yield each
            continue
        bound = (_bound(run, said, given, each.tables) for given in alternatives(values))
        meant = next((one for one in bound if one != said), said)
        if repeats(run):
            meant = unlimited(meant)
        changed = {"using" if each.sql is None else "together": meant}
        yield altered(each, changed) if meant != said else each


def with_pasted(run: Interpreter, operations: Iterable[Operation], text: RowText) -> Iterator[Operation]:
    """The operations of a text into which what rows hold was pasted, each with what it does in all rounds."""
    found = list(operations)
    holding = [each for each in found if HOLE in (each.sql or "")]
    for each in found:
        if [each] == holding and each.action in ("delete", "update") and each.sql is not None:
            meant = _filled(run, each.sql, text.holes, each.tables)
            if meant != each.sql:
                each = altered(each, {"together": unlimited(meant) if repeats(run) else meant})
        yield each


def _filled(run: Interpreter, sql: str, holes: tuple[Pasted | None, ...], tables: tuple[str, ...]) -> str:
    parts, dialect = re.split(f"'{HOLE}'|{HOLE}", sql), context(run).dialect
    if len(parts) != len(holes) + 1:
        return sql
    made = parts[0]
    for hole, behind in zip(holes, parts[1:], strict=True):
        column = None
        if hole is not None and hole.many:
            column = _of_row(hole.value, tables, dialect)
        elif hole is not None:
            column = _of_loop(run, hole.value, tables, dialect)
        made += (HOLE if column is None else str(column.text)) + behind
    return _listing(made)


def _listing(sql: str) -> str:
    """A statement in which the column that stands for a whole list is one of it."""
    sql = re.sub(_ANY_OF, r"IN (\1)", sql, flags=re.I)
    return re.sub(_BARE_IN, r"IN (\1)", sql, flags=re.I)


def _for_each(values: Value) -> tuple[bool, Value]:
    """Whether a statement is run for each of many values, and what it is given each time."""
    if isinstance(values, Rows):
        return True, values.row(0)
    if isinstance(values, List) and values.exact and len(values) == 1:
        return False, values[0] if isinstance(values[0], (Dict, tuple)) else values
    many = isinstance(values, List) and values.open and not values and not values.tail
    return many, values.rest if isinstance(values, List) and many else values


def _bound(run: Interpreter, sql: str, values: Value, tables: tuple[str, ...]) -> str:
    """A statement with the own values of each row as the columns that they stand in."""
    many, given = _for_each(values)
    if isinstance(given, Choice):
        every = (_one_bound(run, sql, each, tables, many) for each in given.values)
        return next((each for each in every if each != sql), sql)
    return _one_bound(run, sql, given, tables, many)


def _one_bound(run: Interpreter, sql: str, given: Value, tables: tuple[str, ...], many: bool) -> str:
    """A statement with one set of values; `many`: it is run with such a set for each row."""

    def column(value: Value) -> str | None:
        dialect = context(run).dialect
        if isinstance(value, (List, Rows)):
            listed = _with_row(run, value, tables, dialect)
            return str(listed[0].text) if type(listed) is tuple else None
        found = _of_row(value, tables, dialect) if many else _of_loop(run, value, tables, dialect)
        return None if found is None else str(found.text)

    if isinstance(given, Dict) and not given and isinstance(given.rest, Row):
        given = given.rest
    if isinstance(given, Row):  # by name or in order, as the statement asks for it
        row, parts = given, iter(given.parts() or ())
        in_order = map(column, parts)
        sql = re.sub(_NAMED, lambda found: column(Method(row, found[1] or found[2])) or found[0], sql)
        return _listing(re.sub(_IN_ORDER, lambda found: next(in_order, None) or found[0], sql))
    if isinstance(given, Dict):
        known = {name: column(each) for name, each in given.plain().items()}
        return _listing(re.sub(_NAMED, lambda found: known.get(found[1] or found[2]) or found[0], sql))
    if isinstance(given, (tuple, List)) and run.items(given).exact:
        in_order = map(column, run.items(given).every())
        return _listing(re.sub(_IN_ORDER, lambda found: next(in_order, None) or found[0], sql))
    return sql
