"""What is known of a table that a contract is drafted for: its columns, from whatever shows them.

The schema is asked first, then what other contracts say, then the code's own variables. What none of them
shows is left unknown, and is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from migration_lint.catalog.model import Catalog, CatalogColumn, Table
from migration_lint.contracts.model import ColumnDeclaration, Contract, Role, TableDeclaration
from migration_lint.identifiers import Identifiers
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.parity.language_types import Held
from migration_lint.parity.schema import made_by_database
from migration_lint.wording import listed
from migration_lint.writing.draft import UNKNOWN, DraftColumn, UniqueKey
from migration_lint.writing.evidence import encoding_of, values_of
from migration_lint.writing.seen import Code, Seen, Value


class Known(NamedTuple):
    """What shows something of a table."""

    dialect: Dialect
    spelled: str  # the table, as contracts write it
    catalog: Catalog | None
    table: Table | None  # in the catalog
    contracts: Sequence[tuple[Contract, TableDeclaration]]  # that speak of it already
    code: Code = Code()
    notes: tuple[str, ...] = ()


#: What a column holds that PostgreSQL would take a variable for. A guess, and said to be one.
_POSTGRESQL = {"text": "text", "boolean": "boolean", "bytes": "bytea", "uuid": "uuid", "time": "timestamptz"}
_OTHERS = {"text": "text"}
_TEXTS = ("text", "varchar", "char", "citext", "bpchar", "nvarchar")
_INTEGERS = {16: "int2", 32: "int4", 64: "int8"}


def columns_of(known: Known, role: Role, bound: Sequence[Seen]) -> tuple[list[DraftColumn], list[str]]:
    """The columns that a side writes or reads, and what about them is not known, a sentence each.

    With statements, those that they name, in their order; without, those that the schema suggests.
    """
    if not bound:
        drafted = [_of_schema(known, each, role) for each in _suggested(known, role)]
        return drafted, _unshown(drafted)
    notes: list[str] = []
    made: dict[str, DraftColumn] = {}
    for each in bound:
        names = [*each.columns, *each.named]
        if each.star:
            names = [*names, *(name for name in _all_names(known) if name not in names)]
        for name in names:
            key = name if known.catalog is None else known.catalog.fold(name)
            if key in made:
                continue
            column = _column(known, role, bound, key, written=any(name in one.columns for one in bound))
            if column is None:
                where = f"{each.path}:{each.line}"
                notes.append(
                    f"{where} names {known.spelled}.{name}, which no migration makes: it is left out"
                )
            else:
                made[key] = _with_evidence(known, column, role, bound)
    notes += _unshown(made.values())
    guessed = [name for name in made if _declared(known, name) is None and made[name].type != UNKNOWN]
    if guessed and known.table is None:
        notes.append(
            f"the types of {listed(guessed, 'and')} are those of the code's variables: write the table's"
        )
    return list(made.values()), notes


def _with_evidence(known: Known, column: DraftColumn, role: Role, bound: Sequence[Seen]) -> DraftColumn:
    """A column with what the statements show of it beside its type."""
    name = column.name
    encoding = encoding_of(bound, name, column.type)
    values = (
        values_of(bound, name, _otherwise(known, name)) if role == "producer" and encoding is None else ()
    )
    if not (column.values or column.type.startswith(_TEXTS)):
        values = ()
    return column._replace(encoding=encoding, values=values or column.values)


def _otherwise(known: Known, name: str) -> str | None:
    """What a column gets where an INSERT leaves it out, "" for NULL; None where that is not known."""
    there = (
        None
        if known.catalog is None or known.table is None
        else known.table.columns.get(known.catalog.fold(name))
    )
    if there is None or there.generated is not None:
        return None
    if there.default is None:
        return ""
    text = re.fullmatch(r"'([^']+)'(?:::[\w ]+)?", there.default)
    return None if text is None else text[1]


def _unshown(columns: Iterable[DraftColumn]) -> list[str]:
    names = [column.name for column in columns if column.type == UNKNOWN]
    if not names:
        return []
    types = "the type" if len(names) == 1 else "the types"
    return [f"nothing here shows {types} of {listed(names, 'and')}: write it in the place of {UNKNOWN}"]


def _suggested(known: Known, role: Role) -> list[CatalogColumn]:
    columns = [] if known.table is None else list(known.table.columns.values())
    return columns if role == "consumer" else [each for each in columns if not made_by_database(each)]


def _all_names(known: Known) -> Iterator[str]:
    if known.table is not None and known.table.columns:
        yield from (column.name for column in known.table.columns.values())
        return
    for _, entry in known.contracts:
        yield from (column.name for column in entry.columns)


def _column(
    known: Known, role: Role, bound: Sequence[Seen], name: str, *, written: bool
) -> DraftColumn | None:
    """One column that the code names; None where the schema shows that there is none."""
    if known.table is not None:
        there = known.table.columns.get(name)
        if there is not None:
            column = _of_schema(known, there, role, written=written)
            if role == "consumer" and there.default is not None and _is_unwritten(known, name):
                column = column._replace(from_database=True)
            return column if column.type != UNKNOWN else column._replace(type=_type(known, bound, name))
        if known.table.complete and not known.table.uncertain:
            return None
    said = _declared(known, name)
    if said is not None:
        return DraftColumn(
            said.name, said.type, said.nullable, said.from_database and role == "consumer", said.values
        )
    value = _value(bound, name)
    nullable = None if value is None else value.held.null
    return DraftColumn(name, _type(known, bound, name), nullable)


def _is_unwritten(known: Known, name: str) -> bool:
    """Whether no producer that is known writes a column, which its default then fills."""
    fold = Identifiers(known.dialect).fold
    written = [entry.column(name, fold) for contract, entry in known.contracts if contract.role == "producer"]
    return bool(written) and all(each is None or each.from_database for each in written)


def _of_schema(known: Known, column: CatalogColumn, role: Role, *, written: bool = True) -> DraftColumn:
    catalog = known.catalog
    assert catalog is not None  # a column of it is at hand
    type = catalog.canonical(column.type) or UNKNOWN
    enum = catalog.enums.get(catalog.key_of(type))
    return DraftColumn(
        column.name,
        type,
        column.nullable,
        made_by_database(column) and (role == "consumer" or not written),
        () if enum is None else tuple(enum.values or ()),
        json=type.startswith("json"),
    )


def _declared(known: Known, name: str) -> ColumnDeclaration | None:
    """What another contract says of a column: a producer's word counts first."""
    fold = Identifiers(known.dialect).fold
    found = [
        (contract.role != "producer", column)
        for contract, entry in known.contracts
        if (column := entry.column(name, fold)) is not None and column.type != UNKNOWN
    ]
    return min(found, key=lambda each: each[0])[1] if found else None


