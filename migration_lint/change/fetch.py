"""Getting from `origin` what a shallow clone lacks, and no more: a commit, a branch, some more history."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.change.git import last_word
from migration_lint.change.repository import Repository, is_branch_name, is_full_id

#: By how many commits history is made deeper, again and again, before all of it is fetched: a merge base
#: is seldom far away, and the whole history of an old project is a hundred times as much.
STEPS = (50, 200, 1000, 5000)

#: Neither tags nor submodules matter, nobody waits for housekeeping, and the commands of hooks that the
#: clone may have are not for us.
_QUIETLY = (
    *("-c", "core.hooksPath=/dev/null", "fetch", "--quiet"),
    *("--no-tags", "--no-recurse-submodules", "--no-auto-gc"),
)


class Origin:
    """The remote, for one run. Nothing here raises: what cannot be had is False, and `refusal` says why."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.refusal = ""
        self._steps = [f"--deepen={count}" for count in STEPS] + ["--unshallow"]

    def commit(self, commit_id: str) -> bool:
        """Gets one commit's files, without its history if the clone has none either."""
        return is_full_id(commit_id) and self._fetch(*self._flat(), "origin", commit_id)

    def branch(self, name: str) -> bool:
        """Gets a branch as it is now, as `origin/name`."""
        if not is_branch_name(name):
            return False
        return self._fetch(*self._flat(), "origin", f"+refs/heads/{name}:refs/remotes/origin/{name}")

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

    def _fetch(self, *arguments: str) -> bool:
        done = self.repository.git.attempt(*_QUIETLY, *arguments)
        if done.returncode:
            self.refusal = last_word(done.stderr) or f"git fetch failed with {done.returncode}"
            return False
        shallow = (self.repository.common_dir / "shallow").is_file()
        self.repository = self.repository._replace(is_shallow=shallow)
        return True
