"""A git repository as one project folder sees it: where it is, and what its commits are."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from migration_lint.change.git import Git, last_word
from migration_lint.change.objects import Objects
from migration_lint.errors import CannotJudge, Problem

_FACTS = (
    "--is-bare-repository",
    "--is-shallow-repository",
    "--show-object-format",
    "--absolute-git-dir",
    "--git-common-dir",
    "--show-prefix",
    "--show-toplevel",  # last: where there is none, git stops here
)


class Commit(NamedTuple):
    """A commit, as its own object tells it: `parents` are listed also where a shallow clone lacks them."""

    id: str
    parents: tuple[str, ...]
    tree: str = ""  # the id of its files; "" where it was not asked for

    @property
    def short(self) -> str:
        return self.id[:7]


class Repository(NamedTuple):
    """`top` is None in a bare repository; `prefix` is the project's path below `top`, "" for itself."""

    git: Git
    objects: Objects
    top: Path | None
    git_dir: Path
    common_dir: Path
    prefix: str
    is_shallow: bool
    hash_name: str

    def commit(self, revision: str) -> Commit | None:
        """The commit that a revision, in any of git's spellings, leads to. None: there is none."""
        return self.commits((revision,))[0]

    def commits(self, revisions: Sequence[str]) -> list[Commit | None]:
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


def is_full_id(name: str) -> bool:
    """Whether it is a commit's whole id, of either hash."""
    return len(name) in (40, 64) and not name.strip("0123456789abcdef")


def is_branch_name(name: str) -> bool:
    """Whether it can be one, and not a revision such as `HEAD~2` or `v1^{commit}`."""
    return name != "HEAD" and not set(name) & set("~^:?*[\\ @{}") and not name.startswith("-")


def open_repository(project: Path, environ: Mapping[str, str]) -> Repository | None:
    """The repository that `project` lies in. None: it lies in none. Raises CannotJudge."""
    folder = os.path.realpath(project)
    if not _may_be_inside(folder):
        return None
    git = Git.at(folder, environ)
    done = git.attempt("rev-parse", *_FACTS)
    complaint = done.stderr.decode("utf-8", "replace")
    facts = done.stdout.decode("utf-8", "surrogateescape").split("\n")
    bare = facts[0] == "true"
    if done.returncode and not (bare and len(facts) == len(_FACTS)):
        if "not a git repository (or any" in complaint:
            return None
        raise _refused(complaint, done.stderr, folder)
    if len(facts) != len(_FACTS) + (0 if bare else 1):
        raise CannotJudge(Problem(f"{folder!r}: the repository's path holds a line break", fix="move it"))
    _, shallow, hash_name, git_dir, common_dir, prefix, top = facts[: len(_FACTS)]
    home = git_dir if bare else top
    extra = _handed_down(environ, home, git_dir)
    inner = Git.at(home, environ, **extra)
    return Repository(
        git=inner,
        objects=Objects(inner),
        top=None if bare else Path(top),
        git_dir=Path(git_dir),
        common_dir=Path(os.path.normpath(os.path.join(folder, common_dir))),
        prefix=prefix.rstrip("/"),
        is_shallow=shallow == "true",
        # git before 2.28 echoes an option that it does not know, and knows only one format.
        hash_name="sha256" if hash_name == "sha256" else "sha1",
    )


def _handed_down(environ: Mapping[str, str], home: str, git_dir: str) -> dict[str, str]:
    """What a git that runs us as its hook says, if it says it of this repository.

    `git commit -a` and `git commit PATH` have the index that will be committed in a file of its own,
    and a server that is still deciding about a push keeps the pushed objects in a folder of their own.
    """
    kept: dict[str, str] = {}
    index = environ.get("GIT_INDEX_FILE", "")
    if index:
        place = os.path.realpath(os.path.join(home, index))
        # A hook of an outer repository may judge a submodule: then the index is not this one's. Outside
        # any git directory somebody chose it by hand, which then holds for where they stand.
        if _is_below(place, git_dir) or (not _in_git_dir(place) and _is_below(os.getcwd(), home)):
            kept["GIT_INDEX_FILE"] = place
    quarantine = environ.get("GIT_QUARANTINE_PATH", "")
    if quarantine and _is_below(quarantine, git_dir):
        for name in ("GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"):
            if environ.get(name):
                kept[name] = environ[name]
    return kept


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


def _may_be_inside(folder: str) -> bool:
    """Whether git is worth asking: a plain folder then needs neither a process nor git itself."""
    while True:
        if os.path.lexists(os.path.join(folder, ".git")) or os.path.isfile(os.path.join(folder, "HEAD")):
            return True
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent


def _is_one_line(revision: str) -> bool:
    return bool(revision) and "\n" not in revision and "\0" not in revision


def _header(data: bytes, name: bytes) -> tuple[str, ...]:
    """The ids under a name in the header of a commit."""
    header = data.split(b"\n\n", 1)[0]
    return tuple(
        line[len(name) + 1 :].decode() for line in header.split(b"\n") if line.startswith(name + b" ")
    )


def _refused(complaint: str, stderr: bytes, folder: str) -> CannotJudge:
    if "dubious ownership" in complaint or "unsafe repository" in complaint:
        told = re.search(r"safe\.directory (.+)", complaint)
        place = told.group(1).strip() if told else folder
        return CannotJudge(
            Problem(
                f"git refuses to read {place.strip(chr(39))}: it belongs to another user",
                fix=f"run `git config --global --add safe.directory {place}`",
            )
        )
    return CannotJudge(Problem(f"git cannot read the repository around {folder}: {last_word(stderr)}"))
