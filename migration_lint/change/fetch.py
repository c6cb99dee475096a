"""Getting from `origin` what a clone lacks, and no more: a commit, a branch, some more history, an object."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from migration_lint.change.configuration import commands, reach
from migration_lint.change.git import last_word
from migration_lint.change.objects import is_full_id
from migration_lint.change.repository import Repository, is_branch_name

#: By how many commits history is made deeper, again and again, before all of it is fetched: a merge base
#: is seldom far away, and the whole history of an old project is a hundred times as much.
STEPS = (50, 200, 1000, 5000)

#: Neither tags nor submodules matter, nobody waits for housekeeping.
_QUIETLY = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-gc")


class Origin:
    """The remote, for one run. Nothing here raises: what cannot be had is False, and `refusal` says why.

    The repository's configuration says where it is. It names no command: one in there is not run, for a file
    of the tree may be included in it. The user's own configuration may.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.refusal = ""
        self._steps = [f"--deepen={count}" for count in STEPS] + ["--unshallow"]
        self._settings: list[tuple[str, str]] | None = None
        repository.objects.get_missing = self.objects

    def commit(self, commit_id: str) -> bool:
        """Gets one commit's files, without its history if the clone has none either."""
        return is_full_id(commit_id) and self._fetch(*self._flat(), "origin", commit_id)

    def branch(self, name: str) -> bool:
        """Gets a branch as it is now, as `origin/name`."""
        if not is_branch_name(name):
            return False
        return self._fetch(*self._flat(), "origin", f"+refs/heads/{name}:refs/remotes/origin/{name}")

    def objects(self, ids: Sequence[str]) -> bool:
        """Gets objects that a partial clone was not given."""
        if not self.repository.is_partial:
            return False
        how = ("--filter=blob:none", "--no-write-fetch-head", "--stdin", "origin")
        return self._fetch(*how, stdin="".join(f"{each}\n" for each in dict.fromkeys(ids)).encode())

    def deepen(self, sides: Sequence[str]) -> bool:
        """Gets some more of the history above these commits. False: there is no more."""
        if not self._steps or not self.repository.is_shallow:
            return False
        walked = self.repository.git.run("walk the history", "rev-list", *sides).decode("ascii").split()
        # The commits where history ends came from the remote. A head that CI merged here did not.
        ends = sorted(self.repository.shallow_commits().intersection(walked))
        return bool(ends) and self._fetch(self._steps.pop(0), "origin", *ends)

    def _flat(self) -> tuple[str, ...]:
        # In a full clone, --depth would cut the history off.
        return ("--depth=1",) if self.repository.is_shallow else ()

    def _fetch(self, *arguments: str, stdin: bytes = b"") -> bool:
        repository = self.repository
        settings = self._told()
        if not any(key == "remote.origin.url" for key, _ in settings):
            # git would take the name for a path, and the tree may have a folder that is called so.
            self.refusal = "the clone has no remote of that name"
            return False
        repository.directory.configure(reach(settings))
        try:
            done = repository.git.connecting().attempt(*_QUIETLY, *arguments, stdin=stdin)
        finally:
            repository.directory.configure()
        if done.returncode:
            self.refusal = last_word(done.stderr) or f"git fetch failed with {done.returncode}"
            if left_out := commands(settings):
                self.refusal += f"; {left_out[0]} in the repository's configuration is not run"
            return False
        repository.directory.forget_shallow(repository.common_dir)
        shallow = (repository.common_dir / "shallow").is_file()
        self.repository = repository._replace(is_shallow=shallow)
        return True

    def _told(self) -> list[tuple[str, str]]:
        """The repository's own configuration, without what files of the tree would add to it."""
        if self._settings is None:
            self._settings = _local_settings(self.repository)
        return self._settings


def _local_settings(repository: Repository) -> list[tuple[str, str]]:
    """With what it includes, such as the credentials that a CI system keeps in a file elsewhere."""
    how = (f"--git-dir={repository.git_dir}", "config", "--list", "--show-scope", "--show-origin", "-z")
    listing = repository.git.connecting().attempt(*how).stdout.decode("utf-8", "surrogateescape")
    fields = listing.split("\0")
    found: list[tuple[str, str]] = []
    for scope, origin, setting in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        if scope not in ("local", "worktree"):
            continue  # git reads these by itself
        file = Path(os.path.realpath(origin.removeprefix("file:")))
        if repository.top and file.is_relative_to(repository.top) and not _is_gits(file, repository):
            continue
        key, has_value, value = setting.partition("\n")
        found.append((key, value if has_value else "true"))
    return found


def _is_gits(file: Path, repository: Repository) -> bool:
    return file.is_relative_to(repository.git_dir) or file.is_relative_to(repository.common_dir)
