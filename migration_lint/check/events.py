"""What happened in a change, as the occurrences that rules hang on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

from migration_lint.catalog.difference import Difference, Shift
from migration_lint.catalog.model import Table
from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.check.compatibility import interruption_events, value_events, view_events
from migration_lint.check.inserts import insertion_events
from migration_lint.check.pairs import alive, pairs, path_of
from migration_lint.check.protection import Contracts, Protection
from migration_lint.check.schema import Schema
from migration_lint.contracts.judgement import (
    HeadColumn,
    Judgement,
    Terms,
    disagreements,
    judge,
    removals,
)
from migration_lint.contracts.meaning import need_text
from migration_lint.contracts.shifts import broken_needs, judge_shift
from migration_lint.facts.build import (
    Background,
    column_occurrence,
    contract_removed_occurrence,
    disagreement_occurrence,
    head_added_occurrence,
    need_broken_occurrence,
    outcome_occurrence,
    revision_occurrence,
    side_missing_occurrences,
)
from migration_lint.facts.model import (
    ColumnFacts,
    ContractFacts,
    HeadsFacts,
    NeedFacts,
    Occurrence,
    SideMissing,
)
from migration_lint.settings import Settings
from migration_lint.wording import did_you_mean, near


def terms(schemas: Sequence[Schema], settings: Settings) -> Terms:
    """What counts as updated, with a look-up over the catalogs of head."""

    def look_up(table: TableName, column: str) -> HeadColumn:
        unknown = True
        for schema in schemas:
            key = schema.after.key(table.schema, table.name)
            found = schema.after.relation(key)
            if found is not None:
                return _column(schema, found, column)
            unknown = unknown and key not in schema.after.gone
        return HeadColumn() if unknown else HeadColumn(exists=False)

    return Terms(
        settings.dialect,
        look_up,
        settings.require,
        settings.accept_earlier_consent,
        settings.default_schema,
    )


def _column(schema: Schema, table: Table, name: str) -> HeadColumn:
    column = table.columns.get(schema.after.fold(name))
    if column is None:
        return HeadColumn(None if not table.complete or table.uncertain else False)
    exists = None if column.uncertain else True
    enum = schema.after.enum_of(column.type)
    values = () if enum is None else enum.values
    return HeadColumn(exists, schema.after.canonical(column.type), column.nullable, values)


def contract_events(
    schemas: Sequence[Schema],
    contracts: Contracts,
    settings: Settings,
    background: Background,
    protection: Protection,
    restored: Set[TableName] = frozenset(),
) -> tuple[list[Occurrence], list[str]]:
    """Everything that contracts have to do with, and notes on what came to nothing.

    `restored` are the names, old and new, of tables that a downgrade calls as they were called before: head's
    contracts know them by the new name, and follow the upgrade.
    """
    occurrences: list[Occurrence] = []
    differences = [(schema, schema.difference(protection, contracts.named())) for schema in schemas]
    outcomes = [outcome for _, found in differences for outcome in found.outcomes]
    agreed = terms(schemas, settings)
    occurrences += gate_events(outcomes, judge(outcomes, contracts.base, contracts.head, agreed), background)
    for schema, found in differences:
        occurrences += shift_events(schema, found.shifts, contracts, background, agreed)
        occurrences += value_events(schema.before, schema.after, found.shifts, contracts, background)
        occurrences += view_events(schema, contracts, background)
        occurrences += interruption_events(schema, contracts, settings, background)
        occurrences += need_events(schema, found.shifts, contracts, background)
        occurrences += insertion_events(schema, contracts, background)
    for each in disagreements(contracts.base, contracts.head, agreed, outcomes):
        if each.table not in restored:
            occurrences.append(disagreement_occurrence(each, background))
    for gone in removals(contracts.base, contracts.head, lambda table: _new_name(schemas, table)):
        if gone.what != "contract" and gone.table in restored:
            continue
        facts = background.contracts[gone.contract]._replace(path=gone.path)
        occurrences.append(
            contract_removed_occurrence(facts, gone.table, gone.what == "contract", background)
        )
    notes = [text for _, found in differences for text in _notes(found, background)]
    notes += _unheard_of(schemas, contracts)
    return occurrences, notes


def gate_events(
    outcomes: Sequence[Outcome], judgements: Sequence[Judgement], background: Background
) -> Iterator[Occurrence]:
    """The gate's occurrences: one an outcome, one a side that is missing, one an opaque operation."""
    sides: set[tuple[TableName, str]] = set()

    def missing(outcome: Outcome, judgement: Judgement) -> Iterator[Occurrence]:
        for each in side_missing_occurrences(outcome, judgement, background):
            # Once for a table, however much of it changes.
            mark = (outcome.table, each.facts.side.role if isinstance(each.facts, SideMissing) else "")
            if mark not in sides:
                sides.add(mark)
                yield each

    opaque: dict[int, list[tuple[Outcome, Judgement]]] = {}
    for outcome, judgement in zip(outcomes, judgements, strict=True):
        if outcome.kind == "opaque" and outcome.operation is not None:
            opaque.setdefault(id(outcome.operation), []).append((outcome, judgement))
            continue
        yield outcome_occurrence(outcome, judgement, background)
        yield from missing(outcome, judgement)
    for group in opaque.values():
        yield _opaque(group, background)
        for outcome, judgement in group:
            if judgement.covering and judgement.updated:
                yield from missing(outcome, judgement)


