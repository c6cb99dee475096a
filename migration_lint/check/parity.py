"""Parity: contracts held against each other, against the schema that migrations make, and against code.

The `parity` command tells everything that does not agree at head. A check tells what a change brings about:
what disagrees at head and did not at base, on the tables, contracts and source files that it touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

from migration_lint.catalog.model import Catalog, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.change import Tree
from migration_lint.check.schema import Schema
from migration_lint.check.side import Side
from migration_lint.contracts.model import ColumnDeclaration, ContractSet
from migration_lint.errors import MissingExtra
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Kind, Operation
from migration_lint.parity.model import Disparity, Place, SchemaEvent
from migration_lint.parity.schema import KnownSchema, schema_disparities
from migration_lint.parity.sides import side_disparities
from migration_lint.parity.unheld import unheld_disparities
from migration_lint.parity.vendored import vendored_paths
from migration_lint.settings import Settings

#: The kinds of operation that show what an event is about, for a whole table and for a column of it.
_SHOWING: dict[SchemaEvent, frozenset[Kind]] = {
    "schema_type_differs": frozenset(("alter_type", "add_column", "create_table", "create_view")),
    "schema_null_differs": frozenset(("set_nullable", "add_column", "create_table")),
    "column_unfilled": frozenset(("set_nullable", "set_default", "add_column", "create_table")),
    "column_unwritable": frozenset(("set_generated", "add_column", "create_table")),
    "value_unwritable": frozenset(
        ("add_constraint", "alter_enum", "create_enum", "alter_type", "add_column", "create_table")
    ),
    "retired_back": frozenset(("rename_column", "add_column", "create_table")),
    "column_missing": frozenset(("drop_column", "rename_column", "create_table", "create_view")),
    "need_missing": frozenset(("drop_index", "drop_constraint", "create_table")),
    "table_missing": frozenset(("drop_table", "rename_table", "move_table")),
    "schema_unknown": frozenset(),
}


class State(NamedTuple):
    """One database at one end of a change: the contracts about it, and what they are held against."""

    tree: Tree
    contracts: ContractSet
    schema: KnownSchema | None  # None: there are no migrations

    @property
    def catalogs(self) -> list[Catalog]:
        """The catalog, if there is one."""
        return [self.schema.catalog] if self.schema is not None else []


def base_state(tree: Tree, contracts: ContractSet, schemas: Sequence[Schema]) -> State:
    """The change's start."""
    known = (_known(each.before, each.base) for each in schemas if each.base)
    return State(tree, contracts, next(known, None))


def head_state(tree: Tree, contracts: ContractSet, schemas: Sequence[Schema]) -> State:
    """The change's end."""
    known = (_known(each.after, each.head) for each in schemas if each.head)
    return State(tree, contracts, next(known, None))


def disparities(state: State, project: str, settings: Settings) -> list[Disparity]:
    """Everything that does not agree in one tree. Raises MissingExtra where that needs optional packages."""
    return [*_uncoded(state, state.contracts, project, settings), *_coded(state, project, settings)]


def _uncoded(state: State, compared: ContractSet, project: str, settings: Settings) -> Iterator[Disparity]:
    """What does not agree without a look at code. `compared` has the encodings to be tried."""
    yield from side_disparities(compared, state.catalogs, settings.dialect)
    if state.schema is not None:
        yield from schema_disparities(state.contracts, state.schema)
    else:
        yield from unheld_disparities(state.contracts, vendored_paths(state.tree, project))


def _coded(
    state: State, project: str, settings: Settings, *, bound_alone: bool = False
) -> Iterator[Disparity]:
    """What does not agree with code; `bound_alone`: none is looked at where no contract binds any.

    Raises MissingExtra.
    """
    contracts = state.contracts.contracts
    if any(not bound_alone or entry.code for contract in contracts for entry in contract.tables):
        from migration_lint.parity.code import code_disparities

        yield from code_disparities(state.contracts, state.catalogs, state.tree, project, settings.dialect)


def new_disparities(
    base: State, head: State, tables: Set[TableName], project: str, settings: Settings
) -> tuple[list[Disparity], list[str]]:
    """What a change brings about on some tables, and notes on what could not be looked at.

    What is not certain is left to the `parity` command: it is no reason to hold up a merge. What nobody could
    try is said: it may be all that the change is about.
    """
    base, head = _only(base, tables), _only(head, tables)
    before, after = _without_places(base), _without_places(head)
    found = list(_uncoded(after, _new_encodings(head, base), project, settings))
    known = _uncoded(before, _new_encodings(base, head), project, settings)
    made = _new(found, known)
    try:
        coded = list(_coded(after, project, settings, bound_alone=True))
        made += _new(coded, _coded(before, project, settings, bound_alone=True))
    except MissingExtra as error:
        return _placed(made, head), [f"{error.purpose} was left out: {error.problems[0].fix}"]
    return _placed(made, head), []


