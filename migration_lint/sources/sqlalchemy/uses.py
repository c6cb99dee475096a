"""What one statement does to each table that it concerns, put together from what is seen of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from migration_lint.sources.model import Bound, Kind, TableUse
from migration_lint.sources.sqlalchemy.mapping import ModelColumn, ModelTable

_Pair = tuple[ModelTable, ModelColumn]


@dataclass(slots=True, eq=False)
class Use:
    """One table's use while it is put together; names in the order in which they come."""

    table: ModelTable
    kind: Kind
    columns: dict[str, None] = field(default_factory=dict)
    named: dict[str, None] = field(default_factory=dict)
    updated: dict[str, None] = field(default_factory=dict)
    returning: dict[str, None] = field(default_factory=dict)
    bound: list[Bound] = field(default_factory=list)
    unresolved: dict[str, None] = field(default_factory=dict)
    conflict: tuple[str, ...] | None = None
    conflict_where: str | None = None

    def whole(self) -> bool:
        """Whether it concerns every column that the model has."""
        return set(self.table.columns) <= set(self.columns)

    def finished(self) -> TableUse:
        return TableUse(
            self.table.written, self.kind, tuple(self.columns),
            conflict=self.conflict, conflict_where=self.conflict_where, updated=tuple(self.updated),
            returning=tuple(self.returning),
            named=tuple(each for each in self.named if each not in self.columns or self.kind != "select"),
            bound=tuple(dict.fromkeys(self.bound)),
            unresolved="; ".join(dict.fromkeys((*self.unresolved, *self.table.unresolved))),
        )  # fmt: skip


class Uses:
    """The uses of one statement, by table and by what is done."""

    def __init__(self) -> None:
        self._uses: dict[tuple[int, Kind], Use] = {}

    def of(self, table: ModelTable, kind: Kind) -> Use:
        key = (id(table), kind)
        if key not in self._uses:
            self._uses[key] = Use(table, kind)
        return self._uses[key]

    def reading(self, pair: _Pair) -> None:
        """A column that comes back."""
        self.of(pair[0], "select").columns[pair[1].name] = None

    def naming(self, pair: _Pair) -> None:
        """A column of a condition, a join or an order; that of a table that is not written is read."""
        written = next((each for each in self if each.table is pair[0] and each.kind != "select"), None)
        use = written or self.of(pair[0], "select")
        use.named[pair[1].name] = None

    def __iter__(self) -> Iterator[Use]:
        return iter(self._uses.values())

    def tables(self) -> list[ModelTable]:
        return list(dict.fromkeys(each.table for each in self._uses.values()))

    def finished(self) -> tuple[TableUse, ...]:
        return tuple(each.finished() for each in self._uses.values())
