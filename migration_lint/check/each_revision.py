"""Every revision of a history as a change of its own, for `--all`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migration_lint.catalog.difference import difference_by_revision
from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.check.database_change import DatabaseChange
from migration_lint.contracts.judgement import judge
from migration_lint.contracts.model import ContractSet


def each_as_new(whole: DatabaseChange) -> Iterator[DatabaseChange]:
    """The revisions of a history, each as if it alone were new, in order."""
    timeline, head, contracts = whole.timeline, whole.schema.head, whole.contracts
    assert head is not None
    found = list(
        difference_by_revision(timeline.start, timeline.recordings, whole.protection, named=contracts.named())
    )
    contracts = contracts._replace(base=_without_consent(contracts.head))
    called = _as_called_now([each.outcomes for each in found])
    for part, difference, outcomes in zip(timeline.one_by_one(), found, called, strict=True):
        yield whole._replace(
            timeline=part,
            back=part.taken_back(head.downgrade),
            before=part.start,
            after=part.end,
            difference=difference,
            judgements=judge(outcomes, contracts.base, contracts.head, whole.agreed),
            contracts=contracts,
        )


def _without_consent(contracts: ContractSet) -> ContractSet:
    """A contract could have acknowledged each revision when it was new: what it says now counts for all."""
    return contracts._replace(
        contracts=tuple(
            each._replace(tables=tuple(entry._replace(acknowledges=()) for entry in each.tables))
            for each in contracts.contracts
        )
    )


def _as_called_now(stages: Sequence[Sequence[Outcome]]) -> list[list[Outcome]]:
    """Each revision's outcomes with the names that their tables have in the end, which contracts know."""
    later: dict[TableName, TableName] = {}
    made: list[list[Outcome]] = []
    for outcomes in reversed(stages):
        made.append(
            [
                outcome._replace(table=later[outcome.table], new_table=later[outcome.table])
                if outcome.new_table == outcome.table and outcome.table in later
                else outcome
                for outcome in outcomes
            ]
        )
        for outcome in outcomes:
            if outcome.kind in ("table_renamed", "table_moved") and outcome.new_table is not None:
                later[outcome.table] = later.get(outcome.new_table, outcome.new_table)
    made.reverse()
    return made
