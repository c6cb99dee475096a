"""Contracts of base that name a table, as head has them."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.catalog.outcome import TableName
from migration_lint.contracts.following import same_contract
from migration_lint.contracts.model import Contract, ContractSet, TableDeclaration


def bound(
    base: ContractSet, head: ContractSet, table: TableName, new_table: TableName
) -> Iterator[tuple[Contract, Contract | None, TableDeclaration | None]]:
    """The contracts of base that name a table; each with its state at head, and its entry there."""
    for contract in base.contracts:
        if base.entry(contract, table) is not None:
            after = same_contract(head, contract)
            yield contract, after, head.entry(after, new_table) or head.entry(after, table)


def is_acknowledged(
    revision: str, table: TableName, contract: Contract, entry: TableDeclaration, base: ContractSet
) -> bool:
    """Whether a contract acknowledges a revision in its entry of head, and did not before the change."""
    before = base.entry(same_contract(base, contract), table)
    earlier = None if before is None else before.acknowledgement(revision)
    return bool(revision) and entry.acknowledgement(revision) is not None and earlier is None
