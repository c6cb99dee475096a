"""Finds the file of a module by its dotted name, for `check`, `show` and the editor alike.

Where it looks, the first that has the module counts:

    1   what the script, then env.py, put at the front of `sys.path`; what `prepend_sys_path` names
    2   the folder of the configuration, the project, their `src/`; the folders in which the packages begin
        that the configuration, env.py and the script lie in
    3   what the build configuration and that of pytest name, in the script's folder and in those above it
    4   what the script and env.py put at the end of `sys.path`
    5   the folder of env.py, the script's, those above it that are no packages, and their `src/`
    6   the packages that the setting `helpers` names
    7   the only place in the tree where the module can be

Python would look in 1 to 4 where the project is installed, or is started, as it says. 5 to 7 are for what a
tree does not tell: how Alembic is started, and what a Dockerfile puts on the path.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from migration_lint.history.environment import Environment
from migration_lint.named_tuple import NamedTuple
from migration_lint.reading.project.build_configuration import FILES, Packages
from migration_lint.reading.project.sys_path import Added, AnchoredPath, added_folders

#: Modules of Python's own library that are loaded before any script is, whatever lies on the path: what the
#: interpreter starts with, and what importing Alembic and SQLAlchemy imports.
_LOADED = frozenset(
    """
    __future__ abc argparse array ast asyncio atexit base64 binascii bisect builtins bz2 calendar
    codecs collections concurrent configparser contextlib contextvars copy copyreg csv dataclasses
    datetime decimal dis email encodings enum errno fcntl fnmatch functools gc genericpath gettext
    hashlib heapq html importlib inspect io ipaddress itertools json keyword linecache locale
    logging lzma marshal math ntpath numbers opcode operator os pathlib pickle platform posix
    posixpath queue quopri random re reprlib select selectors shlex shutil signal site socket
    socketserver ssl stat string struct subprocess sys sysconfig tempfile termios textwrap threading
    time timeit token tokenize tomllib traceback types typing urllib uuid warnings weakref zipfile
    zipimport zlib zoneinfo
    """.split()
)


class FoundModule(NamedTuple):
    """Where a module is. `unread` says why it cannot be read, where it cannot."""

    path: str
    unread: str = ""


class Lookups(Protocol):
    """Look-ups in one tree. Every answer is recorded in `asked`, as a dependency of the script's meaning."""

    asked: dict[str, str]

    def there(self, path: str) -> str | None:
        """The file of the tree that a path leads to."""
        ...

    def away(self, path: str, beyond: str) -> str:
        """Why a path leads out of the tree below a folder, by a link or into a submodule; "" else."""
        ...

    def compiled(self, stem: str) -> str | None:
        """The compiled module that Python would take in the place of `<stem>.py`, or for it."""
        ...

    def packages(self, path: str) -> Packages:
        """What a file of build configuration says."""
        ...

    def only_place(self, dotted: str) -> str | None:
        """The one file of the tree that can be this module."""
        ...

    def body(self, path: str) -> list[ast.stmt] | None:
        """The statements of a module of the tree."""
        ...

    def is_folder(self, path: str) -> bool:
        """Whether any file lies below a path."""
        ...


class _Fixed(NamedTuple):
    """Where to look for all scripts of a folder."""

    front: tuple[str, ...]  # before Python's own library
    stated: tuple[str, ...]
    places: tuple[tuple[str, str], ...]  # a package's path below its root, and its folder
    back: tuple[str, ...]
    around: tuple[str, ...]


