"""What a contract says: one service's statement, in one role, of what it relies on.

Names and types are as the file writes them; lines count from 1. What of it is meaning, and what only
spelling, is for `meaning`. A contract goes through JSON and back (`contract_to_json`), because a warm
run takes it from the store and never imports a YAML reader. For the same reason these are NamedTuples,
which take a tenth of the time that dataclasses take to make: give their fields by name all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from migration_lint.catalog.outcome import TableName
from migration_lint.identifiers import Identifiers
from migration_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from migration_lint.yaml_document import Json

Role = Literal["producer", "consumer"]
ROLES: tuple[Role, ...] = get_args(Role)

NeedKind = Literal["unique", "index", "foreign_key"]
Statement = Literal["insert", "select", "update", "delete"]
Order = Literal["exact", "any"]


class ColumnDeclaration(NamedTuple):
    """One column of a table, as this side relies on it."""

    name: str
    line: int
    type: str
    nullable: bool | None = None  # None: not said
    from_database: bool = False  # the database fills it in, no producer writes it
    values: tuple[str, ...] = ()  # the only ones; empty: any
    #: How the bytes are to be read: a plain name, or `{"json": ⟨JSON Schema⟩}`.
    encoding: str | Mapping[str, Json] | None = None
    examples: tuple[str, ...] = ()
    description: str = ""
    outlined: bool = False  # the type may leave out a length or a precision, and says nothing of them then


class Need(NamedTuple):
    """An index or a key that this side's statements cannot do without."""

    kind: NeedKind
    line: int
    columns: tuple[str, ...]
    where: str | None = None  # of a partial index
    references: str | None = None  # foreign_key: the table, as written
    referenced_columns: tuple[str, ...] = ()  # foreign_key; empty: the primary key
    on_delete: str | None = None  # foreign_key


class CodeBinding(NamedTuple):
    """A statement that this side really runs, and where it stands."""

    line: int
    path: str
    statement: Statement
    symbol: str | None = None
    order: Order = "any"  # of the columns: as the contract lists them, or any


class Retired(NamedTuple):
    """A name that must not come back, with what the file says of it: mostly the day it went."""

    name: str
    line: int
    since: str


class Acknowledgement(NamedTuple):
    """Consent to a revision that a declaration cannot express."""

    revision: str
    line: int
    reason: str


class TableDeclaration(NamedTuple):
    """What one contract says of one table."""

    name: str  # as written: "table" or "schema.table"
    line: int
    columns: tuple[ColumnDeclaration, ...] = ()
    needs: tuple[Need, ...] = ()
    code: tuple[CodeBinding, ...] = ()
    retired: tuple[Retired, ...] = ()
    acknowledges: tuple[Acknowledgement, ...] = ()
    producers: Literal["none"] | None = None  # a consumer's word that nobody writes the table
    consumers: Literal["none"] | None = None  # a producer's word that nobody reads it
    description: str = ""
    database: str = ""  # whose table it is; "": the contract's word, else the only one with such a table

    @property
    def schema(self) -> str | None:
        """The schema, where the name has one."""
        schema, dot, _ = self.name.partition(".")
        return schema if dot else None

    @property
    def table(self) -> str:
        """The name without its schema."""
        return self.name.rpartition(".")[2]

    def column(self, name: str | None, fold: Callable[[str], str] = str) -> ColumnDeclaration | None:
        """The declaration of a column, or None. `fold`: what is equal for names that mean the same."""
        if name is None:
            return None
        for column in self.columns:
            if column.name == name or fold(column.name) == fold(name):
                return column
        return None

    def acknowledgement(self, revision: str) -> Acknowledgement | None:
        """The acknowledgement of a revision, or None."""
        return next((entry for entry in self.acknowledges if entry.revision == revision), None)


class Contract(NamedTuple):
    """One contract. `id` is its identity, whatever the path."""

    id: str
    service: str
    role: Role
    path: str
    line: int  # of the id
    owner: str = ""
    description: str = ""
    tables: tuple[TableDeclaration, ...] = ()
    content_id: str = ""  # of the file, as its tree gives it; "": not known
    database: str = ""  # whose tables these are, where an entry does not say it


class ContractSet(NamedTuple):
    """The contracts of one tree, by path. Ids are unique in it, and so are the tables of a contract."""

    contracts: tuple[Contract, ...] = ()
    default_schema: str = ""
    identifiers: Identifiers = Identifiers()

    def by_id(self, contract_id: str) -> Contract | None:
        """The contract with this id, or None."""
        return next((contract for contract in self.contracts if contract.id == contract_id), None)

    def entry(self, contract: Contract | None, table: TableName | None) -> TableDeclaration | None:
        """What a contract of this set says of a table, or None."""
        if contract is None or table is None:
            return None
        wanted = self.folded(table)
        return next((entry for entry in contract.tables if self.name_of(entry) == wanted), None)

    def name_of(self, entry: TableDeclaration) -> TableName:
        """The full name of an entry's table, the same for all names that mean it."""
        return self.folded(TableName(entry.schema or self.default_schema, entry.table))

    def folded(self, table: TableName) -> TableName:
        """What is equal for the names that mean one table."""
        fold = self.identifiers.fold_table
        return TableName(fold(table.schema), fold(table.name))

    def fold(self, name: str) -> str:
        """What is equal for the names that mean one column."""
        return self.identifiers.fold(name)

    def tables(self) -> dict[TableName, tuple[Contract, ...]]:
        """Every table that a contract names, by `name_of`, and the contracts that do."""
        found: dict[TableName, tuple[Contract, ...]] = {}
        for contract in self.contracts:
            for entry in contract.tables:
                name = self.name_of(entry)
                found[name] = (*found.get(name, ()), contract)
        return found


#: What belongs to the place of a contract, not to its text: the same bytes may lie elsewhere.
_PLACE = frozenset({"path", "content_id"})

_NESTED: dict[str, type[Any]] = {
    "tables": TableDeclaration,
    "columns": ColumnDeclaration,
    "needs": Need,
    "code": CodeBinding,
    "retired": Retired,
    "acknowledges": Acknowledgement,
}


def contract_to_json(contract: Contract) -> dict[str, Any]:
    """The contract as a JSON object, without its place: equal bytes give equal objects."""
    written: dict[str, Any] = _plain(contract)
    return {name: value for name, value in written.items() if name not in _PLACE}


def contract_from_json(data: dict[str, Any], path: str, content_id: str = "") -> Contract:
    """The reverse of `contract_to_json`. Raises TypeError on what that cannot have written."""
    tables = tuple(_rebuild(TableDeclaration, entry) for entry in data.get("tables", ()))
    return Contract(**{**data, "tables": tables, "path": path, "content_id": content_id})


def _plain(value: Any) -> dict[str, Any]:
    result = {}
    for name, default in zip(value._fields, _defaults(type(value)), strict=True):
        held = getattr(value, name)
        if held == default:
            continue
        if isinstance(held, tuple):
            held = [part if isinstance(part, str) else _plain(part) for part in held]
        result[name] = held
    return result


def _defaults(made_of: Any) -> list[Any]:
    return [made_of._field_defaults.get(name, ...) for name in made_of._fields]


def _rebuild(made_of: type[Any], data: dict[str, Any]) -> Any:
    made = {}
    for name, value in data.items():
        if isinstance(value, list):
            # `columns` of a Need are names, those of a table are declarations.
            value = tuple(part if isinstance(part, str) else _rebuild(_NESTED[name], part) for part in value)
        made[name] = value
    return made_of(**made)
