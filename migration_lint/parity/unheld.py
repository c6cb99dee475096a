"""What a contract says of a table where nothing here shows the table: it contradicts nothing, and so agrees
with nothing either.

A repository without migrations still has the contracts of other services that it vendors: what one of the
other side names is held against that, and is not told here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from migration_lint.contracts.model import ContractSet
from migration_lint.parity.model import Disparity, Place


def unheld_disparities(contracts: ContractSet, vendored: Collection[str]) -> Iterator[Disparity]:
    """The columns of each entry that nothing could be held against, where there is no schema at all.

    `vendored` are the paths of contracts that other repositories answer for.
    """
    for contract in contracts.contracts:
        for entry in contract.tables if contract.path not in vendored else ():
            table = contracts.name_of(entry)
            facing = [
                there
                for other in contracts.contracts
                if other.role != contract.role and (there := contracts.entry(other, table)) is not None
            ]
            # A column that is read, and that no producer writes, is told by the comparison of the sides.
            open_ones = [
                column
                for column in entry.columns
                if not any(there.column(column.name, contracts.fold) for there in facing)
                and (not facing or contract.role == "producer" or column.from_database)
            ]
            if open_ones:
                names = ", ".join(column.name for column in open_ones)
                place = Place(contract.path, open_ones[0].line, contract.id)
                yield Disparity(
                    "schema_unknown", table, contract.id, place, (), names, against="migrations",
                    other=", ".join(sorted(_ids(contracts, contract.role, table))),
                )  # fmt: skip


def _ids(contracts: ContractSet, role: str, table: object) -> Iterator[str]:
    for other in contracts.contracts:
        if other.role != role and any(contracts.name_of(entry) == table for entry in other.tables):
            yield other.id
