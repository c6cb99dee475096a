"""Packages that migrations call into and that are not in the tree: folders and wheels that a setting names.

They are read like modules of the project, and never imported. Their files stand beside those of the tree,
under the path that the setting gives them.
"""

from __future__ import annotations

import posixpath
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from migration_lint.change import FolderTree, Tree
from migration_lint.change.folder import content_id, holds_more_than
from migration_lint.change.links import Links
from migration_lint.change.tree import listed_below
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple

#: A folder with more files than this is no package of helpers.
_MOST_FILES = 20_000

#: What is read of a wheel at most, and of one file in it, in bytes as they are unpacked.
_LARGEST_WHEEL = 50_000_000
_LARGEST = 2_000_000


class Helpers(NamedTuple):
    """Modules from elsewhere. `texts`: path → bytes; `roots`: the folders that would be on `sys.path`."""

    texts: Mapping[str, bytes] = {}
    roots: tuple[str, ...] = ()


NO_HELPERS = Helpers()


class WithHelpers:
    """A tree with helpers beside its own files."""

    def __init__(self, tree: Tree, helpers: Helpers) -> None:
        self.name = tree.name
        self._tree = tree
        self._texts = helpers.texts
        self._ids = {path: content_id(data) for path, data in helpers.texts.items()}

    def files(self) -> Mapping[str, str]:
        return ChainMap(self._ids, self._tree.files())  # type: ignore[arg-type]  # which is never written to

    def read(self, path: str) -> bytes:
        return self._texts[path] if path in self._texts else self._tree.read(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        asked = list(paths)
        found = self._tree.read_many(path for path in asked if path not in self._texts)
        return {path: self._texts[path] if path in self._texts else found[path] for path in asked}

    def links(self) -> Links:
        return self._tree.links()

    def below(self, folder: str) -> list[str]:
        return sorted((*self._tree.below(folder), *listed_below(self._ids, folder)))


def read_helpers(named: Sequence[str], project: Path, tree: Tree, inside: str) -> Helpers:
    """The modules in what the setting `helpers` names, as seen from the project.

    What is in the tree is taken from there (`inside` is the project's path in it), all else from the disk.
    Raises CannotJudge with every entry that is not there, or cannot be read.
    """
    texts: dict[str, bytes] = {}
    roots: list[str] = []
    problems: list[Problem] = []
    for name in named:
        place = posixpath.normpath(posixpath.join(inside, name))
        try:
            if place in tree.files():
                _add_wheel(texts, roots, place, tree.read(place))
            elif tree.below(place):
                roots.append(posixpath.dirname(place) if f"{place}/__init__.py" in tree.files() else place)
            elif (project / name).is_dir():
                _add_folder(texts, roots, name, project / name)
            elif (project / name).is_file():
                _add_wheel(texts, roots, name, (project / name).read_bytes())
            else:
                problems.append(_wrong(name, "which is not there"))
        except (OSError, _NoWheel) as error:
            problems.append(_wrong(name, f"which cannot be read: {error}"))
        except _TooLarge:
            problems.append(_wrong(name, "which holds more than a package of helpers would"))
    if problems:
        raise CannotJudge.of(problems)
    return Helpers(texts, tuple(dict.fromkeys(roots)))


class _TooLarge(Exception):
    pass


class _NoWheel(Exception):
    pass


def _wrong(name: str, why: str) -> Problem:
    fix = "name a wheel, the folder of a package, or a folder with packages in it"
    return Problem(f"`helpers` names {name!r}, {why}", fix=fix)


def _add_folder(texts: dict[str, bytes], roots: list[str], name: str, folder: Path) -> None:
    if holds_more_than(folder, _MOST_FILES):
        raise _TooLarge
    name = posixpath.normpath(name)
    roots.append(posixpath.dirname(name) if (folder / "__init__.py").is_file() else name)
    found = FolderTree(folder)
    for path in found.files():
        if path.endswith(".py"):
            texts[posixpath.join(name, path)] = found.read(path)


def _add_wheel(texts: dict[str, bytes], roots: list[str], name: str, data: bytes) -> None:
    import io
    import zipfile
    import zlib

    size = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for item in archive.infolist():
                inner = posixpath.normpath(item.filename)
                if not inner.endswith(".py") or inner.startswith(("../", "/")):
                    continue
                with archive.open(item) as file:
                    text = file.read(_LARGEST + 1)  # whatever size the archive claims
                size += len(text)
                if size > _LARGEST_WHEEL:
                    raise _TooLarge
                if len(text) <= _LARGEST:
                    texts[f"{name}/{inner}"] = text
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise _NoWheel(error) from None
    roots.append(name)
