"""Which database a contract means, and what is judged of each: databases have nothing to do with one another.

An entry of a contract means the database that it names; without a name the only one that has such a table.
Where several have it, the entry is refused, with what to write. A table that none has may be in any.

Those that go on from the same database of base are one to contracts: nobody can tell from which of their
folders it is migrated. Where nothing configures one of them any more, a contract has to name another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from migration_lint.catalog.model import Catalog, Key
from migration_lint.check.database_change import DatabaseChange, whole_change
from migration_lint.check.protection import Contracts, Protection
from migration_lint.check.schema import Schema, no_schema
from migration_lint.contracts.model import Contract, ContractSet, TableDeclaration
from migration_lint.errors import CannotJudge, Problem
from migration_lint.facts.build import Background
from migration_lint.history import History, no_such_database
from migration_lint.settings import Settings
from migration_lint.wording import listed

Chosen = Callable[[Contract, TableDeclaration], frozenset[int]]


class Part:
    """One database of a run, and the contracts about its tables. `schemas` is empty where there is none."""

    def __init__(
        self,
        number: int,
        schemas: tuple[Schema, ...],
        settings: Settings,
        contracts: Contracts,
        background: Background,
        wanted: Callable[[str], bool],
    ) -> None:
        """`wanted` says of an event whether any rule hangs on it."""
        self.number = number
        self.schemas = schemas
        self.settings = settings
        self.contracts = contracts
        self.background = background
        self._wanted = wanted

    @cached_property
    def change(self) -> DatabaseChange:
        """What happened to it between base and head; nothing where base is head."""
        return whole_change(
            self.schemas[0] if self.schemas else no_schema(self.settings),
            self.contracts,
            self.settings,
            self.background,
            Protection(self.contracts, self.settings),
            self._wanted,
        )


class Databases:
    """The databases of a run, and whose table each entry of a contract means."""

    def __init__(self, schemas: Sequence[Schema], contracts: Contracts) -> None:
        self._schemas = schemas
        self._contracts = contracts
        self._meant = [_meant(each) if len(schemas) > 1 else frozenset() for each in schemas]

    def contracts_of(self, number: int) -> Contracts:
        """The contracts of both trees with their entries about one database."""
        settings = self._schemas[number].settings
        return Contracts(
            self._kept(self._contracts.base, number, settings, self._of_base),
            self._kept(self._contracts.head, number, settings, self.of_head),
        )

    def apart(self, contract: Contract, number: int) -> Contract:
        """A contract of head, or of what it is about to say, with what it says of one database."""
        return _filtered(contract, number, self.of_head) if self._schemas else contract

    def problems(self) -> Iterator[Problem]:
        """Entries of head that may mean several databases, or name one that is not here."""
        for contract in self._contracts.head.contracts:
            for entry in contract.tables:
                stated = entry.database or contract.database
                holders = self._deployed(self._holding(entry, alive=True))
                if stated and self._named(stated) is None and holders:
                    message = f"{contract.id} names the database {stated}, and no database is called so"
                    fix = no_such_database((each.called()[0] for each in self._schemas), stated)
                    yield Problem(message, contract.path, entry.line, fix=fix)
                elif not stated and len(holders) > 1:
                    names = [self._schemas[number].called()[0] for number in sorted(holders)]
                    which = f"{contract.id} does not say of which"
                    message = f"{entry.name} is a table of {listed(names, 'and')}, and {which}"
                    said = listed((f"`database: {name}`" for name in names), "or")
                    fix = f"write {said} into its entry, or above the contract's tables"
                    yield Problem(message, contract.path, entry.line, fix=fix)
                elif stated:
                    yield from self._not_followed(contract, entry, stated)

    def _not_followed(self, contract: Contract, entry: TableDeclaration, stated: str) -> Iterator[Problem]:
        """An entry that stays with a folder whose database is migrated from another one now."""
        number = self._named(stated)
        if number is None:
            return
        twins = self._together(frozenset((number,)))
        named = [self._schemas[each].called()[0] for each in sorted(self._deployed(twins))]
        if number not in self._deployed(twins) and self._before(entry) & twins:
            message = f"{contract.id} names the database {stated}, which no configuration speaks of any more"
            fix = f"write `database: {named[0]}`, which has taken its place, or take {stated} out of the tree"
            yield Problem(message, contract.path, entry.line, fix=fix)

    def _together(self, numbers: frozenset[int]) -> frozenset[int]:
        """The databases with all others that go on from the same one of base: any of them may be deployed."""
        begun = [self._begun(number) for number in numbers]
        return numbers | {
            number
            for number in range(len(self._schemas))
            if (base := self._begun(number)) is not None and any(base is each for each in begun)
        }

    def _begun(self, number: int) -> History | None:
        """The history of base that a database goes on from."""
        side = self._schemas[number].base
        return side.history if side is not None else None

    def _deployed(self, numbers: frozenset[int]) -> frozenset[int]:
        """The databases without those that nothing configures any more, where one has taken their place."""
        return frozenset(
            number
            for number in numbers
            if self._schemas[number].is_configured
            or not any(
                self._schemas[each].is_configured for each in self._together(frozenset((number,))) - {number}
            )
        )

    def notes(self) -> Iterator[str]:
        """Entries of head that name a database that is not here, of a table that is not here."""
        for contract in self._contracts.head.contracts if self._schemas else ():
            for entry in contract.tables:
                stated = entry.database or contract.database
                if stated and self._named(stated) is None and not self._holding(entry, alive=True):
                    place = f"{contract.path}:{entry.line}"
                    yield f"{place}: no database here is called {stated}: {entry.name} is not judged"

    def of_head(self, contract: Contract, entry: TableDeclaration) -> frozenset[int]:
        """The numbers of the databases whose table an entry of head means."""
        return self._together(self._stated(entry.database or contract.database, entry, lost=frozenset()))

    def _of_base(self, contract: Contract, entry: TableDeclaration) -> frozenset[int]:
        """The same of base, which protects: a name that means nothing any more takes nobody out."""
        everyone = self._before(entry) or self._unsaid(entry)
        stated = entry.database or contract.database
        if stated:
            number = self._named(stated, in_base=True)
            return everyone if number is None else self._together(frozenset((number,)))
        if len(everyone) > 1:
            after = self._contracts.head.by_id(contract.id)
            later = self._contracts.head.entry(after, self._contracts.base.name_of(entry))
            if after is not None and later is not None:
                said = self._stated(later.database or after.database, later, lost=everyone)
                return self._together(said & everyone) or everyone
        return everyone

    def _stated(self, name: str, entry: TableDeclaration, lost: frozenset[int]) -> frozenset[int]:
        if not name:
            return self._unsaid(entry)
        number = self._named(name)
        return lost if number is None else frozenset((number,))

    def _named(self, name: str, *, in_base: bool = False) -> int | None:
        """The number of the database that a contract of head, or of base, calls so, as its own tree does."""
        return next(
            (number for number, each in enumerate(self._schemas) if name in each.called(in_base=in_base)),
            None,
        )

    def _unsaid(self, entry: TableDeclaration) -> frozenset[int]:
        count = len(self._schemas)
        if count == 1:
            return frozenset((0,))
        return (
            self._holding(entry, alive=True) or self._holding(entry, alive=False) or frozenset(range(count))
        )

    def _before(self, entry: TableDeclaration) -> frozenset[int]:
        """The databases that have a table before the change."""
        return frozenset(
            number for number, each in enumerate(self._schemas) if _has(each.before, entry, alive=True)
        )

    def _holding(self, entry: TableDeclaration, *, alive: bool) -> frozenset[int]:
        """The databases that have a table before or after the change; not `alive`: that had it once."""

        return frozenset(
            number
            for number, each in enumerate(self._schemas)
            if any(_has(catalog, entry, alive=alive) for catalog in (each.before, each.after))
            or (alive and each.after.key(entry.schema, entry.table) in self._meant[number])
        )

    def _kept(self, contracts: ContractSet, number: int, settings: Settings, chosen: Chosen) -> ContractSet:
        return ContractSet(
            tuple(_filtered(contract, number, chosen) for contract in contracts.contracts),
            settings.default_schema,
            settings.identifiers,
        )


def _meant(schema: Schema) -> frozenset[Key]:
    """The tables that new revisions speak of though no revision of theirs has made them."""
    catalog, found = schema.after, set[Key]()
    for entry in schema.journal.entries:
        if entry.effect == "table_implied" and not entry.operation.if_exists:
            found.add(catalog.key(*entry.name))
    side = schema.head
    for script in schema.scripts if side is not None else ():
        for each in side.operations(script) if side is not None else ():
            if each.kind == "other_ddl":
                found |= {catalog.key_of(written) for written in each.tables} - catalog.gone
    return frozenset(found - schema.shared)


def _has(catalog: Catalog, entry: TableDeclaration, *, alive: bool) -> bool:
    key = catalog.key(entry.schema, entry.table)
    return key in catalog.rows or key in catalog.views if alive else key in catalog.gone


def _filtered(contract: Contract, number: int, chosen: Chosen) -> Contract:
    kept = tuple(entry for entry in contract.tables if number in chosen(contract, entry))
    return contract if kept == contract.tables else contract._replace(tables=kept)


def databases_of(schemas: Sequence[Schema], contracts: Contracts) -> Databases:
    """The databases of a run. Raises CannotJudge where a contract does not say which it means."""
    found = Databases(schemas, contracts)
    problems = tuple(found.problems())
    if problems:
        raise CannotJudge.of(problems)
    return found
