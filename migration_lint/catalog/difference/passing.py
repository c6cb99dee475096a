"""What comes to nothing: tables and columns that the change adds and drops again."""

from __future__ import annotations

from migration_lint.catalog.difference.comparison import Comparison, steps_of
from migration_lint.catalog.difference.result import Note
from migration_lint.catalog.journal import LIFE
from migration_lint.catalog.model import Table


def note_passing(comparison: Comparison, judged: list[Table]) -> None:
    """Columns and tables that the change adds and drops again."""
    tables = {table.identity: table for table in judged}
    for entries in comparison.by_column.values():
        first, last = entries[0], entries[-1]
        table = tables.get(first.table)
        if table is not None and first.effect == "column_added" and last.effect == "column_dropped":
            if any(entry.operation.conditional for entry in entries):
                continue
            comparison.notes.append(
                Note(
                    kind="added_and_dropped",
                    table=table.full_name,
                    column=first.old,
                    steps=steps_of(entries),
                )
            )
    for identity, entries in comparison.by_table.items():
        lives = [entry for entry in entries if entry.effect in LIFE]
        if (
            identity not in tables
            and lives
            and (lives[0].effect, lives[-1].effect) == ("table_created", "table_dropped")
            and any(comparison.is_protected(entry.name) for entry in lives)
        ):
            comparison.notes.append(
                Note(kind="added_and_dropped", table=lives[0].name, steps=steps_of(lives))
            )
