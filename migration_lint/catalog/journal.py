"""What a replay did, step by step, so that a difference between two catalogs can be traced to a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from migration_lint.catalog.model import CatalogColumn, Key, Table
from migration_lint.catalog.outcome import Step, TableName
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint, Index, Operation

Effect = Literal[
    "table_implied",  # an operation speaks of a table that nothing created
    "table_created",
    "table_dropped",
    "table_renamed",  # or moved
    "column_implied",  # an operation speaks of a column that nothing added
    "column_added",
    "column_dropped",
    "column_renamed",
    "column_retyped",
    "column_nullable",
    "column_default",
    "column_generated",
    "index_added",  # a unique one
    "index_dropped",
    "constraint_added",
    "constraint_dropped",
    "enum_value_renamed",
    "domain_changed",
    "type_changed",  # a composite: made, altered or dropped
    "sequence_changed",  # made, altered or dropped
    "routine_changed",  # `old` is its folded name
    "trigger_changed",
    "partition_changed",  # of the table: one is attached, or detached
    "view_created",
    "view_dropped",  # `table` names an implied identity where nothing created the view
    "view_renamed",
    "schema_dropped",
    "schema_renamed",
    "rows_taken",  # all of them, or those of a partition
    "rows_perhaps_taken",  # as many as another table, or the condition of a view, says
    "some_rows_taken",  # those that a condition says
    "access_changed",  # a privilege, a policy, the owner
    "written",  # rows were written: `others` are the tables that the statement names
    "filled",  # a function that was called may have put rows into `others`
    "opaque",
]

#: What makes, renames or ends a table.
LIFE: frozenset[Effect] = frozenset(("table_created", "table_implied", "table_renamed", "table_dropped"))


class Entry(NamedTuple):
    """One effect of one operation. Identities, because names change."""

    revision: str
    operation: Operation
    effect: Effect
    table: str = ""  # identity
    name: TableName = TableName("", "")  # of the table or view, before the step
    new_name: TableName | None = None  # table_renamed, view_renamed
    column: str | None = None  # identity
    old: str | None = None  # the column's name, except for column_retyped: its type before
    new: str | None = None  # column_renamed: the new name; column_retyped: the new type
    others: tuple[str, ...] = ()  # written: the identities of all tables named
    before: CatalogColumn | Index | Constraint | None = (
        None  # the column, index or constraint before the step
    )

    @property
    def step(self) -> Step:
        return Step(self.revision, self.operation)


class Journal:
    """The entries of the revisions that a change brings, in the order of their replay.

    A *ghost* is what a conditional step took away under its old name: where the condition did not hold
    the name still answers, so a later step may mean it.
    """

    __slots__ = ("entries", "foreign_keys", "ghost_columns", "ghost_tables")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.foreign_keys = False  # SQLite: the connection enforces them (PRAGMA foreign_keys)
        self.ghost_tables: dict[Key, Table] = {}
        self.ghost_columns: dict[tuple[str, str], CatalogColumn] = {}  # by table identity and folded name


def names_by_identity(entries: Iterable[Entry]) -> dict[str, tuple[TableName, ...]]:
    """All names that each table of a journal has had, in the order in which it had them."""
    names: dict[str, dict[TableName, None]] = defaultdict(dict)
    for entry in entries:
        if entry.table and entry.effect in LIFE:
            names[entry.table][entry.name] = None
            if entry.new_name is not None:
                names[entry.table][entry.new_name] = None
    return {identity: tuple(found) for identity, found in names.items()}
