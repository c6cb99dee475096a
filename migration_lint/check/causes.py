"""What the gate has said of an element, so that it is not said a second time in other words.

Everything is checked, whatever else was found; only what is printed is decided here: one finding for each
cause. A cause is what happened to one element (a column, a need, or the table itself) as one contract has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from migration_lint.catalog.outcome import TableName
from migration_lint.check.finding import Finding
from migration_lint.contracts.model import ContractSet
from migration_lint.facts.model import (
    BREAKING,
    ColumnOutcome,
    ContractDisagrees,
    ContractDisparity,
    NeedBroken,
    Occurrence,
    TableOutcome,
    ValueLost,
)
from migration_lint.named_tuple import NamedTuple
from migration_lint.parity.model import ParityEvent
from migration_lint.settings.model import Require
from migration_lint.severity import SEVERITIES

_ABSENT: frozenset[ParityEvent] = frozenset(("column_missing", "column_unwritten"))
_TYPE: frozenset[ParityEvent] = frozenset(("schema_type_differs", "side_type_differs"))
_NULL: frozenset[ParityEvent] = frozenset(("schema_null_differs", "null_unexpected"))
_UNFILLED: frozenset[ParityEvent] = frozenset(("column_unfilled", "column_unwritable", "value_unwritable"))
_NO_TABLE: frozenset[ParityEvent] = frozenset(("table_missing",))

#: The gate's events, and how parity says the same of the same element. Code is never among it: it may lag
#: behind whatever the contracts say.
_AGAIN: Mapping[str, frozenset[ParityEvent]] = {
    "column_dropped": _ABSENT,
    "column_renamed": _ABSENT | _UNFILLED | _TYPE,
    "column_retyped": _TYPE,
    "column_recreated": _TYPE | _NULL,
    "table_dropped": frozenset(("table_missing", "schema_unknown")),
    "table_renamed": _NO_TABLE,
    "table_moved": _NO_TABLE,
    "nullability_changed": _NULL,
    "insert_refused": _UNFILLED,
    "need_broken": frozenset(("need_missing", "conflict_unmet")),
    "value_lost": frozenset(("value_unexpected", "value_unwritable")),
    "contract_disagrees": _ABSENT | _TYPE | _NULL | _NO_TABLE,
}

#: The element that stands for the table and all that it holds.
_WHOLE = ""

#: What a contract has consented to is not told, however grave.
_CONSENTED = -1


class _Cause(NamedTuple):
    event: str  # parity's word for it
    table: str  # its label
    element: str
    contract: str  # id


class _Line(NamedTuple):
    """A line of a contract that the gate shows, with what should stand there."""

    path: str
    line: int


class Told(NamedTuple):
    """One occurrence, and what the rules find in it."""

    occurrence: Occurrence
    findings: Sequence[Finding]


class Apart(NamedTuple):
    """What is said of disparities beside what the gate says."""

    findings: list[Finding]
    notes: list[str]  # what a contract consents to in this change, and goes on to declare otherwise


def unsaid(found: Iterable[Told], judged: Iterable[Told], head: ContractSet, require: Require) -> Apart:
    """The findings about disparities that none of the gate's, at least as grave, says already.

    `found` are the disparities, `judged` all else that happened. A contract that acknowledges what happens
    to an element, or that `require` lets pass with what it says, has consented to what it says of it: of an
    error there is a note then, as the command `parity` knows nothing of any consent.
    """
    said: dict[_Cause | _Line, int] = {}
    consented: set[_Cause] = set()
    for occurrence, findings in judged:
        again = _AGAIN.get(occurrence.event)
        if again is None:
            continue
        rank = min((SEVERITIES.index(each.severity) for each in findings), default=len(SEVERITIES))
        causes: list[_Cause | _Line] = [*_causes(occurrence, again, _behind(occurrence))]
        causes += [_Line(each.path, each.line) for each in occurrence.contracts if each.line]
        for cause in causes:
            said[cause] = min(rank, said.get(cause, rank))
        consented.update(_causes(occurrence, again, _consenting(occurrence, head, require)))
    apart = Apart([], [])
    for occurrence, findings in found:
        rank = _rank(occurrence, said, consented)
        apart.findings.extend(each for each in findings if SEVERITIES.index(each.severity) < rank)
        if rank == _CONSENTED:
            apart.notes.extend(_still_declared(each) for each in findings if each.severity == "error")
    return apart


def _still_declared(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}"
    return f"{place}: {finding.message}: it is consented to here, and `parity` goes on making an error of it"


def _rank(occurrence: Occurrence, said: Mapping[_Cause | _Line, int], consented: set[_Cause]) -> int:
    """How grave what the gate says of a disparity's cause is, counted as SEVERITIES are."""
    facts = occurrence.facts
    if not isinstance(facts, ContractDisparity):
        return len(SEVERITIES)
    own = facts.contract.id
    causes: list[_Cause | _Line] = [
        _Cause(occurrence.event, facts.table.label, element, contract)
        for contract in dict.fromkeys((own, *(line.id for line in occurrence.contracts)))
        for element in (facts.disparity.element, _WHOLE)
    ]
    if not consented.isdisjoint(
        cause for cause in causes if isinstance(cause, _Cause) and cause.contract == own
    ):
        return _CONSENTED
    if occurrence.event in _ABSENT | _TYPE:
        causes.append(_Line(occurrence.path, occurrence.line))
    return min((said[cause] for cause in causes if cause in said), default=len(SEVERITIES))


