"""The operations of a change one after the other, as the occurrences that rules hang on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from migration_lint.catalog.attached import partition_key
from migration_lint.catalog.emptying import emptied, is_every_row
from migration_lint.catalog.expressions import mentions
from migration_lint.catalog.model import Catalog, CatalogColumn, Key, Table, revision_of
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.recording import Stage
from migration_lint.check.database_change import DatabaseChange
from migration_lint.check.timeline import Timeline
from migration_lint.effects.statements import Setting, effects
from migration_lint.effects.words import blocks
from migration_lint.facts.build import (
    operation_column,
    operation_facts,
    operation_occurrence,
    operation_table,
)
from migration_lint.facts.context import (
    counterpart,
    dependents,
    duplicates,
    generated_by,
    is_kept,
    is_unindexed,
    key_lost,
    made_again,
    may_write,
    primary_key,
)
from migration_lint.facts.effect import Course
from migration_lint.facts.model import (
    EVENTS,
    PARTS,
    ColumnFacts,
    ColumnOperation,
    Direction,
    Occurrence,
    OperationFacts,
    TableFacts,
)
from migration_lint.facts.names import given_names, reserved, too_long
from migration_lint.facts.stopping import stops
from migration_lint.history import Script
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import (
    KINDS,
    NUMBERED,
    STATEMENTS,
    WRITING,
    Kind,
    Operation,
    altered,
    kinds_of,
)

#: All events that `operation_events` can give.
OPERATION_EVENTS = (*KINDS, *PARTS)

#: Sets the driver's autocommit, whatever is called so: Alembic's own transaction is over then.
_BY_HAND = lazy_pattern(rb"\.autocommit\s*=\s*True\b")

_MAKING_COLUMNS = kinds_of("table", "column", to=("made",))


def operation_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """What the scripts do, one operation after the other."""
    if not any(map(change.wanted, OPERATION_EVENTS)):
        return
    start = Start(change.before, frozenset(script.revision for script in change.timeline.scripts))
    ways: tuple[tuple[Direction, Timeline], ...] = (("upgrade", change.timeline), ("downgrade", change.back))
    for direction, way in ways:
        if direction in change.settings.directions:
            yield from _walk(change, way, start, direction)


def _walk(change: DatabaseChange, way: Timeline, start: Start, direction: Direction) -> Iterator[Occurrence]:
    course = _course(change, start)
    every = [operation for script in way.scripts for operation in way.read(script)]
    done = 0
    for script, stage in way:
        by_hand = _BY_HAND.search(script.data()) is not None
        course.begin_revision(script.path, by_hand=by_hand)
        place = Revision(script, way.read(script), stage, start, change, direction, course)
        for operation, now, _ in stage.moments():
            done += operation.via is None  # what it sets off stands in no script
            yield from place.occurrences(operation, now, _after(every, done))
            course.passed(operation, now)


def _course(change: DatabaseChange, start: Start) -> Course:
    """What the statements do, with what the environment's env.py says of transactions."""
    settings, background = change.settings, change.background

    def is_old(key: Key, now: Catalog) -> bool:
        identity = now.identity_at(key)
        return identity is None or not start.makes(identity)

    return Course(
        change.around.running,
        settings.dialect,
        settings.server_version,
        is_old,
        lambda key: background.label(TableName(*key)),
        background.scale,
    )


class Start:
    """What was there before the change."""

    def __init__(self, catalog: Catalog, fresh: frozenset[str]) -> None:
        self.catalog = catalog
        self.fresh = fresh  # the revisions of the change

    @cached_property
    def _keys(self) -> dict[str, Key]:
        return {identity: key for key, _, identity in self.catalog.names()}

    def table(self, table: Table) -> Table | None:
        """The table as it was, whatever it was called."""
        key: Key | None = self.catalog.key(table.schema, table.name)
        if key is None or self.catalog.identity_at(key) != table.identity:
            key = self._keys.get(table.identity)
        return None if key is None else self.catalog.get(key)

    def makes(self, identity: str) -> bool:
        """Whether a revision of the change makes what has this identity."""
        return revision_of(identity) in self.fresh


