"""What a foreign key refers to, however that is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from migration_lint.data_class import replace
from migration_lint.sources.sqlalchemy.columns import COLUMN_CALLS
from migration_lint.sources.sqlalchemy.mapping import ColumnAttribute, ModelColumn, ModelTable
from migration_lint.sources.sqlalchemy.naming import made_name
from migration_lint.sources.sqlalchemy.terms import Class, Made, Part, Place, Term, text_of

if TYPE_CHECKING:
    from migration_lint.sources.sqlalchemy.models import Models


def resolve_keys(models: Models) -> None:
    """Complete the foreign keys that name a column by what holds it: `ForeignKey(Account.id)`."""
    tables = {table.written: table for table in models.all_tables()}
    for table in tables.values():
        for number, each in enumerate(table.constraints):
            if each.kind != "foreign_key" or each.referred_table or len(each.columns) != 1:
                continue
            column = table.columns.get(each.columns[0])
            for key in column.references if column is not None else ():
                found = referred(models, tables, key.argument(0, "column"), table)
                if found is not None:
                    to, there = found
                    columns = (there.name,)
                    table.constraints[number] = replace(
                        each, referred_table=to.name, referred_schema=to.schema, referred_columns=columns
                    )


def referred(
    models: Models, tables: Mapping[str, ModelTable], target: Term | None, own: ModelTable | None = None
) -> tuple[ModelTable, ModelColumn] | None:
    """The table and column that a ForeignKey names: in text, of a class or a table, or as the Column itself.

    `tables` are by their written names; `own` is the table that the key is of.
    """
    text = text_of(target)
    if text is not None:
        name, _, column_name = text.rpartition(".")
        return _column(tables.get(name), column_name)
    if isinstance(target, Made) and made_name(target) in COLUMN_CALLS:
        for table in (*(() if own is None else (own,)), *tables.values()):
            for column in table.columns.values():
                if _is_in(target.place, column.place):
                    return table, column
    if isinstance(target, Part):
        pair = models.core_column(target)
        if pair is not None:
            return pair
        mapped = models.mapped(target.of) if isinstance(target.of, Class) else None
        attribute = mapped.attributes.get(target.name) if mapped is not None else None
        if isinstance(attribute, ColumnAttribute) and attribute.columns:
            return attribute.columns[0]
    return None


def _is_in(inner: Place, outer: Place) -> bool:
    """Whether a piece of code is a part of another, or the same."""
    return inner.path == outer.path and outer.key[1:3] <= inner.key[1:3] and inner.end <= outer.end


def _column(table: ModelTable | None, name: str) -> tuple[ModelTable, ModelColumn] | None:
    column = table.columns.get(name) if table is not None else None
    return None if table is None or column is None else (table, column)
