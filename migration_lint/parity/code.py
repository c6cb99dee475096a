"""Contracts against code: the statements that a side really runs, and what its contract says of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from migration_lint.catalog.expressions import canonical_expression
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.outcome import TableName
from migration_lint.change import Tree
from migration_lint.contracts.meaning import column_text, need_text
from migration_lint.contracts.model import (
    CodeBinding,
    ColumnDeclaration,
    Contract,
    ContractSet,
    Need,
    TableDeclaration,
)
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.parity.model import Against, CodeEvent, Disparity, Place
from migration_lint.parity.schema import fulfilled
from migration_lint.parity.sources import Sources, is_table
from migration_lint.parity.unbound import Claim, files_around, unbound_disparities
from migration_lint.parity.unread import unread_disparities
from migration_lint.parity.values import Setting, swapped, verdicts
from migration_lint.parity.vendored import vendored_paths
from migration_lint.sources import Bound, Source, Statement, TableUse
from migration_lint.sources.libraries import libraries_in
from migration_lint.wording import listed, near

#: What a message calls a statement.
_CALLED = {
    "insert": "INSERT into", "select": "SELECT from", "update": "UPDATE of", "delete": "DELETE from",
}  # fmt: skip


def code_disparities(
    contracts: ContractSet, catalogs: Sequence[Catalog], tree: Tree, project: str, dialect: Dialect
) -> Iterator[Disparity]:
    """Everything that bound statements do otherwise than their contracts say.

    What a vendored contract binds is in the repository that it comes from, and is judged there. `project` is
    the folder that bindings' paths count from. Raises MissingExtra where the packages that read source code
    are not installed.
    """
    sources = Sources(tree, dialect, catalogs)
    vendored = vendored_paths(tree, project)
    own = [each for each in contracts.contracts if each.path not in vendored]
    sources.narrow(files_around(_bindings(own, project), tree, project))
    claims: dict[tuple[str, TableName], Claim] = {}
    for contract in own:
        for entry in contract.tables:
            found = _Entry(contracts, contract, entry, catalogs, tree, project, dialect, sources)
            if entry.code:
                yield from found.disparities()
            key = (contract.service, contracts.name_of(entry))
            claims[key] = _claimed(claims.get(key) or Claim(*key, (), ()), found)
    bound = [claim for claim in claims.values() if claim.bound]
    yield from unbound_disparities(contracts, bound, tree, project, sources)
    yield from unread_disparities(contracts, claims.values(), tree, project, sources)


def _bindings(contracts: Iterable[Contract], project: str) -> Iterator[tuple[str, str]]:
    """The services, and the paths that their contracts bind."""
    for contract in contracts:
        for entry in contract.tables:
            for binding in entry.code:
                yield contract.service, posixpath.normpath(posixpath.join(project, binding.path))


def _claimed(claim: Claim, found: _Entry) -> Claim:
    """What a service says of a table, with one contract more; the producer's first."""
    statements = list(claim.bound)
    astray = set(claim.astray)
    for binding in found.entry.code:
        uses = found.uses(binding)
        if isinstance(uses, Disparity):
            astray.add(binding.statement)
        else:
            statements += [(each.source, each.statement) for each in uses]
    entries = [*claim.entries, (found.contract, found.entry)]
    entries.sort(key=lambda each: each[0].role != "producer")
    return claim._replace(entries=tuple(entries), bound=tuple(statements), astray=frozenset(astray))