def _opaque(group: Sequence[tuple[Outcome, Judgement]], background: Background) -> Occurrence:
    """One occurrence for an operation that may touch several protected tables."""
    late = [pair for pair in group if not pair[1].updated]
    late = late or [pair for pair in group if not pair[1].covering] or list(group[:1])
    outcome, judgement = late[0]
    for _, other in late[1:]:
        judgement = judgement._replace(
            behind=tuple(dict.fromkeys((*judgement.behind, *other.behind))),
            covering=tuple(dict.fromkeys((*judgement.covering, *other.covering))),
        )
    return outcome_occurrence(outcome, judgement, background, [each.table for each, _ in late[1:]])


def shift_events(
    schema: Schema,
    shifts: Iterable[Shift],
    contracts: Contracts,
    background: Background,
    agreed: Terms,
) -> Iterator[Occurrence]:
    """Changes of nullability and defaults on protected tables."""
    for shift in shifts:
        if shift.kind not in ("nullable", "default") or shift.column is None:
            continue
        step = shift.step
        nullable = shift.kind == "nullable"
        column = ColumnFacts(
            shift.new_column or shift.column,
            old_nullable=_nullable(shift.old) if nullable else None,
            new_nullable=_nullable(shift.new) if nullable else None,
            old_default=None if nullable else shift.old,
            new_default=None if nullable else shift.new,
            existed=True,
        )
        yield column_occurrence(
            "nullability_changed" if nullable else "default_changed",
            shift.table,
            column,
            judge_shift(shift, contracts.base, contracts.head, agreed),
            background,
            operation=None if step is None else step.operation,
            revision="" if step is None else step.revision,
            path=path_of(background, step.revision if step is not None else ""),
        )


def _nullable(text: str | None) -> bool | None:
    return None if text is None else text == "null"


def need_events(
    schema: Schema, shifts: Iterable[Shift], contracts: Contracts, background: Background
) -> Iterator[Occurrence]:
    """Needs of contracts that base's schema met and head's does not."""
    lost = [shift for shift in shifts if shift.kind in ("index_dropped", "constraint_dropped")]
    for table, before, after in pairs(schema, contracts):
        for contract, need in broken_needs(table, before, after, contracts.head, schema.after.fold):
            by = next(
                (
                    shift
                    for shift in lost
                    if shift.table == before.full_name
                    and shift.lost is not None
                    and set(map(schema.after.fold, shift.lost.columns))
                    & set(map(schema.after.fold, need.columns))
                ),
                None,
            )
            step = None if by is None else by.step
            name = "" if by is None or by.lost is None else by.lost.name or ""
            yield need_broken_occurrence(
                background.contracts[contract.id],
                before.full_name,
                NeedFacts(need_text(need), name),
                need.line,
                background,
                operation=None if step is None else step.operation,
                revision="" if step is None else step.revision,
                path=path_of(background, step.revision if step is not None else ""),
            )


