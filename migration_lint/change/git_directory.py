"""A git directory of our own, in which git sees a repository's objects and refs, and none of its settings."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterable
from pathlib import Path

from migration_lint.change.configuration import (
    is_on,
    meaning,
    read_configuration,
    small_text,
    written,
)
from migration_lint.change.discovery import RepositoryPlace
from migration_lint.errors import CannotJudge, Problem

#: Of all worktrees; of one.
_SHARED = ("refs", "packed-refs", "reftable", "shallow", "logs/refs", "info/exclude")
_OWN = ("logs/HEAD", "info/sparse-checkout")
_PSEUDO_REFS = ("ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD")

#: The highest word on attributes: no file is filtered, converted or expanded, whatever the tree says.
NEUTRAL = "* !crlf -ident -filter -text !eol !working-tree-encoding\n"


class GitDirectory:
    """A temporary folder, removed with this object. Only links in it lead to the repository at `place`.

    There are no hooks in it, no grafts and no attributes but our own, and of the repository's configuration
    only what says how things are kept. It names no promisor remote: a missing object is missing.
    """

    def __init__(self, place: RepositoryPlace) -> None:
        """Raises CannotJudge."""
        self.settings = _settings_of(place)
        self.is_bare = place.top is None or (
            not place.is_linked and is_on(dict(self.settings).get("core.bare"))
        )
        try:
            self._common = Path(os.path.realpath(_new_folder()))
            weakref.finalize(self, _remove, str(self._common))
            self.path = self._common / "worktrees/this" if place.is_linked else self._common
            self._fill(place)
        except OSError as error:
            where = error.filename or "the system's temporary folder"
            problem = f"{where} cannot be written: {error.strerror or error}"
            raise CannotJudge(Problem(problem, fix="set TMPDIR to a folder that can be")) from None

    @property
    def folder(self) -> Path:
        """The whole of it."""
        return self._common

    def configure(self, more: Iterable[tuple[str, str]] = ()) -> None:
        """Say what git sees as configuration: what says how things are kept, and `more`."""
        bare = ("core.bare", "true" if self.is_bare else "false")
        text = written([*meaning(self.settings), bare, *more])
        (self._common / "config").write_text(text, "utf-8", "surrogateescape")

    def heed_attributes(self, common_dir: Path | None) -> None:
        """Let git see the attributes that hold for a checkout; or, with None, ours again."""
        attributes = self._common / "info/attributes"
        text = NEUTRAL if common_dir is None else small_text(common_dir / "info/attributes") or ""
        attributes.write_text(text, "utf-8", "surrogateescape")

    def forget_shallow(self, common_dir: Path) -> None:
        """Carry over that a fetch has completed the history: git removes `shallow`, which is a link here."""
        if (common_dir / "shallow").is_file() and not os.path.lexists(self._common / "shallow"):
            (common_dir / "shallow").unlink()

    def _fill(self, place: RepositoryPlace) -> None:
        for folder in {self._common, self.path}:
            for name in ("info", "logs"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        for name in _SHARED:
            _link(place.common_dir / name, self._common / name)
        split = [name for name in os.listdir(place.git_dir) if name.startswith("sharedindex.")]
        for name in (*_OWN, *_PSEUDO_REFS, *split):
            _link(place.git_dir / name, self.path / name)
        if place.is_linked:
            _link(place.git_dir / "reftable", self.path / "reftable")
            _link(place.git_dir / "refs", self.path / "refs")
            (self.path / "commondir").write_text("../..\n")
            _copy_head(place.common_dir, self._common)
        _copy_head(place.git_dir, self.path)
        self.configure()
        self.heed_attributes(None)


def _new_folder() -> str:
    """A folder for this user alone, where the system keeps such. `tempfile` would take longer to import."""
    refused = OSError(0, "there is none", "the system's temporary folder")
    for place in (*(os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")), "/tmp", "/var/tmp"):
        folder = os.path.join(place, f"migration-lint-{os.urandom(8).hex()}")
        if os.path.isabs(place):
            try:
                os.mkdir(folder, 0o700)
                return folder
            except OSError as error:
                refused = error
    raise refused


def _remove(folder: str) -> None:
    for root, folders, files in os.walk(folder, topdown=False):
        for name in (*files, *folders):
            path = os.path.join(root, name)
            with contextlib.suppress(OSError):
                (os.rmdir if name in folders and not os.path.islink(path) else os.unlink)(path)
    with contextlib.suppress(OSError):
        os.rmdir(folder)


def _settings_of(place: RepositoryPlace) -> list[tuple[str, str]]:
    settings = read_configuration(place.common_dir / "config")
    if is_on(dict(settings).get("extensions.worktreeconfig")):
        settings += read_configuration(place.git_dir / "config.worktree")
    return settings


def _copy_head(source: Path, target: Path) -> None:
    """git believes a HEAD that is a link only if it leads straight to a ref, as those of old did."""
    head = source / "HEAD"
    told = os.readlink(head) if head.is_symlink() else ""
    text = f"ref: {told}\n" if told.startswith("refs/") else small_text(head)
    (target / "HEAD").write_text(text or "", "utf-8", "surrogateescape")


def _link(source: Path, target: Path) -> None:
    if not os.path.lexists(source):
        return
    try:
        os.symlink(source, target, target_is_directory=source.is_dir())
    except (OSError, NotImplementedError):  # Windows, for most users
        import shutil

        with contextlib.suppress(FileNotFoundError):
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
