"""Operations that nobody can read, and the tables that they may touch."""

from __future__ import annotations

from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.model import Table
from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.catalog.reach import may_touch


def judge_opaque(comparison: Comparison, judged: list[tuple[Table, Table | None]]) -> None:
    """An outcome for each opaque operation and each table that it may touch."""
    opaque = [entry for entry in comparison.entries if entry.effect == "opaque"]
    if not opaque:
        return
    candidates: dict[TableName, tuple[TableName | None, set[TableName]]] = {}
    for table, same in judged:
        names = {table.full_name}
        if same is not None:
            names.add(same.full_name)
        for entry in comparison.by_table.get(table.identity, ()):
            names.add(entry.name)
            if entry.new_name is not None:
                names.add(entry.new_name)
        now = same or comparison.head.table(table.schema, table.name)
        candidates[table.full_name] = (None if now is None else now.full_name, names)
    keys = {comparison.base.key(*name) for name in candidates}
    keys.update(
        comparison.base.key(*entry.name)
        for entry in comparison.entries
        if entry.effect == "table_created" and not (entry.operation.if_exists or entry.operation.conditional)
    )
    unknown = [
        *(TableName(view.schema, view.name) for view in comparison.base.views.values()),
        *(TableName(name.schema or comparison.base.default_schema, name.name) for name in comparison.named),
    ]
    for name in unknown:
        key = comparison.base.key(*name)
        if key not in keys and key not in comparison.base.gone and comparison.is_protected(name):
            keys.add(key)
            candidates[name] = (name, {name})
    for entry in opaque:
        matches = may_touch(entry.operation, comparison.base)
        for name, (now_name, names) in candidates.items():
            if any(map(matches, names)):
                comparison.outcomes.append(
                    Outcome(
                        kind="opaque",
                        table=name,
                        new_table=now_name,
                        steps=(entry.step,),
                        revision=entry.revision,
                        operation=entry.operation,
                        path=entry.operation.path,
                        conditional=entry.operation.conditional,
                    )
                )