def _new_name(schemas: Sequence[Schema], table: TableName) -> TableName | None:
    """What head calls a table of base; its old name where no catalog ever knew it: it may be there."""
    for schema in schemas:
        before = schema.before.table(table.schema, table.name)
        if before is not None:
            after = alive(schema, before)
            return None if after is None else after.full_name
        if schema.before.key(table.schema, table.name) in schema.before.gone:
            return None
    return table


def given_back(there: Schema, back: Schema, contracts: Contracts) -> Iterator[TableName]:
    """The names, old and new, of tables that `there` renames and `back` calls as they were called."""
    for name in contracts.base.tables():
        before = there.before.table(*name)
        after, again = (None, None) if before is None else (alive(there, before), alive(back, before))
        if before is None or after is None or again is None:
            continue
        if after.full_name != before.full_name == again.full_name:
            yield contracts.head.folded(before.full_name)
            yield contracts.head.folded(after.full_name)


def _unheard_of(schemas: Sequence[Schema], contracts: Contracts) -> Iterator[str]:
    """Entries that are new in the change and name a table that no migration speaks of: a slip, mostly."""
    known = {
        name for schema in schemas for name in (*schema.after.rows, *schema.after.views, *schema.after.gone)
    }
    for contract in contracts.head.contracts:
        before = contracts.base.by_id(contract.id)
        for entry in contract.tables:
            table = contracts.head.name_of(entry)
            if contracts.base.entry(before, table) or any(
                schema.after.key(table.schema, table.name) in known for schema in schemas
            ):
                continue
            meant = near(table.name, sorted({name for _, name in known}))
            hint = f"; {did_you_mean(meant)}" if meant else ""
            yield f"{contract.path}:{entry.line}: no migration speaks of the table {entry.name}{hint}"


def squash_notes(schema: Schema) -> list[str]:
    """That removed revisions are squashed, where they are."""
    baseline = schema.squashed()
    if baseline is None:
        return []
    gone = ", ".join(script.revision for script in schema.change.removed)
    return [
        f"{gone}: squashed into {baseline.revision}, which makes the same schema; "
        "a database that has not run all of them has to, before it gets the new history"
    ]


def _notes(found: Difference, background: Background) -> Iterator[str]:
    phrases = {
        "added_and_dropped": "is added and dropped again in this change",
        "renamed_and_back": "is renamed and renamed back in this change",
        "retyped_and_back": "changes its type and changes it back in this change",
        "rebuilt": "is rebuilt in this change, with the same columns",
    }
    for note in found.notes:
        element = background.label(note.table) + (f".{note.column}" if note.column else "")
        yield f"{element} {phrases[note.kind]}, which leaves nothing to follow"


def history_events(schema: Schema, background: Background) -> Iterator[Occurrence]:
    """Edited and removed revisions, and heads that are new."""
    later = schema.head.history.by_revision() if schema.head else {}
    base_heads, heads = schema.change.base_heads, schema.change.heads
    baseline = schema.squashed()
    for revision in schema.edited:
        if baseline is None or revision != baseline.revision:
            yield revision_occurrence(background.revision(revision), False, later[revision].line)
    for script in schema.change.removed:
        # Of a squash only the id that databases have now is missed, and to be stamped anew.
        if baseline is None or script.revision in base_heads:
            facts = background.revision(script.revision)._replace(squashed=baseline is not None)
            yield revision_occurrence(facts, True)
    if len(heads) > max(len(base_heads), 1):
        new = [head for head in heads if head not in base_heads] or list(heads)
        script = later[new[-1]]
        found = HeadsFacts(base_heads, heads, schema.name)
        yield head_added_occurrence(found, background.revision(script.revision), script.line)


def contract_facts(contracts: Contracts) -> dict[str, ContractFacts]:
    """The facts of every contract, by id; head's where both trees have it."""
    return {
        contract.id: ContractFacts(contract.id, contract.role, contract.service, contract.path)
        for found in (contracts.base, contracts.head)
        for contract in found.contracts
    }
