"""Every revision of a history judged as if it were the change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from migration_lint.catalog.difference.balance import balance
from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.difference.result import RevisionDifference
from migration_lint.catalog.journal import Journal, names_by_identity
from migration_lint.catalog.model import Catalog, Key
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay import replay
from migration_lint.operations import Operation


def difference_by_revision(
    empty: Catalog,
    revisions: Iterable[tuple[str, Sequence[Operation]]],
    is_protected: Callable[[TableName], bool],
    *,
    named: Iterable[TableName] = (),
) -> Iterator[RevisionDifference]:
    """Every revision judged as if it were new, in the order given; those that do nothing are left out.

    A table is protected throughout if any name that it ever has is.
    """
    known = tuple(named)
    stages: list[tuple[str, Catalog, Catalog, Journal]] = []
    catalog = empty
    for revision, operations in revisions:
        before, catalog, journal = catalog, catalog.copy(), Journal()
        replay(catalog, revision, operations, journal)
        stages.append((revision, before, catalog, journal))
    names = names_by_identity(entry for *_, journal in stages for entry in journal.entries)
    protected = frozenset(
        identity for identity, all_names in names.items() if any(map(is_protected, all_names))
    )
    alive: dict[str, Key] = {}
    for revision, before, after, journal in stages:
        comparison = Comparison(before, after, journal, is_protected, known, (), protected)
        touched = {entry.table for entry in journal.entries}
        if any(entry.effect == "opaque" for entry in journal.entries):
            touched.update(alive)
        found = balance(comparison, [key for identity, key in alive.items() if identity in touched])
        if any(found):
            yield RevisionDifference(revision, before, after, found)
        for identity, all_names in names_by_identity(journal.entries).items():
            if identity in protected:
                alive.pop(identity, None)
                for key in (after.key(*name) for name in all_names):
                    if after.identity_at(key) == identity:
                        alive[identity] = key
