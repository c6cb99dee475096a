"""The dependencies of a script's meaning outside of itself, and whether a tree still satisfies them.

Everything that a script asked for is kept as a name and a state. Most names are paths; their state is the
content id, "" where there is no such file. Other kinds are no paths: what a folder holds, which of the
modules mention a word, which compiled modules there are, what a build configuration says of packages, whether
a folder can be the top of a package, and where alone a module can be. No path of a tree begins with a slash,
so they cannot be mistaken for one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from migration_lint.change.tree import Tree
from migration_lint.history.folders import is_material
from migration_lint.reading.project.build_configuration import Packages, packages_of
from migration_lint.store import key_of

if TYPE_CHECKING:
    from migration_lint.reading.project.imports import Imports

_FOLDER = "/folder/"
_WORD = "/word/"
_PACKAGES = "/packages/"
_ONLY = "/only/"
_TOP = "/top/"
COMPILED = "/compiled/"

#: How the file of a compiled module ends: `importlib.machinery.all_suffixes()` on every system.
_COMPILED = (".so", ".pyd", ".pyc", ".pyo")
_IMPORT = "/import/"
_READ = "/read/"
_UNKNOWN = "/unknown/"

#: How many modules are searched for a word.
MOST_SEARCHED = 5_000


class Surroundings:
    """One tree, as far as scripts ask for it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._links = tree.links()
        self._states: dict[str, str] = {}  # of what is no path
        self._paths: dict[str, tuple[str, str | None]] = {}  # where no file is: the state, and where it leads
        self._held: dict[int, tuple[Mapping[str, str], bool]] = {}  # by which it is: scripts share it
        self._mentions: dict[str, list[str]] = {}
        self._compiled: dict[str, str] | None = None
        self._packages: dict[str, Packages] = {}
        self._modules: dict[str, list[str]] | None = (
            None  # last part of a name → files that may be such modules
        )
        self._folders: set[str] | None = None
        self._tops: set[str] | None = None
        self._imports: dict[str, Imports] = {}  # by the folders that modules are looked for in

    def hold(self, asked: Mapping[str, str]) -> bool:
        """Whether every dependency has the same state in this tree. `asked` must not change afterwards."""
        held = self._held.get(id(asked))
        if held is None or held[0] is not asked:
            whole = all(self.state(name) == state for name, state in asked.items())
            held = self._held[id(asked)] = asked, whole
        return held[1]

    def files(self, asked: Mapping[str, str]) -> set[str]:
        """The paths that were asked for, and those of all modules that an import of one runs."""
        paths = {name for name in asked if name[:1] != "/"}
        for name in asked:
            if name.startswith(_IMPORT):
                paths.update(self._run_by(name.removeprefix(_IMPORT)))
        return paths

    def _run_by(self, name: str) -> tuple[str, ...]:
        """The paths of the modules that an import runs, as it is asked for."""
        dotted, _, roots = name.partition("|")
        return self.imports(roots.split(":")).paths(dotted)

    def state(self, name: str) -> str:
        """The state of the dependency with a key."""
        if name[:1] != "/":
            return self.leads(name)[0]
        found = self._states.get(name)
        if found is None:
            found = self._states[name] = self._worked_out(name)
        return found

    def leads(self, path: str) -> tuple[str, str | None]:
        """The state of a path, and the file that is there or to which it leads by links, if there is one."""
        found = self._paths.get(path)
        if found is None:
            files = self._tree.files()
            if path in files:
                return files[path], path  # the id of a file is not known before it is read
            real = self.led(path)
            state = f"{real} {files[real]}" if real is not None else self.away(path, "")
            found = self._paths[path] = state, real
        return found

    def led(self, path: str) -> str | None:
        """The file that a path leads to by links; None where there is none."""
        real = self._links.follow(path).path if self._links else path
        return real if real != path and real in self._tree.files() else None

    def away(self, path: str, beyond: str) -> str:
        """Why a path leads out of the tree, by something below the folder `beyond`; "" where it does not."""
        if not self._links:
            return ""
        led = self._links.follow(path)
        return led.away if not beyond or led.place.startswith(f"{beyond}/") else ""

    def _worked_out(self, name: str) -> str:
        kinds: dict[str, Callable[[str], str]] = {
            _FOLDER: lambda folder: key_of(*self.listing(folder)),
            _WORD: self._mentioned,
            _PACKAGES: lambda path: key_of(repr(self.packages(path))),
            _TOP: lambda name: "1" if self.begins(name) else "",
            _ONLY: lambda dotted: self.only_place(dotted) or "",
            _IMPORT: self._imported,
            _READ: lambda pattern: self._contents(self._like(pattern)),
            _UNKNOWN: lambda places: self._contents(self._anything(*places.split(":"))),
            COMPILED: lambda _: key_of(*sorted(self.compiled().values())),
        }
        return next(work(name[len(kind) :]) for kind, work in kinds.items() if name.startswith(kind))

    def _contents(self, paths: Iterable[str]) -> str:
        files = self._tree.files()
        return key_of(*(part for path in paths for part in (path, files[path])))

    def _imported(self, name: str) -> str:
        return self._contents(self._run_by(name))

    def _mentioned(self, word: str) -> str:
        return self._contents(self.mentioning(word))

    def _like(self, pattern: str) -> list[str]:
        """The paths that are like a pattern, or lie below such a folder."""
        if not set(pattern) & set("*?["):
            real = self.leads(pattern)[1]
            return [real] if real is not None else [f"{pattern}/{each}" for each in self.below(pattern)]
        inside = f"{pattern}/*"
        return [
            each for each in self._tree.files() if fnmatchcase(each, pattern) or fnmatchcase(each, inside)
        ]

    def _anything(self, beside: str, *versions: str) -> list[str]:
        """The paths of what a migration may read, where nothing tells what: SQL, and what lies beside it."""
        versions = tuple(versions)

        def is_script(path: str) -> bool:
            return path.endswith(".py") and (path.startswith(versions) or path.endswith("/env.py"))

        return [
            each
            for each in self._tree.files()
            if each.endswith(".sql") or (each.startswith(f"{beside}/") and not is_script(each))
        ]

    def below(self, folder: str) -> list[str]:
        """The paths of the files below a folder, from there, in order."""
        real = self._links.follow(folder).path if self._links else folder
        start = len(real) + 1 if real not in ("", ".") else 0
        return sorted(path[start:] for path in self._tree.below(real if start else ""))

    def compiled(self) -> Mapping[str, str]:
        """The compiled modules of the tree by the path that their source would have, without its `.py`."""
        if self._compiled is None:
            self._compiled = {}
            for path in self._tree.files():
                if path.endswith(_COMPILED):
                    folder, _, name = path.rpartition("/")
                    # What Python wrote beside a source is run in its place, if it says that it is current.
                    beside = folder.removesuffix("__pycache__").rstrip("/")
                    self._compiled[posixpath.join(beside, name.partition(".")[0])] = path
        return self._compiled

    def packages(self, path: str) -> Packages:
        """What a file of build configuration says."""
        found = self._packages.get(path)
        if found is None:
            text = self._tree.read(path).decode("utf-8", "replace") if path in self._tree.files() else ""
            found = self._packages[path] = packages_of(posixpath.basename(path), text)
        return found

    def only_place(self, dotted: str) -> str | None:
        """The one file that can be a module, wherever the path may lead, other than what tests hold.

        A file in a package is a module of that package and no other; a single file with a plain name may well
        be called like a library, so that it has to be a package.
        """
        if self._modules is None:
            self._modules = {}
            for path in self._tree.files():
                if path.endswith(".py") and not is_material(path):
                    self._modules.setdefault(_stem(path).rpartition("/")[2], []).append(path)
        inside = dotted.replace(".", "/")
        found = [
            path
            for path in self._modules.get(dotted.rpartition(".")[2], ())
            if f"/{_stem(path)}".endswith(f"/{inside}")
            and ("." in dotted or path.endswith("/__init__.py"))
            and not self._is_package(_stem(path)[: -len(inside)].rstrip("/"))
        ]
        return found[0] if len(found) == 1 else None

    def begins(self, name: str) -> bool:
        """Whether a folder of this name with modules in it can be the top of a package."""
        if self._tops is None:
            self._tops = set()
            seen = {""}
            modules = [path.rpartition("/")[0] for path in self._tree.files() if path.endswith(".py")]
            # Behind a link, and in a submodule, there may be modules too.
            for folder in (*modules, *(place.removesuffix(".py") for place in self._links.places())):
                while folder not in seen:
                    seen.add(folder)
                    above, _, last = folder.rpartition("/")
                    if not self._is_package(above):
                        self._tops.add(last)
                    folder = above
        return name in self._tops

    def _is_package(self, folder: str) -> bool:
        return f"{folder}/__init__.py".lstrip("/") in self._tree.files()

    def is_folder(self, path: str) -> bool:
        """Whether any file lies below a path."""
        path = self._links.follow(path).path if self._links else path
        if self._folders is None:
            self._folders = {""}
            for each in self._tree.files():
                folder = each.rpartition("/")[0]
                while folder not in self._folders:
                    self._folders.add(folder)
                    folder = folder.rpartition("/")[0]
        return path in self._folders or bool(self._tree.below(path))

    def listing(self, folder: str) -> list[str]:
        """The names of the files in a folder."""
        start = len(folder) + 1 if folder else 0
        return [path[start:] for path in self._tree.below(folder) if "/" not in path[start:]]

    def imports(self, roots: Sequence[str]) -> Imports:
        """What modules do that are imported from some folders."""
        key = ":".join(roots)
        if key not in self._imports:
            from migration_lint.reading.project.imports import Imports  # which parses modules

            self._imports[key] = Imports(
                lambda dotted: found_in(self._tree.files(), roots, dotted), self._text
            )
        return self._imports[key]

    def read(self, path: str) -> bytes:
        """What a file holds, of the tree or of a package that a setting names."""
        return self._tree.read(path)

    def _text(self, path: str) -> str | None:
        from migration_lint.reading.project.imports import decoded

        try:
            return decoded(self._tree.read(path))
        except (SyntaxError, UnicodeDecodeError):
            return None

    def mentioning(self, word: str) -> list[str]:
        """The paths of the modules whose text holds a word."""
        found = self._mentions.get(word)
        if found is None:
            modules = [path for path in self._tree.files() if path.endswith(".py")][:MOST_SEARCHED]
            texts = self._tree.read_many(modules)
            found = self._mentions[word] = sorted(
                p for p in modules if word.encode("utf-8", "surrogatepass") in texts[p]
            )
        return found


