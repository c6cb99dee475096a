"""Which contracts a softer change concerns: nullability, defaults, lost values, broken needs.

None of these removes what a statement names, so each is a rule of its own rather than part of the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from migration_lint.catalog.difference import Shift
from migration_lint.catalog.model import Table
from migration_lint.catalog.outcome import TableName
from migration_lint.contracts.bound import bound, is_acknowledged
from migration_lint.contracts.following import Behind, UpdateTerms
from migration_lint.contracts.judgement import Judgement
from migration_lint.contracts.meaning import acknowledgement_text, column_text
from migration_lint.contracts.model import ColumnDeclaration, Contract, ContractSet, Need
from migration_lint.named_tuple import NamedTuple


class BrokenNeed(NamedTuple):
    """A need of a contract of head that base's schema met and head's does not."""

    contract: Contract
    need: Need


class KeptNeed(NamedTuple):
    """A need of a contract of head, with its columns as base calls them."""

    contract: Contract
    need: Need
    before: tuple[str, ...]


def judge_shift(shift: Shift, base: ContractSet, head: ContractSet, terms: UpdateTerms) -> Judgement:
    """Which contracts neither follow nor acknowledge that a column's nullability or default changes.

    What allows NULL from now on concerns those that read it, what refuses it those that write it.
    """
    covering: list[str] = []
    late: list[Behind] = []
    for contract, after, entry in bound(base, head, shift.table, shift.new_table):
        covering.append(contract.id)
        column = None if entry is None else entry.column(shift.new_column, head.fold)
        if after is None or entry is None or column is None:
            continue  # a contract that is gone is a finding of its own; one that does not list it has no say
        if is_acknowledged(_revision(shift), shift.table, contract, entry, base):
            continue
        wanted = _expected(shift, contract, column, _revision(shift), terms)
        if wanted is not None:
            late.append(
                Behind(contract.id, contract.role, after.path, column.line, column_text(column), wanted)
            )
    return Judgement(tuple(late), (), tuple(covering))


def _revision(shift: Shift) -> str:
    return "" if shift.step is None else shift.step.revision


def _expected(
    shift: Shift, contract: Contract, column: ColumnDeclaration, revision: str, terms: UpdateTerms
) -> str | None:
    """What a contract is to say, with a type that changes too; None: it need not change."""
    if shift.kind != "nullable":
        return acknowledgement_text(revision) if revision else None
    allows = shift.new == "null"
    if shift.new is None or column.nullable == allows or (column.nullable is None and allows):
        return None  # a producer that says nothing of it may write NULL
    if contract.role != ("consumer" if allows else "producer") or (column.from_database and not allows):
        return None
    known = terms.head_column(shift.new_table, column.name)
    differs = known.type is not None and not terms.declares(column, known.type)
    return column_text(column, type=known.type if differs else None, nullable=allows)


def judge_value(shift: Shift, left: Sequence[str], base: ContractSet, head: ContractSet) -> Judgement:
    """Which contracts still rely on a value that an enum has no more; `left` are those that it has now.

    A contract that lists no values relies on all that the type has: it lists what is left, or acknowledges.
    """
    covering: list[str] = []
    late: list[Behind] = []
    for contract, after, entry in bound(base, head, shift.table, shift.new_table):
        covering.append(contract.id)
        column = None if entry is None else entry.column(shift.new_column, head.fold)
        if after is None or entry is None or column is None:
            continue
        if column.values:
            if shift.old not in column.values:
                continue
            values = [shift.new if each == shift.old else each for each in column.values]
        elif is_acknowledged(_revision(shift), shift.table, contract, entry, base):
            continue
        else:
            values = list(left)
        wanted = column_text(column, values=tuple(each for each in values if each is not None))
        late.append(Behind(contract.id, contract.role, after.path, column.line, column_text(column), wanted))
    return Judgement(tuple(late), (), tuple(covering))


def broken_needs(
    table: TableName, before: Table, after: Table, head: ContractSet, fold: Callable[[str], str]
) -> Iterator[BrokenNeed]:
    """The needs of head's contracts that base's table met and head's does not."""
    for contract, need, names in _needs(table, before, after, head, fold):
        if need_met(need, before, names, fold) and not need_met(need, after, need.columns, fold):
            yield BrokenNeed(contract, need)


def kept_needs(
    table: TableName, before: Table, after: Table, head: ContractSet, fold: Callable[[str], str]
) -> Iterator[KeptNeed]:
    """The needs of head's contracts that base's table met and head's meets too."""
    for each in _needs(table, before, after, head, fold):
        if need_met(each.need, before, each.before, fold) and need_met(
            each.need, after, each.need.columns, fold
        ):
            yield each


def _needs(
    table: TableName, before: Table, after: Table, head: ContractSet, fold: Callable[[str], str]
) -> Iterator[KeptNeed]:
    earlier = {column.identity: column.name for column in before.columns.values()}
    former = {
        fold(column.name): earlier.get(column.identity, column.name) for column in after.columns.values()
    }
    for contract in head.contracts:
        entry = head.entry(contract, after.full_name) or head.entry(contract, table)
        for need in () if entry is None else entry.needs:
            yield KeptNeed(contract, need, tuple(former.get(fold(name), name) for name in need.columns))


def need_met(need: Need, table: Table, columns: Iterable[str], fold: Callable[[str], str]) -> bool:
    """Whether a table has what a need asks for, on `columns`: the need's own, as this table calls them."""
    names = tuple(fold(name) for name in columns)
    if need.kind == "unique":
        return table.is_unique_on(names, need.where, fold=fold)
    if need.kind == "index":
        listed = [tuple(map(fold, index.columns)) for index in table.indexes]
        listed += [
            tuple(map(fold, c.columns)) for c in table.constraints if c.kind in ("primary_key", "unique")
        ]
        return any(each[: len(names)] == names for each in listed)
    return any(
        constraint.kind == "foreign_key" and tuple(map(fold, constraint.columns)) == names
        for constraint in table.constraints
    )
