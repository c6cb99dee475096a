"""A table of base at head: gone, called otherwise, replaced by another, or still itself."""

from __future__ import annotations

from migration_lint.catalog.difference.access import judge_access
from migration_lint.catalog.difference.columns import judge_columns
from migration_lint.catalog.difference.comparison import Comparison, steps_of
from migration_lint.catalog.difference.outcomes import add_table
from migration_lint.catalog.difference.rebuilt import copies, is_copied
from migration_lint.catalog.difference.result import Note
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Key, Table
from migration_lint.catalog.outcome import TableName


def judge_table(comparison: Comparison, table: Table, same: Table | None) -> None:
    """What becomes of a table of base; `same` is the one of its identity in head."""
    key = comparison.base.key(table.schema, table.name)
    other = comparison.head.get(key)
    if other is not None and other.identity == table.identity:
        other = None
    entries = comparison.by_table.get(table.identity, [])
    dropped = [entry for entry in entries if entry.effect == "table_dropped"]
    renamed = [entry for entry in entries if entry.effect == "table_renamed"]
    if same is None and other is None:
        _lose_table(comparison, table, key, dropped)
        return
    if same is None or (other is not None and is_copied(comparison, table.identity, other.identity)):
        assert other is not None
        _judge_replacement(comparison, table, other, dropped)
        return
    if comparison.head.key(same.schema, same.name) != key:
        _rename_table(comparison, table, same, renamed, kept=_is_kept(comparison, table, key, same))
    else:
        unsure = [entry for entry in renamed if entry.operation.conditional]
        if unsure:
            names = [each.new_name for each in renamed if each.new_name is not None]
            elsewhere = [name for name in names if comparison.head.key(*name) != key]
            new = (elsewhere or names)[-1]
            add_table(comparison, "table_renamed", table, new, unsure, conditional=True)
        elif renamed:
            comparison.notes.append(
                Note(kind="renamed_and_back", table=table.full_name, steps=steps_of(renamed))
            )
    if dropped:
        # It lives, so what dropped it hangs on a condition, or stands in the other arm of one.
        add_table(comparison, "table_dropped", table, None, dropped, conditional=True)
    _empty(comparison, table, same, entries)
    judge_access(comparison, table, same, entries)
    judge_columns(comparison, table, same)


def _empty(comparison: Comparison, table: Table, same: Table, entries: list[Entry]) -> None:
    for effect in ("rows_taken", "rows_perhaps_taken"):
        taken = [entry for entry in entries if entry.effect == effect and not comparison.was_in_base(entry)]
        if taken:
            partial = effect == "rows_perhaps_taken"
            add_table(comparison, "table_emptied", table, same.full_name, taken, partial=partial)
            return


def _lose_table(comparison: Comparison, table: Table, key: Key, dropped: list[Entry]) -> None:
    schema_steps = [
        entry
        for entry in comparison.entries
        if entry.effect in ("schema_dropped", "schema_renamed")
        and comparison.base.key(entry.name.schema, "")[0] == key[0]
    ]
    kept = _is_kept(comparison, table, key)
    if not dropped and table.implied and schema_steps and schema_steps[-1].new_name is not None:
        moved = TableName(schema_steps[-1].new_name.schema, table.name)
        add_table(comparison, "table_moved", table, moved, schema_steps, kept=kept)
    else:
        add_table(comparison, "table_dropped", table, None, dropped or schema_steps, kept=kept)


def _rename_table(
    comparison: Comparison, table: Table, same: Table, renamed: list[Entry], *, kept: bool
) -> None:
    moved = comparison.base.fold_table(table.name) == comparison.base.fold_table(same.name)
    add_table(
        comparison, "table_moved" if moved else "table_renamed", table, same.full_name, renamed, kept=kept
    )


def _is_kept(comparison: Comparison, table: Table, key: Key, same: Table | None = None) -> bool:
    """Whether head has a view in a table's place, with each of its columns that `same` still has."""
    view = comparison.head.views.get(key)
    if view is None:
        return False
    names = {comparison.head.fold(name) for name in view.columns}
    if "*" in names:
        for read in view.reads:
            known = comparison.head.get(comparison.head.key_of(read))
            names.update(known.columns if known is not None else ())
    return names >= (table.columns.keys() if same is None else table.columns.keys() & same.columns.keys())


def _judge_replacement(comparison: Comparison, table: Table, other: Table, dropped: list[Entry]) -> None:
    """Another table answers to the name: squashed, rebuilt with its rows, or made anew without."""
    gone = [entry for entry in dropped if entry.revision not in comparison.rewritten]
    if is_copied(comparison, table.identity, other.identity):
        steps = [*comparison.by_table.get(table.identity, ()), *comparison.by_table.get(other.identity, ())]
        comparison.notes.append(Note(kind="rebuilt", table=table.full_name, steps=steps_of(steps)))
        written = copies(comparison, table.identity, other.identity)
        if all(how_many != "all" for _, how_many in written):
            entries = [entry for entry, _ in written if not comparison.was_in_base(entry)]
            if entries:
                add_table(comparison, "table_emptied", table, other.full_name, entries, partial=True)
    elif gone:
        made = [
            entry
            for entry in comparison.by_table.get(other.identity, ())
            if entry.effect in ("table_created", "table_renamed")
        ]
        add_table(comparison, "table_recreated", table, other.full_name, gone, after=made)
    judge_columns(comparison, table, other)
