"""Outcomes of a table and of a column, with who is to blame for them."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.catalog.difference.blame import blame
from migration_lint.catalog.difference.comparison import Comparison, steps_of
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import CatalogColumn, Table
from migration_lint.catalog.outcome import Outcome, OutcomeKind, TableName


def add_table(
    comparison: Comparison,
    kind: OutcomeKind,
    table: Table,
    new_table: TableName | None,
    decisive: list[Entry],
    *,
    after: Sequence[Entry] = (),
    kept: bool = False,
    conditional: bool = False,
    partial: bool = False,
    reason: str = "",
) -> None:
    revision, operation, path = blame(comparison, decisive, table, None, new_table)
    comparison.outcomes.append(
        Outcome(
            kind=kind,
            table=table.full_name,
            new_table=new_table,
            steps=steps_of([*decisive, *after]),
            revision=revision,
            operation=operation,
            path=path,
            kept=kept,
            conditional=conditional or _hangs(decisive),
            partial=partial,
            reason=reason,
        )
    )


def add_column(
    comparison: Comparison,
    kind: OutcomeKind,
    table: Table,
    now: Table,
    column: CatalogColumn,
    new_column: str | None,
    decisive: list[Entry],
    *,
    after: Sequence[Entry] = (),
    old_type: str | None = None,
    new_type: str | None = None,
    kept: bool = False,
    conditional: bool = False,
    partial: bool = False,
) -> None:
    revision, operation, path = blame(comparison, decisive, table, column, now.full_name)
    comparison.outcomes.append(
        Outcome(
            kind=kind,
            table=table.full_name,
            new_table=now.full_name,
            column=column.name,
            new_column=new_column,
            old_type=old_type
            or (comparison.base.canonical(column.type) if kind == "column_dropped" else None),
            new_type=new_type,
            steps=steps_of([*decisive, *after]),
            revision=revision,
            operation=operation,
            path=path,
            kept=kept,
            conditional=conditional or _hangs(decisive),
            partial=partial,
        )
    )


def _hangs(entries: list[Entry]) -> bool:
    return bool(entries) and all(entry.operation.conditional for entry in entries)
