"""The files that a script may draw on: the project's own modules and data, read from one tree.

A module is walked lazily: a statement at its top runs when somebody asks for a name that it binds. Most
modules that scripts import are large, and scripts want a constant or a type of them.
"""

from __future__ import annotations

import ast
import posixpath
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from migration_lint.change.tree import Tree
from migration_lint.reading.values import Module, Unknown, Value

#: A module or data file longer than this is not read.
LARGEST = 2_000_000

#: Top-level packages that scripts import and whose sources never are the project's own.
_LIBRARIES = frozenset({"alembic", "sqlalchemy", "sqlmodel", "typing", *sys.stdlib_module_names})


class ProjectFiles:
    """Finds and reads modules and files of a tree, and remembers what was asked for.

    `roots` are the folders of the tree that would be on `sys.path`. What a script means depends on itself
    and on `asked`, and on nothing else.
    """

    def __init__(self, tree: Tree | None, roots: Sequence[str] = ("",), folder: str = "") -> None:
        self._tree = tree
        self._files: Mapping[str, str] = {} if tree is None else tree.files()
        self._roots = tuple(dict.fromkeys(root.strip("/") for root in roots))
        self._folder = folder
        self._modules: dict[str, LazyModule | None] = {}
        #: Modules that are there and cannot be parsed: dotted name → path.
        self.broken: dict[str, str] = {}
        self._packages: set[str] | None = None
        self._own: dict[str, bool] = {}
        self._places: dict[str, list[str]] = {}  # where a name that is not the project's would be
        self._asking: list[dict[str, str]] = [{}]
        #: Walks statements at the top of a module; whoever reads a script sets it.
        self.walk: Callable[[list[ast.stmt], Module], None] = _nobody

    @property
    def asked(self) -> dict[str, str]:
        """Every path that the current script asked for, with its content id, or "" where there is none."""
        return self._asking[0]

    def begin(self) -> None:
        """Forget what was asked for: another script is read."""
        self._asking = [{}]

    def _ask(self, path: str) -> str:
        found = self._files.get(path, "")
        for asking in self._asking:
            asking[path] = found
        return found

    def _there(self, path: str) -> bool:
        return bool(self._ask(path))

    def text(self, path: str) -> str | None:
        """The text of a file by its path in the tree; None where there is none or it cannot be read."""
        path = posixpath.normpath(path)
        if path.startswith(("..", "/")):
            return None
        for candidate in (path, *(posixpath.normpath(posixpath.join(root, path)) for root in self._roots)):
            if not candidate.startswith("..") and self._there(candidate) and self._tree is not None:
                data = self._tree.read(candidate)
                if len(data) > LARGEST:
                    return None
                try:
                    return data.decode("utf-8-sig")
                except UnicodeDecodeError:
                    return None
        return None

    def listing(self, path: str) -> list[str]:
        """The names of the files in a folder of the tree."""
        prefix = path.strip("/") + "/" if path.strip("/") else ""
        names = [
            p[len(prefix) :] for p in self._files if p.startswith(prefix) and "/" not in p[len(prefix) :]
        ]
        for name in names:
            self._there(prefix + name)
        return names

    def own(self, name: str) -> bool:
        """Whether a top-level package or module is found in the tree; cheap, and remembered."""
        found = self._own.get(name)
        if found is None:
            found = self._own[name] = bool(self._files) and name not in _LIBRARIES and self._is_own(name)
        if not found and name not in _LIBRARIES:
            places = self._places.get(name)
            if places is None:
                stems = [posixpath.join(root, name) for root in self._roots]
                places = self._places[name] = [f"{s}{end}" for s in stems for end in (".py", "/__init__.py")]
            if places[0] not in self._asking[-1]:
                for place in places:  # where it would be: the answer changes when a file appears there
                    self._ask(place)
        return found

    def _is_own(self, name: str) -> bool:
        return any(self.module_path(name, root) is not None for root in self._roots) or self._is_folder(name)

    def _is_folder(self, name: str) -> bool:
        if self._packages is None:
            self._packages = set()
            for path in self._files:
                if path.endswith(".py"):
                    for root in self._roots:
                        prefix = f"{root}/" if root else ""
                        if path.startswith(prefix):
                            self._packages.add(path[len(prefix) :].partition("/")[0])
        return name in self._packages

    def mentioning(self, word: bytes, most: int = 5_000) -> list[str]:
        """The dotted names of the project's modules whose text holds a word."""
        found = []
        paths = [path for path in self._files if path.endswith(".py")]
        for path in paths[:most] if self._tree is not None else ():
            if self._tree is not None and word in self._tree.read(path):
                found.append(self.module_name(path))
        return sorted(found)

    def module_path(self, dotted: str, root: str) -> str | None:
        """The file of a module below one root, or None."""
        stem = posixpath.join(root, *dotted.split("."))
        for candidate in (f"{stem}.py", f"{stem}/__init__.py"):
            if candidate in self._files and self._there(candidate):
                return candidate
        return None

    def find(self, dotted: str) -> str | None:
        """The file of a module, by its dotted name."""
        for root in self._roots:
            found = self.module_path(dotted, root)
            if found is not None:
                return found
        # Where it would have been: the answer changes when a file appears there.
        for root in self._roots:
            self._ask(posixpath.join(root, *dotted.split(".")) + ".py")
        return None

    def module_name(self, path: str) -> str:
        """The dotted name that a script's own path gives it, for its relative imports."""
        for root in sorted(self._roots, key=len, reverse=True):
            prefix = f"{root}/" if root else ""
            if path.startswith(prefix):
                path = path[len(prefix) :]
                break
        return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def load(self, dotted: str) -> Module | None:
        """A module of the project by its dotted name; None where there is none, or it cannot be parsed."""
        if dotted in self._modules:
            known = self._modules[dotted]
            for asking in self._asking:
                asking.update({} if known is None else known.asked)
            return known
        self._modules[dotted] = None
        asked: dict[str, str] = {}
        self._asking.append(asked)
        try:
            path = self.find(dotted)
            text = None if path is None else self.text(path)
        finally:
            self._asking.pop()
        if path is None:
            return None
        if text is None:
            self.broken[dotted] = path
            return None
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.broken[dotted] = path
            return None
        # A relative import counts from the package: `a/__init__.py` is itself the package `a`.
        name = f"{dotted}.__init__" if path.endswith("/__init__.py") or path == "__init__.py" else dotted
        module = LazyModule(name, path, asked)
        module.frame.locals = Names(module, tree.body, self)
        self._modules[dotted] = module
        return module

    def run_pending(self, statements: list[ast.stmt], module: LazyModule) -> None:
        """Walk statements of a module, noting what they ask for."""
        self._asking.append(module.asked)
        try:
            self.walk(statements, module)
        finally:
            self._asking.pop()