#: What comes after an operation, made for the few that ask: a copy for each of many takes the square of them.
Later = Callable[[], Sequence[Operation]]


def _after(every: Sequence[Operation], done: int) -> Later:
    return lambda: every[done:]


class Met(NamedTuple):
    """An operation, or a part that it makes, where the walk meets it."""

    operation: Operation
    now: Catalog  # that it finds
    later: Later
    made_by: Operation | None  # the whole, of a part


class Revision:
    """One revision's operations, each with the facts around it."""

    def __init__(
        self,
        script: Script,
        operations: Sequence[Operation],
        stage: Stage,
        start: Start,
        change: DatabaseChange,
        direction: Direction,
        course: Course,
    ) -> None:
        self.script = script
        self.operations = operations
        self.before = stage.before
        self.after = stage.after
        self.start = start
        self.change = change
        self.direction: Direction = direction
        self.course = course
        self.temporary: set[Key] = set()

    def occurrences(self, operation: Operation, now: Catalog, later: Later) -> Iterator[Occurrence]:
        """The operation itself, and each column and constraint that it makes; `now` is what it finds."""
        wanted = self.change.wanted
        if operation.temporary and operation.table:
            self.temporary.add(now.key(operation.schema, operation.table))
        if wanted(operation.kind):
            yield self._occurrence(operation, now, later)
        if wanted("column_made") and operation.kind in _MAKING_COLUMNS:
            for column in operation.columns:
                one = altered(operation, {"columns": (column,), "kind": "add_column", "constraints": ()})
                yield self._occurrence(one, now, later, "column_made", made_by=operation)
        if wanted("constraint_made"):
            for constraint in operation.constraints if operation.kind != "drop_constraint" else ():
                one = altered(
                    operation, {"constraints": (constraint,), "kind": "add_constraint", "columns": ()}
                )
                yield self._occurrence(one, now, later, "constraint_made", made_by=operation)

    def _occurrence(
        self,
        operation: Operation,
        now: Catalog,
        later: Later,
        event: str = "",
        made_by: Operation | None = None,
    ) -> Occurrence:
        table = column = None
        known: Table | None = None
        if operation.table:
            known = now.table(operation.schema, operation.table)
            table = self._table(operation, known)
            table = table._replace(
                partitioned=bool(partition_key(now, now.key(operation.schema, operation.table)))
            )
            if EVENTS[event or operation.kind] is ColumnOperation:
                column = self._column(operation, known, now)
        on = operation.column if operation.kind != "drop_constraint" else None
        return operation_occurrence(
            operation,
            self.change.background.revision(self.script.revision),
            self.change.background,
            direction=self.direction,
            table=table,
            column=column,
            hanging=dependents(now, known, on),
            described=self._described(operation, now, later, made_by),
            told=self.course.tell(operation, now, made_by),
            type=now.canonical(made_by.columns[0].type) if made_by is not None and made_by.columns else None,
            made_by=made_by,
            event=event,
            restated=_restated(operation, now) if operation.stated is not None else "",
        )

    def _table(self, operation: Operation, known: Table | None) -> TableFacts:
        background, start = self.change.background, self.start
        schema = operation.schema if operation.schema is not None else background.default_schema
        names = [TableName(schema, operation.table or ""), *(known.all_names if known is not None else ())]
        facts = operation_table(
            operation,
            background,
            existed=known is not None and start.table(known) is not None,
            protected=any(map(self.change.protection, names)),
        )
        identity = known.identity if known is not None else None
        made_in_revision = operation.kind == "create_table" or (
            identity is not None and revision_of(identity) == self.script.revision
        )
        return facts._replace(
            small=background.scale.is_small(names),
            made_here=not facts.existed
            and (made_in_revision or (identity is not None and start.makes(identity))),
            made_in_revision=made_in_revision and not facts.existed,
        )

    def _column(self, operation: Operation, known: Table | None, now: Catalog) -> ColumnFacts:
        facts = operation_column(operation)
        found = None if known is None else known.columns.get(now.fold(facts.name))
        if operation.kind == "add_column":
            return facts._replace(
                new_type=now.canonical(facts.new_type),
                made_here=True,
                made_in_revision=True,
                generated=generated_by(operation.columns[0] if operation.columns else None),
                existed=operation.if_exists and self._earlier(known, found) is not None,
            )
        earlier = self._earlier(known, found)
        made_here = earlier is None and found is not None and self.start.makes(found.identity)
        in_revision = found is not None and revision_of(found.identity) == self.script.revision
        old_type = found.type if found is not None else None
        return facts._replace(
            old_type=now.canonical(old_type or facts.old_type),
            new_type=now.canonical(facts.new_type),
            old_nullable=facts.old_nullable if found is None else found.nullable,
            old_default=None if found is None else found.default,
            generated=generated_by(found),
            existed=earlier is not None,
            made_here=made_here,
            made_in_revision=made_here and in_revision,
        )

    def _earlier(self, known: Table | None, found: CatalogColumn | None) -> CatalogColumn | None:
        """The column as it was before the change."""
        table = None if known is None else self.start.table(known)
        if table is None or found is None:
            return None
        return next((each for each in table.columns.values() if each.identity == found.identity), None)

    def _before(self, operation: Operation) -> list[Operation]:
        """The operations of the revision that stand above one of them."""
        return [
            each for each in self.operations if each.path == operation.path and each.line < operation.line
        ]

    def _rewritten(self, operation: Operation, now: Catalog) -> tuple[str, ...]:
        """The table whose rows an UPDATE of all of them writes anew, by its label."""
        named = [now.key_of(each) for each in operation.tables[:1]]
        there = [
            TableName(*key)
            for key in named
            if not ((found := now.identity_at(key)) and self.start.makes(found))
        ]
        background = self.change.background
        return tuple(background.label(each) for each in there if not background.scale.is_small((each,)))

    def _emptied(self, operation: Operation, now: Catalog) -> tuple[str, ...]:
        found = emptied(operation, now)
        if not found:
            return ()
        known = now.get(now.key_of(operation.tables[0])) if operation.tables else None
        before = [each for each in self._before(operation) if each.kind in WRITING]
        moved = any(each.sql is None for each in before)
        return tuple(
            name
            for name in found
            if not moved
            and not any(mentions(each.sql, name) for each in before)
            and known is not None
            and self._earlier(known, known.columns.get(now.fold(name))) is not None
        )

    def _does_more(self, operation: Operation) -> bool:
        """Whether the call, or statement, that an operation stands for stands for others, too."""
        return self._at[_place(operation)] > 1

    @cached_property
    def _at(self) -> Counter[tuple[str, int, int]]:
        """How many operations stand at each place, but for those of a batch."""
        return Counter(_place(each) for each in self.operations if not each.batch)

    def _stops(self, operation: Operation, now: Catalog, later: Later) -> str:
        keys = [now.key_of(each) for each in operation.tables]
        new = [key for key in keys if (identity := now.identity_at(key)) and self.start.makes(identity)]
        if (keys and new == keys) or operation.temporary:
            return ""
        return stops(operation, later(), now, lambda key: self.change.background.label(TableName(*key)))

    def _described(
        self,
        operation: Operation,
        now: Catalog,
        later: Later,
        made_by: Operation | None,
    ) -> OperationFacts:
        facts = operation_facts(operation, self.direction)
        if self.temporary and operation.table:
            is_temporary = now.key(operation.schema, operation.table) in self.temporary
            facts = facts._replace(temporary=facts.temporary or is_temporary)
        facts = facts._replace(more=self._does_more(operation))
        if operation.kind in STATEMENTS and operation.tables and self.temporary:
            facts = facts._replace(
                temporary=all(now.key_of(each) in self.temporary for each in operation.tables)
            )
        return _DESCRIBED[operation.kind](self, facts, Met(operation, now, later, made_by))

    def _rows(self, facts: OperationFacts, met: Met) -> OperationFacts:
        every_row = is_every_row(met.operation, met.now)
        if not every_row or met.operation.action != "update":
            return facts._replace(every_row=every_row)
        return facts._replace(
            every_row=every_row,
            emptied=self._emptied(met.operation, met.now),
            rewritten=self._rewritten(met.operation, met.now),
        )

    def _statement(self, facts: OperationFacts, met: Met) -> OperationFacts:
        if self.change.settings.dialect != "postgresql":
            return self._named(facts, met)
        return facts._replace(stops=self._stops(met.operation, met.now, met.later))

    def _renamed(self, facts: OperationFacts, met: Met) -> OperationFacts:
        return facts._replace(
            kept=is_kept(met.operation, met.later(), met.now), passing=self._is_passing(met)
        )

    def _column_renamed(self, facts: OperationFacts, met: Met) -> OperationFacts:
        return self._named(facts._replace(passing=self._is_passing(met)), met)

    def _is_passing(self, met: Met) -> bool:
        """Whether the old name is one that the change gave, or in the end one that answers as before."""
        operation, now = met.operation, met.now
        known = now.table(operation.schema, operation.table or "")
        was = None if known is None else self.start.table(known)
        if self.direction != "upgrade" or known is None or was is None:
            return False
        key, end = now.key(operation.schema, operation.table or ""), self.change.after
        if operation.column is None:
            return self.start.catalog.identity_at(key) != known.identity or (
                end.identity_at(key) == known.identity
            )
        name = now.fold(operation.column)
        column, before = known.columns.get(name), was.columns.get(name)
        if column is None or before is None or before.identity != column.identity:
            return column is not None
        left = _of_identity(end, known)
        found = None if left is None else left.columns.get(name)
        if found is None:
            return False
        return found.identity == column.identity or any(
            _fills(each) and may_write(each, key, now) for each in met.later()
        )

    def _gone(self, facts: OperationFacts, met: Met) -> OperationFacts:
        operation = met.operation
        before = self._before(operation)
        again = made_again(operation, met.later(), met.now, before)
        return facts._replace(
            again=again,
            replaced=self._is_replaced(met, before),
            returned=again and self._is_returned(met, before),
            counterpart=counterpart(operation, self.operations, self.before),
        )

    def _is_replaced(self, met: Met, before: Sequence[Operation]) -> bool:
        """Whether something else bears the name of what goes, and was filled before that went."""
        operation, now, end = met.operation, met.now, self.change.after
        known = now.table(operation.schema, operation.table or "")
        was = None if known is None else self.start.table(known)
        if self.direction != "upgrade" or known is None or was is None:
            return False
        if operation.kind == "drop_table":
            other = end.get(end.key(was.schema, was.name))
            if other is None or other.identity == was.identity:
                return False
            names = [end.key(*each) for each in other.all_names]
        else:
            column = None if operation.column is None else known.columns.get(now.fold(operation.column))
            old = [name for name, each in was.columns.items() if column and each.identity == column.identity]
            left = _of_identity(end, known)
            if not old or left is None or old[0] not in left.columns:
                return False
            names = [now.key(known.schema, known.name)]
        return any(_fills(each) and may_write(each, key, now) for each in before for key in names)

    def _is_returned(self, met: Met, before: Sequence[Operation]) -> bool:
        """Whether the revision reads the rows of a table that it makes again, and writes rows of that."""
        key = met.now.key(met.operation.schema, met.operation.table or "")

        def names(each: Operation) -> bool:
            return bool(each.tables) and may_write(each, key, met.now)

        def reads(each: Operation) -> bool:
            return each.kind == "dml" and each.action == "select" and may_write(each, key, met.now)

        return (
            met.operation.kind == "drop_table"
            and any(map(reads, before))
            and any(_fills(each) and names(each) for each in met.later())
        )

    def _index_gone(self, facts: OperationFacts, met: Met) -> OperationFacts:
        key = met.now.key(met.operation.schema, met.operation.table or "")
        anyway = not self._closed.isdisjoint({(key, None), (key, met.operation.branch)})
        return self._gone(facts._replace(anyway=anyway), met)

    @cached_property
    def _closed(self) -> frozenset[tuple[Key, str | None]]:
        """The tables that statements of the revision close to everybody, but for what drops an index.

        Each with the branch in which one does, None if it does in any case.
        """
        settings = self.change.settings
        if settings.dialect != "postgresql":
            return frozenset()
        setting = Setting(self.before, settings.dialect, settings.server_version)
        return frozenset(
            (lock.table, each.branch if each.conditional else None)
            for each in self.operations
            if each.kind != "drop_index" and not each.autocommit and (each.branch or not each.conditional)
            for effect in effects(each, setting)
            for lock in effect.locks
            if blocks(lock.mode) == "everything"
        )

    def _constraint_gone(self, facts: OperationFacts, met: Met) -> OperationFacts:
        return self._gone(facts._replace(key=key_lost(met.operation, met.now, self.after)), met)

    def _table_made(self, facts: OperationFacts, met: Met) -> OperationFacts:
        operation = met.operation
        left = self._left(operation)
        unknown = operation.incomplete or bool(operation.like) or left is None
        key = primary_key(left)
        return self._named(facts._replace(primary_key=key, incomplete=unknown), met)

    def _constraint_made(self, facts: OperationFacts, met: Met) -> OperationFacts:
        constraints = met.operation.constraints
        if constraints:
            unindexed = is_unindexed(constraints[0], self._left(met.operation), met.now)
            facts = facts._replace(unindexed=unindexed)
        return self._named(facts, met)

    def _index_made(self, facts: OperationFacts, met: Met) -> OperationFacts:
        operation, now = met.operation, met.now
        if operation.index is not None:
            # Of two that the revision makes, the second is the one too many.
            there = now.table(operation.schema, operation.table or "")
            earlier = duplicates(operation.index, there, now)
            same = duplicates(operation.index, self._left(operation), now) if earlier else ()
            found = tuple(each for each in same if each in earlier)
            named = {index.name for index in (there.indexes if there is not None else ())}
            facts = facts._replace(duplicates=found, spare=tuple(each for each in found if each in named))
        return self._named(facts, met)

    def _named(self, facts: OperationFacts, met: Met) -> OperationFacts:
        """What there is to say of the names that an operation gives, and of what it is a part of."""
        operation, dialect = met.operation, self.change.settings.dialect
        if met.made_by is not None:
            numbers = [c for c in operation.columns if c.generated in NUMBERED]
            key = tuple(map(met.now.fold, primary_key(self._left(operation))))
            numbered = bool(numbers) and key == (met.now.fold(numbers[0].name),)
            facts = facts._replace(kind=met.made_by.kind, numbered=numbered)
        return facts._replace(
            reserved=reserved(operation, dialect), too_long=too_long(given_names(operation, dialect), dialect)
        )

    def _left(self, operation: Operation) -> Table | None:
        """The operation's table as the revision leaves it, under another name too; None if it drops it."""
        if not operation.table:
            return None
        key = self.after.key(operation.schema, operation.table)
        there = self.after.get(key)
        return there or next((each for each in self.after.tables() if key in each.all_names), None)


