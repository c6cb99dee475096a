"""The files that a script may draw on: the project's own modules and data, read from one tree.

A module is walked lazily: a statement at its top runs when somebody asks for a name that it binds. Most
modules that scripts import are large, and scripts want a constant or a type of them.
"""

from __future__ import annotations

import ast
import posixpath
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property

from migration_lint.change.tree import EmptyTree, Tree
from migration_lint.errors import CannotJudge, Problem
from migration_lint.history.environment import Environment
from migration_lint.history.source import needs, parse
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.reading.project import surroundings
from migration_lint.reading.project.build_configuration import Packages
from migration_lint.reading.project.imports import Active, Imports, decoded
from migration_lint.reading.project.resolver import FoundModule, Resolver
from migration_lint.reading.project.surroundings import Surroundings
from migration_lint.reading.python.values import NUMBERS, Module, NameScope, Unknown, Value

#: A module or data file longer than this is not read.
LARGEST = 2_000_000

#: Top-level packages that scripts import and whose sources never are the project's own.
LIBRARIES = frozenset({"alembic", "sqlalchemy", "sqlmodel", "typing"})

#: What can give a module names that no statement at its top binds.
_DYNAMIC = lazy_pattern(
    r"\b(?:globals|locals|vars|setattr|exec|eval|__dict__|__getattr__|sys\.modules)\b|import \*"
)

_BINDERS = frozenset(("globals", "locals", "vars", "setattr", "exec", "eval", "__dict__", "modules"))


class ModuleSource:
    """The text of one module, parsed. What is worked out of it hangs on the text alone."""

    def __init__(self, text: str, body: list[ast.stmt]) -> None:
        self._text = text
        self.body = body

    @cached_property
    def pending(self) -> dict[str, list[ast.stmt]]:
        """The statements at its top that have to run before a name is there, by name."""
        found: dict[str, list[ast.stmt]] = {}
        for statement in self.body:
            names = _bound(statement) if ":=" not in self._text else (*_bound(statement), *_walrus(statement))
            for name in dict.fromkeys(names):
                found.setdefault(name, []).append(statement)
        return found

    @cached_property
    def readers(self) -> dict[str, list[ast.stmt]]:
        """What reads a name that is bound anew further down, by name."""
        return _readers(self.pending)

    @cached_property
    def dynamic(self) -> bool:
        """Whether code in it may bind names that are not written down."""
        return _DYNAMIC.search(self._text) is not None

    @cached_property
    def binding(self) -> list[ast.stmt]:
        """The statements at its top that may bind names which are not written down."""
        return [
            statement
            for statement in (self.body if self.dynamic else ())
            if not isinstance(statement, _DEFINITIONS) and any(map(_is_dynamic, ast.walk(statement)))
        ]

    @cached_property
    def binds(self) -> frozenset[str]:
        """The names that it imports, assigns or defines at its top."""
        found: list[str] = []
        for statement in self.body:
            if isinstance(statement, ast.Import):
                found += [alias.asname or alias.name for alias in statement.names]
            elif isinstance(statement, ast.Assign):
                found += [target.id for target in statement.targets if isinstance(target, ast.Name)]
            elif not isinstance(statement, (ast.AugAssign, ast.Expr)):
                found += _bound(statement)
        return frozenset(found)

    def says(self, name: str, value: str) -> bool:
        """Whether a statement at its top assigns a text to a name."""
        return any(
            isinstance(statement, (ast.Assign, ast.AnnAssign))
            and isinstance(statement.value, ast.Constant)
            and statement.value.value == value
            and name in _bound(statement)
            for statement in self.pending.get(name, ())
        )

    @cached_property
    def stars(self) -> list[str]:
        """The modules whose names it takes over with `import *`, the last one first."""
        return [
            statement.module or ""
            for statement in reversed(self.body)
            if isinstance(statement, ast.ImportFrom)
            and statement.names[0].name == "*"
            and not statement.level
        ]