class LazyModule(Module):
    """A module of the project, with the files that its names depend on."""

    __slots__ = ("asked",)

    def __init__(self, name: str, path: str, asked: dict[str, str]) -> None:
        super().__init__(name, path)
        self.asked = asked


class Names(dict[str, Value]):
    """The names at the top of a module, each made when it is first asked for."""

    __slots__ = ("_files", "_module", "_pending")

    def __init__(self, module: LazyModule, body: list[ast.stmt], files: ProjectFiles) -> None:
        super().__init__()
        self._files = files
        self._module = module
        self._pending: dict[str, list[ast.stmt]] = {}
        for statement in body:
            for name in dict.fromkeys(_bound(statement)):
                self._pending.setdefault(name, []).append(statement)

    def _make(self, name: str) -> None:
        statements = self._pending.pop(name, None)
        by_star = statements is None and "*" in self._pending
        if by_star:
            statements = self._pending.pop("*")
        if statements:
            self._files.run_pending(statements, self._module)
            if name != "*" and not by_star and not dict.__contains__(self, name):
                # What is made at the top of a module is made before any migration has a connection; what is
                # defined or imported there may come to one by itself.
                self[name] = Unknown(
                    f"what `{name}` of {self._module.path} is could not be worked out",
                    reach=any(isinstance(each, _DEFINITIONS) for each in statements),
                )

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or (isinstance(name, str) and self._asked_for(name))

    def _asked_for(self, name: str) -> bool:
        if name in self._pending or "*" in self._pending:
            self._make(name)
        return dict.__contains__(self, name)

    def get(self, name: str, default: Value = None) -> Value:
        if not dict.__contains__(self, name):
            self._asked_for(name)
        return dict.get(self, name, default)

    def __getitem__(self, name: str) -> Value:
        if not dict.__contains__(self, name):
            self._asked_for(name)
        return dict.__getitem__(self, name)

    def whole(self) -> dict[str, Value]:
        """All the names, made."""
        for name in list(self._pending):
            self._make(name)
        return self


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def _nobody(statements: list[ast.stmt], module: Module) -> None:
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


def _named(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to a target concerns: `x` of `x`, `x[0]`, `x.y` and `x, *y`."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred)):
        yield from _named(target.value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for each in target.elts:
            yield from _named(each)
