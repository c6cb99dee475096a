"""The checks of a table that refuse the rows of an INSERT: one that is NOT VALID holds for new rows, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migration_lint.catalog.condition import NotRead, Row, columns_of, judge, parsed
from migration_lint.catalog.condition.values import NULL, Value
from migration_lint.catalog.expressions import mentions
from migration_lint.catalog.inserted import Written, inserted, written_as
from migration_lint.catalog.insertion import Writing, insertion
from migration_lint.catalog.model import Catalog, Table
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint


class Refusal(NamedTuple):
    """A CHECK that refuses the rows of an INSERT, or may."""

    constraint: Constraint
    because: str
    column: str = (
        ""  # the one that it leaves out, or writes with a value that is refused; "": none decides it
    )
    writing: Writing = "other"
    values: tuple[str | None, ...] = ()  # those that it writes and that are refused; None: NULL
    certain: bool = True  # False: it may; what decides it was not worked out


def refusals(table: Table, written: Mapping[str, Written], catalog: Catalog) -> Iterator[Refusal]:
    """The checks of a table that refuse the rows of an INSERT; `written` by folded names."""
    checks = [each for each in table.constraints if each.kind == "check"]
    if not checks:
        return
    row = inserted(table, written, catalog)
    for each in checks:
        if each.expression is None:
            because = f"a CHECK{f' named {each.name}' if each.name else ''} whose condition is not known"
            yield Refusal(each, because, certain=False)
        else:
            yield from _refused(table, each, each.expression, row, written, catalog)


def _refused(
    table: Table,
    check: Constraint,
    condition: str,
    row: Row,
    written: Mapping[str, Written],
    catalog: Catalog,
) -> Iterator[Refusal]:
    found = judge(condition, row)
    said = f"CHECK ({condition})"
    named = _named(table, condition, catalog)
    left = [name for name in named if name not in written]
    if found.verdict == "depends":
        for name in named:
            refused = tuple(
                text
                for value, text in _values(table, name, written, catalog)
                if judge(condition, row._replace(values={**row.values, name: value})).verdict == "refuses"
            )
            if refused:
                listed = ", ".join("NULL" if text is None else f"'{text}'" for text in refused)
                yield Refusal(check, f"{listed} by {said}", table.columns[name].name, values=refused)
    elif found.verdict == "refuses" or (found.verdict == "unread" and (left or not named)):
        certain = found.verdict == "refuses"
        if left and _must(table, left[0], catalog):
            return  # for another reason, too, which is told apart from this one
        because = said if certain else f"{said}: {found.why}"
        if left:
            yield Refusal(check, because, table.columns[left[0]].name, "must", certain=certain)
        else:
            yield Refusal(check, because, certain=certain)


def _must(table: Table, name: str, catalog: Catalog) -> bool:
    found = insertion(table, table.columns[name], catalog)
    return found is not None and found.writing == "must" and found.certain


def _named(table: Table, condition: str, catalog: Catalog) -> list[str]:
    """The columns that a condition names, folded, in the order of the table."""
    try:
        names = set(map(catalog.fold, columns_of(parsed(condition, catalog.dialect))))
    except NotRead:
        return [name for name, column in table.columns.items() if mentions(condition, column.name)]
    return [name for name in table.columns if name in names]


def _values(
    table: Table, name: str, written: Mapping[str, Written], catalog: Catalog
) -> Iterator[tuple[Value, str | None]]:
    """What an INSERT says that it writes into a column, one value at a time."""
    said = written.get(name, Written())
    if said.nullable:
        yield NULL, None
    for text in said.values:
        value = written_as(text, table.columns[name], catalog)
        if value is not None:
            yield value, text