class _Use(NamedTuple):
    """One bound statement's use of the table."""

    binding: CodeBinding
    source: Source
    statement: Statement
    use: TableUse

    @property
    def written(self) -> tuple[str, ...]:
        """The columns that the binding is about: inserted, set, or read into the result."""
        return tuple(dict.fromkeys((*self.use.columns, *self.use.updated)))

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns that decide which rows it reads or changes, and in which order.

        What the condition of an ON CONFLICT names, an INSERT still has to fill.
        """
        return () if self.use.kind == "insert" else self.use.named

    @property
    def place(self) -> Place:
        return Place(self.source.path, self.statement.line)


class _Entry(NamedTuple):
    """One contract's entry for a table that is bound to code."""

    contracts: ContractSet
    contract: Contract
    entry: TableDeclaration
    catalogs: Sequence[Catalog]
    tree: Tree
    project: str
    dialect: Dialect
    sources: Sources  # shared by all entries of a run

    def disparities(self) -> Iterator[Disparity]:
        uses: list[_Use] = []
        whole = True  # every bound statement is known to its last column
        for binding in self.entry.code:
            found = self.uses(binding)
            if isinstance(found, Disparity):
                whole = False
                yield found
                continue
            for each in found:
                uses.append(each)
                reason = each.use.unresolved or each.statement.unresolved
                if reason:
                    whole = False
                    yield self._at(each, "statement_unresolved", self._symbol(binding), found=reason)
                elif each.use.star:
                    whole = False
                    yield self._star(each)
        for each in uses:
            yield from self._statement(each)
        if whole:
            yield from self._unused(uses)

    def uses(self, binding: CodeBinding) -> list[_Use] | Disparity:
        """What a binding leads to, or why it leads to nothing that could be read."""
        path = posixpath.normpath(posixpath.join(self.project, binding.path))
        if path.startswith(("..", "/")) or path not in self.tree.files():
            names = [
                each for each in self.tree.files() if posixpath.basename(each) == posixpath.basename(path)
            ]
            meant = near(path, names)
            return self._missing(binding, f"{binding.path} does not exist", meant, Place(path))
        source = self.sources.at(path)
        statements = list(source.statements)
        declared = [each for each in source.models if binding.symbol and _is(each.symbol, binding.symbol)]
        line = 0
        if binding.symbol:
            symbols = [each for each in source.symbols if _is(each.name, binding.symbol)]
            if not symbols:
                if source.problem:
                    return self._unread(binding, source)
                meant = near(binding.symbol, (each.name for each in source.symbols))
                return self._missing(binding, f"{binding.path} has no {binding.symbol}", meant, Place(path))
            line = symbols[0].line
            statements = [
                each
                for each in statements
                if any(_within(each.symbol, symbol.name) for symbol in symbols)
                or each.constant
                and _is(each.constant, binding.symbol)
            ]
        found = [
            _Use(binding, source, statement, use)
            for statement in (*statements, *declared)
            for use in statement.uses
            if use.kind == binding.statement
            and is_table(self.contracts, use.table, self.contracts.name_of(self.entry))
        ]
        if found:
            return found
        unknown = next((each for each in statements if each.unresolved), None)
        if unknown is not None:
            return self._disparity(
                "statement_unresolved", binding.line, self._symbol(binding), unknown.unresolved,
                Place(path, unknown.line),
            )  # fmt: skip
        if source.problem:
            return self._unread(binding, source)
        libraries = libraries_in(path, self.tree.read(path))
        if libraries:
            reason = f"it uses {listed(libraries, 'and')}, which is not read"
            return self._disparity(
                "statement_unresolved", binding.line, self._symbol(binding), reason, Place(path, line)
            )
        called = f"{_CALLED[binding.statement]} {self.entry.name}"
        return self._missing(binding, f"{self._symbol(binding)} has no {called} in it", "", Place(path, line))

    def _statement(self, each: _Use) -> Iterator[Disparity]:
        declared = {self._fold(column.name): column for column in self.entry.columns}
        resolved = not (each.use.unresolved or each.statement.unresolved)
        for name in dict.fromkeys((*each.written, *each.use.returning, *each.use.named)):
            if name == "*":
                continue
            if self._fold(name) not in declared and not self._is_key_of_conflict(each, name):
                meant = near(name, (column.name for column in self.entry.columns))
                yield self._at(each, "column_undeclared", name, found=f"{name}", declared=meant)
        if each.binding.order == "exact" and resolved and not each.use.star:
            yield from self._order(each)
        if each.use.conflict:
            yield from self._conflict(each, each.use.conflict)
        for numbers in each.use.miscounted:
            yield self._at(each, "statement_miscounted", self._symbol(each.binding), found=numbers)
        yield from self._values(each, declared)

    def _values(self, each: _Use, declared: Mapping[str, ColumnDeclaration]) -> Iterator[Disparity]:
        """Each value that goes into a column or comes out of it, against what is declared."""
        default_schema = self.contracts.default_schema or None
        setting = Setting(each.source.language.lower(), self.dialect, default_schema)
        told = set()
        unresolved: dict[str, list[tuple[ColumnDeclaration, Bound, str]]] = {}
        for bound in each.use.bound:
            column = declared.get(self._fold(bound.column))
            for verdict in verdicts(bound, column, setting) if column is not None else ():
                if column is None or (column.name, verdict) in told:
                    continue
                told.add((column.name, verdict))
                if verdict.event == "code_value_unresolved":
                    if bound.unknown and each.use.miscounted:
                        continue  # which value it is, nobody can tell until the numbers are right
                    unresolved.setdefault(verdict.example, []).append((column, bound, verdict.declared))
                else:
                    yield self._at(
                        each, verdict.event, column.name, line=column.line,
                        place=Place(each.source.path, bound.line), declared=verdict.declared,
                        found=verdict.found, example=verdict.example,
                    )  # fmt: skip
        for reason, values in unresolved.items():
            column, bound, what = values[0]
            yield self._at(
                each, "code_value_unresolved", ", ".join(dict.fromkeys(one.name for one, _, _ in values)),
                line=column.line, place=Place(each.source.path, bound.line),
                declared=what if len(values) == 1 else "", found=bound.text, example=reason,
            )  # fmt: skip
        seen = set()
        for bound, other in swapped(each.use):
            column = declared.get(self._fold(bound.column))
            pair = frozenset((bound.column, other.column))
            if column is not None and pair not in seen:
                seen.add(pair)
                yield self._at(
                    each, "code_columns_swapped", column.name, line=column.line,
                    place=Place(each.source.path, bound.line), declared=other.column, found=bound.text,
                )  # fmt: skip

    @staticmethod
    def _is_key_of_conflict(each: _Use, name: str) -> bool:
        return each.use.conflict is not None and name in each.use.conflict and name in each.use.columns

    def _order(self, each: _Use) -> Iterator[Disparity]:
        # What a SELECT only filters or sorts by has no place among what it gives.
        only_named = {self._fold(name) for name in each.use.named} - {
            self._fold(name) for name in each.use.columns
        }
        ours = [
            column for column in self.entry.columns
            if (self._fold(column.name) not in only_named if each.use.kind == "select"
                else not column.from_database)
        ]  # fmt: skip
        names = [column.name for column in ours]
        written = {self._fold(name) for name in each.use.columns}
        for column in ours:
            if self._fold(column.name) not in written and not self._misnamed(
                column, (*each.use.columns, *each.asked)
            ):
                yield self._at(
                    each,
                    "column_unused",
                    column.name,
                    line=column.line,
                    declared=column_text(column),
                    found="",
                )
        same = {self._fold(name) for name in names} == {self._fold(name) for name in each.use.columns}
        if same and [self._fold(name) for name in each.use.columns] != [self._fold(name) for name in names]:
            at = next(
                (
                    column
                    for column, name in zip(ours, each.use.columns, strict=False)
                    if self._fold(column.name) != self._fold(name)
                ),
                ours[0],
            )
            yield self._at(
                each, "statement_order_differs", self._symbol(each.binding), line=at.line,
                declared=", ".join(names), found=", ".join(each.use.columns),
            )  # fmt: skip

    def _conflict(self, each: _Use, target: tuple[str, ...]) -> Iterator[Disparity]:
        need = Need("unique", 0, target, each.use.conflict_where)
        text = f"ON CONFLICT ({', '.join(target)})" + (
            f" WHERE {each.use.conflict_where}" if each.use.conflict_where else ""
        )
        name = self.contracts.name_of(self.entry)
        for catalog in self.catalogs:
            table = catalog.table(name.schema, name.name)
            if table is not None and not table.implied and not table.uncertain:
                if not fulfilled(need, table, catalog):
                    yield self._at(
                        each, "conflict_unmet", need_text(need), found=text, against="migrations",
                        declared="the schema has no such unique index",
                    )  # fmt: skip
                    return
                if self._is_key(target, catalog):
                    return
        wanted = {self._fold(column) for column in target}
        where = canonical_expression(each.use.conflict_where, self._fold)
        for said in self.entry.needs:
            if (
                said.kind == "unique"
                and {self._fold(column) for column in said.columns} == wanted
                and canonical_expression(said.where, self._fold) == where
            ):
                return
        yield self._at(
            each, "conflict_unmet", need_text(need), found=text, declared="its needs do not list that"
        )

    def _is_key(self, target: tuple[str, ...], catalog: Catalog) -> bool:
        """A primary key goes without saying."""
        name = self.contracts.name_of(self.entry)
        table = catalog.table(name.schema, name.name)
        return table is not None and any(
            constraint.kind == "primary_key" and set(constraint.columns) == set(target)
            for constraint in table.constraints
        )

    def _unused(self, uses: Iterable[_Use]) -> Iterator[Disparity]:
        """Columns that no bound statement writes or reads; to filter or sort by one is to read it."""
        used = {
            self._fold(name) for each in uses for name in (*each.written, *each.use.returning, *each.asked)
        }
        kinds = {each.use.kind for each in uses}
        if not kinds & {"insert", "select"}:
            return  # an UPDATE alone sets what it has to, not the whole row
        first = next(iter(uses))
        told = {each.binding.order for each in uses} == {
            "exact"
        }  # each statement was held against all of them
        for column in () if told else self.entry.columns:
            if self._fold(column.name) in used or (column.from_database and self.contract.role == "producer"):
                continue
            if not self._misnamed(column, [name for each in uses for name in (*each.written, *each.asked)]):
                yield self._at(
                    first,
                    "column_unused",
                    column.name,
                    line=column.line,
                    declared=column_text(column),
                    found="",
                )

    def _misnamed(self, column: ColumnDeclaration, used: Iterable[str]) -> bool:
        """Whether a statement has another name in its place, which is told as undeclared already."""
        declared = {self._fold(each.name) for each in self.entry.columns}
        return bool(near(column.name, (name for name in used if self._fold(name) not in declared)))

    def _star(self, each: _Use) -> Disparity:
        found = "SELECT *" if each.use.kind == "select" else "an INSERT without a list of columns"
        return self._at(each, "statement_star", self._symbol(each.binding), found=found)

    def _missing(self, binding: CodeBinding, found: str, meant: str, place: Place) -> Disparity:
        said = f"{found}; {meant} is there" if meant else found
        return self._disparity("binding_missing", binding.line, self._symbol(binding), said, place)

    def _unread(self, binding: CodeBinding, source: Source) -> Disparity:
        return self._disparity(
            "statement_unresolved", binding.line, self._symbol(binding), source.problem, Place(source.path)
        )

    def _at(
        self, each: _Use, event: CodeEvent, element: str, *, found: str, declared: str = "", line: int = 0,
        place: Place | None = None, example: str = "", against: Against = "code",
    ) -> Disparity:  # fmt: skip
        return self._disparity(
            event, line or each.binding.line, element, found, place or each.place, declared, example, against
        )

    def _disparity(
        self, event: CodeEvent, line: int, element: str, found: str, place: Place, declared: str = "",
        example: str = "", against: Against = "code",
    ) -> Disparity:  # fmt: skip
        """A disparity that stands in the source, where it is to be mended first, beside the contract."""
        there = Place(self.contract.path, line, self.contract.id, self._spoken(line))
        return Disparity(
            event, self.contracts.name_of(self.entry), self.contract.id, place, (there,), element,
            declared, found, example=example, against=against,
        )  # fmt: skip

    def _spoken(self, line: int) -> str:
        """What stands in a line of the contract."""
        for column in self.entry.columns:
            if column.line == line:
                verb = "reads" if self.contract.role == "consumer" else "writes"
                return f"{verb} {column_text(column)}"
        for binding in self.entry.code:
            if binding.line == line:
                return f"binds {self._symbol(binding)}: {binding.statement}"
        return ""

    @staticmethod
    def _symbol(binding: CodeBinding) -> str:
        return binding.symbol or posixpath.basename(binding.path)

    def _fold(self, name: str) -> str:
        return self.contracts.fold(name)


def _is(name: str, wanted: str) -> bool:
    return name == wanted or name.endswith(f".{wanted}")


def _within(symbol: str, name: str) -> bool:
    return symbol == name or symbol.startswith(f"{name}.")