def found_in(files: Mapping[str, str], roots: Sequence[str], dotted: str) -> str | None:
    """The file of a module that is looked for in some folders."""
    inside = dotted.replace(".", "/")
    for root in roots:
        stem = f"{root}/{inside}" if root else inside
        for candidate in (f"{stem}.py", f"{stem}/__init__.py"):
            if candidate in files:
                return candidate
    return None


def imported(dotted: str, roots: Sequence[str]) -> str:
    """The dependency key: all modules that an import of one runs."""
    return f"{_IMPORT}{dotted}|{':'.join(roots)}"


def folder(path: str) -> str:
    """The dependency key: the names of the files in a folder."""
    return f"{_FOLDER}{path}"


def mention(word: str) -> str:
    """The dependency key: the modules whose text holds a word."""
    return f"{_WORD}{word}"


def read(pattern: str) -> str:
    """The dependency key: the files whose paths are like a pattern, or lie below such a folder."""
    return f"{_READ}{pattern}"


def unknown(beside: str, versions: Sequence[str]) -> str:
    """The dependency key: what a script of a folder may read, where nothing tells what."""
    return f"{_UNKNOWN}{':'.join((beside, *(f'{each}/' for each in versions)))}"


def is_unfollowed(name: str) -> bool:
    """Whether a dependency is of files that nobody follows."""
    return name.startswith((_READ, _UNKNOWN))


def may_be_below(name: str, folder: str) -> bool:
    """Whether files that nobody follows are known to lie below a folder."""
    return name.startswith(f"{_READ}{folder}/")


def packages(path: str) -> str:
    """The dependency key: what a build configuration file says."""
    return f"{_PACKAGES}{path}"


def only(dotted: str) -> str:
    """The dependency key: the one place where a module can be."""
    return f"{_ONLY}{dotted}"


def top(name: str) -> str:
    """The dependency key: whether a folder can be the top of a package."""
    return f"{_TOP}{name}"


def _stem(path: str) -> str:
    """The path of a module without what its file ends with."""
    return path.removesuffix(".py").removesuffix("/__init__")
