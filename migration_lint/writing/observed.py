"""Who reads and writes a table by the word of its server, against the contracts that there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from migration_lint.catalog.outcome import TableName
from migration_lint.contracts.model import Contract, ContractSet, Role, TableDeclaration
from migration_lint.errors import MissingExtra
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.parity.sources import is_table
from migration_lint.wording import listed
from migration_lint.writing.statistics import read_statistics

_ROLES: Mapping[str, Role] = {
    "insert": "producer", "update": "producer", "delete": "producer", "select": "consumer",
}  # fmt: skip
#: What pg_stat_statements shows of the statements of others to a role without pg_read_all_stats.
_HIDDEN = "<insufficient privilege>"


class Known(NamedTuple):
    """What the statements are read by, and held against."""

    table: TableName
    dialect: Dialect
    columns: Mapping[str, Sequence[str]]  # of tables, as statements may write them
    contracts: ContractSet


@dataclass
class Party:
    """One application, or role of the database, on one side of the table."""

    who: str
    role: Role
    columns: dict[str, None] = field(default_factory=dict)
    whole: bool = False  # `*`, of a table whose columns are not known
    statements: int = 0
    calls: int = 0
    contract: str = ""  # the id of its contract; "": it has none
    undeclared: tuple[str, ...] = ()
    open: tuple[str, ...] = ()  # why there may be more columns


class Observed(NamedTuple):
    """Who uses a table; `unread`: statements that may, and of which nothing could be told."""

    parties: tuple[Party, ...]
    silent: tuple[str, ...]  # ids of contracts of which no statement was run
    unread: tuple[str, ...]
    hidden: int = 0  # statements that the server did not show to whoever dumped them


def observed(path: Path, known: Known) -> Observed:
    """What a file of statistics shows. Raises CannotJudge, and MissingExtra where SQL cannot be read."""
    try:
        from migration_lint.sources.sql import read
    except ImportError as error:
        raise MissingExtra("parity", "reading the SQL of statistics") from error
    parties: dict[tuple[str, Role], Party] = {}
    unread: list[str] = []
    hidden = 0
    for each in read_statistics(path):
        hidden += each.sql == _HIDDEN
        if not _names(each.sql, known.table):
            continue
        reading = read((each.sql,), known.dialect, known.columns)
        uses = [
            one.use
            for statement in reading.statements
            for one in statement.uses
            if is_table(known.contracts, one.use.table, known.contracts.folded(known.table))
        ]
        if not uses:
            why = reading.unresolved or next((one.unresolved for one in reading.statements), "")
            unread += [f"{_shown(each.sql)}: {why}"] if why else []
        roles: set[Role] = set()
        for use in uses:
            role = _ROLES.get(use.kind)
            if role is None:
                continue
            party = parties.setdefault((each.who, role), Party(each.who, role))
            names = (*use.columns, *use.updated, *use.returning, *use.named)
            party.columns.update(dict.fromkeys(name for name in names if name != "*"))
            if use.star or "*" in names:
                _all_columns(party, known)
            party.open = tuple(dict.fromkeys((*party.open, *([use.unresolved] if use.unresolved else ()))))
            if role not in roles:
                party.statements += 1
                party.calls += each.calls
            roles.add(role)
    having = _entries(known)
    for party in parties.values():
        _compare(party, having, known)
    told = {party.contract for party in parties.values()}
    silent = tuple(contract.id for contract, _ in having if contract.id not in told)
    found = sorted(parties.values(), key=lambda party: (party.role != "producer", party.who))
    return Observed(tuple(found), silent, tuple(dict.fromkeys(unread)), hidden)


def _names(sql: str, table: TableName) -> bool:
    return re.search(rf"(?i)\b{re.escape(table.name)}\b", sql) is not None


def _all_columns(party: Party, known: Known) -> None:
    names = known.columns.get(known.table.name)
    if names:
        party.columns.update(dict.fromkeys(names))
    else:
        party.whole = True


def _entries(known: Known) -> list[tuple[Contract, TableDeclaration]]:
    contracts = known.contracts
    return [
        (contract, entry)
        for contract in contracts.contracts
        if (entry := contracts.entry(contract, contracts.folded(known.table))) is not None
    ]


def _compare(party: Party, having: Iterable[tuple[Contract, TableDeclaration]], known: Known) -> None:
    """The contract of a party is that of the service whose name the application, or the role, has."""
    for contract, entry in having:
        if contract.role == party.role and _plain(contract.service) == _plain(party.who):
            party.contract = contract.id
            fold = known.contracts.fold
            party.undeclared = tuple(name for name in party.columns if entry.column(name, fold) is None)
            return


def lines(found: Observed, table: str, path: str) -> Iterator[str]:
    """All of it as text, a line each."""
    for each in found.parties:
        does = "writes" if each.role == "producer" else "reads"
        columns = "all columns" if each.whole else listed(each.columns, "and") or "rows, and names no column"
        statements = f"{each.statements} statement{_s(each.statements)}, {each.calls} call{_s(each.calls)}"
        who = each.who or "somebody whom the file does not name"
        yield f"{who} {does} {columns} ({statements})"
        if not each.contract:
            yield f"  no contract names it as a {each.role} of {table}"
        elif each.undeclared:
            yield f"  {each.contract} does not declare {listed(each.undeclared, 'and')}"
        else:
            yield f"  as {each.contract} says"
        yield from (f"  not all of it is known: {why}" for why in each.open)
    yield from (f"{each}: no statement of it is in {path}" for each in found.silent)
    yield from (f"not read: {each}" for each in found.unread)
    if found.hidden:
        what = "one entry hides its" if found.hidden == 1 else f"{found.hidden} entries hide their"
        yield f"{what} statement: dump {path} as a role with pg_read_all_stats"


def is_new(found: Observed) -> bool:
    """Whether anybody uses what no contract of theirs declares."""
    return any(not each.contract or each.undeclared for each in found.parties)


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _shown(sql: str) -> str:
    line = " ".join(sql.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
