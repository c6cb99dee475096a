"""Head as it is where steps that may or may not run have not run.

A replay does them all (`catalog/replay`). That is the worst case of a step that takes something away. Of one
that gives something back, a default or an index, the worst is that it did not run: what a contract relies on
has to be there then, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from migration_lint.check.database_change import DatabaseChange, judged
from migration_lint.check.schema import Schema
from migration_lint.facts.model import ColumnOutcome, Occurrence
from migration_lint.operations import TRAITS, Operation, altered, kinds_of

#: An arm of a branch: the revision, and what `Operation.branch` calls it.
Arm = tuple[str, str]

#: Where these do not run, the thing is mostly there already: they stand behind a test of that. One that was
#: dropped before is told as made anew.
_MADE = kinds_of("table", "column", to=("made",))
#: How many arms are left out each by itself; of more, several at once.
_MOST = 16


def in_other_worlds(
    change: DatabaseChange,
    makers: Iterable[Callable[[DatabaseChange], Iterable[Occurrence]]],
    known: Iterable[Occurrence],
    others: Callable[[DatabaseChange], Iterable[DatabaseChange]],
) -> Iterator[Occurrence]:
    """What the makers say of head as it is in other worlds: `others` gives them.

    `known` is what was said already of head with all that may run, in its order.
    """
    told = set(map(_about, known))
    if not change.contracts.base.tables():
        return
    for other in others(change):
        for make in makers:
            for occurrence in make(other):
                if _about(occurrence) not in told:
                    told.add(_about(occurrence))
                    yield occurrence


def _about(occurrence: Occurrence) -> tuple[object, ...]:
    """What is equal for two occurrences that say the same of the same thing, wherever they are placed."""
    facts = occurrence.facts
    element = (facts.column.name, facts.column.insert) if isinstance(facts, ColumnOutcome) else facts[1:2]
    return occurrence.event, occurrence.table, element


def undecided(change: DatabaseChange) -> Iterator[DatabaseChange]:
    """Head as it is when some of its uncertain steps run, and others do not."""
    for left_out in _combinations(list(_arms(change.schema))):
        yield judged(change, change.schema.decided(partial(_decide, left_out)))


def _decide(left_out: frozenset[Arm], revision: str, operation: Operation) -> Operation | None:
    if operation.kind in _MADE:
        return operation
    if _arm(revision, operation) in left_out:
        return None
    # Of these alone a replay does none that may not run.
    return altered(operation, {"conditional": False}) if operation.kind == "other_ddl" else operation


def _arm(revision: str, operation: Operation) -> Arm:
    return revision, operation.branch or f"{operation.path}:{operation.line}"


def _arms(schema: Schema) -> Iterator[Arm]:
    """The arms of what is judged that change what a catalog holds, each once, in order."""
    yield from dict.fromkeys(
        _arm(recording.revision, operation)
        for recording in schema.timeline.recordings
        for operation, _ in recording.steps
        if operation.conditional and operation.kind not in _MADE and _counts(operation)
    )


def _counts(operation: Operation) -> bool:
    return TRAITS[operation.kind].shape or operation.kind == "other_ddl"


def _combinations(arms: list[Arm]) -> Iterator[frozenset[Arm]]:
    """Which arms are left out: none, each alone, and what does not run where every test fails, or holds."""
    if not arms:
        return
    size = -(-len(arms) // _MOST)
    alone = [arms[at : at + size] for at in range(0, len(arms), size)]
    otherwise = [arm for arm in arms if arm[1].endswith(":else")]
    holds_not = [arm for arm in arms if arm not in otherwise]
    yield from dict.fromkeys(map(frozenset, ((), *alone, holds_not, otherwise)))
