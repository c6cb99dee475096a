"""One comparison of base and head: the catalogs, the journal by table and column, and what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from migration_lint.catalog.difference.result import Note, Shift
from migration_lint.catalog.journal import Entry, Journal
from migration_lint.catalog.model import Catalog, Key, Table
from migration_lint.catalog.outcome import Outcome, Step, TableName
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation


class Rewritten(NamedTuple):
    """A revision of base whose script head has otherwise, or no longer has."""

    revision: str
    path: str  # head's; base's where head has none
    base: tuple[Operation, ...]
    head: tuple[Operation, ...] | None  # None: the script is gone


class Comparison:
    """What is compared, and the lists that fill up on the way."""

    def __init__(
        self,
        base: Catalog,
        head: Catalog,
        journal: Journal,
        is_protected: Callable[[TableName], bool],
        named: tuple[TableName, ...],
        rewritten: Sequence[Rewritten],
        protected: frozenset[str],
    ) -> None:
        self.base = base
        self.head = head
        self.is_protected = is_protected
        self.named = named
        self.rewritten = {script.revision: script for script in rewritten}
        self.protected = protected  # identities, beside what `is_protected` says of names
        self.entries = journal.entries
        self.by_table: dict[str, list[Entry]] = defaultdict(list)
        self.by_column: dict[str, list[Entry]] = defaultdict(list)
        self.written: list[Entry] = []
        for entry in journal.entries:
            if entry.effect == "written":
                self.written.append(entry)
            elif entry.column is not None:
                self.by_column[entry.column].append(entry)
            if entry.table:
                self.by_table[entry.table].append(entry)
        self._head_keys: dict[str, Key] | None = None
        self.outcomes: list[Outcome] = []
        self.shifts: list[Shift] = []
        self.notes: list[Note] = []

    def protects(self, identity: str, name: TableName, head_key: Key | None) -> bool:
        """Whether a table of base counts; `head_key` is where head has it."""
        if identity in self.protected or self.is_protected(name):
            return True
        if head_key is None or head_key in self.base.rows:
            return False
        row = self.head.rows[head_key]
        return self.is_protected(row.full_name if isinstance(row, Table) else TableName(row[1], row[2]))

    def head_key(self, identity: str, key: Key) -> Key | None:
        """Where head has the table of an identity; `key` is the likely place."""
        if self.head.identity_at(key) == identity:
            return key
        if self._head_keys is None:
            self._head_keys = {found: at for at, _, found in self.head.names()}
        return self._head_keys.get(identity)

    def was_in_base(self, entry: Entry) -> bool:
        """Whether an edited revision had this operation before it was edited."""
        script = self.rewritten.get(entry.revision)
        return script is not None and meaning(entry.operation) in map(meaning, script.base)


def steps_of(entries: Iterable[Entry]) -> tuple[Step, ...]:
    """One step for each operation, however many effects it had."""
    seen: set[int] = set()
    steps: list[Step] = []
    for entry in entries:
        if id(entry.operation) not in seen:
            seen.add(id(entry.operation))
            steps.append(entry.step)
    return tuple(steps)


def meaning(operation: Operation) -> tuple[object, ...]:
    """What an operation does, apart from where it stands."""
    return (
        operation.kind,
        operation.schema,
        operation.table,
        operation.column,
        operation.name,
        operation.new_name,
        operation.type,
        operation.columns,
        operation.constraints,
        operation.index,
    )
