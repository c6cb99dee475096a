"""What a change adds up to for the tables that were there before it: outcomes, shifts and notes.

Base and head are compared thing by thing, by identity and, where that is of no help (a history that was
squashed, a table rebuilt and its rows copied over), by name. The journal says which line did it, and what
only may have been done. Where the catalogs differ and no line of the journal is to blame, an old script
was edited or taken away, and the outcome names that script.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from migration_lint.catalog.journal import Entry, Journal
from migration_lint.catalog.model import (
    Catalog,
    CatalogColumn,
    Key,
    Table,
    canonical_expression,
    is_implied,
    revision_of,
    table_identity,
)
from migration_lint.catalog.outcome import Outcome, OutcomeKind, Step, TableName
from migration_lint.catalog.replay import replay
from migration_lint.operations import ANY_TABLE, HOLE, Constraint, Index, Operation

ShiftKind = Literal["nullable", "default", "values", "index_dropped", "constraint_dropped"]
NoteKind = Literal["added_and_dropped", "renamed_and_back", "retyped_and_back", "rebuilt"]


class Rewritten(NamedTuple):
    """A revision of base whose script head has otherwise, or no longer has."""

    revision: str
    path: str  # head's; base's where head has none
    base: tuple[Operation, ...]
    head: tuple[Operation, ...] | None  # None: the script is gone


class Shift(NamedTuple):
    """A difference that breaks only who relies on it: contracts have rules of their own for these."""

    kind: ShiftKind
    table: TableName  # as base calls it
    new_table: TableName  # as head calls it
    column: str | None = None  # as base calls it
    new_column: str | None = None
    old: str | None = None  # nullable: "null" / "not null"; default: SQL text; values: the value lost
    new: str | None = None  # None: not known, or there is none
    lost: Index | Constraint | None = None  # index_dropped, constraint_dropped
    step: Step | None = None


class Note(NamedTuple):
    """Steps of the change that come to nothing."""

    kind: NoteKind
    table: TableName  # as base calls it; of a table that base has not: its first name
    column: str | None = None
    steps: tuple[Step, ...] = ()


class Difference(NamedTuple):
    outcomes: tuple[Outcome, ...]
    shifts: tuple[Shift, ...]
    notes: tuple[Note, ...]


class RevisionDifference(NamedTuple):
    """What one revision does to the tables that were there before it."""

    revision: str
    base: Catalog
    head: Catalog
    difference: Difference


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
    comparison = _Comparison(base, head, journal, is_protected, tuple(named), rewritten, frozenset())
    return comparison.run(list(base.rows))


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
        comparison = _Comparison(before, after, journal, is_protected, known, (), protected)
        touched = {entry.table for entry in journal.entries}
        if any(entry.effect == "opaque" for entry in journal.entries):
            touched.update(alive)
        found = comparison.run([key for identity, key in alive.items() if identity in touched])
        if any(found):
            yield RevisionDifference(revision, before, after, found)
        for identity, all_names in names_by_identity(journal.entries).items():
            if identity in protected:
                alive.pop(identity, None)
                for key in (after.key(*name) for name in all_names):
                    if after.identity_at(key) == identity:
                        alive[identity] = key


_LIFE = frozenset(("table_created", "table_implied", "table_renamed", "table_dropped"))


def names_by_identity(entries: Iterable[Entry]) -> dict[str, tuple[TableName, ...]]:
    """All names that each table of a journal has had, in the order in which it had them."""
    names: dict[str, dict[TableName, None]] = defaultdict(dict)
    for entry in entries:
        if entry.table and entry.effect in _LIFE:
            names[entry.table][entry.name] = None
            if entry.new_name is not None:
                names[entry.table][entry.new_name] = None
    return {identity: tuple(found) for identity, found in names.items()}


class _Comparison:
    """One comparison of base and head, with the journal by table and column."""

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

    def run(self, keys: list[Key]) -> Difference:
        judged: list[tuple[Table, Table | None]] = []
        for key in keys:
            row = self.base.rows[key]
            identity, name = (
                (row.identity, row.full_name)
                if isinstance(row, Table)
                else (row[0], TableName(row[1], row[2]))
            )
            same = self.head_key(identity, key)
            if self.protects(identity, name, same):
                table = self.base.get(key)
                if table is not None:
                    judged.append((table, None if same is None else self.head.get(same)))
        judged.extend(self.unheard_of())
        for table, now in judged:
            if table is not now or self.by_table.get(table.identity):
                self.judge_table(self.with_implied(table), now)
        self.judge_views()
        self.judge_opaque(judged)
        self.note_passing([table for table, _ in judged])
        return Difference(tuple(self.outcomes), tuple(self.shifts), tuple(self.notes))

    # --- which tables

    def protects(self, identity: str, name: TableName, head_key: Key | None) -> bool:
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

    def unheard_of(self) -> list[tuple[Table, Table | None]]:
        """Protected tables that base's scripts never made, as far as the change speaks of them."""
        found: dict[Key, tuple[TableName, str]] = {}
        known = {self.base.key(*name): name for name in self.named}
        created: set[Key] = set()
        for entry in self.entries:
            key = self.base.key(*entry.name)
            if key in self.base.rows or key in found or key in created:
                continue
            if entry.effect == "table_implied":
                # `DROP TABLE IF EXISTS` of what nobody has heard of takes a contract to mean anything.
                unsure = entry.operation.if_exists or entry.operation.conditional
                expected = key in known or (
                    not unsure and (entry.table in self.protected or self.is_protected(entry.name))
                )
                if expected and not self.was_in_base(entry):
                    found[key] = entry.name, entry.table
            elif entry.effect == "table_created":
                sure = not (entry.operation.if_exists or entry.operation.conditional)
                if sure or key not in known or key in self.base.gone:
                    created.add(key)
                else:
                    found[key] = known[key], table_identity("", *key)
            elif entry.effect == "table_renamed" and entry.new_name is not None:
                created.add(self.base.key(*entry.new_name))
            elif entry.effect in ("schema_dropped", "schema_renamed"):
                for other, name in known.items():
                    if other[0] == key[0] and other not in {
                        *self.base.rows,
                        *self.base.views,
                        *self.base.gone,
                    }:
                        found.setdefault(other, (name, table_identity("", *other)))
        result: list[tuple[Table, Table | None]] = []
        for key, (name, identity) in found.items():
            same = self.head_key(identity, key)
            table = Table(identity, name.schema, name.name, {}, complete=False)
            result.append((table, None if same is None else self.head.get(same)))
        return result

    def was_in_base(self, entry: Entry) -> bool:
        """Whether an edited revision had this operation before it was edited."""
        script = self.rewritten.get(entry.revision)
        return script is not None and _meaning(entry.operation) in map(_meaning, script.base)

    def with_implied(self, table: Table) -> Table:
        """The table with the columns that only the change's operations tell of."""
        columns = table.columns
        identities = {column.identity for column in columns.values()}
        related = [table.identity]
        other = self.head.get(self.base.key(table.schema, table.name))
        if other is not None and other.identity != table.identity and table.implied:
            related.append(other.identity)
        for identity in related:
            for entry in self.by_table.get(identity, ()):
                column = entry.before
                if entry.effect != "column_implied" or not isinstance(column, CatalogColumn):
                    continue
                folded = self.base.fold(column.name)
                if folded in columns or column.identity in identities or self.was_in_base(entry):
                    continue
                columns = {**columns, folded: column}
        return table if columns is table.columns else table._replace(columns=columns)

    # --- a table

    def judge_table(self, table: Table, same: Table | None) -> None:
        key = self.base.key(table.schema, table.name)
        other = self.head.get(key)
        if other is not None and other.identity == table.identity:
            other = None
        entries = self.by_table.get(table.identity, [])
        dropped = [entry for entry in entries if entry.effect == "table_dropped"]
        renamed = [entry for entry in entries if entry.effect == "table_renamed"]
        if same is None and other is None:
            self.lose_table(table, key, dropped)
            return
        if same is None or (other is not None and self.is_copied(table.identity, other.identity)):
            assert other is not None
            self.judge_replacement(table, other, dropped)
            return
        if self.head.key(same.schema, same.name) != key:
            self.rename_table(table, same, renamed, kept=self.is_kept(table, key, same))
        else:
            unsure = [entry for entry in renamed if entry.operation.conditional]
            if unsure:
                self.add_table("table_renamed", table, unsure[-1].new_name, unsure, conditional=True)
            elif renamed:
                self.notes.append(Note(kind="renamed_and_back", table=table.full_name, steps=_steps(renamed)))
        if dropped:
            # It lives, so what dropped it hangs on a condition, or stands in the other arm of one.
            self.add_table("table_dropped", table, None, dropped, conditional=True)
        self.judge_columns(table, same)

    def lose_table(self, table: Table, key: Key, dropped: list[Entry]) -> None:
        schema_steps = [
            entry
            for entry in self.entries
            if entry.effect in ("schema_dropped", "schema_renamed")
            and self.base.key(entry.name.schema, "")[0] == key[0]
        ]
        kept = self.is_kept(table, key)
        if not dropped and table.implied and schema_steps and schema_steps[-1].new_name is not None:
            moved = TableName(schema_steps[-1].new_name.schema, table.name)
            self.add_table("table_moved", table, moved, schema_steps, kept=kept)
        else:
            self.add_table("table_dropped", table, None, dropped or schema_steps, kept=kept)

    def is_kept(self, table: Table, key: Key, same: Table | None = None) -> bool:
        """Whether head has a view in a table's place, with each of its columns that `same` still has."""
        view = self.head.views.get(key)
        if view is None:
            return False
        names = {self.head.fold(name) for name in view.columns}
        if "*" in names:
            for read in view.reads:
                known = self.head.get(self.head.key_of(read))
                names.update(known.columns if known is not None else ())
        return names >= (table.columns.keys() if same is None else table.columns.keys() & same.columns.keys())

    def rename_table(self, table: Table, same: Table, renamed: list[Entry], *, kept: bool) -> None:
        moved = self.base.fold(table.name) == self.base.fold(same.name)
        self.add_table("table_moved" if moved else "table_renamed", table, same.full_name, renamed, kept=kept)

    def judge_replacement(self, table: Table, other: Table, dropped: list[Entry]) -> None:
        """Another table answers to the name: squashed, rebuilt with its rows, or made anew without."""
        gone = [entry for entry in dropped if entry.revision not in self.rewritten]
        if self.is_copied(table.identity, other.identity):
            steps = [*self.by_table.get(table.identity, ()), *self.by_table.get(other.identity, ())]
            self.notes.append(Note(kind="rebuilt", table=table.full_name, steps=_steps(steps)))
        elif gone:
            made = [
                entry
                for entry in self.by_table.get(other.identity, ())
                if entry.effect in ("table_created", "table_renamed")
            ]
            self.add_table("table_recreated", table, other.full_name, gone, after=made)
        self.judge_columns(table, other)

    def is_copied(self, old: str, new: str) -> bool:
        """Whether one statement wrote rows and names both tables: INSERT INTO new SELECT … FROM old."""
        return any(old in entry.others and new in entry.others for entry in self.written)

    def add_table(
        self,
        kind: OutcomeKind,
        table: Table,
        new_table: TableName | None,
        decisive: list[Entry],
        *,
        after: Sequence[Entry] = (),
        kept: bool = False,
        conditional: bool = False,
    ) -> None:
        revision, operation, path = self.blame(decisive, table, None, new_table)
        self.outcomes.append(
            Outcome(
                kind=kind,
                table=table.full_name,
                new_table=new_table,
                steps=_steps([*decisive, *after]),
                revision=revision,
                operation=operation,
                path=path,
                kept=kept,
                conditional=conditional or _hangs(decisive),
            )
        )

    # --- its columns

    def judge_columns(self, table: Table, now: Table) -> None:
        by_identity = {column.identity: column for column in now.columns.values()}
        names: dict[str, str] = {}  # base → head
        for folded, column in table.columns.items():
            same = by_identity.get(column.identity)
            there = now.columns.get(folded)
            entries = self.by_column.get(column.identity, [])
            dropped = [entry for entry in entries if entry.effect == "column_dropped"]
            if same is not None:
                self.judge_name(table, now, column, same, dropped)
                if dropped:
                    self.add_column("column_dropped", table, now, column, None, dropped, conditional=True)
            elif there is None or there.identity in self.others(table, column):
                self.lose_column(table, now, column, dropped)
                continue
            else:
                same = there
                self.judge_recreated(table, now, column, there, dropped)
            names[column.name] = same.name
            self.judge_type(table, now, column, same)
            self.judge_rest(table, now, column, same)
        self.judge_needs(table, now, names)

    def others(self, table: Table, column: CatalogColumn) -> set[str]:
        """Identities of the table's other columns: one of them under this name is another column still."""
        return {other.identity for other in table.columns.values() if other is not column}

    def lose_column(self, table: Table, now: Table, column: CatalogColumn, dropped: list[Entry]) -> None:
        decisive = dropped or self.rebuilding(table, now)
        # Head's table has columns that could not be worked out: it may be one of them.
        unsure = not dropped and not now.complete
        self.add_column("column_dropped", table, now, column, None, decisive, conditional=unsure)

    def rebuilding(self, table: Table, now: Table) -> list[Entry]:
        """The step that made the table that stands in for `table` by now."""
        if table.identity == now.identity:
            return []
        return [entry for entry in self.by_table.get(now.identity, ()) if entry.effect == "table_created"]

    def judge_name(
        self, table: Table, now: Table, column: CatalogColumn, same: CatalogColumn, dropped: list[Entry]
    ) -> None:
        entries = [e for e in self.by_column.get(column.identity, ()) if e.effect == "column_renamed"]
        folded = self.base.fold(column.name)
        if self.base.fold(same.name) != folded:
            beside = now.columns.get(folded)
            kept = beside is not None and (
                beside.generated in ("stored", "virtual") or self.is_filled(now, beside, same)
            )
            self.add_column("column_renamed", table, now, column, same.name, entries, kept=kept)
            return
        unsure = [entry for entry in entries if entry.operation.conditional]
        if unsure:
            self.add_column("column_renamed", table, now, column, unsure[0].new, unsure, conditional=True)
        elif entries and not dropped:
            self.notes.append(
                Note(
                    kind="renamed_and_back",
                    table=table.full_name,
                    column=column.name,
                    steps=_steps(entries),
                )
            )

    def judge_recreated(
        self, table: Table, now: Table, column: CatalogColumn, there: CatalogColumn, dropped: list[Entry]
    ) -> None:
        gone = [entry for entry in dropped if entry.revision not in self.rewritten]
        if not gone or table.identity != now.identity:
            return
        if self.is_filled(now, there, column):
            steps = [*self.by_column.get(there.identity, ()), *gone]
            self.notes.append(
                Note(kind="rebuilt", table=table.full_name, column=column.name, steps=_steps(steps))
            )
            return
        made = self.by_column.get(there.identity, [])
        self.add_column(
            "column_recreated",
            table,
            now,
            column,
            there.name,
            gone,
            after=made,
            old_type=self.base.canonical(column.type),
            new_type=self.head.canonical(there.type),
        )

    def is_filled(self, table: Table, column: CatalogColumn, source: CatalogColumn) -> bool:
        """Whether rows were written that name both columns, while both were there.

        The new column must have stood beside the old one: after `DROP`, nothing is left to copy from.
        """
        added = dropped = None
        for at, entry in enumerate(self.entries):
            if entry.effect == "column_added" and entry.column == column.identity:
                added = at
            elif entry.effect == "column_dropped" and entry.column == source.identity:
                dropped = at
        if added is None:
            return False
        names = {*self.names_of(column), column.name}, {*self.names_of(source), source.name}
        return any(
            entry.effect == "written"
            and table.identity in entry.others
            and (entry.operation.sql is None or all(_names_any(entry.operation.sql, some) for some in names))
            for entry in self.entries[added:dropped]
        )

    def names_of(self, column: CatalogColumn) -> Iterator[str]:
        for entry in self.by_column.get(column.identity, ()):
            if isinstance(entry.before, CatalogColumn):
                yield entry.before.name

    def judge_type(self, table: Table, now: Table, column: CatalogColumn, same: CatalogColumn) -> None:
        entries = [
            entry
            for identity in dict.fromkeys((column.identity, same.identity))
            for entry in self.by_column.get(identity, ())
            if entry.effect == "column_retyped"
        ]
        old, new = self.base.canonical(column.type), self.head.canonical(same.type)
        if old is None:
            if not entries:
                return
            old = self.base.canonical(entries[0].old)
        if old != new or old is None:
            decisive = entries or self.rebuilding(table, now) or self.made_anew(column, same)
            self.add_column(
                "column_retyped", table, now, column, same.name, decisive, old_type=old, new_type=new
            )
            return
        elsewhere = [entry for entry in entries if self.head.canonical(entry.new) != old]
        unsure = [entry for entry in elsewhere if entry.operation.conditional]
        # Done under a condition and undone by the other arm, or under another one: it may be either.
        undone = [entry for entry in entries if entry.operation.conditional]
        if elsewhere and undone:
            between = self.head.canonical((unsure or elsewhere)[-1].new)
            self.add_column(
                "column_retyped",
                table,
                now,
                column,
                same.name,
                unsure or elsewhere,
                old_type=old,
                new_type=between,
                conditional=True,
            )
        elif elsewhere:
            self.notes.append(
                Note(
                    kind="retyped_and_back",
                    table=table.full_name,
                    column=column.name,
                    steps=_steps(entries),
                )
            )

    def made_anew(self, column: CatalogColumn, same: CatalogColumn) -> list[Entry]:
        if column.identity == same.identity:
            return []
        return [entry for entry in self.by_column.get(same.identity, ()) if entry.effect == "column_added"]

    def add_column(
        self,
        kind: OutcomeKind,
        table: Table,
        now: Table,
        column: CatalogColumn,
        new_column: str | None,
        decisive: list[Entry],
        *,
        after: Sequence[Entry] = (),
        old_type: str | None = None,
        new_type: str | None = None,
        kept: bool = False,
        conditional: bool = False,
    ) -> None:
        revision, operation, path = self.blame(decisive, table, column, now.full_name)
        self.outcomes.append(
            Outcome(
                kind=kind,
                table=table.full_name,
                new_table=now.full_name,
                column=column.name,
                new_column=new_column,
                old_type=old_type or (self.base.canonical(column.type) if kind == "column_dropped" else None),
                new_type=new_type,
                steps=_steps([*decisive, *after]),
                revision=revision,
                operation=operation,
                path=path,
                kept=kept,
                conditional=conditional or _hangs(decisive),
            )
        )

    # --- whose doing it is

    def blame(
        self,
        decisive: list[Entry],
        table: Table,
        column: CatalogColumn | None,
        new_table: TableName | None,
    ) -> tuple[str, Operation | None, str]:
        """Revision, operation and path that a finding names."""
        if decisive:
            sure = [entry for entry in decisive if not entry.operation.conditional]
            entry = (sure or decisive)[-1]
            return entry.revision, entry.operation, entry.operation.path
        script = self.blamed_script(table, column)
        if script is None:
            # A squash: the revision that now makes the table made it otherwise.
            for entry in reversed(self.entries):
                if entry.effect == "table_created" and entry.name == (new_table or table.full_name):
                    return entry.revision, entry.operation, entry.operation.path
            return "", None, ""
        names = {self.base.key(*name) for name in (*table.all_names, *([new_table] if new_table else []))}
        speaking = [
            operation
            for operation in script.head or ()
            if operation.table is not None and self.head.key(operation.schema, operation.table) in names
        ]
        return script.revision, speaking[-1] if len(speaking) == 1 else _maker(speaking, column), script.path

    def blamed_script(self, table: Table, column: CatalogColumn | None) -> Rewritten | None:
        """The edited or removed script that most likely made what base has."""
        if not self.rewritten:
            return None
        keys = {self.base.key(*name) for name in table.all_names}
        best: tuple[int, Rewritten] | None = None
        maker = revision_of(table.identity if column is None else column.identity)
        for script in self.rewritten.values():
            # What both sides say made no difference.
            same = frozenset() if script.head is None else frozenset(map(_meaning, script.head))
            weight = 0
            for operation in script.base:
                if operation.table is None or self.base.key(operation.schema, operation.table) not in keys:
                    continue
                weight = max(weight, 1)
                if _meaning(operation) in same and operation.kind != "create_table":
                    continue
                if column is not None and _concerns(operation, column.name):
                    weight = max(weight, 4 if operation.kind not in ("create_table", "add_column") else 3)
                elif column is None and operation.kind in ("create_table", "rename_table", "move_table"):
                    weight = max(weight, 3)
            if script.revision == maker:
                weight = max(weight, 2) + 1 if weight else 2
            if weight and (best is None or weight > best[0]):
                best = weight, script
        if best is not None:
            return best[1]
        # A squash takes everything away: then it is the new baseline's doing, not some old script's.
        if any(
            entry.effect == "table_created" and entry.revision not in self.rewritten for entry in self.entries
        ):
            return None
        return next(iter(self.rewritten.values()))

    # --- views, and what nobody can read

    def judge_views(self) -> None:
        """A protected view that is gone is as good as a table that is gone."""
        implied: dict[Key, TableName] = {}
        for entry in self.entries:
            if entry.effect == "view_dropped" and entry.table and not self.was_in_base(entry):
                implied.setdefault(self.base.key(*entry.name), entry.name)
        views = {key: TableName(view.schema, view.name) for key, view in self.base.views.items()}
        for key, name in {**implied, **views}.items():
            if key in self.base.rows or key in self.head.views or key in self.head.rows:
                continue
            if (key in implied and key in self.base.gone) or not self.is_protected(name):
                continue
            steps = [
                entry
                for entry in self.entries
                if entry.effect in ("view_dropped", "view_renamed") and self.base.key(*entry.name) == key
            ]
            if not steps and not self.rewritten:
                continue
            new_name = steps[-1].new_name if steps else None
            table = Table(table_identity("", *key), name.schema, name.name, {})
            kind: OutcomeKind = "table_dropped"
            if new_name is not None:
                kind = "table_moved" if new_name.name == name.name else "table_renamed"
            self.add_table(kind, table, new_name, steps)

    def judge_opaque(self, judged: list[tuple[Table, Table | None]]) -> None:
        opaque = [entry for entry in self.entries if entry.effect == "opaque"]
        if not opaque:
            return
        candidates: dict[TableName, tuple[TableName | None, set[TableName]]] = {}
        for table, same in judged:
            names = {table.full_name}
            if same is not None:
                names.add(same.full_name)
            for entry in self.by_table.get(table.identity, ()):
                names.add(entry.name)
                if entry.new_name is not None:
                    names.add(entry.new_name)
            now = same or self.head.table(table.schema, table.name)
            candidates[table.full_name] = (None if now is None else now.full_name, names)
        keys = {self.base.key(*name) for name in candidates}
        keys.update(
            self.base.key(*entry.name)
            for entry in self.entries
            if entry.effect == "table_created"
            and not (entry.operation.if_exists or entry.operation.conditional)
        )
        unknown = [
            *(TableName(view.schema, view.name) for view in self.base.views.values()),
            *(TableName(name.schema or self.base.default_schema, name.name) for name in self.named),
        ]
        for name in unknown:
            key = self.base.key(*name)
            if key not in keys and key not in self.base.gone and self.is_protected(name):
                keys.add(key)
                candidates[name] = (name, {name})
        for entry in opaque:
            matches = _matcher(entry.operation, self.base)
            for name, (now_name, names) in candidates.items():
                if any(map(matches, names)):
                    self.outcomes.append(
                        Outcome(
                            kind="opaque",
                            table=name,
                            new_table=now_name,
                            steps=(entry.step,),
                            revision=entry.revision,
                            operation=entry.operation,
                            path=entry.operation.path,
                            conditional=entry.operation.conditional,
                        )
                    )

    # --- what breaks only who relies on it

    def judge_rest(self, table: Table, now: Table, column: CatalogColumn, same: CatalogColumn) -> None:
        identities = dict.fromkeys((column.identity, same.identity))
        entries = [entry for identity in identities for entry in self.by_column.get(identity, ())]

        def shift(kind: ShiftKind, old: str | None, new: str | None, effects: tuple[str, ...]) -> None:
            steps = [entry.step for entry in entries if entry.effect in effects]
            self.shifts.append(
                Shift(
                    kind=kind,
                    table=table.full_name,
                    new_table=now.full_name,
                    column=column.name,
                    new_column=same.name,
                    old=old,
                    new=new,
                    step=steps[-1] if steps else self.step_for(table, now, column),
                )
            )

        changed = {entry.effect for entry in entries}
        if same.nullable not in (None, column.nullable) and (
            column.nullable is not None or "column_nullable" in changed
        ):
            effects = ("column_nullable", "column_added")
            shift("nullable", _null(column.nullable), _null(same.nullable), effects)
        old, new = _default(column), _default(same)
        if canonical_expression(old) != canonical_expression(new) and (
            not is_implied(column.identity) or "column_default" in changed
        ):
            shift("default", old, new, ("column_default", "column_added"))
        for value in self.lost_values(column, same):
            shift("values", value, None, ())

    def step_for(self, table: Table, now: Table, column: CatalogColumn) -> Step | None:
        revision, operation, _ = self.blame(self.rebuilding(table, now), table, column, now.full_name)
        return None if operation is None else Step(revision, operation)

    def lost_values(self, column: CatalogColumn, same: CatalogColumn) -> Iterator[str]:
        """Values of an enum that head's type of the same name has no more."""
        one = self.base.canonical(column.type)
        if one is None or not self.base.enums or one != self.head.canonical(same.type):
            return
        key = self.base.key_of(one.removesuffix("[]").replace('"', ""))
        before, after = self.base.enums.get(key), self.head.enums.get(key)
        if before is not None and after is not None and after.values:
            yield from (value for value in before.values if value not in after.values)

    def judge_needs(self, table: Table, now: Table, names: Mapping[str, str]) -> None:
        if table.constraints == now.constraints and table.indexes == now.indexes:
            return
        left = {_index_key(index, {}) for index in now.indexes}
        left |= {_constraint_key(constraint, {}) for constraint in now.constraints}
        keys: list[tuple[ShiftKind, Index | Constraint, tuple[object, ...]]] = [
            *(("index_dropped", index, _index_key(index, names)) for index in table.indexes),
            *(("constraint_dropped", item, _constraint_key(item, names)) for item in table.constraints),
        ]
        for kind, lost, key in keys:
            if key not in left:
                self.shifts.append(
                    Shift(
                        kind=kind,
                        table=table.full_name,
                        new_table=now.full_name,
                        lost=lost,
                        step=self.step_losing(table, lost),
                    )
                )

    def step_losing(self, table: Table, lost: Index | Constraint) -> Step | None:
        for entry in reversed(self.by_table.get(table.identity, ())):
            before = entry.before
            if (
                entry.effect in ("index_dropped", "constraint_dropped")
                and isinstance(before, (Index, Constraint))
                and (before == lost or (lost.name is not None and before.name == lost.name))
            ):
                return entry.step
        return None

    # --- what comes to nothing

    def note_passing(self, judged: list[Table]) -> None:
        """Columns and tables that the change adds and drops again."""
        tables = {table.identity: table for table in judged}
        for entries in self.by_column.values():
            first, last = entries[0], entries[-1]
            table = tables.get(first.table)
            if table is not None and first.effect == "column_added" and last.effect == "column_dropped":
                if any(entry.operation.conditional for entry in entries):
                    continue
                self.notes.append(
                    Note(
                        kind="added_and_dropped",
                        table=table.full_name,
                        column=first.old,
                        steps=_steps(entries),
                    )
                )
        for identity, entries in self.by_table.items():
            lives = [entry for entry in entries if entry.effect in _LIFE]
            if (
                identity not in tables
                and lives
                and (lives[0].effect, lives[-1].effect) == ("table_created", "table_dropped")
                and any(self.is_protected(entry.name) for entry in lives)
            ):
                self.notes.append(Note(kind="added_and_dropped", table=lives[0].name, steps=_steps(lives)))


