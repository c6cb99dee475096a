"""The row that an INSERT makes: what it writes, and for what it leaves out the default, or NULL."""

from __future__ import annotations

from collections.abc import Mapping

from migration_lint.catalog.condition import NotRead, NotWorkedOut, Row, evaluate, parsed
from migration_lint.catalog.condition.values import (
    NULL,
    WRITTEN,
    WRITTEN_NOT_NULL,
    Value,
    coerced,
    either,
    known,
    not_known,
    strict,
)
from migration_lint.catalog.model import Catalog, CatalogColumn, Table, is_implied
from migration_lint.catalog.triggers import fired_by_insert
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import NUMBERED
from migration_lint.reading.sql.shipped import is_harmless

#: PostgreSQL's own functions that may give another value than NULL where an argument is NULL (`proisstrict`).
_NOT_STRICT = frozenset(
    """
    array_append array_cat array_fill array_position array_positions array_prepend array_remove array_replace
    array_to_string concat concat_ws daterange enum_first enum_last enum_range format int4range int8range
    json_build_array json_build_object jsonb_build_array jsonb_build_object jsonb_set_lax numrange overlaps
    quote_nullable string_to_array tsrange tstzrange xmlconcat
    """.split()
)


class Written(NamedTuple):
    """What an INSERT writes into a column."""

    values: tuple[str, ...] = ()  # the only ones; empty: any
    nullable: bool | None = None  # whether NULL is among them; None: not said
    shape: str = ""  # of what is JSON: object, array, …; "": any
    held: Value | None = None  # what a trigger writes, which knows more than a contract says

    @property
    def value(self) -> Value:
        """What it may be, of whatever type."""
        return WRITTEN_NOT_NULL if self.nullable is False else WRITTEN

    def held_by(self, column: CatalogColumn, catalog: Catalog) -> Value:
        """What it may be in a column."""
        if self.held is not None:
            return of_type(self.held, column.type, catalog)
        is_json = self.shape and catalog.canonical(_base_type(column.type, catalog)) in ("json", "jsonb")
        return self.value._replace(shape=self.shape) if is_json else self.value


def inserted(table: Table, written: Mapping[str, Written], catalog: Catalog) -> Row:
    """The row that an INSERT makes; `written` by folded names."""
    values = {
        name: written[name].held_by(column, catalog) if name in written else left_out(table, column, catalog)
        for name, column in table.columns.items()
    }
    if not table.complete:  # what it writes may have been there before anything that was read
        values = {**{name: each.value for name, each in written.items()}, **values}
    row = row_over(values, catalog)
    for name, column in table.columns.items():
        if column.generated in ("stored", "virtual"):
            values[name] = _worked_out(column.expression, row, f"what {column.name} is worked out of")
    return row


def inserted_of(table: Table, written: Mapping[str, Written], catalog: Catalog) -> dict[str, Value]:
    """What each column of the row may hold, one of the declared values among them; by folded names."""
    found = dict(inserted(table, written, catalog).values)
    for name, said in written.items():
        column = table.columns.get(name)
        values = [] if column is None else [written_as(each, column, catalog) for each in said.values]
        known_ones = [each for each in values if each is not None]
        if values and len(known_ones) == len(values):
            found[name] = either([*known_ones, NULL] if said.nullable else known_ones)
    return found


def row_over(values: Mapping[str, Value], catalog: Catalog) -> Row:
    """A row of these values, by folded names."""

    def is_strict(name: str) -> bool:
        own = catalog.fold(name) in catalog.routines
        return not own and name not in _NOT_STRICT and is_harmless(name, catalog.dialect)

    return Row(values, catalog.dialect, catalog.fold, is_strict)


def left_out(table: Table, column: CatalogColumn, catalog: Catalog) -> Value:
    """What a column gets that an INSERT leaves out: what a trigger puts there, its default, or NULL."""
    value = _default(column, catalog)
    for each in fired_by_insert(catalog, catalog.key(table.schema, table.name)):
        if catalog.fold(column.name) in each.fills:
            return WRITTEN
        if each.fills_any and value.is_null:
            value = not_known(f"what the trigger {each.hook.name} fills is not known")
    return value


def _default(column: CatalogColumn, catalog: Catalog) -> Value:
    if column.generated in NUMBERED:
        return WRITTEN_NOT_NULL
    said = [column.default, *(each.default for each in catalog.domains_of(column.type))]
    default = next((each for each in said if each is not None), None)
    if default is None:
        unknown = is_implied(column.identity)
        return not_known(f"whether {column.name} has a default is not known") if unknown else NULL
    value = _worked_out(default, row_over({}, catalog), f"the default of {column.name}")
    return of_type(value, column.type, catalog)


def of_type(value: Value, type: str | None, catalog: Catalog) -> Value:
    """A value as a column of the type holds it."""
    type = _base_type(type, catalog)
    if catalog.enum_of(type) is not None:
        return value
    return strict([value], lambda each: coerced(each, type, catalog.dialect))._replace(term=value.term)


def _base_type(type: str | None, catalog: Catalog) -> str | None:
    """What a type is made over, if it is a domain; else the type."""
    domains = catalog.domains_of(type)
    return domains[-1].type if domains else type


def written_as(text: str, column: CatalogColumn, catalog: Catalog) -> Value | None:
    """A value that a contract declares as a column holds it; None: that is not known."""
    try:
        type = _base_type(column.type, catalog)
        return known(text if catalog.enum_of(type) is not None else coerced(text, type, catalog.dialect))
    except NotWorkedOut:
        return None


def _worked_out(text: str | None, row: Row, what: str) -> Value:
    if text is None:
        return not_known(f"{what} is not known")
    try:
        value = evaluate(parsed(text, row.dialect), row)
    except NotRead:
        return not_known(f"{what} is not read")
    return value._replace(why=f"{what} is not worked out") if value.open and value.why else value
