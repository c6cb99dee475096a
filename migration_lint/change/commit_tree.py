"""A commit's files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

from migration_lint.change.links import Links
from migration_lint.change.objects import Folder, parse_folder
from migration_lint.change.repository import Repository
from migration_lint.change.tree import listed_below
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple


class Listing(NamedTuple):
    """What a commit or the index holds. `files` and `links`: path → id of its blob."""

    files: dict[str, str]
    links: dict[str, str]
    submodules: list[str]


class BlobTree(ABC):
    """Files whose bytes are all in the object store: no filter, no work tree. `_list` says which."""

    def __init__(self, repository: Repository, name: str) -> None:
        self.name = name
        self.repository = repository
        self._listing: Listing | None = None
        self._targets: dict[str, bytes] | None = None

    def files(self) -> Mapping[str, str]:
        return self._listed().files

    def links(self) -> Links:
        listing = self._listed()
        return Links(listing.links, listing.submodules, self._target)

    def below(self, folder: str) -> list[str]:
        return listed_below(self.files(), folder)

    def _listed(self) -> Listing:
        if self._listing is None:
            self._listing = self._list()
        return self._listing

    def _target(self, link: str) -> str:
        if self._targets is None:
            self._targets = read_blobs(self.repository, self._listed().links)
        return self._targets[link].decode("utf-8", "surrogateescape")

    def read(self, path: str) -> bytes:
        return self.read_many((path,))[path]

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        files = self.files()
        return read_blobs(self.repository, {path: files[path] for path in paths})

    @abstractmethod
    def _list(self) -> Listing:
        """What there is."""


class GitTree(BlobTree):
    """The files of one commit."""

    def __init__(self, repository: Repository, commit: str, name: str) -> None:
        """`commit` is a full commit id."""
        super().__init__(repository, name)
        self.commit = commit

    def _list(self) -> Listing:
        files: dict[str, str] = {}
        links: dict[str, str] = {}
        submodules: list[str] = []
        level = {"": f"{self.commit}^{{tree}}"}  # folder, with the slash behind it → its object
        while level:
            deeper: dict[str, str] = {}
            folders = read_folders(self.repository, level)
            for prefix, folder in folders.items():
                for mode, name, object_id in folder:
                    if mode.startswith(b"100"):
                        files[prefix + name] = object_id
                    elif mode == b"40000":
                        deeper[f"{prefix}{name}/"] = object_id
                    elif mode == b"120000":
                        links[prefix + name] = object_id
                    elif mode == b"160000":
                        submodules.append(prefix + name)
            level = deeper
        return Listing(files, links, submodules)


def read_folders(repository: Repository, ids: Mapping[str, str]) -> dict[str, Folder]:
    """path → what is in it, for path → tree. Two commits share most of theirs: none is read twice.

    Raises CannotJudge naming each folder that the clone lacks.
    """
    known = repository.objects.folders
    wanted = [name for name in dict.fromkeys(ids.values()) if name not in known]
    size = 32 if repository.hash_name == "sha256" else 20
    for name, answer in zip(wanted, repository.objects.get_many(wanted), strict=True):
        if answer is not None:
            known[name] = parse_folder(answer.data, size)
    problems = [
        Problem(f"the clone lacks what is in it ({name[:12]})", path=path, fix=repository.for_what_it_lacks)
        for path, name in ids.items()
        if name not in known
    ]
    if problems:
        raise CannotJudge.of(problems)
    return {path: known[name] for path, name in ids.items()}


def read_blobs(repository: Repository, ids: Mapping[str, str]) -> dict[str, bytes]:
    """path → bytes, for path → blob id. Raises CannotJudge naming each blob that the clone lacks."""
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    answers = repository.objects.get_many(list(ids.values()))
    for (path, blob), answer in zip(ids.items(), answers, strict=True):
        if answer is None:
            lost = f"the clone lacks its contents (blob {blob[:7]})"
            problems.append(Problem(lost, path=path, fix=repository.for_what_it_lacks))
        else:
            found[path] = answer.data
    if problems:
        raise CannotJudge.of(problems)
    return found
