"""Files on disk: a plain folder as a tree, and the content ids of files that git has not hashed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from migration_lint.change.links import Links
from migration_lint.change.tree import listed_below, unreadable
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple

#: Folders that hold other people's files, or a tool's: thousands of them, and never a project's own
#: migrations. By name only where no package or service would bear it; `venv` may well be a folder of
#: one's own, so a virtual environment is known by what is in it.
OTHERS = frozenset(
    {".git", ".hg", ".svn", ".jj"}
    | {".venv", "__pycache__", "node_modules", "site-packages", "bower_components"}
    | {".tox", ".nox", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}
)

#: Not every system has every flag. O_NONBLOCK: a file replaced by a FIFO must not hang the run.
_READ = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
    _READ |= getattr(os, _flag, 0)


class DiskIds(Mapping[str, str]):
    """Path → content id of files on disk, as git would hash their bytes; worked out when asked for."""

    __slots__ = ("_aside", "_hash", "_known", "_passed_over", "_root")

    def __init__(
        self,
        root: Path,
        known: dict[str, str],
        hash_name: str = "sha1",
        passed_over: Callable[[str], bool] = lambda path: False,
    ) -> None:
        """`known` maps every path to its id, or to "" where it is still to be worked out.

        `passed_over` tells whether there is a file at a path that a listing passes over.
        """
        self._root = os.fsencode(root)
        self._known = known
        self._hash = hash_name
        self._passed_over = passed_over
        self._aside: dict[str, str] = {}  # ids of files that are no part of the listing

    def __getitem__(self, path: str) -> str:
        ids = self._ids_with(path)
        known = ids[path]
        if not known:
            data = self.bytes_of(path)
            known = ids[path] = content_id(data, self._hash)
        return known

    def _ids_with(self, path: str) -> dict[str, str]:
        if path in self._known:
            return self._known
        if path not in self._aside:
            if not self._passed_over(path):
                raise KeyError(path)
            self._aside[path] = ""
        return self._aside

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, path: object) -> bool:
        return path in self._known or (isinstance(path, str) and self._passed_over(path))

    def bytes_of(self, path: str) -> bytes:
        """What the disk holds now, whatever id is known for it."""
        try:
            return read_regular(self._root, path)
        except OSError as error:
            raise unreadable(path, error) from None

    def read(self, path: str) -> bytes:
        """The bytes that the id stands for. Raises CannotJudge if the file was written meanwhile."""
        ids = self._ids_with(path)
        known = ids[path]
        data = self.bytes_of(path)
        found = content_id(data, self._hash)
        if known and found != known:
            raise unreadable(path, FileNotFoundError())
        ids[path] = found
        return data


class FolderTree:
    """A plain folder, in a repository or not: everything below it, ignored or not, but for `OTHERS`.

    Where `within` names a folder below it, that folder is all that it holds.
    """

    def __init__(self, path: Path, name: str = "", within: str = "") -> None:
        self.name = name or f"{path.as_posix().rstrip('/')}/"
        self._path = path
        self._within = within
        self._ids: DiskIds | None = None
        self._listing = _Listing([], {}, [])

    def files(self) -> Mapping[str, str]:
        return self._contents()

    def read(self, path: str) -> bytes:
        return self._contents().read(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        contents = self._contents()
        return {path: contents.read(path) for path in paths}

    def links(self) -> Links:
        self._contents()
        return Links(self._listing.links, (), self._listing.links.__getitem__)

    def below(self, folder: str) -> list[str]:
        files = self._contents()
        if not self._is_passed_over(folder):
            return listed_below(files, folder)
        place = os.path.join(os.fsencode(self._path), folder.encode("utf-8", "surrogateescape"))
        return _listing(self._path, folder).files if os.path.isdir(place) else []

    def _contents(self) -> DiskIds:
        if self._ids is None:
            self._listing = _listing(self._path, self._within)
            known = dict.fromkeys(self._listing.files, "")
            self._ids = DiskIds(self._path, known, passed_over=self._is_file_passed_over)
        return self._ids

    def _is_passed_over(self, path: str) -> bool:
        """Whether a path leads through a folder that was not looked into; git's own never is."""
        parts = path.split("/")
        if OTHERS.isdisjoint(parts) and not any(
            path == each or path.startswith(f"{each}/") for each in self._listing.environments
        ):
            return False
        return ".git" not in parts and not (self._within and parts[0] != self._within)

    def _is_file_passed_over(self, path: str) -> bool:
        if not self._is_passed_over(path):
            return False
        place = os.path.join(os.fsencode(self._path), path.encode("utf-8", "surrogateescape"))
        folder = os.path.dirname(place)
        try:
            return stat.S_ISREG(os.lstat(place).st_mode) and os.path.realpath(folder) == os.path.join(
                os.path.realpath(os.fsencode(self._path)),
                os.path.dirname(path).encode("utf-8", "surrogateescape"),
            )
        except (OSError, ValueError):
            return False


def content_id(data: bytes, hash_name: str = "sha1") -> str:
    """The name that git gives a file's bytes."""
    import hashlib

    digest = hashlib.new(hash_name, b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def read_regular(root: bytes, path: str) -> bytes:
    """The bytes of a file below `root`, never through a link or from a device. Raises OSError."""
    # Bytes, not str: the name on disk is what git says it is, whatever the locale.
    place = os.path.join(root, path.encode("utf-8", "surrogateescape"))
    with open(os.open(place, _READ), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise FileNotFoundError(path)
        return file.read()


def holds_more_than(root: Path, count: int) -> bool:
    """Whether more files and folders than `count` lie below a folder, or some that cannot be listed.

    It looks no further than it has to.
    """
    refused: list[OSError] = []
    for _, folders, files in os.walk(root, onerror=refused.append):
        folders[:] = [name for name in folders if name not in OTHERS]
        count -= len(files) + len(folders)
        if count < 0:
            return True
    return bool(refused)


class _Listing(NamedTuple):
    """What lies below a folder; `links`: path → what it holds."""

    files: list[str]
    links: dict[str, str]
    environments: list[str]  # virtual ones, which are not looked into


def _listing(root: Path, within: str = "") -> _Listing:
    found: list[str] = []
    links: dict[str, str] = {}
    environments: list[str] = []
    problems: list[Problem] = []
    pending = [within]
    start = os.fsencode(root)
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(os.path.join(start, folder.encode("utf-8", "surrogateescape"))) as listing:
                entries = list(listing)
        except OSError as error:
            problems.extend(unreadable(folder or root.as_posix(), error).problems)
            continue
        if folder != within and is_virtual_environment({entry.name for entry in entries}):
            environments.append(folder)
            continue
        for entry in entries:
            name = entry.name.decode("utf-8", "surrogateescape")
            path = f"{folder}/{name}" if folder else name
            if entry.is_symlink():
                links[path] = os.readlink(entry.path).decode("utf-8", "surrogateescape")
            elif entry.is_dir(follow_symlinks=False):
                if name not in OTHERS:
                    pending.append(path)
            elif entry.is_file(follow_symlinks=False) and name != ".git":
                found.append(path)
    if problems:
        raise CannotJudge.of(problems)
    return _Listing(sorted(found), links, environments)


def is_virtual_environment(names: set[bytes]) -> bool:
    """Whether a folder with these entries is one; the file alone does not make it one."""
    return b"pyvenv.cfg" in names and (b"bin" in names or b"Scripts" in names)
