"""What a change makes of an INSERT into a table under contract: what it must or may not write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from migration_lint.catalog.acts import is_met
from migration_lint.catalog.attached import lost_partitions, partitions, taken_by_partitions
from migration_lint.catalog.called import Reason, called_by_insert, numbers_end, taken_away
from migration_lint.catalog.expressions import canonical_expression, mentions, renamed_all
from migration_lint.catalog.inserted import Written, inserted_of
from migration_lint.catalog.insertion import insertion
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Catalog, CatalogColumn, Routine, Table, is_implied
from migration_lint.catalog.outcome import Step, TableName
from migration_lint.catalog.refusals import Refusal, refusal_by, refusal_for, refusals
from migration_lint.catalog.triggers import fired_by_insert, rules
from migration_lint.catalog.updatable import written_through
from migration_lint.catalog.without_rows import reading_nothing, wanting, without_rows
from migration_lint.check.database_change import DatabaseChange
from migration_lint.check.pairs import alive, path_of
from migration_lint.check.protection import Contracts
from migration_lint.check.schema import Schema
from migration_lint.contracts.inserts import (
    Inserting,
    covering,
    inserting,
    judge_insertion,
    judge_refusal,
    written,
)
from migration_lint.contracts.judgement import Judgement
from migration_lint.facts.build import Background, column_occurrence
from migration_lint.facts.context import generated_by
from migration_lint.facts.model import ColumnFacts, Occurrence
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint, Index, Operation

#: What may make an INSERT do something else about a column.
_FILLING = frozenset(
    ("column_added", "column_nullable", "column_default", "column_generated", "column_retyped")
)


class _Target(NamedTuple):
    """Into what a producer INSERTs; of a view, the table below it as the view shows it."""

    name: TableName  # as the contracts of base have it
    new_name: TableName
    before: Table
    after: Table

    def sides(self, schema: Schema) -> tuple[tuple[Catalog, Table], tuple[Catalog, Table]]:
        """The catalogs of base and head, each with its table."""
        return (schema.before, self.before), (schema.after, self.after)


def insertion_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """What the producers of protected tables must write, or may not, as was not so in base."""
    schema, contracts, background = change.schema, change.contracts, change.background
    for target in _targets(schema, contracts):
        yield from _columns(schema, contracts, background, target)
        yield from _refusals(schema, contracts, background, target)


def _targets(schema: Schema, contracts: Contracts) -> Iterator[_Target]:
    """All that are there in base and in head: what hangs on a table may change though it does not."""
    for name in contracts.base.tables():
        key = schema.before.key(*name)
        before = written_through(schema.before, key)
        if before is None:
            continue
        if key in schema.before.rows:
            after = alive(schema, before)
            if after is not None:
                yield _Target(name, after.full_name, before, after)
        elif key in schema.after.views:
            after = written_through(schema.after, key)
            if after is not None:
                yield _Target(name, name, before, after)


def _columns(
    schema: Schema, contracts: Contracts, background: Background, target: _Target
) -> Iterator[Occurrence]:
    """Columns that every INSERT must fill, or that none may."""
    before, after = target.before, target.after
    earlier = {column.identity: column for column in before.columns.values()}
    for key, column in after.columns.items():
        now = insertion(after, column, schema.after)
        was = earlier.get(column.identity) or before.columns.get(key)
        then = None if was is None else insertion(before, was, schema.before)
        if now is None or now.writing == "may":
            continue
        if then is not None and then.writing == now.writing:
            continue
        if was is not None and then is None or (was is None and now.writing == "never"):
            continue  # it may have been so before; one that is new is written by nobody
        certain = now.certain and schema.certain
        facts = _facts(schema, column, existed=was is not None or is_implied(column.identity))._replace(
            insert=now.writing, because=now.because, certain=certain
        )
        step = _step_of(schema, after, {column.identity, *(() if was is None else (was.identity,))}, column)
        typed = column._replace(type=facts.new_type)
        consent = "" if certain or step is None else step.revision
        judgement = judge_insertion(
            target.name, target.new_name, typed, now.writing, consent, contracts.base, contracts.head
        )
        yield _occurrence(target.name, facts, judgement, step, background)


def _refusals(
    schema: Schema, contracts: Contracts, background: Background, target: _Target
) -> Iterator[Occurrence]:
    """Checks, triggers and partitions that refuse the rows of a producer."""
    before, after, fold = target.before, target.after, schema.after.fold
    found: dict[tuple[str, ...], tuple[Refusal, list[Inserting]]] = {}
    former = _former_names(before, after)
    for each in inserting(contracts.base, contracts.head, target.name, target.new_name):
        earlier = [*refusals(before, written(each.before, fold), schema.before)]
        said = written(each.entry, fold)
        now = [
            *refusals(after, said, schema.after),
            *_lost(schema, target, said),
            *_taken(schema, target, said),
        ]
        now += _without_rows(schema, target, said, written(each.before, fold))
        now += _upserting(schema.after, after, each)
        now = [refusal for refusal in now if not _is_needed(refusal, each)]
        earlier += _upserting(schema.before, before, each)
        for refusal in _new(now, earlier, former, schema.after):
            kept = refusal if schema.certain else refusal._replace(certain=False)
            found.setdefault(_told_by(refusal, {}, schema.after), (kept, []))[1].append(each)
    for refusal, refused in found.values():
        column = after.columns.get(schema.after.fold(refusal.column))
        step = _step_of_check(schema, after, refusal)
        judgement = judge_refusal(
            target.name,
            refusal,
            None if column is None else column._replace(type=schema.after.canonical(column.type)),
            "" if step is None else step.revision,
            refused,
            covering(contracts.base, contracts.head, target.name, target.new_name),
            contracts.base,
            contracts.head,
        )
        facts = ColumnFacts("") if column is None else _facts(schema, column, existed=True)
        facts = facts._replace(insert=refusal.writing, because=refusal.because, certain=refusal.certain)
        yield _occurrence(target.name, facts, judgement, step, background)


def _new(
    now: Sequence[Refusal], earlier: Sequence[Refusal], former: dict[str, str], catalog: Catalog
) -> Iterator[Refusal]:
    """What of the refusals of head refuses more than those of base; of a trigger's, under which conditions.

    A row that was refused is refused again, whatever refuses it, by whichever words.
    """
    told = {_told_by(refusal, {}, catalog) for refusal in earlier}
    deeds = [each.deed for each in earlier if each.deed is not None]
    for refusal in now:
        if _told_by(refusal, former, catalog) in told or _was_refused(refusal, earlier, former):
            continue
        deed = refusal.deed
        if deed is None:
            yield refusal
            continue
        known = [guard for each in deeds if each.act == deed.act for guard in each.guards]
        more = [
            guard for guard in deed.guards if not is_met(renamed_all(guard, former) or "", known, catalog)
        ]
        if more:
            yield refusal_by(deed._replace(guards=tuple(more)))


def _was_refused(refusal: Refusal, earlier: Sequence[Refusal], former: dict[str, str]) -> bool:
    """Whether all that is refused for sure was, for the same column."""
    column = former.get(refusal.column, refusal.column)
    if not refusal.certain or not column:
        return False
    same = [
        each for each in earlier if each.certain and (each.column, each.writing) == (column, refusal.writing)
    ]
    values = {value for each in same for value in each.values}
    return bool(same) and values.issuperset(refusal.values)


def _lost(schema: Schema, target: _Target, said: Mapping[str, Written]) -> Iterator[Refusal]:
    """Partitions that are gone or take other rows, where no other one takes all else."""
    was, now = (catalog.key(table.schema, table.name) for catalog, table in target.sides(schema))
    lost = lost_partitions(schema.before, was, schema.after, now)
    if not lost:
        return
    earlier, taken = taken_by_partitions(schema.before, was), taken_by_partitions(schema.after, now)
    if taken is not None:
        values = inserted_of(target.after, said, schema.after)
        if not any(value.open for name, value in values.items() if mentions(taken, name)):
            return  # of each value it is known whether a partition takes it
        from migration_lint.catalog.deletion import holds_for_every_row  # which reads SQL

        covered = earlier and f"({taken}) OR NOT ({earlier})"
        if covered and holds_for_every_row(covered, target.after, schema.after):
            return
    for name in lost:
        because = f"the partition {name} is gone, or takes other rows, and there is none for all else"
        yield Refusal(Constraint("unknown", name), because, certain=False)


def _upserting(catalog: Catalog, table: Table, producer: Inserting) -> Iterator[Refusal]:
    """Rules, where a unique index that a producer needs says that its INSERT is one with ON CONFLICT."""
    if any(need.kind == "unique" for need in producer.entry.needs):
        for name, _ in rules(catalog, catalog.key(table.schema, table.name), "insert", "update"):
            because = f"an INSERT with ON CONFLICT is refused where there is a rule like {name}"
            yield refusal_for(Reason(because, frozenset()))


def _is_needed(refusal: Refusal, producer: Inserting) -> bool:
    """Whether a producer says that it needs the unique index, as one with ON CONFLICT does."""
    columns = set(refusal.constraint.columns)
    return refusal.constraint.kind == "unique" and any(
        need.kind == "unique" and set(need.columns) == columns for need in producer.entry.needs
    )


def _taken(schema: Schema, target: _Target, said: Mapping[str, Written]) -> Iterator[Refusal]:
    """What triggers, defaults and checks call or name that were there, where that is gone or is otherwise."""
    routines = schema.before.routines
    replaced = {
        entry.old
        for entry in schema.journal.entries
        if entry.effect == "routine_changed" and _is_of(entry.operation, routines.get(entry.old or "", ()))
    }
    former = {each.by for each in called_by_insert(target.before, said, schema.before)}
    yield from map(refusal_for, numbers_end(target.after, said, schema.before, schema.after))
    for called in called_by_insert(target.after, said, schema.after, routines.keys()):
        if called.by in former:
            found = taken_away(called, schema.before, schema.after, {each for each in replaced if each})
            yield from map(refusal_for, found)


def _without_rows(
    schema: Schema, target: _Target, said: Mapping[str, Written], earlier: Mapping[str, Written]
) -> Iterator[Refusal]:
    """Tables that the change leaves empty, and whose rows an INSERT needs."""
    released = {each.revision: {_text(operation) for operation in each.base} for each in schema.rewritten}
    entries = [
        each
        for each in schema.journal.entries
        if _text(each.operation) not in released.get(each.revision, ())
    ]
    empty = without_rows(entries, schema.after)
    if schema.after.dialect == "sqlite":  # there only a connection that sets PRAGMA foreign_keys asks
        empty = frozenset()
    reasons = [*wanting(target.after, said, target.before, earlier, empty, schema.after)] if empty else []
    for called in called_by_insert(target.after, said, schema.after) if empty else ():
        reasons += reading_nothing(called, target.after, empty, schema.after)
    yield from map(refusal_for, reasons)


def _text(operation: Operation) -> tuple[object, ...]:
    """What an operation is told by, apart from where it stands."""
    return operation.kind, operation.sql, operation.schema, operation.table, operation.tables, operation.using


def _is_of(operation: Operation, routines: Sequence[Routine]) -> bool:
    """Whether a statement is about one of these routines, rather than another one of their name."""
    return not operation.values or operation.values[0] in [each.signature for each in routines]


def _former_names(before: Table, after: Table) -> dict[str, str]:
    """The columns of head that have another name in base."""
    names = {column.identity: column.name for column in before.columns.values()}
    return {
        column.name: names[column.identity]
        for column in after.columns.values()
        if names.get(column.identity, column.name) != column.name
    }


def _told_by(refusal: Refusal, former: dict[str, str], catalog: Catalog) -> tuple[str, ...]:
    """What is equal for a refusal in base and in head; `former` leads from names of head to those of base."""
    condition = canonical_expression(renamed_all(refusal.constraint.expression, former), catalog.fold)
    column = former.get(refusal.column, refusal.column)
    return condition or refusal.constraint.name or "", column, str(refusal.values), str(refusal.certain)


def _facts(schema: Schema, column: CatalogColumn, *, existed: bool) -> ColumnFacts:
    return ColumnFacts(
        column.name,
        new_type=schema.after.canonical(column.type),
        new_nullable=column.nullable,
        existed=existed,
        generated=generated_by(column),
    )


def _occurrence(
    name: TableName, facts: ColumnFacts, judgement: Judgement, step: Step | None, background: Background
) -> Occurrence:
    return column_occurrence(
        "insert_refused",
        name,
        facts,
        judgement,
        background,
        operation=None if step is None else step.operation,
        revision="" if step is None else step.revision,
        path=path_of(background, step.revision if step is not None else ""),
    )


def _step_of(schema: Schema, table: Table, identities: set[str], column: CatalogColumn) -> Step | None:
    """The last step that touched what fills a column, or made it part of a key."""
    fold = schema.after.fold

    def demands(entry: Entry) -> bool:
        added = entry.before if entry.effect == "constraint_added" else None
        return isinstance(added, Constraint) and fold(column.name) in map(fold, added.columns)

    return _last(
        schema,
        table,
        [column],
        lambda entry: (
            (entry.column in identities and entry.effect in _FILLING)
            or (entry.table == table.identity and demands(entry))
        ),
    )


def _step_of_check(schema: Schema, table: Table, refusal: Refusal) -> Step | None:
    """The last step that added a check, or touched what fills a column that it names."""
    check, blamed = refusal.constraint, schema.after.fold(refusal.column)
    made_so = [entry for entry in schema.journal.entries if _is_about(entry, refusal.beside)]
    if made_so:
        return made_so[-1].step
    named = [
        column
        for name, column in table.columns.items()
        if name == blamed or mentions(check.expression, column.name)
    ]
    identities = {column.identity for column in named}
    return _last(
        schema,
        table,
        named,
        lambda entry: (
            (entry.column in identities and entry.effect in _FILLING)
            or (entry.table == table.identity and _adds(entry, check))
        ),
    )


def _adds(entry: Entry, check: Constraint) -> bool:
    """Whether a step adds a check, or a unique index or key of these columns."""
    if entry.effect not in ("constraint_added", "index_added"):
        return False
    added = entry.before
    same_columns = isinstance(added, (Constraint, Index)) and added.columns == check.columns
    return added == check or (check.kind == "unique" and same_columns)


def _is_about(entry: Entry, beside: frozenset[str]) -> bool:
    if entry.effect == "routine_changed":
        return entry.old in beside
    if entry.effect in ("sequence_changed", "type_changed"):
        return entry.name.name in beside
    return entry.table in beside or bool(entry.table and entry.name.name in beside)


def _last(
    schema: Schema, table: Table, columns: Sequence[CatalogColumn], decides: Callable[[Entry], bool]
) -> Step | None:
    """The last step that decides it, or that changed what the table or one of the columns has it from."""
    around = _Around.of(schema, table, columns)
    found = [entry for entry in schema.journal.entries if decides(entry) or around.changed_by(entry)]
    return found[-1].step if found else None


class _Around(NamedTuple):
    """What decides beside a table what may be written into it."""

    table: str  # identity
    domains: frozenset[tuple[str, str]]
    functions: frozenset[str]  # that its triggers run, in base or at head
    partitions: frozenset[str | None]  # identities, of base and of head

    @classmethod
    def of(cls, schema: Schema, table: Table, columns: Sequence[CatalogColumn]) -> _Around:
        domains = [each for column in columns for each in schema.after.domains_of(column.type)]
        fired = [
            each
            for catalog in (schema.before, schema.after)
            for each in fired_by_insert(catalog, catalog.key(table.schema, table.name))
        ]
        parts = [
            catalog.identity_at(each)
            for catalog in (schema.before, schema.after)
            for each in partitions(catalog, catalog.key(table.schema, table.name))
        ]
        return cls(
            table.identity,
            frozenset((each.schema, each.name) for each in domains),
            frozenset(name for each in fired for name in each.functions),
            frozenset(parts),
        )

    def changed_by(self, entry: Entry) -> bool:
        """Whether a step changed it."""
        match entry.effect:
            case "domain_changed":
                return entry.name in self.domains
            case "routine_changed":
                return entry.old in self.functions
            case "trigger_changed" | "partition_changed":
                return entry.table == self.table
        return bool(entry.table) and entry.table in self.partitions
