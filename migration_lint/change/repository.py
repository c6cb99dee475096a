"""A git repository as one project folder sees it: where it is, and what its commits are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from migration_lint.change.discovery import RepositoryPlace, discover
from migration_lint.change.git import Git
from migration_lint.change.git_directory import GitDirectory
from migration_lint.change.objects import Objects, is_full_id
from migration_lint.named_tuple import NamedTuple

#: What `refs` asks git for. No format that has git open an object: one that is missing would end the list.
REF_FORMAT = "%(refname)%00%(objectname)"


class Commit(NamedTuple):
    """A commit, as its own object tells it: `parents` are listed also where a shallow clone lacks them."""

    id: str
    parents: tuple[str, ...]
    tree: str = ""  # the id of its files; "" where it was not asked for

    @property
    def short(self) -> str:
        """What people call it: the first seven digits of its id."""
        return self.id[:7]


class Repository(NamedTuple):
    """`top` is None in a bare repository; `prefix` is the project's path below `top`, "" for itself."""

    git: Git
    directory: GitDirectory
    objects: Objects
    top: Path | None
    git_dir: Path
    common_dir: Path
    prefix: str
    is_shallow: bool
    is_partial: bool  # some remote promises the objects that the clone was not given
    hash_name: str

    def commit(self, revision: str) -> Commit | None:
        """The commit that a revision, in any of git's spellings, leads to. None: there is none."""
        return self.commits((revision,))[0]

    def commits(self, revisions: Sequence[str]) -> list[Commit | None]:
        """The commit of each revision, None where it is none; in the same order."""
        # A line break would be a second request, and its answer would be taken for another's.
        asked = [f"{revision}^{{commit}}" for revision in revisions if _is_one_line(revision)]
        answers = iter(self.objects.get_many(asked))
        found: list[Commit | None] = []
        for revision in revisions:
            answer = next(answers) if _is_one_line(revision) else None
            if answer and answer.kind == "commit":
                found.append(
                    Commit(answer.id, _header(answer.data, b"parent"), *_header(answer.data, b"tree")[:1])
                )
            else:
                found.append(None)
        return found

    def refs(self, names: Iterable[str]) -> dict[str, str]:
        """Full name → id, for the refs that are there under exactly these full names.

        Asked for by `commit`, a missing `refs/heads/main` could be a tag whose whole name is that.
        """
        wanted = set(names)
        listing = self.git.run("list the branches", "for-each-ref", f"--format={REF_FORMAT}", *sorted(wanted))
        found = (line.split("\0") for line in listing.decode("utf-8", "surrogateescape").splitlines())
        return {ref: name for ref, name in found if ref in wanted}

    def abbreviated(self, prefix: str) -> Commit | None:
        """The commit whose id starts so, if there is one and no other; whatever refs have that name."""
        listing = self.git.attempt("rev-parse", f"--disambiguate={prefix}").stdout.decode("ascii").split()
        kinds = zip(listing, self.objects.get_many(listing), strict=True)
        commits = [name for name, found in kinds if found and found.kind == "commit"]
        return self.commit(commits[0]) if len(commits) == 1 else None

    @property
    def for_what_it_lacks(self) -> str:
        """What to do about an object that is missing."""
        if self.is_partial:
            how = "run `git fetch --refetch --no-filter origin`, or let `check --fetch` get what it needs"
            return f"this is a partial clone: {how}"
        return "run `git fetch --refetch`"

    def shallow_commits(self) -> frozenset[str]:
        """The commits whose parents this clone was not given."""
        if not self.is_shallow:
            return frozenset()
        try:
            return frozenset((self.common_dir / "shallow").read_text("ascii").split())
        except (OSError, UnicodeDecodeError):
            return frozenset()

    def merge_heads(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """The commits that a merge in progress is bringing in.

        While the hook pre-merge-commit runs, the file that lists them is not yet written. git names them
        in its variables GITHEAD_<id> from the start (`cmd_merge` in its builtin/merge.c).
        """
        try:
            return tuple((self.git_dir / "MERGE_HEAD").read_text("ascii").split())
        except (OSError, UnicodeDecodeError):
            told = (name.removeprefix("GITHEAD_") for name in environ if name.startswith("GITHEAD_"))
            return tuple(sorted(commit for commit in told if is_full_id(commit)))


def is_hexadecimal(name: str) -> bool:
    """Whether it can be what a commit's id begins with."""
    return re.fullmatch(r"[0-9a-f]{4,64}", name) is not None


def is_branch_name(name: str) -> bool:
    """Whether it can be one, and not a revision such as `HEAD~2`, `v1^{commit}` or `FETCH_HEAD`."""
    if not name or name == "@" or re.fullmatch(r"[A-Z_]*HEAD", name):
        return False
    # What git takes for no ref would be a pattern to it, or a line of its own: see git-check-ref-format(1).
    return not set(name) & set("~^:?*[\\ {}\x7f") and min(name) > " " and "@{" not in name and name[0] != "-"


def open_repository(
    project: Path, environ: Mapping[str, str], *, is_named: bool = False
) -> Repository | None:
    """The repository that `project` lies in, found as `discover` says. None: in none. Raises CannotJudge."""
    place = discover(project, environ, is_named=is_named)
    if place is None:
        return None
    directory = GitDirectory(place)
    top = None if directory.is_bare else place.top
    git = Git(environ, directory.folder, directory.path, top, _places(environ, place))
    inside = "" if top is None else Path(os.path.realpath(project)).relative_to(top).as_posix()
    settings = dict(directory.settings)
    return Repository(
        git=git,
        directory=directory,
        objects=Objects(git),
        top=top,
        git_dir=place.git_dir,
        common_dir=place.common_dir,
        prefix="" if inside == "." else inside,
        is_shallow=(place.common_dir / "shallow").is_file(),
        is_partial=any(key.endswith((".promisor", ".partialclonefilter")) for key in settings),
        hash_name="sha256" if settings.get("extensions.objectformat") == "sha256" else "sha1",
    )


def _places(environ: Mapping[str, str], place: RepositoryPlace) -> dict[str, str]:
    """Where git finds the index and the objects; what a git that runs us as its hook says of this repository.

    `git commit -a` and `git commit PATH` have the index that will be committed in a file of its own,
    and a server that is still deciding about a push keeps the pushed objects in a folder of their own.
    """
    found = {
        "GIT_INDEX_FILE": str(place.git_dir / "index"),
        "GIT_OBJECT_DIRECTORY": str(place.common_dir / "objects"),
    }
    index = environ.get("GIT_INDEX_FILE", "")
    home = str(place.top or place.git_dir)
    if index:
        told = os.path.realpath(os.path.join(home, index))
        # A hook of an outer repository may judge a submodule: then the index is not this one's. Outside
        # any git directory somebody chose it by hand, which then holds for where they stand.
        if _is_below(told, str(place.git_dir)) or (not _in_git_dir(told) and _is_below(os.getcwd(), home)):
            found["GIT_INDEX_FILE"] = told
    quarantine = environ.get("GIT_QUARANTINE_PATH", "")
    if quarantine and _is_below(quarantine, str(place.git_dir)):
        for name in ("GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"):
            if environ.get(name):
                found[name] = _absolute(environ[name])
    return found


def _absolute(paths: str) -> str:
    """A hook's variables count from where it runs, and git does not run there."""
    return os.pathsep.join(
        os.path.abspath(each) if each[:1] != '"' else each for each in paths.split(os.pathsep)
    )


def _is_below(path: str, folder: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep) or (
        os.path.realpath(path) == os.path.realpath(folder)
    )


def _in_git_dir(path: str) -> bool:
    parent = os.path.dirname(path)
    while parent != os.path.dirname(parent):
        if os.path.isfile(os.path.join(parent, "HEAD")) and os.path.isdir(os.path.join(parent, "objects")):
            return True
        parent = os.path.dirname(parent)
    return False


def _is_one_line(revision: str) -> bool:
    return bool(revision) and "\n" not in revision and "\0" not in revision


def _header(data: bytes, name: bytes) -> tuple[str, ...]:
    """The ids under a name in the header of a commit."""
    header = data.split(b"\n\n", 1)[0]
    return tuple(
        line[len(name) + 1 :].decode() for line in header.split(b"\n") if line.startswith(name + b" ")
    )