def _steps(entries: Iterable[Entry]) -> tuple[Step, ...]:
    seen: set[int] = set()
    steps: list[Step] = []
    for entry in entries:
        if id(entry.operation) not in seen:
            seen.add(id(entry.operation))
            steps.append(entry.step)
    return tuple(steps)


def _hangs(entries: list[Entry]) -> bool:
    return bool(entries) and all(entry.operation.conditional for entry in entries)


def _meaning(operation: Operation) -> tuple[object, ...]:
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


def _concerns(operation: Operation, column: str) -> bool:
    return column in (operation.column, operation.new_name) or any(
        made.name == column for made in operation.columns
    )


def _maker(operations: list[Operation], column: CatalogColumn | None) -> Operation | None:
    """Of the operations that an edited script has on a table now, the one to point at."""
    for operation in reversed(operations):
        if column is not None and _concerns(operation, column.name):
            return operation
    return next((operation for operation in operations if operation.kind == "create_table"), None) or (
        operations[0] if operations else None
    )


def _names_any(sql: str, names: Iterable[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sql, re.I) for name in names)


def _null(nullable: bool | None) -> str | None:
    return None if nullable is None else "null" if nullable else "not null"


def _default(column: CatalogColumn) -> str | None:
    if column.default is None and column.generated in ("serial", "identity"):
        return f"({column.generated})"
    return column.default


