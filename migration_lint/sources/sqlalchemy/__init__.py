"""Models and statements of SQLAlchemy in the Python code of a tree, read without running or importing it.

orm = codebase.once(Orm)
orm.statements("app/accounts.py")        # what its functions do to which tables
orm.models.all_mapped()                  # what its classes map
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable

from migration_lint.sources.codebase import Codebase
from migration_lint.sources.model import Source, Statement, Symbol
from migration_lint.sources.sqlalchemy.declared import declarations
from migration_lint.sources.sqlalchemy.entities import Entities
from migration_lint.sources.sqlalchemy.frames import CLASS_LEVEL, mark
from migration_lint.sources.sqlalchemy.machine import Machine
from migration_lint.sources.sqlalchemy.models import Models
from migration_lint.sources.sqlalchemy.project import Project, top_level
from migration_lint.sources.sqlalchemy.reach import Reach
from migration_lint.sources.sqlalchemy.statements import Collector
from migration_lint.sources.sqlalchemy.terms import Class, Function, Instance
from migration_lint.sources.sqlalchemy.values import Values

__all__ = ["Orm", "narrow", "paths_through_models", "with_orm"]

#: Methods of a class are gone through for so many of those that inherit from it.
_MOST_HEIRS = 100
_Def = (ast.FunctionDef, ast.AsyncFunctionDef)


class Orm:
    """What a tree does through SQLAlchemy.

    All of it is read when any of it is asked for: what callers hand over tells what their callees do. After
    `narrow` only the files are gone through that lead to those which are going to be asked for.
    """

    def __init__(self, codebase: Codebase) -> None:
        self._codebase = codebase
        self.models = Models(Project(codebase))
        self._wanted: frozenset[str] | None = None
        self._known: frozenset[str] | None = frozenset()  # the files whose statements are read; None: all
        self._statements: dict[str, list[Statement]] = {}
        self._declared: dict[str, list[Statement]] | None = None

    def narrow(self, paths: Iterable[str]) -> None:
        """Say whose statements are going to be asked for. Others can be, and then all files are read."""
        self._wanted = frozenset(paths)

    def statements(self, path: str) -> tuple[Statement, ...]:
        """The statements of one file, in order of their lines."""
        if self._known is not None and path not in self._known:
            self._read(self._wanted if self._wanted and not self._known and path in self._wanted else None)
        return tuple(sorted(self._statements.get(path, ()), key=lambda each: (each.line, each.end_line)))

    def _read(self, wanted: frozenset[str] | None) -> None:
        files = frozenset(self.models.files())
        if wanted is not None and 2 * len(files & wanted) > len(files):
            wanted = None  # to tell what leads where would take longer than it saves
        self._known = wanted
        self._statements = {}
        walk = _Walk(self.models, self._codebase)
        for statement in walk.statements(None if wanted is None else Reach(self.models).leading_to(wanted)):
            if wanted is None or statement.path in wanted:
                self._statements.setdefault(statement.path, []).append(statement)

    def declared(self, path: str) -> tuple[Statement, ...]:
        """What the models of one file declare."""
        if self._declared is None:
            self._declared = {}
            for statement in declarations(self.models, Values(Entities(self.models), self._codebase)):
                self._declared.setdefault(statement.path, []).append(statement)
        return tuple(self._declared.get(path, ()))

    def paths(self, table: Callable[[str], bool]) -> frozenset[str]:
        """The files with statements on tables of some names, as statements write them, or of unknown ones."""
        if self._known == frozenset():
            self._read(self._wanted)
        return frozenset(
            path
            for path, statements in self._statements.items()
            if any(not each.uses or any(table(use.table) for use in each.uses) for each in statements)
        )


def with_orm(codebase: Codebase, source: Source) -> Source:
    """A file of Python with what it does through SQLAlchemy, too."""
    orm = codebase.once(Orm)
    statements = sorted(
        (*source.statements, *orm.statements(source.path)), key=lambda each: (each.line, each.end_line)
    )
    declared = orm.declared(source.path)
    classes = {each.symbol: Symbol(each.symbol, each.line, each.end_line) for each in declared}
    symbols = sorted((*source.symbols, *classes.values()), key=lambda each: (each.line, each.name))
    problem = source.problem or orm.models.project.problems.get(source.path, "")
    return source._replace(
        statements=tuple(statements), symbols=tuple(symbols), problem=problem, models=declared
    )


def paths_through_models(
    codebase: Codebase, table: Callable[[str], bool] = lambda name: True
) -> frozenset[str]:
    """The files that do something to a table through its model, whether or not they name the table."""
    return codebase.once(Orm).paths(table)


def narrow(codebase: Codebase, paths: Iterable[str]) -> None:
    """Say which files are going to be read: of others, only what leads to these is gone through.

    `paths_through_models` then speaks of these alone. Another is read all the same, after all files.
    """
    codebase.once(Orm).narrow(paths)


class _Walk:
    """Goes through every function of every file that may have statements."""

    def __init__(self, models: Models, codebase: Codebase) -> None:
        self._models = models
        self._machine: Machine = models.machine
        self._entities = Entities(models)
        self._words: set[str] = set()
        self._heirs: dict[Class, list[Class]] = {}
        self._collector = Collector(models, self._entities, Values(self._entities, codebase))

    def statements(self, among: Collection[str] | None = None) -> list[Statement]:
        """What is done in all files; `among`: what comes about by going through some of them."""
        self._words = self._models.names()
        if not self._words and not self._models.reflects():
            return []  # SQL as text is read elsewhere
        files = [each for each in self._models.files() if among is None or each in among]
        for path in files:
            for of in self._models.classes_in(path):
                for base in self._machine.classes.project_ancestors(of):
                    if base is not of:
                        self._heirs.setdefault(base, []).append(of)
        self._machine.listener = self._collector
        try:
            for path in files:
                try:
                    self._file(path)
                except RecursionError:
                    self._models.project.problems[path] = "its expressions are nested too deeply to be read"
        finally:
            self._machine.listener = None
        return list(self._collector.statements())

    def _file(self, path: str) -> None:
        module = self._models.project.module(path)
        if module is None:
            return
        self._machine.top(path)
        for statement in top_level(module.tree.body):
            if isinstance(statement, _Def):
                self._machine.whole(Function(path, statement.name, statement), statement.name)
            elif isinstance(statement, ast.ClassDef):
                self._class(self._machine.class_at(path, statement))

    def _class(self, of: Class) -> None:
        mapped = self._models.mapped(of) is not None
        inheriting = () if mapped else self._heirs.get(of, ())
        heirs = [each for each in inheriting if self._names_model(each)]
        models = [each for each in inheriting if self._is_mapped(each)]
        for name, statement in self._machine.classes.members(of).items():
            if isinstance(statement, ast.ClassDef):
                self._class(self._machine.class_at(of.path, statement, of.name))
            elif isinstance(statement, _Def):
                self._method(of, of, name, statement)
                # a class for others to inherit from: each of them says of which model it is
                for each in heirs[:_MOST_HEIRS]:
                    self._method(of, each, name, statement)
                # a base of models: what its class methods do, they do to the table of each
                if any(mark(each) == "classmethod" for each in statement.decorator_list):
                    for each in models[:_MOST_HEIRS]:
                        self._method(of, each, name, statement)

    def _is_mapped(self, of: Class) -> bool:
        return self._models.mapped(of) is not None

    def _names_model(self, of: Class) -> bool:
        """Whether a class says which model it is for: in its bases, or in what it sets in its body."""
        values = [each for each in of.node.body if isinstance(each, (ast.Assign, ast.AnnAssign))]
        words = {
            node.id
            for part in (*of.node.bases, *values)
            for node in ast.walk(part)
            if isinstance(node, ast.Name)
        }
        return not words.isdisjoint(self._words)

    def _method(
        self, owner: Class, of: Class, name: str, statement: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> None:
        marks = {mark(each) for each in statement.decorator_list}
        if marks & CLASS_LEVEL and "setter" not in marks:
            return
        bound = None if "staticmethod" in marks else of if "classmethod" in marks else Instance(of)
        symbol = f"{owner.name}.{name}"
        self._machine.whole(Function(owner.path, symbol, statement, owner, bound), symbol)
