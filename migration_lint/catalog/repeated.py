"""Unique indexes and keys that take one row of an INSERT only, as each of its rows has the same values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from migration_lint.catalog.condition import NotRead, evaluate, holds, never_holds, parsed
from migration_lint.catalog.condition.values import Value
from migration_lint.catalog.inserted import Written, inserted_of, row_over
from migration_lint.catalog.model import Catalog, Table
from migration_lint.named_tuple import NamedTuple
from migration_lint.reading.sql.tokens import tokenize


class Repeated(NamedTuple):
    """A unique index or key, or an exclusion, over what has one value in all rows that an INSERT makes."""

    name: str
    columns: tuple[str, ...]
    where: str  # of a partial index; "": none
    values: tuple[str, ...]
    certain: bool  # False: it may be that it is not of these rows

    @property
    def because(self) -> str:
        pairs = zip(self.columns, self.values, strict=True)
        same = " and ".join(f"{column} {value!r}" for column, value in pairs)
        return f"each row has {same}, and {self.name} takes that once"


def repeated(table: Table, written: Mapping[str, Written], catalog: Catalog) -> Iterator[Repeated]:
    """Those of a table; `written` by folded names."""
    unique = [*_unique(table, catalog)]
    values = inserted_of(table, written, catalog) if unique else {}
    row = row_over(values, catalog)
    for name, columns, where in unique:
        found = [_value(each, values, catalog) for each in columns]
        only = [next(iter(each.options)) for each in found if not each.open and len(each.options) == 1]
        if not columns or len(only) < len(columns) or None in only:
            continue
        if where and never_holds(where, row):
            continue
        certain = not where or bool(holds(where, row))
        yield Repeated(name, tuple(columns), where, tuple(map(str, only)), certain)


def _unique(table: Table, catalog: Catalog) -> Iterator[tuple[str, Sequence[str], str]]:
    for each in table.constraints:
        if each.kind == "exclude":
            columns, where = _excluding(each.expression or "", catalog)
            yield each.name or "EXCLUDE", columns, where
        if each.kind in ("primary_key", "unique") and not each.unenforced:
            what = "PRIMARY KEY" if each.kind == "primary_key" else "UNIQUE"
            yield each.name or f"{what} ({', '.join(each.columns)})", each.columns, ""
    for index in table.indexes:
        if index.unique:
            yield (
                index.name or f"the unique index of {', '.join(index.columns)}",
                index.columns,
                index.where or "",
            )


def _excluding(items: str, catalog: Catalog) -> tuple[list[str], str]:
    """What two rows may not have alike, and where; nothing, if another operator than = compares them."""
    columns: list[str] = []
    depth = start = 0
    tokens = list(tokenize(items, catalog.dialect))
    words = [each.word for each in tokens]
    end = next((at for at, word in enumerate(words) if words[at - 1 : at + 1] == ["=", "WHERE"]), len(words))
    for at, word in enumerate([*words[:end], ","]):
        depth += (word == "(") - (word == ")")
        if word == "," and not depth:
            if words[at - 2 : at] != ["WITH", "="] or at - start < 3:
                return [], ""
            named = tokens[start]
            column = named.value if at - start == 3 else items[named.start : tokens[at - 3].end]
            columns.append(column)
            start = at + 1
    return columns, items[tokens[end].end :].strip() if end < len(tokens) else ""


def _value(column: str, values: Mapping[str, Value], catalog: Catalog) -> Value:
    """What a column holds, or an expression."""
    known = values.get(catalog.fold(column))
    if known is not None:
        return known
    try:
        return evaluate(parsed(column, catalog.dialect), row_over(values, catalog))
    except NotRead:
        return Value(open=True)
