"""What is on disk in a repository: the files as `git add --all` would take them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from migration_lint.change.commit_tree import read_blobs
from migration_lint.change.conversion import checkout
from migration_lint.change.folder import OTHERS, DiskIds, content_id, read_regular
from migration_lint.change.index_tree import IndexEntry, list_entries
from migration_lint.change.links import NO_LINKS, Links
from migration_lint.change.repository import Repository
from migration_lint.change.tree import listed_below

#: Tags of what the index holds, whether git looks at it on disk or not.
_TRACKED = "HhSs"


class WorkTree:
    """Tracked files and untracked ones that are not ignored.

    A file that holds its blob *is* its blob: it has the blob's id and the blob's bytes, also where a
    checkout wrote other bytes (line ends, Git LFS, an encoding). A file that differs is what the disk
    holds, unfiltered. So an id means the same bytes here as in a commit, always. Whoever told git to
    assume that a file is unchanged has not told us.
    """

    name = "the work tree"

    def __init__(self, repository: Repository, top: Path) -> None:
        self.repository = repository
        self._top = top
        self._blobs: dict[str, str] = {}
        self._ids: DiskIds | None = None
        self._links = NO_LINKS
        self._passed_over: dict[str, None] = {}  # untracked files of other people, as a rule

    def files(self) -> Mapping[str, str]:
        return self._contents()

    def read(self, path: str) -> bytes:
        return self.read_many((path,))[path]

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        contents = self._contents()
        root = os.fsencode(self._top)
        found: dict[str, bytes] = {}
        elsewhere: dict[str, str] = {}
        for path in paths:
            blob = self._blobs.get(path)
            if blob is None:
                found[path] = contents.read(path)
                continue
            # The disk is quicker than git, and the hash tells whether it has what git would give.
            try:
                data = read_regular(root, path)
            except OSError:
                elsewhere[path] = blob
                continue
            if content_id(data, self.repository.hash_name) == blob:
                found[path] = data
            else:
                elsewhere[path] = blob
        if elsewhere:
            found |= read_blobs(self.repository, elsewhere)
        return found

    def links(self) -> Links:
        self._contents()
        return self._links

    def below(self, folder: str) -> list[str]:
        return listed_below((*self._contents(), *self._passed_over), folder)

    def _contents(self) -> DiskIds:
        if self._ids is None:
            self._ids = self._list()
        return self._ids

    def _list(self) -> DiskIds:
        options = ("--modified", "--deleted", "--others", "--exclude-standard")
        entries = list(list_entries(self.repository.git.as_user(), *options))
        blobs = {entry.path: entry.id for entry in entries if entry.tag in _TRACKED and entry.is_file}
        removed = {entry.path for entry in entries if entry.tag in "Rr"}
        edited = {entry.path for entry in entries if entry.tag in "CcMm"} - removed
        for entry in entries:
            if entry.tag in "hSs" and entry.is_file:
                is_here = self._is_file(entry.path) and self._is_reached_directly(entry.path)
                if is_here or entry.tag == "h":
                    edited.add(entry.path)
        present = self._without_ours([entry.path for entry in entries if entry.tag == "?"])
        untracked = _without_others(present)
        wanted = set(untracked)
        for path in present:
            if path not in wanted and self._is_file(path):
                self._passed_over[path] = None
        for path in removed:
            blobs.pop(path, None)
        ids = dict(blobs)
        edited -= removed
        for path in self._differing(sorted(edited), blobs):
            ids.pop(path, None)
            blobs.pop(path, None)
            if self._is_file(path) and self._is_reached_directly(path):
                ids[path] = ""
        for path in untracked:  # git never looks for these behind a link
            if self._is_file(path):
                ids[path] = ""
        self._blobs = blobs
        self._links = self._linked(entries, removed, {*edited, *untracked})
        return DiskIds(
            self._top,
            dict(sorted(ids.items())),
            self.repository.hash_name,
            self._passed_over.__contains__,
        )

    def _linked(self, entries: Iterable[IndexEntry], removed: set[str], changed: set[str]) -> Links:
        """The links as the disk has them, or git where a system checks links out as files."""
        blobs = {entry.path: entry.id for entry in entries if entry.is_link and entry.tag in _TRACKED}
        there = {path for path in {*blobs, *changed} - removed if self._is_link(path)}
        as_files = {path: blob for path, blob in blobs.items() if path not in {*there, *removed, *changed}}
        submodules = [entry.path for entry in entries if entry.is_submodule]
        # a repository in this one that is not tracked would be added as a submodule
        submodules += [
            entry.path.rstrip("/") for entry in entries if entry.tag == "?" and entry.path[-1:] == "/"
        ]

        def target(path: str) -> str:
            data = (
                read_blobs(self.repository, {path: as_files[path]})[path]
                if path in as_files
                else os.readlink(self._place(path))
            )
            return data.decode("utf-8", "surrogateescape")

        return Links({*there, *as_files}, submodules, target)

    def _is_link(self, path: str) -> bool:
        try:
            return stat.S_ISLNK(os.lstat(self._place(path)).st_mode)
        except OSError:
            return False

    def _differing(self, paths: Iterable[str], blobs: Mapping[str, str]) -> list[str]:
        """Those of `paths` that do not hold their blob, in whatever form a checkout writes it."""
        unlike: list[str] = []
        doubtful: list[str] = []
        has_attributes = any(path.rpartition("/")[2] == ".gitattributes" for path in blobs)
        for path in paths:
            blob, data = blobs.get(path), self._bytes(path)
            if blob is None or data is None:
                unlike.append(path)
            elif content_id(data, self.repository.hash_name) != blob:
                is_plain = not has_attributes and b"\r\n" not in data and b"$Id:" not in data
                (unlike if is_plain else doubtful).append(path)
        if doubtful:
            written = checkout(self.repository, self._top, doubtful)
            unlike += [path for path in doubtful if not written.is_of(path, blobs[path])]
        return unlike

    def _bytes(self, path: str) -> bytes | None:
        """What the file holds; None where no file is, or it lies behind a link."""
        if not self._is_reached_directly(path):
            return None
        try:
            return read_regular(os.fsencode(self._top), path)
        except OSError:
            return None

    def _without_ours(self, paths: list[str]) -> list[str]:
        """Untracked files but those of our own git directory, where the temporary folder is in the tree."""
        own = self.repository.directory.folder
        if not own.is_relative_to(self._top):
            return paths
        below = f"{own.relative_to(self._top).as_posix()}/"
        return [path for path in paths if not path.startswith(below)]

    def _is_file(self, path: str) -> bool:
        try:
            return stat.S_ISREG(os.lstat(self._place(path)).st_mode)
        except OSError:
            return False

    def _is_reached_directly(self, path: str) -> bool:
        """Whether no folder above it has become a link to elsewhere, which git would follow."""
        folder = os.path.dirname(self._place(path))
        return os.path.realpath(folder) == folder

    def _place(self, path: str) -> bytes:
        return os.path.join(os.fsencode(self._top), path.encode("utf-8", "surrogateescape"))


def _without_others(paths: list[str]) -> list[str]:
    """Untracked files without what nobody meant to have here: see `OTHERS`."""
    folders = {os.path.dirname(path) for path in paths if path.endswith("/pyvenv.cfg")}
    environments = tuple(f"{folder}/" for folder in folders)
    return [
        path
        for path in paths
        # `nested/` is a repository in this one: its files are its own
        if not path.endswith("/") and not path.startswith(environments) and OTHERS.isdisjoint(path.split("/"))
    ]
