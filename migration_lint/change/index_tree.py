"""What is staged: the files as the next commit would hold them."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.change.commit_tree import BlobTree, Listing
from migration_lint.change.folder import content_id
from migration_lint.change.git import Git
from migration_lint.change.repository import Repository
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple


class IndexEntry(NamedTuple):
    """One line of `git ls-files -v --stage`."""

    #: In the index: H, S if not checked out, M if unmerged; in small letters if git was told to assume that
    #: it is unchanged. On disk: C differs, R is gone, ? untracked.
    tag: str
    mode: str
    id: str
    path: str

    @property
    def is_file(self) -> bool:
        return self.mode.startswith("100")

    @property
    def is_link(self) -> bool:
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        return self.mode == "160000"


class IndexTree(BlobTree):
    """The files of the index."""

    def __init__(self, repository: Repository) -> None:
        super().__init__(repository, "the index")

    def _list(self) -> Listing:
        entries = list(list_entries(self.repository.git))
        unmerged = sorted({entry.path for entry in entries if entry.tag in "Mm"})
        if unmerged:
            fix = "resolve it and `git add` the file"
            raise CannotJudge.of(Problem("has a merge conflict", path=path, fix=fix) for path in unmerged)
        files = {entry.path: entry.id for entry in entries if entry.is_file}
        # `git add --intent-to-add` lists a file with no contents, and no commit would hold it.
        empty = content_id(b"", self.repository.hash_name)
        if empty in files.values() and self.repository.top:
            for path in _intended(self.repository):
                files.pop(path, None)
        return Listing(
            files,
            {entry.path: entry.id for entry in entries if entry.is_link},
            [entry.path for entry in entries if entry.is_submodule],
        )


def list_entries(git: Git, *options: str) -> Iterator[IndexEntry]:
    """The index, entry by entry; `options` add what the work tree has. Raises CannotJudge."""
    listing = git.run("read the index", "ls-files", "-z", "-v", "--stage", "--cached", *options)
    for line in listing.decode("utf-8", "surrogateescape").split("\0"):
        if line.startswith("? "):
            yield IndexEntry("?", "", "", line[2:])
        elif line:
            facts, path = line.split("\t", 1)
            tag, mode, blob, _ = facts.split(" ")
            yield IndexEntry(tag, mode, blob, path)


def _intended(repository: Repository) -> list[str]:
    # In a submodule, git would run another git, by the configuration that is in there.
    how = ("--diff-filter=A", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")
    listing = repository.git.run("read the index", "diff-files", "-z", "--name-only", *how)
    return [path for path in listing.decode("utf-8", "surrogateescape").split("\0") if path]