def _index_key(index: Index, names: Mapping[str, str]) -> tuple[object, ...]:
    where = canonical_expression(_renamed(index.where, names))
    if index.expressions:
        columns = tuple(canonical_expression(_renamed(text, names)) for text in index.columns)
        return "expressions", index.unique, columns, where
    columns = tuple(names.get(name, name) for name in index.columns)
    if index.unique:
        return "unique", frozenset(columns), where
    return "index", columns, where, index.using


def _constraint_key(constraint: Constraint, names: Mapping[str, str]) -> tuple[object, ...]:
    columns = tuple(names.get(name, name) for name in constraint.columns)
    if constraint.kind == "unique":
        return "unique", frozenset(columns), None
    return (
        constraint.kind,
        columns,
        constraint.referred_columns,  # the table itself may have been renamed
        canonical_expression(_renamed(constraint.expression, names)),
    )


def _renamed(text: str | None, names: Mapping[str, str]) -> str | None:
    if text is None or all(old == new for old, new in names.items()):
        return text
    return re.sub(r"\w+", lambda match: names.get(match[0], match[0]), text)


def _matcher(operation: Operation, catalog: Catalog) -> Callable[[TableName], bool]:
    """Whether an opaque operation may touch the table of a name."""
    patterns = operation.tables
    if not patterns and operation.table is not None:
        patterns = (f"{operation.schema}.{operation.table}" if operation.schema else operation.table,)
    if not patterns or ANY_TABLE in patterns:
        return lambda name: True
    exact = {catalog.key_of(pattern) for pattern in patterns if HOLE not in pattern}
    vague = [
        re.compile(".*".join(map(re.escape, catalog.fold(pattern).split(HOLE))), re.DOTALL)
        for pattern in patterns
        if HOLE in pattern
    ]

    def matches(name: TableName) -> bool:
        key = catalog.key(*name)
        if key in exact:
            return True
        spellings = [f"{key[0]}.{key[1]}"]
        if key[0] == catalog.key(None, "")[0]:
            spellings.append(key[1])
        return any(pattern.fullmatch(spelling) for pattern in vague for spelling in spellings)

    return matches