def _new(found: Sequence[Disparity], known: Iterable[Disparity]) -> list[Disparity]:
    """What is worth telling of `found`, without what is among `known`, which is asked for only then."""
    said = [each for each in found if _is_said(each)]
    keys = {each.key for each in known} if said else set()
    return [each for each in said if each.key not in keys]


def _is_said(each: Disparity) -> bool:
    return each.certain or each.event == "encoding_undecided"


def _without_places(state: State) -> State:
    """A state that finds no places in the history: to look for one reads every script, and few are shown."""
    known = state.schema
    return state._replace(schema=None if known is None else KnownSchema(known.catalog, known.whole))


def _placed(found: list[Disparity], state: State) -> list[Disparity]:
    """Disparities with their places in the history, where they have any."""
    if not found or state.schema is None:
        return found
    places: dict[tuple[str, ...], list[Disparity]] = {}
    for each in schema_disparities(state.contracts, state.schema):
        places.setdefault(each.key, []).append(each)
    return [places[each.key].pop(0) if places.get(each.key) else each for each in found]


def _only(state: State, tables: Set[TableName]) -> State:
    """A state whose contracts speak of some tables only."""
    contracts = state.contracts
    kept = tuple(
        contract._replace(
            tables=tuple(entry for entry in contract.tables if contracts.name_of(entry) in tables)
        )
        for contract in contracts.contracts
    )
    return state._replace(contracts=contracts._replace(contracts=kept))


def _new_encodings(state: State, other: State) -> ContractSet:
    """A state's contracts without what they say of encodings, where the other state's say just the same.

    To try the encodings of two sides takes longer than all the rest, and what neither of them says anew they
    have no new quarrel about. What code makes of a column is another matter: it may be what has changed.
    """
    mine, theirs = _encodings(state.contracts), _encodings(other.contracts)
    same = {key for key, said in mine.items() if theirs.get(key) == said}

    def stripped(table: TableName, column: ColumnDeclaration) -> ColumnDeclaration:
        if (table, column.name) not in same:
            return column
        return column._replace(encoding=None, examples=())

    contracts = state.contracts
    kept = tuple(
        contract._replace(
            tables=tuple(
                entry._replace(
                    columns=tuple(stripped(contracts.name_of(entry), each) for each in entry.columns)
                )
                for entry in contract.tables
            )
        )
        for contract in contracts.contracts
    )
    return contracts._replace(contracts=kept)


def _encodings(contracts: ContractSet) -> dict[tuple[TableName, str], list[object]]:
    """What all contracts together say of the encoding of each column."""
    said: dict[tuple[TableName, str], list[object]] = {}
    for contract in contracts.contracts:
        for entry in contract.tables:
            for column in entry.columns:
                key = (contracts.name_of(entry), column.name)
                said.setdefault(key, []).append((contract.id, column.encoding, column.examples))
    return said


def _known(catalog: Catalog, side: Side | None) -> KnownSchema:
    environment = None if side is None else side.history.environment
    folders = () if environment is None else (*environment.version_locations, environment.script_location)
    whole = Place(next(iter(folders), ""))
    return KnownSchema(catalog, whole, where=lambda event, table, column: _shown(side, event, table, column))


def _shown(side: Side | None, event: SchemaEvent, table: Table | None, column: str) -> Place | None:
    """The last operation of a history that shows what an event is about."""
    if side is None or table is None:
        return None
    kinds = _SHOWING[event]
    names = {name.name for name in table.all_names}
    for script in reversed(side.history.scripts):
        for operation in reversed(side.operations(script)):
            if operation.kind in kinds and operation.table in names and _about(operation, column):
                return Place(operation.path or script.path, operation.line)
    return None


def _about(operation: Operation, column: str) -> bool:
    if (
        operation.kind in ("create_table", "create_view")
        or not column
        or operation.kind in ("drop_index", "drop_constraint")
    ):
        return True
    added = [each.name for each in operation.columns]
    return column in (operation.column, operation.new_name, *added)
