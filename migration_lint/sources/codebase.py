"""The files around a file: what a name means that is defined in another file of the package, or imported."""

from __future__ import annotations

import posixpath
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple, TypeVar, cast

from migration_lint.change.tree import Tree
from migration_lint.sources.code import Definition, Field, Function, Import, Module
from migration_lint.sources.languages import LARGEST, language_at, parse

Made = TypeVar("Made")

_KEPT_BYTES = 12_000_000
_SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")


class Defined(NamedTuple):
    """A constant, and the file that its text is to be read in."""

    module: Module
    definition: Definition
    name: str


class Codebase:
    """The source files of one tree, parsed once each and kept while there is room."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._files: Mapping[str, str] | None = None
        self._folders: dict[str, list[str]] = {}
        self._kept: OrderedDict[str, tuple[int, Module]] = OrderedDict()
        self._size = 0
        self._packages: OrderedDict[tuple[str, str, bool], tuple[Module, ...]] = OrderedDict()
        self._made: dict[Callable[[Codebase], object], object] = {}

    def files(self) -> Mapping[str, str]:
        if self._files is None:
            self._files = self._tree.files()
            for path in self._files:
                if language_at(path) is not None:
                    self._folders.setdefault(posixpath.dirname(path), []).append(path)
        return self._files

    def read(self, path: str) -> bytes:
        """The bytes of a file of the tree."""
        return self._tree.read(path)

    def text(self, path: str) -> str | None:
        """The text of a file that code names, for an embedded `.sql`; None if the tree has none."""
        path = posixpath.normpath(path)
        if path.startswith("../") or path not in self.files():
            return None
        data = self._tree.read(path)
        return data.decode("utf-8", "replace") if len(data) <= LARGEST else None

    def module(self, path: str) -> Module | None:
        """A source file as code; None if the tree has none of that path."""
        kept = self._kept.get(path)
        if kept is not None:
            self._kept.move_to_end(path)
            return kept[1]
        if path not in self.files() or language_at(path) is None:
            return None
        source = self._tree.read(path)
        module = parse(path, source)
        self._kept[path] = (len(source), module)
        self._size += len(source)
        while self._size > _KEPT_BYTES and len(self._kept) > 1:
            _, (size, _) = self._kept.popitem(last=False)
            self._size -= size
        return module

    def once(self, make: Callable[[Codebase], Made]) -> Made:
        """What is made of the codebase as a whole, made when it is first asked for."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(Made, self._made[make])

    # -- names

    def definition(self, module: Module, name: str) -> Defined | None:
        """A constant `NAME` or `Owner.NAME` that the file sees without saying where it is from."""
        own = module.definitions.get(name)
        if own is not None:
            return Defined(module, own, name)
        for other in self._siblings(module, name):
            found = other.definitions.get(name)
            if found is not None:
                return Defined(other, found, name)
        first, _, rest = name.partition(".")
        imported = module.imports.get(first)
        if imported is not None:
            for other in self._imported(module, imported):
                wanted = ".".join(part for part in (imported.name, rest) if part)
                found = other.definitions.get(wanted)
                if found is not None:
                    return Defined(other, found, wanted)
        for imported in module.imports.values():
            if imported.name == "*":
                for other in self._imported(module, imported):
                    if name in other.definitions:
                        return Defined(other, other.definitions[name], name)
        return None

    def fields(self, module: Module, name: str) -> tuple[Field, ...] | None:
        """The fields of a type, by its name as written in the file."""
        found = self.type(module, name)
        return found[1] if found is not None and not found[2] else None

    def type(self, module: Module, name: str) -> tuple[Module, tuple[Field, ...], str] | None:
        """A type by its name as written: where it is, its fields, or the type that it gives a name to."""
        for other in chain((module,), self._siblings(module, name)):
            if name in other.types or name in other.aliases:
                return other, other.types.get(name, ()), other.aliases.get(name, "")
        first, _, rest = name.partition(".")
        imported = module.imports.get(first)
        for other in self._imported(module, imported) if imported is not None else ():
            wanted = ".".join(part for part in (imported.name if imported else "", rest) if part)
            if wanted in other.types or wanted in other.aliases:
                return other, other.types.get(wanted, ()), other.aliases.get(wanted, "")
        return None

    def function(self, module: Module, name: str, owner: str = "") -> tuple[Module, Function] | None:
        """A function of the file, its package, or imported; a method where there is an owner."""
        symbol = f"{owner}.{name}" if owner else name
        for other in chain((module,), self._siblings(module, name)):
            function = other.by_symbol.get(symbol)
            if function is not None:
                return other, function
        first, _, rest = symbol.partition(".")
        imported = module.imports.get(first)
        for other in self._imported(module, imported) if imported is not None else ():
            wanted = ".".join(part for part in (imported.name if imported else "", rest) if part)
            function = other.by_symbol.get(wanted)
            if function is not None:
                return other, function
        return None

    # -- files

    def _siblings(self, module: Module, name: str) -> Iterator[Module]:
        """The other files that share the file's names."""
        folder = posixpath.dirname(module.path)
        if module.language == "Go":
            yield from self._go_package(module)
        elif module.language in ("Java", "Kotlin", "C#", "PHP"):
            owner = name.partition(".")[0]
            ending = posixpath.splitext(module.path)[1]
            path = posixpath.join(folder, owner + ending)
            if path != module.path and path in self.files():
                other = self.module(path)
                if other is not None:
                    yield other

    def _go_package(self, module: Module) -> tuple[Module, ...]:
        folder = posixpath.dirname(module.path)
        tests = module.path.endswith("_test.go")
        key = (folder, module.package, tests)
        found = self._packages.get(key)
        if found is None:
            self.files()
            found = tuple(
                other
                for path in self._folders.get(folder, ())
                if path.endswith(".go")
                and (tests or not path.endswith("_test.go"))
                and (other := self.module(path)) is not None
                and other.package == module.package
            )
            self._packages[key] = found
            while len(self._packages) > 3:
                self._packages.popitem(last=False)
        return found

    def _imported(self, module: Module, imported: Import) -> Iterator[Module]:
        """The files that an import may mean, found by its path; nothing outside the tree."""
        for path in self._candidates(module, imported):
            if path in self.files():
                other = self.module(path)
                if other is not None and other.path != module.path:
                    yield other

    def _candidates(self, module: Module, imported: Import) -> Iterator[str]:
        folder = posixpath.dirname(module.path)
        name = imported.module
        if module.language == "Python":
            yield from python_paths(folder, imported)
        elif module.language in ("TypeScript", "JavaScript"):
            if name.startswith("."):
                base = posixpath.normpath(posixpath.join(folder, name))
                yield base
                stem = re.sub(r"\.[cm]?jsx?$", "", base)
                for ending in _SCRIPTS:
                    yield stem + ending
                    yield f"{base}/index{ending}"
        elif module.language == "Go":
            self.files()
            parts = name.split("/")
            for start in range(len(parts)):
                place = "/".join(parts[start:])
                if place in self._folders:
                    yield from (
                        p for p in self._folders[place] if p.endswith(".go") and not p.endswith("_test.go")
                    )
                    return
        elif module.language in ("Java", "Kotlin"):
            inner = name.replace(".", "/")
            here = module.package.replace(".", "/")
            root = folder.removesuffix(here) if here else folder
            for ending in (".java", ".kt"):
                yield posixpath.join(root, inner + ending) if root else inner + ending


def python_paths(folder: str, imported: Import) -> Iterator[str]:
    """The files that an import of Python may mean, the nearest first."""
    name = imported.module
    dots = len(name) - len(name.lstrip("."))
    bases = [folder]
    if dots:
        for _ in range(dots - 1):
            bases = [posixpath.dirname(bases[0])]
    else:
        at = folder
        bases = []
        while at:  # the nearest folder that holds the package; a project may sit deep in a tree
            at = posixpath.dirname(at)
            bases.append(at)
        bases = [folder, *bases]
        bases += [posixpath.join(base, "src") for base in bases]
    inner = name.lstrip(".").replace(".", "/")
    for base in bases:
        place = posixpath.join(base, inner) if inner else base
        yield f"{place}.py"
        yield f"{place}/__init__.py"
        if imported.name and imported.name != "*":
            yield posixpath.join(place, f"{imported.name}.py")
