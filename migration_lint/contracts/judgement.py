"""Do the contracts of both sides follow what a change does to their tables, or acknowledge it?

A contract is *updated* for an outcome when one of these holds, its states at base and head compared:

1. It follows: its declaration of the element differs in meaning, and at head agrees with the catalog.
2. It acknowledges: it gained an acknowledgement of the revision, with a reason.

Base protects. What a contract declares there binds it, so nobody gets out by deleting the contract or its
entry, by changing its id or role, or by putting a new contract in its place. A table that no contract of
base names binds nobody; `disagreements` checks what newly declares it.

Two looser ways to follow are there on request. "changed": the declaration differs in meaning, whatever
it says now. "touched": the bytes of the contract's file differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.contracts.following import (
    Behind,
    HeadColumn,
    HeadLookup,
    UpdateTerms,
    agrees,
    behind,
    declared_as,
    same_contract,
)
from migration_lint.contracts.meaning import column_text
from migration_lint.contracts.model import ROLES, Contract, ContractSet, Role, TableDeclaration
from migration_lint.named_tuple import NamedTuple

__all__ = [
    "Behind",
    "Disagreement",
    "HeadColumn",
    "HeadLookup",
    "Judgement",
    "Removal",
    "UpdateTerms",
    "disagreements",
    "judge",
    "removals",
]


class Judgement(NamedTuple):
    """Whether the contracts are updated for one outcome."""

    behind: tuple[Behind, ...]
    missing_sides: tuple[Role, ...]  # sides without any contract, which nobody says are empty
    covering: tuple[str, ...]  # ids of the contracts that name the table, at base or at head

    @property
    def updated(self) -> bool:
        """No contract is behind. A side that has no contract is another matter."""
        return not self.behind


class Disagreement(NamedTuple):
    """A declaration that is new in the change and that the catalog of head contradicts."""

    contract: str  # id
    role: Role
    path: str
    line: int
    table: TableName
    column: str | None  # None: the table
    found: str
    expected: str


class Removal(NamedTuple):
    """A contract of base, or its entry for a table, that head has no more, though the table lives."""

    contract: str  # id
    role: Role
    path: str  # at head, or at base where head has none
    what: Literal["contract", "table"]
    table: TableName  # as base calls it


def judge(
    outcomes: Sequence[Outcome], base: ContractSet, head: ContractSet, terms: UpdateTerms
) -> list[Judgement]:
    """One judgement for each outcome, in their order. `outcomes` are all that the change has."""
    tables_at_base = {base.folded(outcome.table) for outcome in outcomes}
    judged = []
    for outcome in outcomes:
        names = [outcome.table]
        if outcome.new_table is not None and base.folded(outcome.new_table) not in tables_at_base:
            # No table of base had the new name: who declared it there meant this table, ahead of the change.
            names.append(outcome.new_table)
        binding = _naming(base, names)
        covering = [*binding, *_naming(head, [name for name in (outcome.new_table, outcome.table) if name])]
        late = (behind(outcome, contract, base, head, terms) for contract, _ in binding)
        judged.append(
            Judgement(
                tuple(found for found in late if found is not None),
                _missing_sides(covering),
                tuple(dict.fromkeys(contract.id for contract, _ in covering)),
            )
        )
    return judged


def disagreements(
    base: ContractSet, head: ContractSet, terms: UpdateTerms, outcomes: Sequence[Outcome] = ()
) -> list[Disagreement]:
    """Where entries that are new in the change contradict the catalog of head.

    An entry that followed its table to a new name, as `outcomes` tell, is not new.
    """
    found: list[Disagreement] = []
    earlier_names: dict[TableName, set[TableName]] = {}
    for outcome in outcomes:
        if outcome.new_table is not None:
            earlier_names.setdefault(head.folded(outcome.new_table), set()).add(outcome.table)
    for contract in head.contracts:
        before = same_contract(base, contract)
        for entry in contract.tables:
            table = head.name_of(entry)
            names = (table, *earlier_names.get(table, ()))
            if not any(base.entry(before, name) for name in names):
                found += _contradicted(contract, entry, table, terms)
    return found


def removals(
    base: ContractSet, head: ContractSet, new_name: Callable[[TableName], TableName | None]
) -> list[Removal]:
    """Contracts and entries of base that are gone at head, while the table lives.

    `new_name` says what head calls a table of base; None: it is gone, or the catalog never knew it.
    """
    found = []
    for contract in base.contracts:
        after = same_contract(head, contract)
        for entry in contract.tables:
            table = base.name_of(entry)
            now = new_name(table)
            if now is None or head.entry(after, now) or head.entry(after, table):
                continue
            path = contract.path if after is None else after.path
            what: Literal["contract", "table"] = "contract" if after is None else "table"
            found.append(Removal(contract.id, contract.role, path, what, table))
    return found


def _contradicted(
    contract: Contract, entry: TableDeclaration, table: TableName, terms: UpdateTerms
) -> Iterator[Disagreement]:
    columns = [(column, terms.head_column(table, column.name)) for column in entry.columns]
    who = (contract.id, contract.role, contract.path)
    if columns and all(known.exists is False for _, known in columns):
        yield Disagreement(*who, entry.line, table, None, f"{entry.name}:", "a table that has these columns")
        return
    for column, known in columns:
        if not agrees(column, known, terms):
            expected = f"no entry for {column.name}"
            if known.exists is not False:
                expected = declared_as(column, column.name, known)
            yield Disagreement(*who, column.line, table, column.name, column_text(column), expected)


def _naming(contracts: ContractSet, tables: Sequence[TableName]) -> list[tuple[Contract, TableDeclaration]]:
    """Each contract that names one of the tables, with its entry under the first that it names."""
    found = []
    for contract in contracts.contracts:
        entries = (contracts.entry(contract, table) for table in tables)
        entry = next((entry for entry in entries if entry is not None), None)
        if entry is not None:
            found.append((contract, entry))
    return found


def _missing_sides(covering: Sequence[tuple[Contract, TableDeclaration]]) -> tuple[Role, ...]:
    """Sides without a contract at base and at head, unless an entry of the other side calls them empty.

    It may do so in this very change: a side that had a contract at base is bound, whoever calls it empty.
    """
    present = {contract.role for contract, _ in covering}
    if any(entry.consumers == "none" for contract, entry in covering if contract.role == "producer"):
        present.add("consumer")
    if any(entry.producers == "none" for contract, entry in covering if contract.role == "consumer"):
        present.add("producer")
    return tuple(role for role in ROLES if role not in present)
