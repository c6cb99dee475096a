"""What is there before a revision, after it, and once it is taken back, of all that it touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from migration_lint.catalog.model import Catalog, Key, Table, index_names, is_implied
from migration_lint.catalog.parts import Write
from migration_lint.facts.context import KEYS, constraint_label, label_of

_INDEX = "index "


class Changed:
    """The tables, views and types that some writes to a catalog concern: all others stay what they are."""

    def __init__(self, writes: Iterable[Write]) -> None:
        self._keys: dict[str, set[Key]] = {"rows": set(), "views": set(), "enums": set()}
        for part, key, _ in writes:
            if part in self._keys:
                self._keys[part].add(key)

    def present(self, catalog: Catalog) -> Mapping[str, object]:
        """What of it is in a catalog, as a message calls it (`audit.note`), and what it is known by.

        Constraints are the same by what they are: which name the server gives to one, no script says.
        """
        found: dict[str, object] = {}
        for key in self._there(catalog.rows, "rows"):
            table = catalog.get(key)
            if table is not None:
                found.update(_of_table(table, label_of(catalog, table)))
        names = [
            f"view {label_of(catalog, catalog.views[key])}" for key in self._there(catalog.views, "views")
        ]
        names += (
            f"type {label_of(catalog, catalog.enums[key])}" for key in self._there(catalog.enums, "enums")
        )
        found.update((name, name) for name in names)
        return found

    def _there(self, part: Iterable[Key], name: str) -> list[Key]:
        wanted = self._keys[name]
        return [key for key in part if key in wanted] if wanted else []

    def without_others(self, labels: Sequence[str], catalog: Catalog) -> tuple[str, ...]:
        """The labels but those of indexes whose name a table bears that stays what it is."""
        if not any(label.startswith(_INDEX) for label in labels):
            return tuple(labels)
        names = {
            f"{_INDEX}{name}"
            for key, row in catalog.rows.items()
            if key not in self._keys["rows"]
            for name in index_names(row)
        }
        return tuple(label for label in labels if label not in names)


def _of_table(table: Table, label: str) -> Mapping[str, object]:
    # What no revision made is not a script's to take away.
    names = [] if table.implied else [f"table {label}"]
    names += (f"{label}.{each.name}" for each in table.columns.values() if not is_implied(each.identity))
    names += (f"{_INDEX}{each.name}" for each in table.indexes if each.name)
    found: dict[str, object] = {name: name for name in names}
    for each in table.constraints:
        if each.kind in KEYS:
            found[f"{constraint_label(each)} on {label}"] = (label, each.kind, each.columns)
    return found
