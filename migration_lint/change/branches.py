"""Names of branches: which commits one stands for, which one is the default, which one was meant."""

from __future__ import annotations

from typing import NamedTuple

from migration_lint.change.repository import Commit, Repository

#: Whose branches count as the project's own. A fork's `origin` may be behind its `upstream`.
_REMOTES = ("origin", "upstream")

_USUAL = ("main", "master")


class Target(NamedTuple):
    """A commit that a change may have left from, by the name to show."""

    name: str
    commit: Commit


class DefaultBranch(NamedTuple):
    """The branch that changes go to; `targets` without the current branch, which cannot be its own."""

    name: str
    targets: tuple[Target, ...]
    is_current: bool


def targets_of(repository: Repository, name: str) -> tuple[Target, ...]:
    """What a CI system may mean by a name: a branch, as the remotes and the clone have it, or a commit."""
    names = (*(f"{remote}/{name}" for remote in _REMOTES), name)
    refs = (*(f"refs/remotes/{remote}/{name}" for remote in _REMOTES), f"refs/heads/{name}")
    found = [
        Target(shown, commit) for shown, commit in zip(names, repository.commits(refs), strict=True) if commit
    ]
    if not found and (commit := repository.commit(name)):
        found = [Target(name, commit)]
    return tuple(found)


def default_branch(repository: Repository) -> DefaultBranch | None:
    """What `origin/HEAD` says, else `main` or `master`, wherever there is one."""
    listing = repository.git.run(
        "list the branches",
        "for-each-ref",
        "--format=%(refname)%00%(objectname)%00%(symref)%00%(HEAD)",
        "refs/heads",
        *(f"refs/remotes/{remote}/{name}" for remote in _REMOTES for name in ("HEAD", *_USUAL)),
    )
    ids: dict[str, str] = {}
    current = told = ""
    for line in listing.decode("utf-8", "surrogateescape").splitlines():
        ref, commit, symref, mark = line.split("\0")
        ids[ref] = commit
        if mark == "*":
            current = ref
        if symref.startswith("refs/remotes/") and not told:
            told = symref.split("/", 3)[-1]
            ids[symref] = commit
    for name in (told, *_USUAL):
        places = {f"{remote}/{name}": f"refs/remotes/{remote}/{name}" for remote in _REMOTES}
        places[name] = f"refs/heads/{name}"
        if name and any(ref in ids for ref in places.values()):
            targets = [
                Target(shown, Commit(ids[ref], ()))
                for shown, ref in places.items()
                if ref in ids and ref != current
            ]
            return DefaultBranch(name, tuple(targets), current == f"refs/heads/{name}")
    return None


def nearest(repository: Repository, name: str) -> list[str]:
    """The branches and tags whose names are most like `name`, as they would have to be given."""
    from difflib import get_close_matches

    places = ("refs/heads", "refs/remotes", "refs/tags")
    listing = repository.git.run("list the branches", "for-each-ref", "--format=%(refname)", *places)
    known: dict[str, str] = {}
    for ref in listing.decode("utf-8", "replace").splitlines():
        full = ref.split("/", 2)[2]
        known.setdefault(full, full)
        if ref.startswith("refs/remotes/"):  # `mian` is near to `origin/main` too
            known.setdefault(full.split("/", 1)[-1], full)
    return list(dict.fromkeys(known[close] for close in get_close_matches(name, known, n=3)))
