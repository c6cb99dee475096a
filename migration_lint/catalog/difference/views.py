"""Views of base: gone at head, or giving out something else."""

from __future__ import annotations

from migration_lint.catalog.composites import made_of
from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.difference.outcomes import add_column, add_table
from migration_lint.catalog.difference.remade import made_otherwise, remaking
from migration_lint.catalog.expressions import mentions
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Catalog, Key, Table, View, ViewColumn, table_identity
from migration_lint.catalog.outcome import OutcomeKind, TableName

#: Their views know what they read, whatever that is called by now.
_FOLLOWING = frozenset(("postgresql", "sqlite"))
#: After these there is nothing under the old name.
_GOING = frozenset(("table_dropped", "table_renamed", "view_dropped", "view_renamed"))


def judge_views(comparison: Comparison) -> None:
    """A protected view that is gone is as good as a table that is gone."""
    implied: dict[Key, TableName] = {}
    for entry in comparison.entries:
        if entry.effect == "view_dropped" and entry.table and not comparison.was_in_base(entry):
            implied.setdefault(comparison.base.key(*entry.name), entry.name)
    views = {key: TableName(view.schema, view.name) for key, view in comparison.base.views.items()}
    for key, name in {**implied, **views}.items():
        if key in comparison.base.rows or not comparison.is_protected(name):
            continue
        if key in comparison.head.views or key in comparison.head.rows:
            if key in views and not _left_behind(comparison, key, name):
                _judge_outputs(comparison, key, name)
            continue
        if key in implied and key in comparison.base.gone:
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


def _left_behind(comparison: Comparison, key: Key, name: TableName) -> bool:
    """Whether a view stays while a table or view that it reads goes: nothing can be read of it any more."""
    base, head = comparison.base, comparison.head
    before, after = base.views[key], head.views.get(key)
    if after is None or after.made != before.made:
        return False
    alive = {identity for *_, identity in head.names()}
    for read in before.reads:
        source = base.key_of(read)
        identity = base.identity_at(source)
        if identity is None and source not in base.views:
            continue  # it was not there in base, or elsewhere
        follows = identity in alive and base.dialect in _FOLLOWING
        if source in head.rows or source in head.views or follows:
            continue
        steps = [
            entry
            for entry in comparison.entries
            if entry.effect in _GOING and base.key(*entry.name) == source
        ]
        table = Table(table_identity("", *key), name.schema, name.name, {})
        reason = f"{source[1]}, which it reads, is gone"
        add_table(comparison, "table_dropped", table, None, steps, reason=reason)
        return True
    return False


def _judge_outputs(comparison: Comparison, key: Key, name: TableName) -> None:
    """What becomes of the columns of a view of base that answers at head."""
    base, head = comparison.base, comparison.head
    before, after = base.views[key], head.views.get(key)
    steps = [
        entry
        for entry in comparison.entries
        if entry.name == name and entry.effect in ("view_created", "view_dropped", "column_renamed")
    ]
    table, now = base.relation(key), head.relation(key)
    if table is None or now is None:
        if after is None or before.made != after.made or (steps and _reads_anew(comparison, before, "")):
            whole = Table(table_identity("", *key), name.schema, name.name, {})
            reason = "which columns it gives out is not known"
            add_table(comparison, "table_recreated", whole, name, steps, conditional=True, reason=reason)
        return
    texts = {each.identity: each.text for each in (() if after is None else after.outputs or ())}
    by_identity = {column.identity: column for column in now.columns.values()}
    for output in before.outputs or ():
        folded = base.fold(output.name)
        column = table.columns[folded]
        same = by_identity.get(column.identity) or now.columns.get(folded)
        if after is not None and after.made == before.made and _is_lost(comparison, output.source):
            gone = list(comparison.by_column.get(output.source, ()))
            add_column(comparison, "column_dropped", table, now, column, None, gone)
            continue
        if same is None:
            add_column(comparison, "column_dropped", table, now, column, None, steps)
            continue
        if head.fold(same.name) != folded:
            add_column(comparison, "column_renamed", table, now, column, same.name, steps)
        old, new = base.canonical(column.type), head.canonical(same.type)
        known = old is not None and new is not None
        same_text = texts.get(same.identity) == output.text
        if old == new and made_otherwise(comparison, column.type, same.type):
            decisive = remaking(comparison, column.type, same.type)
            old, new = made_of(base, column.type) or old, made_of(head, same.type) or new
            add_column(
                comparison, "column_retyped", table, now, column, same.name, decisive,
                old_type=old, new_type=new,
            )  # fmt: skip
            continue
        changed = not known and (not same_text or (steps and _reads_anew(comparison, before, output.text)))
        if old != new or changed:
            decisive = steps or _retyping(comparison, output)
            add_column(
                comparison, "column_retyped", table, now, column, same.name, decisive,
                old_type=old, new_type=new, conditional=not known,
            )  # fmt: skip


def _is_lost(comparison: Comparison, source: str) -> bool:
    """Whether the column that a view gives out is gone, or has a name that the view does not know."""
    was, now = comparison.base.source_of(source), comparison.head.source_of(source)
    if was is None or source.startswith("view "):
        return False
    return now is None or (now.name != was.name and comparison.base.dialect not in _FOLLOWING)


def _reads_anew(comparison: Comparison, view: View, text: str) -> bool:
    """Whether something that a view reads, and that an expression of it names, is another by now.

    "" names all that it reads. Functions are asked for by their names, as far as revisions make them.
    """
    base, head = comparison.base, comparison.head

    def columns(catalog: Catalog, read: str) -> dict[str, str | None] | None:
        table = catalog.relation(catalog.key_of(read))
        if table is None:
            return None
        return {
            each.name: catalog.canonical(each.type)
            for each in table.columns.values()
            if not text or mentions(text, each.name)
        }

    if any(columns(base, read) != columns(head, read) for read in view.reads):
        return True
    words = text or view.made
    return any(
        mentions(words, name) and base.routines.get(name) != head.routines.get(name)
        for name in {*base.routines, *head.routines}
    )


def _retyping(comparison: Comparison, output: ViewColumn) -> list[Entry]:
    """The steps that give the column which a view gives out another type."""
    entries = comparison.by_column.get(output.source, ())
    return [entry for entry in entries if entry.effect == "column_retyped"]