def _causes(
    occurrence: Occurrence, again: Iterable[ParityEvent], contracts: Iterable[str]
) -> Iterator[_Cause]:
    facts = occurrence.facts
    elements: tuple[str, ...] = (_WHOLE,)
    if isinstance(facts, (ColumnOutcome, ValueLost)):
        elements = tuple(dict.fromkeys(filter(None, (facts.column.name, facts.column.new_name))))
    elif isinstance(facts, NeedBroken):
        elements = (facts.need.text,)
    elif isinstance(facts, ContractDisagrees) and facts.disagreement.element != facts.table.label:
        elements = (facts.disagreement.element,)
    if not isinstance(facts, (TableOutcome, ColumnOutcome, ValueLost, NeedBroken, ContractDisagrees)):
        return
    labels = tuple(dict.fromkeys(filter(None, (facts.table.label, facts.table.new_label))))
    for contract in contracts:
        for event in again:
            for label in labels:
                for element in elements:
                    yield _Cause(event, label, element, contract)


def _behind(occurrence: Occurrence) -> tuple[str, ...]:
    """The contracts that the gate says do not follow."""
    facts = occurrence.facts
    if isinstance(facts, (TableOutcome, ColumnOutcome, ValueLost)):
        return facts.contracts.behind
    return (facts.contract.id,) if isinstance(facts, (NeedBroken, ContractDisagrees)) else ()


def _consenting(occurrence: Occurrence, head: ContractSet, require: Require) -> Iterator[str]:
    """The contracts that the gate lets pass though what they declare need not be what head has."""
    facts = occurrence.facts
    if occurrence.event == "nullability_changed" and isinstance(facts, ColumnOutcome):
        # NULL that comes concerns those that read, NULL that goes those that write: the others may stay.
        yield from set(facts.contracts.covering).difference(facts.contracts.behind)
    if occurrence.event not in BREAKING or not isinstance(facts, (TableOutcome, ColumnOutcome)):
        return
    table = facts.table
    names = [
        TableName(table.schema, table.name),
        TableName(table.new_schema or table.schema, table.new_name or table.name),
    ]
    for contract in set(facts.contracts.covering).difference(facts.contracts.behind):
        entries = [head.entry(head.by_id(contract), name) for name in names]
        acknowledges = any(
            entry is not None and entry.acknowledgement(occurrence.revision or "") for entry in entries
        )
        if acknowledges or require != "agrees":
            yield contract
