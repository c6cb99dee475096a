"""Views of base that head has no more."""

from __future__ import annotations

from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.difference.outcomes import add_table
from migration_lint.catalog.model import Key, Table, table_identity
from migration_lint.catalog.outcome import OutcomeKind, TableName


def judge_views(comparison: Comparison) -> None:
    """A protected view that is gone is as good as a table that is gone."""
    implied: dict[Key, TableName] = {}
    for entry in comparison.entries:
        if entry.effect == "view_dropped" and entry.table and not comparison.was_in_base(entry):
            implied.setdefault(comparison.base.key(*entry.name), entry.name)
    views = {key: TableName(view.schema, view.name) for key, view in comparison.base.views.items()}
    for key, name in {**implied, **views}.items():
        if key in comparison.base.rows or key in comparison.head.views or key in comparison.head.rows:
            continue
        if (key in implied and key in comparison.base.gone) or not comparison.is_protected(name):
            continue
        steps = [
            entry
            for entry in comparison.entries
            if entry.effect in ("view_dropped", "view_renamed") and comparison.base.key(*entry.name) == key
        ]
        if not steps and not comparison.rewritten:
            continue
        new_name = steps[-1].new_name if steps else None
        table = Table(table_identity("", *key), name.schema, name.name, {})
        kind: OutcomeKind = "table_dropped"
        if new_name is not None:
            kind = "table_moved" if new_name.name == name.name else "table_renamed"
        add_table(comparison, kind, table, new_name, steps)
