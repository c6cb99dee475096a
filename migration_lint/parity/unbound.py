"""Statements of a service on a contract's table that none of its contracts binds.

A contract that binds one INSERT says nothing of a second one beside it, which may write another encoding, or
a column that is not there. Which files are a service's is told by folders: from a bound file upwards, as long
as no other service's bound file lies below.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from migration_lint.catalog.outcome import TableName
from migration_lint.change import Tree
from migration_lint.contracts.model import Contract, ContractSet, TableDeclaration
from migration_lint.named_tuple import NamedTuple
from migration_lint.parity.model import Disparity, Place
from migration_lint.parity.sources import Sources, is_table
from migration_lint.sources import Source, Statement, TableUse, is_own, language_of
from migration_lint.sources.libraries import libraries_in

#: What makes the folder that it lies in a program of its own.
_ROOTS = frozenset(
    "go.mod package.json pyproject.toml setup.py Cargo.toml pom.xml build.gradle build.gradle.kts Gemfile"
    " composer.json Dockerfile".split()
)
#: Folders of which each folder inside is a program of its own.
SHELVES = frozenset("services apps packages cmd svc microservices projects components".split())
#: Folders and files whose statements change the schema: what they do to rows is done once.
_SCHEMA_PLACES = frozenset(
    "migrations migration migrate alembic versions seeds schema schemas sql-migrations".split()
)
_SCRIPT = re.compile(rb"^down_revision\b|^revision\s*[:=]", re.MULTILINE)

_COMMENT = re.compile(rb"^\s*(?:#|--|/?\*)|//")
_CONDITION = re.compile(rb"\b(?:where|and|or|on)\s+(?:\w+\.)?$", re.IGNORECASE)

_CALLED = {
    "insert": "INSERT into", "select": "SELECT from", "update": "UPDATE of", "delete": "DELETE from",
}  # fmt: skip
#: How code names a table without SQL: COPY, a query builder, a model of an ORM.
_NAMED = (
    rb"""(?:CopyFrom\w*|copy_(?:expert|from|records_to_table|to_table)|Identifier|__tablename__|\b[Tt]able\w*|"""
    rb"""\.(?:from|into|insert\w*|select\w*|update\w*)|\bknex|\bEntity)"""
    rb"""[^\w"'`;\n]{1,12}(?:name\s*[=:]\s*)?["'`](?:\w+\.)?%s["'`]"""
)


class Claim(NamedTuple):
    """One service, and what its contracts say of one table."""

    service: str
    table: TableName
    entries: tuple[tuple[Contract, TableDeclaration], ...]
    bound: tuple[tuple[Source, Statement], ...]
    astray: frozenset[str] = frozenset()  # kinds of statement of which a binding leads nowhere: one may be it


def unbound_disparities(
    contracts: ContractSet,
    claims: Iterable[Claim],
    tree: Tree,
    project: str,
    sources: Sources,
) -> Iterator[Disparity]:
    """What each service does to a table beside the statements that its contracts bind.

    What writes rows is told whatever it writes; what reads them is told where it needs more than the
    contracts say, as else they hold for it too. Raises MissingExtra as reading source code does.
    """
    claims = tuple(claims)
    for claim in claims:
        others = homes_of_others(claim, claims)
        folders = folders_of(claim, others, tree, project)
        besides = [each for each in claims if each.table == claim.table and each.service != claim.service]
        yield from _Search(contracts, claim, besides, tree, folders, sources).disparities()


def homes_of_others(claim: Claim, claims: Iterable[Claim]) -> set[str]:
    """The folders in which other services have statements that are bound."""
    return {
        posixpath.dirname(source.path)
        for other in claims
        if other.service != claim.service
        for source, _ in other.bound
    }


def folders_of(claim: Claim, others: Collection[str], tree: Tree, project: str) -> dict[str, bool]:
    """The folders of a service's code, each with whether what lies deeper in it is the service's too."""
    roots = _roots(tree)
    return {
        _home(source.path, claim.service, roots, project, others): True
        for source, _ in claim.bound
        if posixpath.dirname(source.path) not in others
    }


def files_around(bound: Iterable[tuple[str, str]], tree: Tree, project: str) -> Iterator[str]:
    """The files in which what services do may be asked for. `bound`: a service, and a path that it binds."""
    roots = _roots(tree)
    folders = {_home(path, service, roots, project, ()) for service, path in bound}
    return (path for path in tree.files() if any(inside(path, folder) for folder in folders))


def _roots(tree: Tree) -> set[str]:
    return {posixpath.dirname(path) for path in tree.files() if posixpath.basename(path) in _ROOTS}


def _home(path: str, service: str, roots: Collection[str], project: str, others: Collection[str]) -> str:
    """The topmost folder around a file that is one service's, as far as is known."""
    at = posixpath.dirname(path)
    while not (at == project or at in roots or is_called(at, service) or at == ""):
        above = posixpath.dirname(at)
        if posixpath.basename(above) in SHELVES or any(inside(other, above) for other in others):
            break
        at = above
    return at


def is_called(folder: str, service: str) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", posixpath.basename(folder).lower())
    return plain != "" and plain == re.sub(r"[^a-z0-9]", "", service.lower())


def inside(path: str, folder: str) -> bool:
    return folder == "" or path == folder or path.startswith(f"{folder}/")


def _is_code(data: bytes, at: int) -> bool:
    """Whether what stands at a place is neither in a comment nor in the condition of a statement."""
    before = data[data.rfind(b"\n", 0, at) + 1 : at]
    return _COMMENT.search(before) is None and _CONDITION.search(before) is None


class _Search(NamedTuple):
    contracts: ContractSet
    claim: Claim
    besides: Sequence[Claim]  # what other services say of the table, whose code may lie in the same files
    tree: Tree
    folders: Mapping[str, bool]
    sources: Sources

    def disparities(self) -> Iterator[Disparity]:
        files = {source.path for source, _ in self.claim.bound}
        name = re.escape(self.claim.table.name.encode())
        mentions = re.compile(rb"(?i)\b%s\b" % name)
        unread = re.compile(_NAMED % name)
        models = self.sources.through_models(self._is_its)
        for path in sorted(self.tree.files()):
            if not (path in files or self._is_own(path)):
                continue
            data = self.tree.read(path)
            if not (path in models or mentions.search(data)) or _SCRIPT.search(data):
                continue
            source = self.sources.at(path)
            for statement in source.statements:
                yield from self._statement(source, statement)
            if libraries_in(path, data):
                continue  # which is told of them
            named = (each for each in unread.finditer(data) if _is_code(data, each.start()))
            yield from self._unread(source, data, named)

    def _is_own(self, path: str) -> bool:
        return (
            language_of(path) is not None
            and is_own(path)
            and any(inside(path, folder) for folder in self.folders)
            and _SCHEMA_PLACES.isdisjoint(posixpath.splitext(path.lower())[0].split("/"))
        )

    def _is_its(self, written: str) -> bool:
        return is_table(self.contracts, written, self.claim.table)

    def _is_held_by_model(self, statement: Statement, use: TableUse) -> bool:
        """Whether a contract binds the model through which a statement does what it does."""
        return statement.by_model and any(
            each.kind == use.kind and self._is_its(each.table)
            for source, bound in self.claim.bound
            if bound in source.models
            for each in bound.uses
        )

    def _is_bound(self, source: Source, statement: Statement) -> bool:
        return any(
            (other.path == source.path and each.line == statement.line)
            or each.sql.split() == statement.sql.split()
            for other, each in self.claim.bound
        ) or any(
            other.path == source.path and each.line == statement.line
            for claim in self.besides
            for other, each in claim.bound
        )

    def _statement(self, source: Source, statement: Statement) -> Iterator[Disparity]:
        if self._is_bound(source, statement):
            return
        for use in statement.uses:
            if use.kind not in _CALLED or use.kind in self.claim.astray:
                continue
            if not self._is_its(use.table):
                continue
            reason = use.unresolved or ("it names no columns" if use.star else "")
            strange = [name for name in self._names(use) if not self._is_declared(name, source.path)]
            writes = use.kind in ("insert", "update") and not self._is_held_by_model(statement, use)
            if writes or strange or (reason and use.kind == "select"):
                yield self._told(
                    source, statement.line, statement.symbol, f"{_CALLED[use.kind]} {self.claim.table.name}",
                    reason, ", ".join(strange),
                )  # fmt: skip
                return

    def _unread(
        self, source: Source, data: bytes, mentions: Iterable[re.Match[bytes]]
    ) -> Iterator[Disparity]:
        """A table that is named otherwise than in what was read: of what is done with it nothing is known."""
        read = (*source.statements, *source.models)
        for named in mentions:
            line = data.count(b"\n", 0, named.start()) + 1
            if any(each.line <= line <= each.end_line for each in read):
                continue
            symbol = next((s.name for s in reversed(source.symbols) if s.line <= line <= s.end_line), "")
            word = re.match(r"\W*(\w+)", named.group().decode("utf-8", "replace"))
            shown = f"{word[1] if word else 'code'} with {self.claim.table.name}"
            yield self._told(source, line, symbol, shown, "it is no SQL that could be read", "")
            return

    @staticmethod
    def _names(use: TableUse) -> Iterator[str]:
        for name in dict.fromkeys((*use.columns, *use.updated, *use.returning, *use.named)):
            if name != "*":
                yield name

    def _is_declared(self, name: str, path: str) -> bool:
        """Whether a contract has a column of those services that have statements in a file."""
        sharing = [each for each in self.besides if any(source.path == path for source, _ in each.bound)]
        return any(
            entry.column(name, self.contracts.fold) is not None
            for claim in (self.claim, *sharing)
            for _, entry in claim.entries
        )

    def _told(
        self, source: Source, line: int, symbol: str, found: str, reason: str, strange: str
    ) -> Disparity:
        contract, entry = self.claim.entries[0]
        there = Place(
            contract.path, entry.line, contract.id, f"says what {contract.service} does to {entry.name}"
        )
        return Disparity(
            "statement_unbound", self.claim.table, contract.id, Place(source.path, line), (there,),
            symbol or posixpath.basename(source.path), declared=strange, found=found, example=reason,
            against="code",
        )  # fmt: skip
