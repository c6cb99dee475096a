"""The same table in base and in head."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.catalog.model import Table
from migration_lint.catalog.outcome import TableName
from migration_lint.check.protection import Contracts
from migration_lint.check.schema import Schema
from migration_lint.facts.build import Background


def pairs(schema: Schema, contracts: Contracts) -> Iterator[tuple[TableName, Table, Table]]:
    """The tables under contract that are there in base and in head: base's name, before, after."""
    for table in contracts.base.tables():
        before = schema.before.table(table.schema, table.name)
        if before is None:
            continue
        after = alive(schema, before)
        if after is not None and after is not before:
            yield table, before, after


def alive(schema: Schema, before: Table) -> Table | None:
    """A table of base as head has it, under whatever name; None: it is gone."""
    same = schema.after.table(before.schema, before.name)
    if same is not None and same.identity == before.identity:
        return same
    for key, _, identity in schema.after.names():
        if identity == before.identity:
            return schema.after.get(key)
    return same


def path_of(background: Background, revision: str) -> str:
    """The script of a revision, "" where there is none."""
    return background.revision(revision).path if revision else ""
