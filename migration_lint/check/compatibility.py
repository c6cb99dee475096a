"""What a contract may rely on besides names and types: an enum's values, a view, an index at all times."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Catalog, CatalogColumn, Table, View
from migration_lint.catalog.outcome import Step, TableName
from migration_lint.check.database_change import DatabaseChange
from migration_lint.check.pairs import pairs, path_of
from migration_lint.check.schema import Schema
from migration_lint.contracts.meaning import need_text
from migration_lint.contracts.shifts import KeptNeed, judge_value, kept_needs, need_met
from migration_lint.facts.build import (
    need_broken_occurrence,
    value_lost_occurrence,
    view_lost_occurrence,
)
from migration_lint.facts.context import views_of
from migration_lint.facts.model import ColumnFacts, NeedFacts, Occurrence, ValueFacts, ViewFacts

#: Where every statement about a table is a transaction of its own, so that others see what is in between.
_SEES_ALL = ("mysql", "mariadb", "oracle")


def value_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """Values that the enum of a protected column has no more."""
    before, after, contracts, background = change.before, change.after, change.contracts, change.background
    for shift in change.difference.shifts:
        if shift.kind != "values" or shift.old is None:
            continue
        column = _column_of(before, shift.table, shift.column)
        type_ = None if column is None else before.canonical(column.type)
        now = _column_of(after, shift.new_table, shift.new_column)
        enum = None if now is None else after.enum_of(now.type)
        step = shift.step
        yield value_lost_occurrence(
            shift.table,
            ColumnFacts(shift.column or "", old_type=type_, new_type=type_, existed=True),
            ValueFacts(shift.old, shift.new or "", type_ or ""),
            judge_value(shift, () if enum is None else enum.values, contracts.base, contracts.head),
            background,
            operation=None if step is None else step.operation,
            revision="" if step is None else step.revision,
            path=path_of(background, step.revision if step is not None else ""),
        )


def _column_of(catalog: Catalog, table: TableName, column: str | None) -> CatalogColumn | None:
    found = catalog.table(table.schema, table.name)
    return None if found is None else found.columns.get(catalog.fold(column or ""))


def view_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """Views over tables under contract that are gone, or give out less than they did."""
    schema, contracts, background = change.schema, change.contracts, change.background
    told: set[TableName] = set()
    for table in contracts.base.tables():
        before = schema.before.table(table.schema, table.name)
        for view in () if before is None else views_of(schema.before, before, None):
            name = TableName(view.schema, view.name)
            if name in told or contracts.head.folded(name) in contracts.base.tables():
                continue  # a view under contract is judged as a table is
            after = schema.after.view(*name)
            missing = _missing(schema, view, after)
            if (after is not None and not missing) or schema.after.table(*name) is not None:
                continue
            told.add(name)
            entry = _view_entry(schema, name)
            step = None if entry is None else entry.step
            new = None if entry is None else entry.new_name
            yield view_lost_occurrence(
                table,
                ViewFacts(background.label(name), missing, background.label(new)),
                tuple(c.id for c in contracts.base.contracts if contracts.base.entry(c, table)),
                background,
                operation=None if step is None else step.operation,
                revision="" if step is None else step.revision,
                path=path_of(background, step.revision if step is not None else ""),
            )


def _missing(schema: Schema, before: View, after: View | None) -> tuple[str, ...]:
    if after is None or "*" in (*before.columns, *after.columns) or not after.columns:
        return ()
    fold = schema.after.fold
    given = set(map(fold, after.columns))
    return tuple(name for name in before.columns if fold(name) not in given)


def _view_entry(schema: Schema, name: TableName) -> Entry | None:
    effects = ("view_dropped", "view_renamed")
    found = [each for each in schema.journal.entries if each.effect in effects and each.name == name]
    return found[-1] if found else None


def interruption_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """Needs that base and head meet, and that are not met for a while in between."""
    schema, contracts, background = change.schema, change.contracts, change.background
    asked = [
        (before, met)
        for table, before, after in pairs(schema, contracts)
        for met in kept_needs(table, before, after, contracts.head, schema.after.fold)
    ]
    if not asked:
        return
    unmet: dict[int, Step] = {}
    over: dict[int, tuple[Step, Step]] = {}
    for script, stage in change.timeline:
        for operation, _, after in stage.moments():
            step = Step(script.revision, operation)
            for at, (before, kept) in enumerate(asked):
                if not _is_met(after, before, kept):
                    unmet.setdefault(at, step)
                elif at in unmet:
                    over.setdefault(at, (unmet.pop(at), step))
    for at, (begin, end) in over.items():
        before, kept = asked[at]
        alone = any(each.operation.autocommit for each in (begin, end))
        visible = change.settings.dialect in _SEES_ALL or alone or begin.revision != end.revision
        dropped = begin.operation
        index = dropped.name or (dropped.index.name if dropped.index is not None else None)
        yield need_broken_occurrence(
            background.contracts[kept.contract.id],
            before.full_name,
            NeedFacts(need_text(kept.need), index or "", visible),
            kept.need.line,
            background,
            operation=dropped,
            revision=begin.revision,
            path=path_of(background, begin.revision),
            event="need_interrupted",
        )


def _is_met(catalog: Catalog, before: Table, kept: KeptNeed) -> bool:
    for key, _, identity in catalog.names():
        if identity == before.identity:
            table = catalog.get(key)
            names = (kept.need.columns, kept.before)
            return table is None or any(need_met(kept.need, table, each, catalog.fold) for each in names)
    return True  # the table is gone for now, which is a finding of its own
