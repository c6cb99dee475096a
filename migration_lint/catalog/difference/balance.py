"""All that a change adds up to, table by table, then views, then what nobody can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from migration_lint.catalog.difference.comparison import Comparison, Rewritten
from migration_lint.catalog.difference.implied import unheard_of, with_implied
from migration_lint.catalog.difference.opaque import judge_opaque
from migration_lint.catalog.difference.passing import note_passing
from migration_lint.catalog.difference.remade import any_made_otherwise
from migration_lint.catalog.difference.result import Difference
from migration_lint.catalog.difference.tables import judge_table
from migration_lint.catalog.difference.views import judge_views
from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog, Key, Table
from migration_lint.catalog.outcome import TableName


def difference(
    base: Catalog,
    head: Catalog,
    journal: Journal,
    is_protected: Callable[[TableName], bool],
    *,
    named: Iterable[TableName] = (),
    rewritten: Sequence[Rewritten] = (),
) -> Difference:
    """What head's scripts do, on balance, to the protected tables of base.

    `journal` holds the replay of the revisions that are new or edited in head, and of no others.
    `is_protected` is asked for a table's name in base, and for its name in head where base had no such
    table. `named` are the tables that contracts of base name: they may have been made where no script
    tells. Outcomes come in the order of base's tables and columns, those of opaque operations last.
    """
    comparison = Comparison(base, head, journal, is_protected, tuple(named), rewritten, frozenset())
    return balance(comparison, list(base.rows))


def balance(comparison: Comparison, keys: list[Key]) -> Difference:
    """What becomes of the tables at `keys` of base, of the views, and of what only the change tells of."""
    judged: list[tuple[Table, Table | None]] = []
    for key in keys:
        row = comparison.base.rows[key]
        identity, name = (
            (row.identity, row.full_name) if isinstance(row, Table) else (row[0], TableName(row[1], row[2]))
        )
        same = comparison.head_key(identity, key)
        if comparison.protects(identity, name, same):
            table = comparison.base.get(key)
            if table is not None:
                judged.append((table, None if same is None else comparison.head.get(same)))
    judged.extend(unheard_of(comparison))
    # A column whose type lost a value is itself what it was.
    values = comparison.base.enums != comparison.head.enums
    for table, now in judged:
        touched = table is not now or values or comparison.by_table.get(table.identity)
        if touched or any_made_otherwise(comparison, table):
            judge_table(comparison, with_implied(comparison, table), now)
    judge_views(comparison)
    judge_opaque(comparison, judged)
    note_passing(comparison, [table for table, _ in judged])
    return Difference(tuple(comparison.outcomes), tuple(comparison.shifts), tuple(comparison.notes))