def _value(bound: Iterable[Seen], name: str) -> Value | None:
    return next((each.values[name] for each in bound if name in each.values), None)


def _type(known: Known, bound: Sequence[Seen], name: str) -> str:
    """The type that a column probably has, by the variable that holds it."""
    value = _value(bound, name)
    if value is None:
        return UNKNOWN
    types = _POSTGRESQL if known.dialect == "postgresql" else _OTHERS
    if value.encoding == "json":
        return {"postgresql": "jsonb", "mysql": "json"}.get(known.dialect, UNKNOWN)
    return UNKNOWN if value.encoding else _of_held(value.held, types, known.dialect)


def _of_held(held: Held, types: dict[str, str], dialect: Dialect) -> str:
    if held.family == "integer" and dialect == "postgresql":
        return _INTEGERS.get(held.bits, UNKNOWN)
    return types.get(held.family, UNKNOWN)


def needs_of(bound: Sequence[Seen]) -> list[UniqueKey]:
    """What the ON CONFLICT of the statements goes by."""
    wanted = {
        UniqueKey(each.conflict, each.conflict_where)
        for each in bound
        if each.conflict and each.statement == "insert"
    }
    return sorted(wanted, key=repr)


def keys_of(known: Known) -> list[UniqueKey]:
    """The unique indexes that the schema shows."""
    if known.table is None:
        return []
    indexes = [UniqueKey(tuple(each.columns), each.where) for each in known.table.indexes if each.unique]
    return indexes + [
        UniqueKey(tuple(each.columns)) for each in known.table.constraints if each.kind == "unique"
    ]
