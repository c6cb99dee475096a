"""Names of branches: which commits one stands for, which one is the default, which one was meant."""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.change.objects import is_full_id
from migration_lint.change.repository import (
    Commit,
    Repository,
    is_branch_name,
    is_hexadecimal,
)
from migration_lint.named_tuple import NamedTuple
from migration_lint.wording import nearest as similar

#: Whose branches count as the project's own. A fork's `origin` may be behind its `upstream`.
_REMOTES = ("origin", "upstream")

USUAL = ("main", "master")


class TargetCommit(NamedTuple):
    """A commit that a change may have left from, by the name to show."""

    name: str
    commit: Commit


class Meaning(NamedTuple):
    """One commit that a revision may stand for, and the ref that it is by that name; "" for none."""

    spec: str
    ref: str
    commit: Commit

    @property
    def is_tag(self) -> bool:
        return self.ref.startswith("refs/tags/")

    @property
    def is_local_branch(self) -> bool:
        return self.ref.startswith("refs/heads/")

    @property
    def is_remote_branch(self) -> bool:
        return self.ref.startswith("refs/remotes/")

    @property
    def target(self) -> TargetCommit:
        return TargetCommit(self.ref.split("/", 2)[2] if self.is_remote_branch else self.spec, self.commit)

    def __str__(self) -> str:
        kinds = {"refs/heads/": "branch", "refs/remotes/": "remote branch", "refs/tags/": "tag"}
        kind = next((kind for start, kind in kinds.items() if self.ref.startswith(start)), "commit")
        return f"the {kind} {self.target.name} ({self.commit.short})"


class DefaultBranch(NamedTuple):
    """The branch that changes go to; `targets` without the current branch, which cannot be its own."""

    name: str
    targets: tuple[TargetCommit, ...]


def targets_of(repository: Repository, name: str) -> tuple[TargetCommit, ...]:
    """What a CI system may mean by a name: a branch, as the remotes and the clone have it, or a commit.

    Never a tag: whoever may push one would choose what their change is compared with.
    """
    if not is_branch_name(name) or name.startswith("refs/"):
        return ()
    places = _branches(name)
    refs = repository.refs(places.values())
    found = {shown: repository.commit(refs[ref]) for shown, ref in places.items() if ref in refs}
    if not found and is_hexadecimal(name):
        found = {name: repository.commit(name) if is_full_id(name) else repository.abbreviated(name)}
    return tuple(TargetCommit(shown, commit) for shown, commit in found.items() if commit)


def _branches(name: str) -> dict[str, str]:
    """The branches of a name, as the remotes and the clone have them: the name to show → its ref."""
    remotes = {f"{remote}/{name}": f"refs/remotes/{remote}/{name}" for remote in _REMOTES}
    return {**remotes, name: f"refs/heads/{name}"}


def meanings(repository: Repository, spec: str) -> list[Meaning]:
    """What a person may mean by a revision: a branch, a remote branch, a tag, and last what git makes of it.

    git would take the tag first. A branch of the clone that is called `origin/main` is not taken for the
    remote's `main`, nor is a ref with the name of a commit taken for the commit.
    """
    if is_full_id(spec) or not is_branch_name(spec):
        commit = repository.commit(spec)
        return [Meaning(spec, "", commit)] if commit else []
    places = _places(spec)
    refs = repository.refs(places)
    found: list[Meaning] = []
    if refs and is_hexadecimal(spec) and (commit := repository.abbreviated(spec)):
        found.append(Meaning(spec, "", commit))
    for ref in places:
        if ref in refs and (commit := repository.commit(refs[ref])):
            found.append(Meaning(spec, ref, commit))
    if not found and not spec.startswith("refs/") and (commit := repository.commit(spec)):
        found.append(Meaning(spec, "", commit))
    return found


def _places(spec: str) -> list[str]:
    """The refs that a name may be short for, the first first."""
    if spec.startswith("refs/"):
        return [spec]
    own = [f"refs/heads/{spec}", f"refs/remotes/{spec}"]
    if spec.startswith(tuple(f"{remote}/" for remote in _REMOTES)):
        own.reverse()
    long = [f"refs/{spec}"] if spec.startswith(("heads/", "remotes/", "tags/")) else []
    remotes = [f"refs/remotes/{remote}/{spec}" for remote in _REMOTES]
    return [*long, *own, *remotes, f"refs/tags/{spec}"]


def default_branch(repository: Repository) -> DefaultBranch | None:
    """What `origin/HEAD` says, else `main` or `master`, wherever there is one."""
    listing = repository.git.run(
        "list the branches",
        "for-each-ref",
        "--format=%(refname)%00%(objectname)%00%(symref)%00%(HEAD)",
        "refs/heads",
        *(f"refs/remotes/{remote}/{name}" for remote in _REMOTES for name in ("HEAD", *USUAL)),
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
    for name in (told, *USUAL):
        places = _branches(name)
        if name and any(ref in ids for ref in places.values()):
            targets = [
                TargetCommit(shown, Commit(ids[ref], ()))
                for shown, ref in places.items()
                if ref in ids and ref != current
            ]
            return DefaultBranch(name, tuple(targets))
    return None


def nearest(repository: Repository, name: str, words: Iterable[str] = ()) -> list[str]:
    """The branches and tags whose names are most like `name`, as they would have to be given.

    `words` are what may stand there besides.
    """
    places = ("refs/heads", "refs/remotes", "refs/tags")
    listing = repository.git.run("list the branches", "for-each-ref", "--format=%(refname)", *places)
    known = {word: word for word in words}
    for ref in listing.decode("utf-8", "replace").splitlines():
        full = ref.split("/", 2)[2]
        known.setdefault(full, full)
        if ref.startswith("refs/remotes/"):  # `mian` is near to `origin/main` too
            known.setdefault(full.split("/", 1)[-1], full)
    return list(dict.fromkeys(known[close] for close in similar(name, known, 3)))
