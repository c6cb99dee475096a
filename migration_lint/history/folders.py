"""A tree as folders: which there are, and which hold an Alembic configuration or an env.py."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from migration_lint.change.tree import Tree
from migration_lint.change.vendored import is_vendored
from migration_lint.history.configuration import speaks_of_alembic

#: Folders whose configurations are somebody's material: one that points nowhere stops no run.
_MATERIAL = r"(?i)^(tests?|testing|testdata|test[-_]data|fixtures?|examples?|samples?|templates?|docs?)$|[{}]"

_FILES = ("alembic.ini", "pyproject.toml", "env.py")
_ENDINGS = (".ini", "pyproject.toml", "env.py")


class Folders:
    """The folders of one tree, and the files of interest below the project."""

    def __init__(self, tree: Tree, project: str) -> None:
        self.tree = tree
        self.project = project
        self.files = tree.files()
        self.links = tree.links()
        self._folders: dict[str, bool] = {}
        prefix = f"{project}/" if project else ""
        start = len(prefix)
        linked = (path for path in self.links if self.real(path) in self.files)
        found = sorted(
            path
            for path in (*self.files, *linked)
            if path.endswith(_ENDINGS)
            and path.startswith(prefix)
            and not is_vendored(path[start:])  # the project itself may lie inside one
        )
        self._of_interest = [path for path in found if path.rpartition("/")[2] in _FILES]
        self._inis = [
            path for path in found if path.endswith(".ini") and path.rpartition("/")[2] not in _FILES
        ]

    def configurations(self) -> Iterator[tuple[str, str | None, str | None]]:
        """Each folder that has any: the folder, its alembic.ini, its pyproject.toml."""
        by_folder: dict[str, set[str]] = {}
        for path in self._of_interest:
            folder, _, name = path.rpartition("/")
            by_folder.setdefault(folder, set()).add(name)
        for folder, names in by_folder.items():
            ini = joined(folder, "alembic.ini") if "alembic.ini" in names else None
            toml = joined(folder, "pyproject.toml") if "pyproject.toml" in names else None
            if ini or (toml and speaks_of_alembic(self.tree.read(toml))):
                yield folder, ini, toml

    def other_configurations(self) -> Iterator[tuple[str, str | None]]:
        """Ini files under other names that speak of scripts, and the pyproject.toml beside each."""
        for path in self._inis:
            if not self.material(posixpath.dirname(path)) and b"script_location" in self._read(path):
                toml = joined(posixpath.dirname(path), "pyproject.toml")
                yield path, toml if self.has_file(toml) else None

    def script_folders(self) -> Iterator[str]:
        """Folders with an env.py and a `versions/`; some may have nothing to do with Alembic."""
        for path in self._of_interest:
            folder, _, name = path.rpartition("/")
            versions = joined(folder, "versions")
            if name == "env.py" and (self.is_folder(versions) or self.away(versions)):
                yield folder

    def speaks_of_alembic(self, folder: str) -> bool:
        return b"alembic" in self._read(joined(folder, "env.py"))

    def file(self, path: str | None) -> tuple[str, bytes] | None:
        return (path, self._read(path)) if path is not None else None

    def has_file(self, path: str) -> bool:
        return path in self.files or self.real(path) in self.files

    def _read(self, path: str) -> bytes:
        return self.tree.read(path if path in self.files else self.real(path))

    def real(self, path: str) -> str:
        """The path without the links in it, as far as they stay in the tree."""
        return self.links.follow(path).path if self.links else path

    def away(self, path: str) -> str:
        """Why a path leads out of the tree; "" where it does not."""
        return self.links.follow(path).away if self.links else ""

    def is_folder(self, path: str) -> bool:
        """Whether any file lies below `path`: a tree has no empty folders."""
        path = self.real(path)
        if not path:
            return True
        if path not in self._folders:
            prefix = path + "/"
            there = any(file.startswith(prefix) for file in self.files)
            self._folders[path] = there or bool(self.tree.below(path))
        return self._folders[path]

    def folders_ending(self, tail: str) -> list[str]:
        """Every folder of the tree, outside vendored ones, whose path ends with `tail`."""
        inside, first = f"/{tail}/", f"{tail}/"
        found = {file[: file.index(inside) + len(inside) - 1] for file in self.files if inside in file}
        if self.is_folder(tail):
            found.add(first[:-1])
        return sorted(folder for folder in found if not is_vendored(folder))

    def material(self, folder: str) -> bool:
        """Whether a folder below the project is one of tests, examples, templates, …"""
        below = folder[len(self.project) :].strip("/") if self.project else folder
        return is_material(below)

    def template(self, folder: str) -> bool:
        """Whether a folder below the project is one that a template's tool gives another name."""
        below = folder[len(self.project) :] if self.project else folder
        return "{" in below

    def upwards(self, folder: str) -> list[str]:
        """`folder`, each folder above it down to the project, the project, the tree's root."""
        found = [folder]
        while folder and folder != self.project:
            folder = folder.rpartition("/")[0]
            found.append(folder)
        return list(dict.fromkeys((*found, self.project, "")))

    def first(
        self, candidates: Iterable[str | None], best: Callable[[str], bool] | None = None
    ) -> str | None:
        """The first candidate that is a folder, without links; one that is `best` goes before."""
        there = [path for path in dict.fromkeys(candidates) if path is not None and self.is_folder(path)]
        found = next((path for path in there if best and best(path)), there[0] if there else None)
        return None if found is None else self.real(found)

    def has_env(self, folder: str) -> bool:
        return self.has_file(joined(folder, "env.py"))


def is_material(path: str) -> bool:
    """Whether a path leads through a folder of tests, examples, templates, …"""
    return any(re.search(_MATERIAL, part) for part in path.split("/"))


def joined(folder: str, name: str) -> str:
    """`name` in `folder`, where "" is the tree's root."""
    return f"{folder}/{name}" if folder else name


def within(folder: str, path: str) -> str | None:
    """`path` as seen from `folder`, normalised; None where it leaves the tree."""
    if path.startswith("/"):
        return None
    place = posixpath.normpath(posixpath.join(folder, path))
    if place == ".." or place.startswith("../"):
        return None
    return "" if place == "." else place
