"""Every revision of a history judged as if it were the change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from migration_lint.catalog.difference.balance import balance
from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.difference.result import Difference
from migration_lint.catalog.journal import names_by_identity
from migration_lint.catalog.model import Catalog, Key
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.recording import Recording, stages


def difference_by_revision(
    start: Catalog,
    recordings: Sequence[Recording],
    is_protected: Callable[[TableName], bool],
    *,
    named: Iterable[TableName] = (),
) -> Iterator[Difference]:
    """What each revision does, judged as if it alone were new, in the order given.

    `recordings` are of the history from its beginning, which finds `start`, each with a journal of its own. A
    table is protected throughout if any name that it ever has is.
    """
    known = tuple(named)
    names = names_by_identity(entry for each in recordings for entry in each.journal.entries)
    protected = frozenset(
        identity for identity, all_names in names.items() if any(map(is_protected, all_names))
    )
    alive: dict[str, Key] = {}
    for (_, _, journal), before, after in stages(start, recordings):
        comparison = Comparison(before, after, journal, is_protected, known, (), protected)
        touched = {entry.table for entry in journal.entries}
        if any(entry.effect == "opaque" for entry in journal.entries):
            touched.update(alive)
        yield balance(comparison, [key for identity, key in alive.items() if identity in touched])
        for identity, all_names in names_by_identity(journal.entries).items():
            if identity in protected:
                alive.pop(identity, None)
                for key in (after.key(*name) for name in all_names):
                    if after.identity_at(key) == identity:
                        alive[identity] = key
