"""What happened in a change, as the occurrences that rules hang on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.check.database_change import DatabaseChange
from migration_lint.check.pairs import alive, pairs, path_of
from migration_lint.check.protection import Contracts
from migration_lint.check.schema import Schema
from migration_lint.contracts.judgement import Judgement, disagreements, removals
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
from migration_lint.wording import did_you_mean, near


def gate_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """The gate's occurrences: one an outcome, one a side that is missing, one an opaque operation."""
    background = change.background
    sides: set[tuple[TableName, str]] = set()

    def missing(outcome: Outcome, judgement: Judgement) -> Iterator[Occurrence]:
        for each in side_missing_occurrences(outcome, judgement, background):
            # Once for a table, however much of it changes.
            mark = (outcome.table, each.facts.side.role if isinstance(each.facts, SideMissing) else "")
            if mark not in sides:
                sides.add(mark)
                yield each

    opaque: dict[int, list[tuple[Outcome, Judgement]]] = {}
    for outcome, judgement in zip(change.difference.outcomes, change.judgements, strict=True):
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


def shift_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """Changes of nullability and defaults on protected tables."""
    contracts, background = change.contracts, change.background
    for shift in change.difference.shifts:
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
            judge_shift(shift, contracts.base, contracts.head, change.agreed),
            background,
            operation=None if step is None else step.operation,
            revision="" if step is None else step.revision,
            path=path_of(background, step.revision if step is not None else ""),
        )


def _nullable(text: str | None) -> bool | None:
    return None if text is None else text == "null"


def need_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """Needs of contracts that base's schema met and head's does not."""
    schema, contracts, background = change.schema, change.contracts, change.background
    lost = [
        shift for shift in change.difference.shifts if shift.kind in ("index_dropped", "constraint_dropped")
    ]
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


def disagreement_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """Declarations that are new in the change and that head's schema contradicts."""
    contracts = change.contracts
    for each in disagreements(contracts.base, contracts.head, change.agreed, change.difference.outcomes):
        if each.table not in change.restored:
            yield disagreement_occurrence(each, change.background)


def removal_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """Contracts and entries of base that head has no more."""
    contracts, background = change.contracts, change.background
    for gone in removals(contracts.base, contracts.head, partial(_new_name, change.schema)):
        if gone.what != "contract" and gone.table in change.restored:
            continue
        facts = background.contracts[gone.contract]._replace(path=gone.path)
        yield contract_removed_occurrence(facts, gone.table, gone.what == "contract", background)


def _new_name(schema: Schema, table: TableName) -> TableName | None:
    """What head calls a table of base; its old name where no catalog ever knew it: it may be there."""
    before = schema.before.table(table.schema, table.name)
    if before is not None:
        after = alive(schema, before)
        return None if after is None else after.full_name
    return None if schema.before.key(table.schema, table.name) in schema.before.gone else table


def unheard_of(change: DatabaseChange) -> Iterator[str]:
    """Entries that are new in the change and name a table that no migration speaks of: a slip, mostly."""
    contracts, after = change.contracts, change.after
    known = {*after.rows, *after.views, *after.gone}
    for contract in contracts.head.contracts:
        before = contracts.base.by_id(contract.id)
        for entry in contract.tables:
            table = contracts.head.name_of(entry)
            if contracts.base.entry(before, table) or after.key(table.schema, table.name) in known:
                continue
            meant = near(table.name, sorted({name for _, name in known}))
            hint = f"; {did_you_mean(meant)}" if meant else ""
            yield f"{contract.path}:{entry.line}: no migration speaks of the table {entry.name}{hint}"


def uncompared(change: DatabaseChange) -> Iterator[str]:
    """Modules that the change edits and that cannot be read: what revisions of base do with them."""
    for problem, revisions in change.schema.uncompared:
        by = f"the revision {revisions[0]} does" if len(revisions) == 1 else f"{len(revisions)} revisions do"
        place = f"{problem.path}:{problem.line}" if problem.line else problem.path
        yield f"{place}: {problem.message}: whether what {by} with it is still the same is not known"


def squashed(change: DatabaseChange) -> Iterator[str]:
    """That removed revisions are squashed, where they are."""
    baseline = change.schema.squashed()
    if baseline is not None:
        gone = ", ".join(script.revision for script in change.schema.change.removed)
        yield (
            f"{gone}: squashed into {baseline.revision}, which makes the same schema; "
            "a database that has not run all of them has to, before it gets the new history"
        )


def come_to_nothing(change: DatabaseChange) -> Iterator[str]:
    """Steps of the change that cancel each other out."""
    phrases = {
        "added_and_dropped": "is added and dropped again in this change",
        "renamed_and_back": "is renamed and renamed back in this change",
        "retyped_and_back": "changes its type and changes it back in this change",
        "rebuilt": "is rebuilt in this change, with the same columns",
    }
    for note in change.difference.notes:
        element = change.background.label(note.table) + (f".{note.column}" if note.column else "")
        yield f"{element} {phrases[note.kind]}, which leaves nothing to follow"


def history_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """Edited and removed revisions, and heads that are new."""
    schema, background = change.schema, change.background
    later = schema.head.history.by_revision() if schema.head else {}
    base_heads, heads = schema.change.base_heads, schema.change.heads
    baseline = schema.squashed()
    for revision in (*schema.edited, *schema.beside):
        if baseline is None or revision != baseline.revision:
            facts = background.revision(revision)._replace(certain=revision not in schema.unsure)
            yield revision_occurrence(facts, False, later[revision].line)
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
