"""How large tables are, as far as anybody has said or measured it, and how long statements take on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migration_lint.effects.duration import Estimate, estimate, rates, whole
from migration_lint.effects.model import Effect
from migration_lint.settings import Settings
from migration_lint.settings.globs import names_table
from migration_lint.sizes.model import UNKNOWN, Sizes, TableSize

#: A table's schema and name, and those that it had before.
Names = Sequence[tuple[str, str]]


class Scale:
    """The tables of one database. A table is known by its names, of which one is enough."""

    def __init__(self, settings: Settings, sizes: Sizes = UNKNOWN) -> None:
        self._patterns = settings.small_tables
        self._schema = settings.default_schema
        self._fold = settings.identifiers.fold_table
        self._durations = settings.durations
        self._rates = rates(settings.durations, settings.dialect)
        self._sizes = sizes

    def is_called_small(self, names: Names) -> bool:
        """Whether the configuration says so."""
        return any(names_table(self._patterns, *name, self._schema, self._fold) for name in names)

    def is_small(self, names: Names) -> bool:
        """Whether nothing takes long on it: the configuration says so, or its size does."""
        size = self._size(names)
        return self.is_called_small(names) or (
            size is not None and whole(size, self._rates) <= self._durations.short
        )

    def estimate(self, effect: Effect, tables: Sequence[Names]) -> Estimate | None:
        """How long a statement goes through these tables; None where one of them is not measured."""
        sizes = [self._size(names) for names in tables]
        known = [size for size in sizes if size is not None]
        return estimate(effect, known, self._rates) if known and len(known) == len(sizes) else None

    def is_long(self, found: Estimate | None) -> bool:
        """Whether that is longer than anybody should wait."""
        return found is not None and found.seconds > self._durations.long

    def writes(self, tables: Iterable[Names]) -> float:
        """How many rows of these tables are written in a second, as far as that is known."""
        sizes = [self._size(names) for names in tables]
        return sum(size.writes or 0.0 for size in sizes if size is not None)

    def _size(self, names: Names) -> TableSize | None:
        return self._sizes.of((self._fold(schema), self._fold(name)) for schema, name in names)


#: Nobody has said anything.
NO_SCALE = Scale(Settings())
