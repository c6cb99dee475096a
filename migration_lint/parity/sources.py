"""The source files that a run holds contracts against, each read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.outcome import TableName
from migration_lint.change import Tree
from migration_lint.contracts.model import ContractSet
from migration_lint.operations import Dialect
from migration_lint.sources import Codebase, Source, narrow, paths_through_models, read_source


class Sources:
    """The source files of one tree."""

    def __init__(self, tree: Tree, dialect: Dialect, catalogs: Sequence[Catalog]) -> None:
        self._tree = tree
        self._dialect = dialect
        self._codebase = Codebase(tree)
        self._known = {
            name: columns for catalog in catalogs for name, columns in catalog.columns_as_written().items()
        }
        self._read: dict[str, Source] = {}

    def at(self, path: str) -> Source:
        """What the source file at a path holds. Raises CannotJudge as `read_source` does."""
        found = self._read.get(path)
        if found is None:
            found = read_source(path, self._tree, self._dialect, self._known, self._codebase)
            self._read[path] = found
        return found

    def narrow(self, paths: Iterable[str]) -> None:
        """Say of which files alone `through_models` is to speak: fewer of the others are read then."""
        narrow(self._codebase, paths)

    def through_models(self, table: Callable[[str], bool]) -> frozenset[str]:
        """The files that do something to a table, by its name in a statement, through its model."""
        return paths_through_models(self._codebase, table)


def is_table(contracts: ContractSet, written: str, wanted: TableName) -> bool:
    """Whether a table, as a statement writes it, is one that contracts speak of."""
    schema, _, name = written.rpartition(".")
    called = contracts.folded(TableName(schema or contracts.default_schema, name))
    return called == wanted or (not schema and called.name == wanted.name)
