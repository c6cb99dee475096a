"""The columns of a table that head still has: gone, called otherwise, of another type, or made anew."""

from __future__ import annotations

from migration_lint.catalog.composites import made_of
from migration_lint.catalog.difference.comparison import Comparison, steps_of
from migration_lint.catalog.difference.outcomes import add_column
from migration_lint.catalog.difference.rebuilt import filled, made_anew, rebuilding
from migration_lint.catalog.difference.remade import made_otherwise, remaking
from migration_lint.catalog.difference.result import Note
from migration_lint.catalog.difference.shifts import judge_needs, judge_shifts, lost_values
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import CatalogColumn, Table


def judge_columns(comparison: Comparison, table: Table, now: Table) -> None:
    """What becomes of the columns of `table`; `now` is the table, or its successor, as head has it."""
    by_identity = {column.identity: column for column in now.columns.values()}
    names: dict[str, str] = {}  # base → head
    for folded, column in table.columns.items():
        same = by_identity.get(column.identity)
        there = now.columns.get(folded)
        entries = comparison.by_column.get(column.identity, [])
        dropped = [entry for entry in entries if entry.effect == "column_dropped"]
        if same is not None:
            _judge_name(comparison, table, now, column, same, dropped)
            if dropped:
                add_column(comparison, "column_dropped", table, now, column, None, dropped, conditional=True)
        elif there is None or there.identity in _others(comparison, table, column):
            _lose_column(comparison, table, now, column, dropped)
            continue
        else:
            same = there
            _judge_recreated(comparison, table, now, column, there, dropped)
        names[column.name] = same.name
        _judge_type(comparison, table, now, column, same)
        judge_shifts(comparison, table, now, column, same)
    judge_needs(comparison, table, now, names)


def _others(comparison: Comparison, table: Table, column: CatalogColumn) -> set[str]:
    """Identities of the table's other columns: one of them under this name is another column still."""
    return {other.identity for other in table.columns.values() if other is not column}


def _lose_column(
    comparison: Comparison, table: Table, now: Table, column: CatalogColumn, dropped: list[Entry]
) -> None:
    if not dropped and now.implied and not table.implied:
        # Head's history begins after the table was made: it knows the columns that it speaks of, no others.
        dropped = _dropped_of(comparison, now, column)
        if not dropped:
            return
    decisive = dropped or rebuilding(comparison, table, now)
    # Head's table has columns that could not be worked out: it may be one of them.
    unsure = not dropped and not now.complete
    add_column(comparison, "column_dropped", table, now, column, None, decisive, conditional=unsure)


def _dropped_of(comparison: Comparison, table: Table, column: CatalogColumn) -> list[Entry]:
    """What drops or renames a column, by its name, of a table that no script of head makes."""
    fold = comparison.base.fold
    return [
        entry
        for entry in comparison.by_table.get(table.identity, ())
        if entry.effect in ("column_dropped", "column_renamed")
        and fold(entry.old or "") == fold(column.name)
        and not comparison.was_in_base(entry)
    ]


def _judge_name(
    comparison: Comparison,
    table: Table,
    now: Table,
    column: CatalogColumn,
    same: CatalogColumn,
    dropped: list[Entry],
) -> None:
    entries = [e for e in comparison.by_column.get(column.identity, ()) if e.effect == "column_renamed"]
    folded = comparison.base.fold(column.name)
    if comparison.base.fold(same.name) != folded:
        beside = now.columns.get(folded)
        kept = beside is not None and (
            beside.generated in ("stored", "virtual") or filled(comparison, now, beside, same) != "none"
        )
        add_column(comparison, "column_renamed", table, now, column, same.name, entries, kept=kept)
        return
    unsure = [entry for entry in entries if entry.operation.conditional]
    if unsure:
        elsewhere = [each.new for each in entries if comparison.base.fold(each.new or "") != folded]
        new = elsewhere[0] if elsewhere else unsure[0].new
        add_column(comparison, "column_renamed", table, now, column, new, unsure, conditional=True)
    elif entries and not dropped:
        comparison.notes.append(
            Note(
                kind="renamed_and_back",
                table=table.full_name,
                column=column.name,
                steps=steps_of(entries),
            )
        )


def _judge_recreated(
    comparison: Comparison,
    table: Table,
    now: Table,
    column: CatalogColumn,
    there: CatalogColumn,
    dropped: list[Entry],
) -> None:
    gone = [entry for entry in dropped if entry.revision not in comparison.rewritten]
    if not gone or table.identity != now.identity:
        return
    how_many = filled(comparison, now, there, column)
    if how_many == "all":
        steps = [*comparison.by_column.get(there.identity, ()), *gone]
        comparison.notes.append(
            Note(kind="rebuilt", table=table.full_name, column=column.name, steps=steps_of(steps))
        )
        return
    made = comparison.by_column.get(there.identity, [])
    add_column(
        comparison,
        "column_recreated",
        table,
        now,
        column,
        there.name,
        gone,
        after=made,
        old_type=comparison.base.canonical(column.type),
        new_type=comparison.head.canonical(there.type),
        partial=how_many == "some",
    )


def _judge_type(
    comparison: Comparison, table: Table, now: Table, column: CatalogColumn, same: CatalogColumn
) -> None:
    entries = [
        entry
        for identity in dict.fromkeys((column.identity, same.identity))
        for entry in comparison.by_column.get(identity, ())
        if entry.effect == "column_retyped"
    ]
    old, new = comparison.base.canonical(column.type), comparison.head.canonical(same.type)
    if old is None:
        if not entries:
            return
        old = comparison.base.canonical(entries[0].old)
    if old != new or old is None:
        decisive = entries or rebuilding(comparison, table, now) or made_anew(comparison, column, same)
        add_column(
            comparison, "column_retyped", table, now, column, same.name, decisive, old_type=old, new_type=new
        )
        return
    if made_otherwise(comparison, column.type, same.type):
        remade = remaking(comparison, column.type, same.type) or entries
        old = made_of(comparison.base, column.type) or old
        new = made_of(comparison.head, same.type) or new
        add_column(
            comparison, "column_retyped", table, now, column, same.name, remade, old_type=old, new_type=new
        )
        return
    elsewhere = [entry for entry in entries if comparison.head.canonical(entry.new) != old]
    unsure = [entry for entry in elsewhere if entry.operation.conditional]
    # Done under a condition and undone by the other arm, or under another one: it may be either.
    arms = {
        (entry.operation.branch or f"?{number}") if entry.operation.conditional else None
        for number, entry in enumerate(entries)
    }
    undone = len(arms) > 1
    if elsewhere and undone:
        between = comparison.head.canonical((unsure or elsewhere)[-1].new)
        add_column(
            comparison,
            "column_retyped",
            table,
            now,
            column,
            same.name,
            unsure or elsewhere,
            old_type=old,
            new_type=between,
            conditional=True,
        )
    elif elsewhere and not any(lost_values(comparison, column, same)):
        comparison.notes.append(
            Note(
                kind="retyped_and_back",
                table=table.full_name,
                column=column.name,
                steps=steps_of(entries),
            )
        )
