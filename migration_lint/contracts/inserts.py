"""What the INSERTs of producers write, and which producers have to change where one is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from migration_lint.catalog.inserted import Written
from migration_lint.catalog.insertion import Writing
from migration_lint.catalog.model import CatalogColumn
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.refusals import Refusal
from migration_lint.contracts.bound import bound, is_acknowledged
from migration_lint.contracts.following import Behind
from migration_lint.contracts.judgement import Judgement
from migration_lint.contracts.meaning import acknowledgement_text, column_text
from migration_lint.contracts.model import ColumnDeclaration, Contract, ContractSet, TableDeclaration
from migration_lint.named_tuple import NamedTuple


class Inserting(NamedTuple):
    """A producer that INSERTs into a table, in base and in head."""

    contract: Contract  # of head
    before: TableDeclaration
    entry: TableDeclaration

    def behind(self, line: int, found: str, expected: str) -> Behind:
        """What it says there, and what it should say."""
        return Behind(self.contract.id, self.contract.role, self.contract.path, line, found, expected)


def inserts(contract: Contract, entry: TableDeclaration) -> bool:
    """Whether a contract INSERTs into a table: a producer does, unless its bindings say otherwise."""
    if contract.role != "producer" or not entry.columns:
        return False
    return not entry.code or any(binding.statement == "insert" for binding in entry.code)


def written(entry: TableDeclaration, fold: Callable[[str], str]) -> dict[str, Written]:
    """What the INSERTs of an entry write, by folded names."""
    return {
        fold(each.name): Written(each.values, each.nullable, _shape(each))
        for each in entry.columns
        if not each.from_database
    }


def _shape(column: ColumnDeclaration) -> str:
    """The type that JSON Schema gives to what is written; "": several, or it does not say."""
    schema = column.encoding.get("json") if isinstance(column.encoding, Mapping) else None
    said = schema.get("type") if isinstance(schema, Mapping) else None
    return "number" if said == "integer" else said if isinstance(said, str) else ""


def inserting(
    base: ContractSet, head: ContractSet, table: TableName, new_table: TableName
) -> Iterator[Inserting]:
    """The producers of base that INSERT into a table, and still do."""
    for contract, after, entry in bound(base, head, table, new_table):
        before = base.entry(contract, table)
        if after is not None and entry is not None and before is not None and inserts(after, entry):
            yield Inserting(after, before, entry)


def covering(base: ContractSet, head: ContractSet, table: TableName, new_table: TableName) -> tuple[str, ...]:
    """The ids of all contracts of base that name a table."""
    return tuple(contract.id for contract, *_ in bound(base, head, table, new_table))


def judge_insertion(
    table: TableName,
    new_table: TableName,
    column: CatalogColumn,
    writing: Writing,
    revision: str,
    base: ContractSet,
    head: ContractSet,
) -> Judgement:
    """Which producers leave out a column that every INSERT must fill now, or fill one that none may.

    `revision` is the one that makes it so, where that is not certain: it may be acknowledged; else "".
    """
    late: list[Behind] = []
    for each in inserting(base, head, table, new_table):
        if is_acknowledged(revision, table, each.contract, each.entry, base):
            continue
        declared = each.entry.column(column.name, head.fold)
        if writing == "must" and (declared is None or declared.from_database):
            late.append(_unwritten(each, declared, column))
        elif writing == "never" and declared is not None and not declared.from_database:
            wanted = column_text(declared._replace(from_database=True))
            late.append(each.behind(declared.line, column_text(declared), wanted))
    return Judgement(tuple(late), (), covering(base, head, table, new_table))


def _unwritten(each: Inserting, declared: ColumnDeclaration | None, column: CatalogColumn) -> Behind:
    """A column that a producer does not write, and has to."""
    if declared is None:
        wanted = ColumnDeclaration(name=column.name, line=0, type=column.type or "?", nullable=False)
        return each.behind(each.entry.line, f"no entry for {column.name}", column_text(wanted))
    wanted = declared._replace(from_database=False, nullable=False)
    return each.behind(declared.line, column_text(declared), column_text(wanted))


def judge_refusal(
    table: TableName,
    refusal: Refusal,
    column: CatalogColumn | None,
    revision: str,
    refused: Iterable[Inserting],
    covered: tuple[str, ...],
    base: ContractSet,
    head: ContractSet,
) -> Judgement:
    """Which of the producers whose INSERTs a CHECK refuses, or may refuse, do not acknowledge that."""
    late: list[Behind] = []
    for each in refused:
        if is_acknowledged(revision, table, each.contract, each.entry, base):
            continue
        declared = None if column is None else each.entry.column(column.name, head.fold)
        if column is None or not refusal.certain:
            line, found = each.entry.line, refusal.because
            late.append(each.behind(line, found, acknowledgement_text(revision) if revision else ""))
        elif refusal.writing == "must" or declared is None:
            late.append(_unwritten(each, declared, column))
        else:
            late.append(each.behind(declared.line, column_text(declared), _without(declared, refusal.values)))
    return Judgement(tuple(late), (), covered)


def _without(declared: ColumnDeclaration, values: tuple[str | None, ...]) -> str:
    """A declaration without some of the values that it says are written; None: NULL."""
    left = tuple(each for each in declared.values if each not in values)
    return column_text(declared, values=left or None, nullable=False if None in values else None)