def _restated(operation: Operation, now: Catalog) -> str:
    from migration_lint.facts.restated import restated_code  # of what states a column anew

    return restated_code(operation, now)


def _fills(operation: Operation) -> bool:
    """Whether a statement may put something into rows."""
    return operation.kind == "dml" and operation.action not in ("select", "delete", "truncate", "show")


def _of_identity(catalog: Catalog, table: Table) -> Table | None:
    """A table as another catalog has it, whatever it is called there."""
    found = catalog.get(catalog.key(table.schema, table.name))
    if found is not None and found.identity == table.identity:
        return found
    return next((each for each in catalog.tables() if each.identity == table.identity), None)


def _place(of: Operation) -> tuple[str, int, int]:
    return of.path, of.line, of.column_offset


_Described = Callable[[Revision, OperationFacts, Met], OperationFacts]

#: What else there is to say of an operation, of every kind.
_DESCRIBED: Mapping[Kind, _Described] = {
    **dict.fromkeys(KINDS, Revision._named),
    **dict.fromkeys(kinds_of(to=("gone",)), Revision._gone),
    **dict.fromkeys(kinds_of("table", to=("renamed", "moved")), Revision._renamed),
    "create_table": Revision._table_made,
    "create_index": Revision._index_made,
    "add_constraint": Revision._constraint_made,
    "drop_constraint": Revision._constraint_gone,
    "drop_index": Revision._index_gone,
    "rename_column": Revision._column_renamed,
    "other_ddl": Revision._statement,
    "dml": Revision._rows,
}