class Resolver:
    """Finds modules for the scripts of one folder."""

    def __init__(
        self, lookups: Lookups, folder: str, environment: Environment | None, helpers: Sequence[str] = ()
    ) -> None:
        self._lookups = lookups
        self._helpers = helpers
        self._folder = folder
        self._above = _upwards(folder)
        self._environment = environment
        self._script: tuple[ast.Module, str] | None = None
        self._own: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._known: tuple[_Fixed, dict[str, str]] | None = None

    def begin(self, module: ast.Module | None, path: str) -> None:
        """Another script is read."""
        self._script = None if module is None else (module, path)
        self._own = None

    def as_for_all(self) -> bool:
        """Whether the script adds no folder of its own to those where modules are looked for."""
        return not any(self._put_by_script())

    def find(self, dotted: str) -> FoundModule | None:
        """The file of a module; None where there is none."""
        inside = dotted.replace(".", "/")
        fixed = self._fixed()
        front, back = self._put_by_script()
        for root in dict.fromkeys((*front, *fixed.front, *fixed.stated)):
            found = self._at(_joined(root, inside), root)
            if found is not None:
                return found
        for package, folder in fixed.places:
            if inside == package or inside.startswith(f"{package}/"):
                found = self._at(_joined(folder, inside[len(package) + 1 :]), folder)
                if found is not None:
                    return found
        for root in dict.fromkeys((*fixed.back, *back, *fixed.around, *self._helpers)):
            found = self._at(_joined(root, inside), root)
            if found is not None:
                return found
        only = self._lookups.only_place(dotted)
        return None if only is None else FoundModule(only)

    def shadows(self, name: str) -> bool:
        """Whether a module of the project stands in the place of one of Python's own library."""
        return name not in _LOADED and any(
            self._at(_joined(root, name), root) is not None
            for root in (*self._put_by_script()[0], *self._fixed().front)
        )

    def roots(self) -> list[str]:
        """Every folder in which a module is looked for."""
        fixed = self._fixed()
        front, back = self._put_by_script()
        last = (*fixed.around, *self._helpers)
        return list(dict.fromkeys((*front, *fixed.front, *fixed.stated, *fixed.back, *back, *last)))

    def name_of(self, path: str) -> str:
        """The dotted name of a module by its path."""
        top = self._package_top(posixpath.dirname(path))
        inside = path[len(top) :].lstrip("/")
        return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def _at(self, stem: str, root: str) -> FoundModule | None:
        # In the order in which Python looks (`importlib.machinery.FileFinder.find_spec`): a package before a
        # module, and of each the compiled one before the source.
        for each in (f"{stem}/__init__", stem) if stem else ("__init__",):
            compiled = self._lookups.compiled(each)
            if compiled is not None:
                return FoundModule(compiled, f"{compiled} is compiled code, which cannot be read")
            found = self._lookups.there(f"{each}.py")
            if found is not None:
                return FoundModule(found)
        away = self._lookups.away(f"{stem}.py", root)
        return FoundModule(f"{stem}.py", f"{away}, which cannot be read") if away else None

    # Where to look

    def _fixed(self) -> _Fixed:
        lookups = self._lookups
        if self._known is None:
            earlier, lookups.asked = lookups.asked, {}
            front, back = self._put_by_env()
            packages = list(self._packages())
            fixed = _Fixed(
                front=(*front, *(self._environment.prepended if self._environment else ())),
                stated=(*self._stated(), *(root for roots, _ in packages for root in roots)),
                places=tuple(place for _, places in packages for place in places),
                back=tuple(back),
                around=tuple(self._around()),
            )
            self._known = fixed, lookups.asked
            lookups.asked = earlier
        fixed, asked = self._known
        lookups.asked.update(asked)
        return fixed

    def _stated(self) -> Iterator[str]:
        if self._environment is not None:
            yield from self._environment.import_roots
        folders = [self._configured(), self._env_folder(), self._folder]
        for folder in dict.fromkeys(each for each in folders if each is not None):
            top = self._package_top(folder)
            if top != folder:
                yield top

    def _packages(self) -> Iterator[tuple[list[str], list[tuple[str, str]]]]:
        for folder in self._above:
            for name in FILES:
                found = self._lookups.packages(_joined(folder, name))
                yield (
                    [place for root in found.roots for place in _placed(folder, root)],
                    [
                        (package.replace(".", "/"), place)
                        for package, named in found.places.items()
                        for place in _placed(folder, named)
                    ],
                )

    def _around(self) -> Iterator[str]:
        if self._environment is not None:
            yield self._environment.script_location
        yield self._folder
        for folder in self._above:
            # What lies in a package is found by the package's name, not by its own.
            if self._lookups.there(_joined(folder, "__init__.py")) is None:
                yield folder
                if self._lookups.is_folder(_joined(folder, "src")):
                    yield _joined(folder, "src")

    def _put_by_script(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if self._own is None:
            added = () if self._script is None else added_folders(*self._script)
            self._own = self._folders(added, front=True), self._folders(added, front=False)
        return self._own

    def _put_by_env(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        folder = self._env_folder()
        path = "" if folder is None else _joined(folder, "env.py")
        body = self._lookups.body(path) if path else None
        added = () if body is None else added_folders(ast.Module(body, []), path)
        return self._folders(added, front=True), self._folders(added, front=False)

    def _folders(self, added: Sequence[Added], *, front: bool) -> tuple[str, ...]:
        return tuple(
            folder for each in added if each.front == front for folder in self._tree_folder(each.place)
        )

    def _tree_folder(self, place: AnchoredPath) -> Iterable[str]:
        if place.anchored:
            return _placed("", place.path.lstrip("/"))
        if place.path.startswith("/"):
            return ()
        # Where Alembic is started the tree does not tell: beside the configuration, or above it.
        start = self._configured()
        candidates = (*_upwards(self._folder if start is None else start), *self._above)
        found = (each for folder in candidates for each in _placed(folder, place.path))
        return [each for each in found if self._lookups.is_folder(each)][:1]

    def _configured(self) -> str | None:
        """The folder of the configuration."""
        if self._environment is not None and self._environment.config_path:
            path = self._environment.config_path
            self._lookups.there(path)  # what it says of the path is in the environment already
            return posixpath.dirname(path)
        return self._nearest("alembic.ini")

    def _env_folder(self) -> str | None:
        if self._environment is not None:
            place = self._environment.script_location
            if self._lookups.there(_joined(place, "env.py")) is not None:
                return place
        return self._nearest("env.py")

    def _nearest(self, name: str) -> str | None:
        there = self._lookups.there
        return next((each for each in self._above if there(_joined(each, name)) is not None), None)

    def _package_top(self, folder: str) -> str:
        """The folder in which the package begins that a folder is part of; itself where it is none."""
        while folder and self._lookups.there(f"{folder}/__init__.py") is not None:
            folder = posixpath.dirname(folder)
        return folder


def _upwards(folder: str) -> list[str]:
    """A folder and those above it, up to the root of the tree."""
    found = [folder]
    while folder:
        folder = posixpath.dirname(folder)
        found.append(folder)
    return found


def _placed(folder: str, path: str) -> Iterable[str]:
    """A path as seen from a folder of the tree; nothing where it leads out."""
    place = posixpath.normpath(posixpath.join(folder, path or "."))
    if place == "." or not place:
        return ("",)
    return () if place.startswith(("../", "/")) or place == ".." else (place,)


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder and name else folder or name