class ProjectFiles:
    """Finds and reads modules and files of a tree, and remembers what was asked for.

    One is for the scripts of a folder, of an environment where that is known. What a script means depends on
    itself and on `asked`, and on nothing else: scripts share the modules' texts and syntax trees, and each
    makes the modules' names anew. What one script does to a list of a module, or in which order it meets
    modules that import each other, is nothing to another.
    """

    def __init__(
        self,
        tree: Tree | None,
        folder: str = "",
        environment: Environment | None = None,
        around: Surroundings | None = None,
        outside: Mapping[str, str] | None = None,
        helpers: Sequence[str] = (),
    ) -> None:
        """`outside`: what the configuration states for variables of the environment.

        `helpers`: folders of the tree with packages that come from elsewhere.
        """
        self._made_of = (tree, folder, environment, outside, helpers)
        #: The database that is migrated, of several that the scripts are for.
        self._environment = environment
        self.engine = None if environment is None else environment.engine
        self.outside: Mapping[str, str] = outside or {}
        self._tree = EmptyTree() if tree is None else tree
        self._around = around or Surroundings(self._tree)
        self._files = self._tree.files()
        self._resolver = Resolver(self, folder, environment, helpers)
        self._beside = folder if environment is None else environment.script_location
        self._sources: dict[str, ModuleSource | None] = {}
        self._packages: tuple[list[str], set[str]] | None = None
        #: Every name that the current script asked for, with its state: see `surroundings`.
        self.asked: dict[str, str] = {}
        self._taken_in: set[int] = set()  # what else was taken into it, by id: it is kept elsewhere
        self._tops: dict[str, bool] = {}  # top-level names that the current script asked for: the project's?
        self._places: dict[
            str, FoundModule | None
        ] = {}  # where modules are that the current script asked for
        self._modules: dict[str, Module | None] = {}
        #: What is imported, be it by another module, of what the current direction of a script imports.
        self.covered: set[str] = set()
        self._looked: Imports | None = None  # which looked for what the modules do
        #: Modules that are there and cannot be read: dotted name → why.
        self.broken: dict[str, str] = {}
        #: Modules that a newer Python could parse, of those that the current script asked for: path → where.
        self.newer: dict[str, Problem] = {}
        self._too_new: dict[str, Problem | None] = {}  # of all scripts
        #: By folder of scripts: the naming convention that env.py hands to Alembic, and what that asked for.
        self.conventions: dict[str, tuple[Mapping[str, str], dict[str, str]]] = {}
        #: What importing modules does by itself, for all scripts.
        self.application: object = None  # of `models.alone`
        #: Walks statements at the top of a module; whoever reads a script sets it. It gives whether what they
        #: do besides binding names counts.
        self.walk: Callable[[list[ast.stmt], Module], bool] = _nobody

    def apart(self) -> ProjectFiles:
        """The same files for something that is read beside the script, with what is known of their texts."""
        tree, folder, environment, outside, helpers = self._made_of
        made = ProjectFiles(tree, folder, environment, self._around, outside, helpers)
        made._sources, made._too_new = self._sources, self._too_new
        made.begin()
        return made

    def as_for_all(self) -> bool:
        """Whether modules are looked for where they are for all scripts: the current one adds no folder."""
        return self._resolver.as_for_all()

    def behind(self, dotted: str) -> Collection[str]:
        """The project's modules that an import of one runs, in the order in which they run."""
        return self._around.imports(self._resolver.roots()).modules(dotted)

    def begin(self, module: ast.Module | None = None, path: str = "") -> None:
        """Start a new record of dependencies: another script is read."""
        self.asked = {}
        self._taken_in.clear()
        self.newer = {}
        self._resolver.begin(module, path)
        self._tops = {}
        self._places = {}
        self.begin_direction()

    def begin_direction(self) -> None:
        """Forget what the names of modules mean: a script is walked from its beginning."""
        self._modules = {}
        self.broken = {}
        self.covered = set()

    def ask_all(self, asked: Mapping[str, str]) -> None:
        """Record more dependencies of the script's meaning."""
        if id(asked) not in self._taken_in:
            self._taken_in.add(id(asked))
            self.asked.update(asked)

    def there(self, path: str) -> str | None:
        """The file of the tree that a path leads to."""
        self.asked[path], found = self._around.leads(path)
        return found

    def away(self, path: str, beyond: str) -> str:
        """See `resolver.Lookups`."""
        return self._around.away(path, beyond)

    def text(self, path: str) -> str | None:
        """The text of a file by its path in the tree; None where there is none or it cannot be read."""
        if posixpath.normpath(path).startswith(("..", "/")):
            return None
        for candidate in self._places_of(path):
            found = self.there(candidate)
            if found is not None:
                return self._decoded(found)
        return None

    def _decoded(self, path: str) -> str | None:
        data = self._tree.read(path)
        if len(data) > LARGEST:
            return None
        try:
            return decoded(data) if path.endswith(".py") else data.decode("utf-8-sig")
        except (SyntaxError, UnicodeDecodeError):
            return None

    def source(self, path: str) -> ModuleSource | None:
        """A module by its path in the tree; None where it cannot be read or parsed."""
        found = self.there(path)
        if found is None:
            return None
        if found not in self._sources:
            text = self._decoded(found)
            try:
                body = None if text is None else ast.parse(text).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                body = None
                self._too_new[found] = self._needed(found)
            self._sources[found] = None if text is None or body is None else ModuleSource(text, body)
        return self._sources[found]

    def _needed(self, path: str) -> Problem | None:
        """Where a module needs a newer Python that cannot be parsed; None where it is no matter of that."""
        try:
            parse(path, self._tree.read(path))
        except CannotJudge as error:
            return error.problems[0] if needs(error.problems[0]) else None
        return None

    def listing(self, path: str) -> list[str]:
        """The names of the files in a folder of the tree."""
        path = path.strip("/")
        name = surroundings.folder(path)
        self.asked[name] = self._around.state(name)
        return self._around.listing(path)

    def below(self, path: str) -> list[str]:
        """The paths of the files below a folder of the tree, from there, in order."""
        for place in self._places_of(path):
            found = self._around.below(place)
            if found:
                return found
        return []

    def may_read(self, pattern: str) -> None:
        """Record that files may be read whose paths are like a pattern, or lie below such a folder."""
        for place in self._places_of(pattern):
            name = surroundings.read(place)
            self.asked[name] = self._around.state(name)

    def may_read_any(self) -> None:
        """Record that files may be read of which nothing is known."""
        if self._environment is not None:
            name = surroundings.unknown(self._beside, self._environment.version_locations)
            self.asked[name] = self._around.state(name)

    def _places_of(self, path: str) -> list[str]:
        """Where in the tree a path may lead that counts from wherever a program is started."""
        roots = self._resolver.roots() if self._files else ()
        places = [posixpath.normpath(posixpath.join(root, path)) for root in ("", *roots)]
        return [each for each in dict.fromkeys(places) if not each.startswith(("..", "/"))]

    def own(self, name: str) -> bool:
        """Whether a top-level package or module is found in the tree; cheap, and remembered."""
        found = self._tops.get(name)
        if found is None:
            found = self._tops[name] = bool(self._files) and self._is_own(name)
        return found

    def _is_own(self, name: str) -> bool:
        if name in LIBRARIES:
            return False
        if name in sys.stdlib_module_names:
            return self._resolver.shadows(name)
        return self.find(name) is not None or self._is_folder(name)

    def _is_folder(self, name: str) -> bool:
        asked = surroundings.top(name)
        self.asked[asked] = self._around.state(asked)
        if self.asked[asked]:
            return True
        roots = self._resolver.roots()
        if self._packages is None or self._packages[0] != roots:
            self._packages = roots, set()
            for path in self._files:
                if path.endswith(".py"):
                    for root in roots:
                        prefix = f"{root}/" if root else ""
                        if path.startswith(prefix):
                            self._packages[1].add(path[len(prefix) :].partition("/")[0])
        return name in self._packages[1]

    def mentioning(self, word: str) -> list[str]:
        """The dotted names of the project's modules whose text holds a word."""
        name = surroundings.mention(word)
        self.asked[name] = self._around.state(name)
        return sorted(map(self.module_name, self._around.mentioning(word)))

    def active(self, dotted: str) -> tuple[Active, ...]:
        """The modules that do more than bind names when one is imported, in the order in which they run."""
        roots = self._resolver.roots()
        name = surroundings.imported(dotted, roots)
        self.asked[name] = self._around.state(name)
        imports = self._looked = self._around.imports(roots)
        self.covered.update(imports.closure(dotted))
        return imports.active(dotted, self._beside)

    def carried(self, module: str) -> frozenset[str] | None:
        """The names in a module by which code comes to a database; None where nobody has looked."""
        return None if self._looked is None else self._looked.carried(module)

    def find(self, dotted: str) -> str | None:
        """The file of a module, by its dotted name."""
        found = self._found(dotted)
        return None if found is None else found.path

    def _found(self, dotted: str) -> FoundModule | None:
        # Where it is not is asked for as well: the answer changes when a file appears there.
        if dotted not in self._places:
            self._places[dotted] = self._resolver.find(dotted)
        return self._places[dotted]

    def module_name(self, path: str) -> str:
        """The dotted name that a script's own path gives it, for its relative imports."""
        return self._resolver.name_of(path)

    # What the resolver asks, beside `there`

    def compiled(self, stem: str) -> str | None:
        """See `resolver.Lookups`."""
        self.asked[surroundings.COMPILED] = self._around.state(surroundings.COMPILED)
        return self._around.compiled().get(stem)

    def packages(self, path: str) -> Packages:
        """See `resolver.Lookups`."""
        name = surroundings.packages(path)
        self.asked[name] = self._around.state(name)
        return self._around.packages(path)

    def only_place(self, dotted: str) -> str | None:
        """See `resolver.Lookups`."""
        name = surroundings.only(dotted)
        self.asked[name] = self._around.state(name)
        return self._around.only_place(dotted)

    def body(self, path: str) -> list[ast.stmt] | None:
        """See `resolver.Lookups`."""
        source = self.source(path)
        return None if source is None else source.body

    def loaded(self) -> list[tuple[str, list[ast.stmt]]]:
        """The modules that were imported since a script began: the path and the statements of each."""
        paths = [each.path for each in self._modules.values() if each is not None]
        return [(path, body) for path in dict.fromkeys(paths) if (body := self.body(path)) is not None]

    def is_folder(self, path: str) -> bool:
        """See `resolver.Lookups`."""
        return self._around.is_folder(path)

    def load(self, dotted: str) -> Module | None:
        """A module of the project by its dotted name; None where there is none, or it cannot be parsed."""
        if dotted in self._modules:
            return self._modules[dotted]
        module = self._modules[dotted] = self._loaded(dotted)
        return module

    def _loaded(self, dotted: str) -> Module | None:
        found = self._found(dotted)
        if found is None:
            return None
        path = found.path
        source = None if found.unread else self.source(path)
        if source is None:
            newer = self._too_new.get(self.there(path) or "")
            if newer is not None:
                self.newer[path] = newer
                self.broken[dotted] = f"{path} needs Python {needs(newer)}: run migration-lint with it"
            else:
                self.broken[dotted] = found.unread or f"{path} cannot be parsed"
            return None
        # A relative import counts from the package: `a/__init__.py` is itself the package `a`.
        name = f"{dotted}.__init__" if path.endswith("/__init__.py") or path == "__init__.py" else dotted
        module = Module(name, path, postpones(ast.Module(source.body, [])))
        NUMBERS.importing += 1  # whoever asks for the module, its names are none of what a script makes
        try:
            module.frame.locals = Names(module, source, self)
        finally:
            NUMBERS.importing -= 1
        return module


