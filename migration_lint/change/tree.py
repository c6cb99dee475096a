"""A tree: the files of one state of a project, wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from migration_lint.change.links import NO_LINKS, Links
from migration_lint.errors import CannotJudge, Problem


class Tree(Protocol):
    """One state of the files: a git commit, the index, the work tree or a plain folder.

    Paths are POSIX, relative to the tree's root (the top of the repository, or the folder), and exact;
    a byte of a name that is not UTF-8 is a surrogate, as `surrogateescape` makes it.
    Symbolic links and submodules are not files: `links` has them, so that nothing outside the tree is read.
    """

    @property
    def name(self) -> str:
        """What to call it in a message: `main (3f2a91c)`, `the index`, `before/`."""
        ...

    def files(self) -> Mapping[str, str]:
        """Every file: path → content id. Equal ids mean equal bytes, across trees of any kind.

        Iterating is cheap; an id may be worked out only when it is asked for.
        """
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one file. Raises KeyError if `files()` does not list it."""
        ...

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The bytes of several files, in one go. Raises KeyError as `read` does."""
        ...

    def links(self) -> Links:
        """The links and the submodules."""
        ...

    def below(self, folder: str) -> list[str]:
        """The files below a folder, sorted.

        Also of one that a listing passes over, because it holds other people's files as a rule; those are no
        part of `files()` when it is gone through, and are read like any other.
        """
        ...


class EmptyTree:
    """The tree before the first commit."""

    name = "nothing"

    def files(self) -> Mapping[str, str]:
        return {}

    def read(self, path: str) -> bytes:
        raise KeyError(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        return {path: self.read(path) for path in paths}

    def links(self) -> Links:
        return NO_LINKS

    def below(self, folder: str) -> list[str]:
        return []


def listed_below(files: Iterable[str], folder: str) -> list[str]:
    """The paths that lie below a folder, sorted."""
    prefix = f"{folder}/" if folder else ""
    return sorted(path for path in files if path.startswith(prefix))


def unreadable(path: str, error: OSError) -> CannotJudge:
    """A file or folder that is listed but cannot be read."""
    if isinstance(error, FileNotFoundError):
        return CannotJudge(Problem("changed while it was being read", path=path, fix="run it again"))
    return CannotJudge(Problem(f"cannot be read: {error.strerror or error}", path=path))
