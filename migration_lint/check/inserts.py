"""What a change makes of an INSERT into a table under contract: columns that it has to write, or may not."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.catalog.insertion import insertion, required_by
from migration_lint.catalog.model import CatalogColumn, Table, is_implied
from migration_lint.catalog.outcome import Step
from migration_lint.check.database_change import DatabaseChange
from migration_lint.check.pairs import pairs, path_of
from migration_lint.check.schema import Schema
from migration_lint.contracts.shifts import judge_insertion
from migration_lint.facts.build import column_occurrence
from migration_lint.facts.context import generated_by
from migration_lint.facts.model import ColumnFacts, Occurrence
from migration_lint.operations import Constraint


def insertion_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """Columns of protected tables that every INSERT must fill, or that none may, as was not so in base."""
    schema, contracts, background = change.schema, change.contracts, change.background
    for table, before, after in pairs(schema, contracts):
        earlier = {column.identity: column for column in before.columns.values()}
        for key, column in after.columns.items():
            now = insertion(after, column, schema.after)
            was = earlier.get(column.identity) or before.columns.get(key)
            then = None if was is None else insertion(before, was, schema.before)
            if now is None or now.writing == "may":
                continue
            if then is not None and then.writing == now.writing:
                continue
            if was is not None and then is None or (was is None and now.writing == "never"):
                continue  # it may have been so before; one that is new is written by nobody
            step = _step_of(schema, after, column, was)
            facts = ColumnFacts(
                column.name,
                new_type=schema.after.canonical(column.type),
                new_nullable=column.nullable,
                existed=was is not None or is_implied(column.identity),
                generated=generated_by(column),
                insert=now.writing,
                because=now.because,
            )
            column = column._replace(type=facts.new_type)
            yield column_occurrence(
                "insert_refused",
                before.full_name,
                facts,
                judge_insertion(table, after.full_name, column, now.writing, contracts.base, contracts.head),
                background,
                operation=None if step is None else step.operation,
                revision="" if step is None else step.revision,
                path=path_of(background, step.revision if step is not None else ""),
            )


#: What may make an INSERT do something else about a column.
_FILLING = frozenset(("column_added", "column_nullable", "column_default", "column_generated"))


def _step_of(schema: Schema, table: Table, column: CatalogColumn, was: CatalogColumn | None) -> Step | None:
    """The last step that touched what fills a column, or gave it a CHECK."""
    fold = schema.after.fold
    name = fold(column.name)
    identities = {column.identity, *(() if was is None else (was.identity,))}
    found = [
        entry.step
        for entry in schema.journal.entries
        if (entry.column in identities and entry.effect in _FILLING)
        or (
            entry.effect == "constraint_added"
            and entry.table == table.identity
            and isinstance(entry.before, Constraint)
            and name in map(fold, required_by(entry.before))
        )
    ]
    return found[-1] if found else None
