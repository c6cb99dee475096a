"""A commit's files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migration_lint.change.repository import Repository
from migration_lint.errors import CannotJudge, Problem


class GitTree:
    """The files of one commit, straight from the object store: no filter, no work tree."""

    def __init__(self, repository: Repository, commit: str, name: str) -> None:
        """`commit` is a full commit id."""
        self.name = name
        self.commit = commit
        self._repository = repository
        self._files: dict[str, str] | None = None

    def files(self) -> Mapping[str, str]:
        if self._files is None:
            self._files = self._list()
        return self._files

    def read(self, path: str) -> bytes:
        return self.read_many((path,))[path]

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        files = self.files()
        return read_blobs(self._repository, {path: files[path] for path in paths})

    def _list(self) -> dict[str, str]:
        listing = self._repository.git.run(
            f"list the files of {self.name}", "ls-tree", "-r", "-z", "--full-tree", self.commit
        )
        files: dict[str, str] = {}
        for entry in listing.decode("utf-8", "surrogateescape").split("\0"):
            # `100644 blob <id>\t<path>`; 120000 is a symbolic link, 160000 a submodule
            if entry.startswith("100"):
                facts, path = entry.split("\t", 1)
                files[path] = facts[facts.rindex(" ") + 1 :]
        return files


def read_blobs(repository: Repository, ids: Mapping[str, str]) -> dict[str, bytes]:
    """path → bytes, for path → blob id. Raises CannotJudge naming each blob that the clone lacks."""
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    answers = repository.objects.get_many(list(ids.values()))
    for (path, blob), answer in zip(ids.items(), answers, strict=True):
        if answer is None:
            lost = f"the clone lacks its contents (blob {blob[:7]})"
            problems.append(Problem(lost, path=path, fix="run `git fetch --refetch`"))
        else:
            found[path] = answer.data
    if problems:
        raise CannotJudge.of(problems)
    return found
