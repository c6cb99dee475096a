"""Source code to the SQL that it holds: per symbol, with tables, columns and bound values.

source = read_source("internal/store/events.go", tree, "postgresql")
source.statements[0].uses[0].columns

Nothing is run or imported. What cannot be worked out says so in `unresolved`, and is never left out.
Needs tree-sitter and sqlglot, which the extra `parity` brings; MissingExtra where they are not installed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from migration_lint.change.tree import Tree
from migration_lint.errors import CannotJudge, MissingExtra, Problem
from migration_lint.operations import Dialect
from migration_lint.sources.codebase import Codebase
from migration_lint.sources.files import is_own, is_test
from migration_lint.sources.languages import LARGEST, language_of
from migration_lint.sources.model import Bound, Kind, Source, Statement, Symbol, TableUse
from migration_lint.sources.sqlalchemy import narrow, paths_through_models

__all__ = [
    "Bound",
    "Codebase",
    "Kind",
    "Source",
    "Statement",
    "Symbol",
    "TableUse",
    "is_own",
    "is_test",
    "language_of",
    "narrow",
    "paths_through_models",
    "read_source",
    "scan",
]

_SQL_BYTES = re.compile(
    rb"\b(?:insert\b.{0,80}?\binto\b|insert\s+\w+\s*\(|replace\s+into\b|update\b.{0,200}?\bset\b|delete\b.{0,80}?\bfrom\b"
    rb"|merge\s+into\b|select(?:[\"'`]|\s+[^\s{]).{0,4000}?\bfrom\b|with\b.{0,120}?\bas\b.{0,20}?\()",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(rb"\w+")


def read_source(
    path: str,
    tree: Tree,
    dialect: Dialect,
    known: Mapping[str, Sequence[str]] | None = None,
    codebase: Codebase | None = None,
) -> Source:
    """What one source file of a tree holds, tests and vendored files too.

    Other files are looked into for the constants, types and functions that it uses. `known` names the columns
    of tables, to tell whose an unqualified column in a join is. `codebase` is passed where several files of
    one tree are read, so that none is parsed twice. Raises CannotJudge if the tree has no such file, it is in
    no language that is read, or the extra is missing.
    """
    source = _extract(codebase or Codebase(tree), path, dialect, known)
    if source is None:
        if path in tree.files():
            raise CannotJudge(Problem("is in no language that is read", path=path))
        raise CannotJudge(Problem("there is no such file", path=path))
    return source


def scan(
    tree: Tree,
    folder: str = "",
    dialect: Dialect = "postgresql",
    tables: Collection[str] | None = None,
    known: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Source]:
    """Every source file under a folder that holds SQL, but for tests and vendored files, in order of path.

    With `tables`, only the statements that touch one of them, or of which the tables are not all known.
    """
    codebase = Codebase(tree)
    through_models = paths_through_models(codebase)
    start = f"{folder.strip('/')}/" if folder.strip("/") not in ("", ".") else ""
    wanted = {name.lower() for name in tables} if tables is not None else None
    found: list[Source] = []
    later: list[str] = []
    constants: set[bytes] = set()
    for path in sorted(codebase.files()):
        if not path.startswith(start) or language_of(path) is None or not is_own(path):
            continue
        data = tree.read(path)
        if len(data) <= LARGEST and path not in through_models and not _SQL_BYTES.search(data):
            later.append(path)
            continue
        source = _extract(codebase, path, dialect, known)
        if source is not None:
            found.append(source)
            names = {statement.symbol for statement in source.statements}
            names |= {statement.constant for statement in source.statements}
            constants |= {name.rpartition(".")[2].encode() for name in names if name}
    # a file without SQL of its own may run what a constant or function elsewhere holds
    for path in later:
        if not constants.isdisjoint(_WORD.findall(tree.read(path))):
            source = _extract(codebase, path, dialect, known)
            if source is not None:
                found.append(source)
    used = {
        (posixpath.dirname(source.path), statement.constant)
        for source in found
        for statement in source.statements
        if statement.constant
    }
    for source in sorted(found):
        # a template that the package fills in elsewhere is no statement of its own
        kept = tuple(
            statement
            for statement in source.statements
            if (wanted is None or _touches(statement, wanted))
            and not (
                "%s" in statement.unresolved and (posixpath.dirname(source.path), statement.symbol) in used
            )
        )
        source = source._replace(statements=kept)
        if source.statements or (source.problem and wanted is None):
            yield source


def _touches(statement: Statement, wanted: set[str]) -> bool:
    tables = {use.table.lower() for use in statement.uses}
    names = tables | {table.rpartition(".")[2] for table in tables}
    return (
        bool(names & wanted)
        or bool(statement.unresolved and not statement.uses)
        or ("table name is built" in statement.unresolved)
    )


def _extract(
    codebase: Codebase, path: str, dialect: Dialect, known: Mapping[str, Sequence[str]] | None
) -> Source | None:
    try:
        from migration_lint.sources.extraction import extract
    except ImportError as error:
        if error.name is not None and error.name.partition(".")[0] == "sqlglot":
            raise MissingExtra("parity", "reading SQL in source") from error
        raise
    return extract(codebase, path, dialect, known)
