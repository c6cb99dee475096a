"""How many rows and bytes tables have, and how often they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migration_lint.named_tuple import NamedTuple


class TableSize(NamedTuple):
    """One table, with its partitions if it has some."""

    rows: int  # about as many as the server believes
    bytes: int  # without its indexes
    indexes: int = 0
    writes: float | None = None  # rows written a second; None: the server does not count them


class Sizes:
    """The tables of one database that somebody has measured, by their folded schemas and names."""

    def __init__(self, tables: Mapping[tuple[str, str], TableSize]) -> None:
        self._tables = tables

    def of(self, names: Iterable[tuple[str, str]]) -> TableSize | None:
        """The table that bears, or bore, one of these names; None where nobody has measured it."""
        return next((self._tables[name] for name in names if name in self._tables), None)


UNKNOWN = Sizes({})
