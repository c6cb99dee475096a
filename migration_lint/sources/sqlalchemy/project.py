"""The Python modules of a tree by their syntax, and what the names at their top level are bound to."""

from __future__ import annotations

import ast
import posixpath
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from migration_lint.newer_python import parse
from migration_lint.sources.code import Import
from migration_lint.sources.codebase import Codebase, python_paths
from migration_lint.sources.sqlalchemy.companions import is_overlay, overlay_text

#: Libraries whose names are never looked for in the tree, whatever is vendored there.
LIBRARIES = frozenset(
    "sqlalchemy sqlmodel flask_sqlalchemy typing typing_extensions enum datetime decimal uuid dataclasses"
    " pydantic alembic sqlalchemy_utils geoalchemy2 flask_sqlalchemy_lite advanced_alchemy abc".split()
)


@dataclass(frozen=True, slots=True)
class PythonModule:
    """One file. `bindings`: the last statement at its top level that binds each name."""

    path: str
    tree: ast.Module
    source: bytes
    bindings: dict[str, ast.stmt]
    stars: tuple[ast.ImportFrom, ...]
    starts: list[int] = field(default_factory=list)

    def offset(self, line: int, column: int) -> int:
        """Where a node stands, in bytes from the start of the file."""
        if not self.starts:
            at = 0
            for each in self.source.split(b"\n"):
                self.starts.append(at)
                at += len(each) + 1
        return self.starts[line - 1] + column if line - 1 < len(self.starts) else len(self.source)

    def text(self, node: ast.expr | ast.stmt) -> str:
        start = self.offset(node.lineno, node.col_offset)
        end = self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return self.source[start:end].decode("utf-8", "replace")


class Project:
    """The modules of one tree, each parsed once."""

    def __init__(self, codebase: Codebase) -> None:
        self.codebase = codebase
        self._modules: dict[str, PythonModule | None] = {}
        self.problems: dict[str, str] = {}

    def module(self, path: str) -> PythonModule | None:
        """A file as syntax; None where there is none, or it cannot be parsed, which `problems` says."""
        if path not in self._modules:
            self._modules[path] = self._parsed(path)
        return self._modules[path]

    def _parsed(self, path: str) -> PythonModule | None:
        text = overlay_text(path) if is_overlay(path) else self.codebase.text(path)
        if text is None:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree, text = parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.problems[path] = f"it is no Python that can be parsed: {error}"
            return None
        bindings: dict[str, ast.stmt] = {}
        stars: list[ast.ImportFrom] = []
        for statement in top_level(tree.body):
            if isinstance(statement, ast.ImportFrom) and any(each.name == "*" for each in statement.names):
                stars.append(statement)
            for name in bound_names(statement):
                bindings[name] = statement
        return PythonModule(path, tree, text.encode(), bindings, tuple(stars))

    def imported(self, path: str, module: str, name: str = "") -> Iterator[str]:
        """The files that an import may mean; with `name`, the module of that name comes last."""
        folder = posixpath.dirname(path)
        files = self.codebase.files()
        for candidate in python_paths(folder, Import(module, name)):
            if candidate in files and candidate != path:
                yield candidate


def top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module or class, those under a condition too."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If):
            yield from top_level((*statement.body, *statement.orelse))
        elif isinstance(statement, ast.Try):
            # what a failed import is replaced by counts less than the import
            yield from top_level(inner for handler in statement.handlers for inner in handler.body)
            yield from top_level((*statement.body, *statement.orelse, *statement.finalbody))
        elif isinstance(statement, (ast.With, ast.For)):
            yield from top_level(statement.body)


def bound_names(statement: ast.stmt) -> Iterator[str]:
    """The names that one statement binds."""
    match statement:
        case ast.Import() | ast.ImportFrom():
            for each in statement.names:
                yield each.asname or (
                    each.name.split(".")[0] if isinstance(statement, ast.Import) else each.name
                )
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Assign():
            for target in statement.targets:
                yield from _targets(target)
        case ast.AnnAssign():
            yield from _targets(statement.target)
        case _ if type(statement).__name__ == "TypeAlias":
            yield from _targets(statement.name)  # type: ignore[attr-defined]
        case _:
            pass


def _targets(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for each in target.elts:
            yield from _targets(each)
