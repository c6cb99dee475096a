"""First contracts for a table: what its schema and, where there is some, the code show of it.

A draft says what can be seen and marks what only its owner knows, in comments that stand where the answer
belongs. It is valid as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from migration_lint.catalog.model import Catalog, CatalogColumn, Table
from migration_lint.contracts.format import VERSION
from migration_lint.contracts.meaning import flow
from migration_lint.contracts.model import Role
from migration_lint.parity.schema import made_by_database
from migration_lint.yaml_document import Json


class Seen(NamedTuple):
    """One statement on the table that the code holds."""

    path: str  # relative to the project
    symbol: str
    statement: str  # insert | select | update
    columns: tuple[str, ...]
    conflict: tuple[str, ...] = ()
    conflict_where: str | None = None


class Draft(NamedTuple):
    """What a first contract is made of."""

    service: str
    role: Role
    table: Table
    spelled: str  # the table's name, as contracts write it
    catalog: Catalog
    seen: Sequence[Seen] = ()
    other_side: bool = True  # whether anybody is on the other side of the table
    owner: str = ""

    @property
    def id(self) -> str:
        """The contract's id, which is its file's name too."""
        return f"{self.service}.{self.role}"


def draft_text(draft: Draft) -> str:
    """The contract file."""
    return "\n".join([*_head(draft), *_columns(draft), *_needs(draft), *_code(draft), *_rest(draft), ""])


def _head(draft: Draft) -> Iterator[str]:
    does = "writes" if draft.role == "producer" else "reads"
    yield f"# What {draft.service} relies on where it {does} {draft.spelled}."
    yield "# A migration that renames, retypes or drops one of these columns fails unless this file follows."
    if not draft.seen:
        yield f"# Drafted from the schema alone: take out what {draft.service} does not {does[:-1]}."
    yield f"contract: {VERSION}"
    yield f"id: {flow(draft.id)}"
    yield f"service: {flow(draft.service)}"
    yield f"role: {draft.role}"
    yield f"owner: {flow(draft.owner)}" if draft.owner else f'# owner: "@team-of-{draft.service}"'
    yield "tables:"
    yield f"  {flow(draft.spelled)}:"


def _columns(draft: Draft) -> Iterator[str]:
    chosen = _chosen(draft)
    if not chosen:
        yield "    columns: {}"
        return
    yield "    columns:"
    width = max(len(flow(column.name)) for column in chosen)
    for column in chosen:
        name = f"{flow(column.name)}:".ljust(width + 1)
        yield f"      {name} {flow(_declaration(draft, column))}"
        if (draft.catalog.canonical(column.type) or "").startswith("json"):
            yield f"      # how {column.name} is encoded, if it has one shape: add to its line"
            yield "      #   encoding: {json: {type: array, items: {type: string}}}"


def _chosen(draft: Draft) -> list[CatalogColumn]:
    """The columns that the code names, in its order; without code, those that the schema suggests."""
    columns = draft.table.columns
    named = [
        draft.catalog.fold(name)
        for each in draft.seen
        if (each.statement == "select") == (draft.role == "consumer")
        for name in each.columns
    ]
    if named:
        return [columns[name] for name in dict.fromkeys(named) if name in columns]
    if draft.role == "consumer":
        return list(columns.values())
    return [column for column in columns.values() if not made_by_database(column)]


def _declaration(draft: Draft, column: CatalogColumn) -> dict[str, Json]:
    said: dict[str, Json] = {"type": draft.catalog.canonical(column.type) or "unknown"}
    if column.nullable is not None:
        said["nullable"] = column.nullable
    if draft.role == "consumer" and made_by_database(column):
        said["from"] = "database"
    enum = draft.catalog.enums.get(draft.catalog.key_of(str(said["type"])))
    if enum is not None and enum.values:
        said["values"] = list(enum.values)
    return said


def _needs(draft: Draft) -> Iterator[str]:
    wanted = {
        (each.conflict, each.conflict_where)
        for each in draft.seen
        if each.conflict and each.statement == "insert"
    }
    if wanted:
        yield "    needs:"
        for columns, where in sorted(wanted, key=repr):
            yield from _unique(columns, where, "      ")
        return
    if draft.role == "consumer" or draft.seen:
        return
    unique = [(index.columns, index.where) for index in draft.table.indexes if index.unique]
    unique += [(each.columns, None) for each in draft.table.constraints if each.kind == "unique"]
    if unique:
        yield "    # The unique index that an ON CONFLICT of this side goes by, if there is one:"
        yield "    # needs:"
        for columns, where in unique:
            yield from (f"    # {line[4:]}" for line in _unique(columns, where, "      "))


def _unique(columns: Iterable[str], where: str | None, indent: str) -> Iterator[str]:
    yield f"{indent}- unique: {flow(list(columns))}"
    if where:
        yield f"{indent}  where: {flow(where)}"


def _code(draft: Draft) -> Iterator[str]:
    bound = [each for each in draft.seen if (each.statement == "select") == (draft.role == "consumer")]
    if not bound:
        yield "    # The statements that this side runs, for `migration-lint parity` to hold against it:"
        yield "    # code:"
        kind = "select" if draft.role == "consumer" else "insert"
        yield f"    #   - {{path: src/events.go, symbol: NameOfTheFunction, statement: {kind}}}"
        return
    yield "    code:"
    for each in bound:
        said: dict[str, Json] = {"path": each.path}
        if each.symbol:
            said["symbol"] = each.symbol
        said["statement"] = each.statement
        yield f"      - {flow(said)}"


def _rest(draft: Draft) -> Iterator[str]:
    if not draft.other_side:
        yield f"    {'consumers' if draft.role == 'producer' else 'producers'}: none"
