"""The files around a file: what a name means that is defined in another file of the package, or imported."""

from __future__ import annotations

import posixpath
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import TypeVar, cast

from migration_lint.change.tree import Tree
from migration_lint.named_tuple import NamedTuple
from migration_lint.sources.code import Definition, Enumeration, Field, Function, Import, Module, joined
from migration_lint.sources.languages import LARGEST, language_at, parse

Made = TypeVar("Made")

_KEPT_BYTES = 12_000_000
_SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")


#: Languages in which a file gives on what it imports: `__init__.py`, `index.ts`.
_HANDS_ON = ("Python", "TypeScript", "JavaScript", "Rust")
#: Languages in which a file is imported by its name in a folder, and what stands between the two.
_INNER = {"Python": ".", "Rust": "::"}
_MOST_EXPORTS = 3

Seen = TypeVar("Seen")


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

        def look(other: Module, wanted: str) -> Defined | None:
            found = other.definitions.get(wanted)
            return Defined(other, found, wanted) if found is not None else None

        return self._seen(module, name, look)

    def fields(self, module: Module, name: str) -> tuple[Field, ...] | None:
        """The fields of a type, by its name as written in the file."""
        found = self.type(module, name)
        return found[1] if found is not None and not found[2] else None

    def type(self, module: Module, name: str) -> tuple[Module, tuple[Field, ...], str] | None:
        """A type by its name as written: where it is, its fields, or the type that it gives a name to."""

        def look(other: Module, wanted: str) -> tuple[Module, tuple[Field, ...], str] | None:
            if wanted in other.types or wanted in other.aliases:
                return other, other.types.get(wanted, ()), other.aliases.get(wanted, "")
            return None

        return self._seen(module, name, look)

    def enumeration(self, module: Module, name: str) -> Enumeration | None:
        """The members of a type that lists them; None where one of them is not known."""

        def look(other: Module, wanted: str) -> Enumeration | None:
            files: tuple[Module, ...] = (other,)
            if other.language == "Go":
                files = self._go_package(other)
                if not any(wanted in each.aliases for each in files):
                    return None  # constants of a type that is another package's, or Go's own
            parts = [each.enumerations[wanted] for each in files if wanted in each.enumerations]
            return joined(parts) if parts else None

        found = self._seen(module, name, look)
        return found if found is not None and found.known else None

    def function(self, module: Module, name: str, owner: str = "") -> tuple[Module, Function] | None:
        """A function of the file, its package, or imported; a method where there is an owner."""

        def look(other: Module, wanted: str) -> tuple[Module, Function] | None:
            function = other.by_symbol.get(wanted)
            return (other, function) if function is not None else None

        return self._seen(module, f"{owner}.{name}" if owner else name, look)

    def _seen(
        self,
        module: Module,
        name: str,
        look: Callable[[Module, str], Seen | None],
        past: frozenset[tuple[str, str]] = frozenset(),
    ) -> Seen | None:
        """What a name means in a file: its own, its package's, or what it imports, under whatever name.

        `past`: the files on the way here, which give it on from each other, and what it was called there.
        """
        name = name.replace("::", ".")
        for other in chain((module,), self._siblings(module, name)):
            found = look(other, name)
            if found is not None:
                return found
        here = past | {(module.path, name)}
        onwards = module.language in _HANDS_ON and len(past) < _MOST_EXPORTS
        for imported, rest in _imports(module, name):
            wanted = ".".join(part for part in (imported.name, rest) if part)
            for other in self._imported(module, imported) if wanted else ():
                if (other.path, wanted) in here:
                    continue
                found = self._seen(other, wanted, look, here) if onwards else look(other, wanted)
                if found is not None:
                    return found
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
            yield from python_paths(folder, Import(name))
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
        elif module.language == "Rust":
            yield from _rust_paths(module.path, name)
        elif module.language in ("Java", "Kotlin"):
            inner = name.replace(".", "/")
            here = module.package.replace(".", "/")
            root = folder.removesuffix(here) if here else folder
            for ending in (".java", ".kt"):
                yield posixpath.join(root, inner + ending) if root else inner + ending


def _imports(module: Module, name: str) -> Iterator[tuple[Import, str]]:
    """The imports that a name may be from, each with its name there; of `import *` all may be."""
    first, _, rest = name.partition(".")
    imported = module.imports.get(first)
    if imported is not None:
        yield imported, rest
        if imported.name and rest and module.language in _INNER:
            between = _INNER[module.language]
            inside = imported.module if imported.module.endswith(".") else imported.module + between
            yield Import(inside + imported.name), rest  # what is imported is itself a file
    for imported in module.imports.values():
        if imported.name == "*":
            yield imported._replace(name=""), name


def _rust_paths(path: str, name: str) -> Iterator[str]:
    """The files of `crate::a::b`, `super::b` and `self::b`, as a module of a crate lies in folders."""
    folder, file = posixpath.split(path)
    own = folder if file in ("mod.rs", "lib.rs", "main.rs") else path.removesuffix(".rs")
    first, *parts = name.split("::")
    if first == "crate":
        before, source, _ = f"{folder}/".rpartition("src/")
        at = before + source.rstrip("/") if source else folder
    elif first in ("self", "super"):
        at = own
        for step in [first, *parts]:
            if step == "super":
                at = posixpath.dirname(at)
        parts = [step for step in parts if step != "super"]
    else:
        at, parts = own, [first, *parts]  # `mod events;` and `use events::Event`
    place = posixpath.join(at, *parts)
    yield f"{place}.rs"
    yield f"{place}/mod.rs"
    if not parts:
        yield f"{place}/lib.rs"
        yield f"{place}/main.rs"


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