class Names(NameScope):
    """The names at the top of a module, each made when it is first asked for."""

    __slots__ = ("_binding", "_files", "_imported", "_module", "_pending", "_ran", "_readers", "_running")

    def __init__(self, module: Module, source: ModuleSource, files: ProjectFiles) -> None:
        super().__init__()
        self._files = files
        self._module = module
        self._pending = source.pending.copy()
        self._readers = source.readers
        self._binding = source.binding  # what is to be run for a name that no statement binds by its text
        self._imported: dict[str, Value] = {}  # what the module itself has bound
        #: The statements that have run, by id, and whether what they do besides binding names counted.
        self._ran: dict[int, bool] = {}
        self._running: list[tuple[int, int]] = []  # the places of the statements that are running

    def snapshot(self) -> Value:
        """See `Dict.snapshot`: the names that are made."""
        return dict.copy(self), self.rest

    def restore(self, snapshot: Value) -> None:
        """See `Dict.restore`; what was imported meanwhile stays."""
        self.clear()
        self.update(self._imported)
        self.update(snapshot[0])

    def _taken(self, name: str) -> list[ast.stmt] | None:
        """The statements that have to run before a name is bound, in order.

        No statement runs twice: it might add to what it made before.
        """
        if name not in self._pending:
            return None
        limit = self._running[-1] if self._running else _END
        unbound = not dict.__contains__(self, name)
        wanted, found = [name], dict[int, ast.stmt]()
        while wanted:
            each = wanted.pop()
            left = []
            for statement in self._pending.pop(each, ()):
                if id(statement) in found:
                    continue
                if _place(statement) < limit:
                    found[id(statement)] = statement
                    if not isinstance(statement, _DEFINITIONS):  # which would only bind the same again
                        wanted += _bound(statement)
                    for reader in self._readers.get(each, ()):
                        if _place(reader) < _place(statement):
                            wanted += _bound(reader)
                else:
                    left.append(statement)
            if left and each == name and unbound and not found:
                limit = _END  # modules that import each other: all of it, rather than nothing
                self._pending[each] = left
                wanted.append(each)
            elif left:
                self._pending[each] = left
        return sorted(found.values(), key=_place)

    def _make(self, name: str) -> None:
        statements = self._taken(name)
        by_star = statements is None and "*" in self._pending
        if by_star:
            statements = self._pending.pop("*")
        before = dict.copy(self)
        for statement in statements or ():
            self._running.append(_place(statement))
            try:
                self._ran[id(statement)] = self._files.walk([statement], self._module)
            finally:
                self._running.pop()
        if statements and name != "*" and not by_star and not dict.__contains__(self, name):
            # What is made at the top of a module is made before any migration has a connection; what is
            # defined or imported there may come to one by itself.
            self[name] = Unknown(
                f"what `{name}` of {self._module.path} is could not be worked out",
                reach=any(isinstance(each, _DEFINITIONS) for each in statements),
            )
        self._import(before)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._asked_for(name)

    def _asked_for(self, name: str) -> bool:
        if name in self._pending or "*" in self._pending:
            self._make(name)
        if self._binding and not self._running and not dict.__contains__(self, name):
            binding, self._binding = self._binding, []
            self.run_some(binding)
        return dict.__contains__(self, name)

    def get(self, name: str, default: Value = None) -> Value:
        if name in self._pending or not dict.__contains__(self, name):
            self._asked_for(name)
        return dict.get(self, name, default)

    def __getitem__(self, name: str) -> Value:
        if name in self._pending or not dict.__contains__(self, name):
            self._asked_for(name)
        return dict.__getitem__(self, name)

    def every(self) -> list[str]:
        """All the names, whether they are made or not."""
        if "*" in self._pending:
            self._make("*")
        return list(dict.fromkeys((*self, *self._pending)))

    def whole(self) -> dict[str, Value]:
        """All the names, made."""
        for name in list(self._pending):
            self._make(name)
        return self

    def run(self, body: Sequence[ast.stmt]) -> None:
        """Run the whole top of the module in its order, as an import does."""
        before = dict.copy(self)
        self._pending.clear()
        self._binding = []
        left = [each for each in body if not self._ran.get(id(each))]
        self._ran.update(dict.fromkeys(map(id, left), True))
        self._files.walk(left, self._module)
        self._import(before)

    def run_some(self, statements: Sequence[ast.stmt]) -> None:
        """Run some statements at the top of the module, in order; the others when they are asked for."""
        for statement in statements:
            if self._ran.get(id(statement)):
                continue
            self._ran[id(statement)] = True
            self._running.append(_place(statement))
            before = dict.copy(self)
            try:
                for name in _bound(statement):
                    left = [each for each in self._pending.pop(name, ()) if each is not statement]
                    if left:
                        self._pending[name] = left
                    if any(_place(each) < _place(statement) for each in left):
                        self._make(name)  # what stands above has to run before
                self._files.walk([statement], self._module)
            finally:
                self._running.pop()
            self._import(before)

    def left(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements that have not run at all."""
        return [each for each in body if id(each) not in self._ran]

    def _import(self, before: Mapping[str, Value]) -> None:
        self._imported.update(
            (key, value) for key, value in dict.items(self) if before.get(key, self) is not value
        )


def postpones(module: ast.Module) -> bool:
    """Whether a module says `from __future__ import annotations`: then no annotation is evaluated."""
    return any(isinstance(each, ast.ImportFrom) and each.module == "__future__" for each in module.body[:8])


#: Behind every statement.
_END = (sys.maxsize, 0)


def _readers(pending: Mapping[str, list[ast.stmt]]) -> dict[str, list[ast.stmt]]:
    """For each name that is bound anew, what reads it: it has to run before the name means another thing."""
    again = {
        name
        for name, statements in pending.items()
        if len(statements) > 1
        and sum(not isinstance(each, (*_DEFINITIONS, ast.AugAssign, ast.Expr)) for each in statements) > 1
    }
    found: dict[str, list[ast.stmt]] = {}
    if again:
        for statement in {id(each): each for statements in pending.values() for each in statements}.values():
            if not isinstance(statement, _DEFINITIONS):
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name) and node.id in again and isinstance(node.ctx, ast.Load):
                        found.setdefault(node.id, []).append(statement)
    return found


def _is_dynamic(node: ast.AST) -> bool:
    """Whether a part of a statement may bind names that are not written down."""
    name = getattr(node, "id", None) or getattr(node, "attr", "")
    return isinstance(node, (ast.Name, ast.Attribute)) and name in _BINDERS


def _place(statement: ast.stmt) -> tuple[int, int]:
    return statement.lineno, statement.col_offset


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def _nobody(statements: list[ast.stmt], module: Module) -> bool:
    raise RuntimeError("no script is being read")


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds, or changes what they hold."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _named(target)
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        yield from _named(statement.target)
    elif isinstance(statement, ast.Expr):
        # `NAMES.append(…)` only reads the name, and changes what it holds.
        if isinstance(statement.value, ast.Call) and isinstance(statement.value.func, ast.Attribute):
            yield from _named(statement.value.func.value)
    else:
        for inner in ast.iter_child_nodes(statement):
            if isinstance(inner, ast.stmt):
                yield from _bound(inner)
            elif isinstance(inner, (ast.ExceptHandler, ast.match_case)):
                for each in inner.body:
                    yield from _bound(each)
        if isinstance(statement, (ast.If, ast.While, ast.Assert)):
            for part in ast.walk(statement.test):
                if isinstance(part, ast.NamedExpr):
                    yield part.target.id
        if isinstance(statement, (ast.For, ast.AsyncFor)):
            yield from _named(statement.target)
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            for item in statement.items:
                if item.optional_vars is not None:
                    yield from _named(item.optional_vars)


def _walrus(statement: ast.stmt) -> Iterator[str]:
    """The names that `:=` binds in a statement, but not in a definition."""
    if not isinstance(statement, _DEFINITIONS):
        for node in ast.walk(statement):
            if isinstance(node, ast.NamedExpr):
                yield node.target.id


def _named(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to a target concerns: `x` of `x`, `x[0]`, `x.y` and `x, *y`."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred)):
        yield from _named(target.value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for each in target.elts:
            yield from _named(each)
