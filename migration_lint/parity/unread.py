"""Tables under contract that a service reaches through a library whose statements are not read.

Nobody can hold such a table's contract against what the service does to it, and silence would say that
somebody did. Each library is told once for a service and a table, with the place that names the table best.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from migration_lint.change import Tree
from migration_lint.contracts.model import ContractSet
from migration_lint.errors import MissingExtra
from migration_lint.named_tuple import NamedTuple
from migration_lint.parity.model import Disparity, Place
from migration_lint.parity.sources import Sources, is_table
from migration_lint.parity.unbound import Claim, folders_of, homes_of_others, inside, is_called
from migration_lint.sources import language_of
from migration_lint.sources.libraries import (
    Mention,
    can_use,
    libraries_in,
    may_use_libraries,
    mentions,
    shares_imports,
)

#: Folders whose files change the schema; a folder `schema` is where libraries keep their models.
_MIGRATIONS = frozenset("migrations migration migrate alembic versions seeds sql-migrations".split())
_SCHEMA = re.compile(rb"^down_revision\b|^revision\s*[:=]|ActiveRecord::(?:Schema|Migration)\b", re.MULTILINE)
_MOST_OTHERS = 3


class _Touch(NamedTuple):
    """A file that may reach the table through a library. In order of how much it says."""

    own: bool  # it uses the library itself, and not only the table's model
    exact: bool
    path: str
    line: int
    library: str


def unread_disparities(
    contracts: ContractSet, claims: Iterable[Claim], tree: Tree, project: str, sources: Sources
) -> Iterator[Disparity]:
    """The tables of services that libraries reach which are not read.

    A service of which no statement is bound is looked for in folders of its name; then all is told of that
    names the table there, where the packages that read source code are not installed.
    """
    claims = tuple(claims)
    using = _Using(tree)
    for claim in claims:
        others = homes_of_others(claim, claims)
        folders = folders_of(claim, others, tree, project) if claim.bound else _named(claim, tree, project)
        if folders:
            yield from _Search(contracts, claim, tree, folders, others, using, sources).disparities()


class _Using:
    """Which files of a tree use a library that is not read, each looked at once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._own: dict[str, str] = {}
        self._folders: dict[str, list[str]] = {}
        for path in tree.files():
            if shares_imports(path):
                self._folders.setdefault(posixpath.dirname(path), []).append(path)

    def library(self, path: str) -> str:
        """The library that a file uses, or one whose imports it shares; empty where there is none."""
        found = self._imported(path)
        if found or not shares_imports(path):
            return found
        around = self._folders.get(posixpath.dirname(path), ())
        return next((name for each in around if (name := self._imported(each))), "")

    def _imported(self, path: str) -> str:
        found = self._own.get(path)
        if found is None:
            names = libraries_in(path, self._tree.read(path)) if _is_looked_at(path) else ()
            found = self._own[path] = names[0] if names else ""
        return found

    def everywhere(self) -> Iterator[tuple[str, str]]:
        for path in sorted(self._tree.files()):
            library = self.library(path) if _is_looked_at(path) else ""
            if library:
                yield path, library


def _is_looked_at(path: str) -> bool:
    return may_use_libraries(path) and not _is_migration(path)


def _is_migration(path: str) -> bool:
    return not _MIGRATIONS.isdisjoint(posixpath.splitext(path.lower())[0].split("/"))


def _named(claim: Claim, tree: Tree, project: str) -> dict[str, bool]:
    """The folders that are called as a service of which nothing is bound."""
    if claim.astray:
        return {}
    folders = {posixpath.dirname(path) for path in tree.files() if may_use_libraries(path)}
    every = {above for folder in folders for above in _upwards(folder)}
    return {
        each: True
        for each in every
        if is_called(each, claim.service) and (inside(each, project) or not project)
    }


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)


class _Search(NamedTuple):
    contracts: ContractSet
    claim: Claim
    tree: Tree
    folders: Mapping[str, bool]
    others: set[str]  # folders of other services
    using: _Using
    sources: Sources

    def disparities(self) -> Iterator[Disparity]:
        touches: dict[str, list[_Touch]] = {}
        for touch in self._touches():
            touches.setdefault(touch.library, []).append(touch)
        for library in sorted(touches):
            yield self._told(sorted(touches[library], key=lambda t: (not t.own, not t.exact, t.path)))

    def _touches(self) -> Iterator[_Touch]:
        mentioning = [
            path
            for path in sorted(self.tree.files())
            if _is_looked_at(path)
            and any(inside(path, folder) for folder in self.folders)
            and self._mentions(path)
        ]
        direct = [
            touch
            for path in mentioning
            if (library := self.using.library(path))
            for touch in self._touch(path, library, own=True)
        ]
        yield from direct
        if direct or not mentioning:
            return
        # the model lies in a package that the service shares
        shared = {
            library
            for path, library in self.using.everywhere()
            if not any(inside(path, folder) for folder in self.others) and self._mentions(path)
        }
        for library in shared:
            for path in mentioning:
                if can_use(path, library):
                    yield from self._touch(path, library, own=False)

    def _mentions(self, path: str) -> list[Mention]:
        data = self.tree.read(path)
        found = list(mentions(self.claim.table.name, path, data))
        return [] if found and _SCHEMA.search(data) else found

    def _touch(self, path: str, library: str, *, own: bool) -> Iterator[_Touch]:
        """The best mention of the table in a file that is in no statement which was read."""
        read = self._read_lines(path)
        found = _lines(self.tree.read(path), self._mentions(path))
        left = [(each, line) for each, line in found if line not in read]
        if left:
            best, line = next((each for each in left if each[0].exact), left[0])
            yield _Touch(own, best.exact, path, line, library)

    def _read_lines(self, path: str) -> set[int]:
        if language_of(path) is None:
            return set()
        try:
            source = self.sources.at(path)
        except MissingExtra:
            if self.claim.bound:
                raise
            return set()
        return {
            line
            for statement in (*source.statements, *source.models)
            if any(is_table(self.contracts, use.table, self.claim.table) for use in statement.uses)
            for line in range(statement.line, statement.end_line + 1)
        }

    def _told(self, touches: list[_Touch]) -> Disparity:
        best, *others = touches
        contract, entry = self.claim.entries[0]
        there = Place(
            contract.path, entry.line, contract.id, f"says what {contract.service} does to {entry.name}"
        )
        further = (Place(each.path, each.line, "", "is so too") for each in others[:_MOST_OTHERS])
        return Disparity(
            "library_unread", self.claim.table, contract.id, Place(best.path, best.line),
            (there, *further), posixpath.basename(best.path), found=best.library, against="code",
        )  # fmt: skip


def _lines(data: bytes, found: Iterable[Mention]) -> Iterator[tuple[Mention, int]]:
    line, at = 1, 0
    for each in found:
        line += data.count(b"\n", at, each.start)
        at = each.start
        yield each, line
