"""Vendored files taken anew from a local clone of the repository that they belong to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from migration_lint.change.commit_tree import GitTree
from migration_lint.change.repository import Repository, open_repository
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.vendoring.lock import (
    NO_PLACE,
    Pin,
    VendoringLock,
    content_hash,
    is_place,
    same_repository,
)


class Refreshed(NamedTuple):
    """What refreshing makes: the new lock, and the bytes of each file that it pins from the clone."""

    lock: VendoringLock
    files: Mapping[str, bytes]  # by path relative to the project


def refresh(
    lock: VendoringLock,
    checkout: Path,
    environ: Mapping[str, str],
    repository: str | None = None,
    add: Sequence[tuple[str, str]] = (),
) -> Refreshed:
    """The files that a clone's last commit holds; what lies uncommitted in it is nobody's version yet.

    `repository` is the address to pin, by default that of the clone's `origin`; `add` are further files, as
    path there and path here. Raises CannotJudge with every file that the clone does not have.
    """
    for _, here in add:
        if not is_place(here):
            raise CannotJudge(
                Problem(NO_PLACE.format(here), "--add", fix="name a path below the project: PATH=HERE")
            )
    clone = open_repository(checkout, environ, is_named=True)
    commit = None if clone is None else clone.commit("HEAD")
    if clone is None or commit is None:
        raise _refused(f"{checkout} is no clone with a commit", "name a local clone of the other repository")
    address = repository or _origin(clone) or _only_one(lock)
    if address is None:
        raise _refused(f"{checkout} has no remote origin", "say with --repository whose clone it is")
    tree = GitTree(clone, commit.id, str(checkout))
    wanted = [pin for pin in lock.pins if same_repository(pin.repository) == same_repository(address)]
    known = {pin.path for pin in wanted}
    wanted += [Pin(here, 0, address, there, "", "") for there, here in add if here not in known]
    if not wanted:
        raise _refused(
            f"nothing is vendored from {address}", "name files of it with --add PATH, or another clone"
        )
    _check_apart([*lock.pins, *wanted])
    problems = [
        Problem(
            f"{address} has no {pin.origin} at {commit.short}",
            pin.path,
            fix="take its entry out of the lock, or name the path that it has now with --add",
        )
        for pin in wanted
        if pin.origin not in tree.files()
    ]
    if problems:
        raise CannotJudge.of(problems)
    found = tree.read_many([pin.origin for pin in wanted])
    made = [
        pin._replace(repository=address, commit=commit.id, sha256=content_hash(found[pin.origin]))
        for pin in wanted
    ]
    rest = [pin for pin in lock.pins if pin.path not in {each.path for each in made}]
    files = {pin.path: found[pin.origin] for pin in wanted}
    return Refreshed(lock._replace(pins=tuple(sorted([*rest, *made]))), files)


def _check_apart(pins: Sequence[Pin]) -> None:
    """Two files that a system without upper and lower case takes for one would overwrite each other."""
    first: dict[str, str] = {}
    for pin in pins:
        other = first.setdefault(pin.path.casefold(), pin.path)
        if other != pin.path:
            raise _refused(f"{other} and {pin.path} are one file on many systems", "give one another name")


def destination(origin: str) -> str:
    """Where a file is put that comes without a place: beside the contracts, under its own name."""
    return posixpath.join("contracts", "vendored", posixpath.basename(origin))


def _origin(clone: Repository) -> str | None:
    address = dict(clone.directory.settings).get("remote.origin.url", "").strip()
    # A token that git was given in the address is nobody else's business.
    return re.sub(r"^([a-z+]+://)[^@/]*@", r"\1", address, flags=re.IGNORECASE) or None


def _only_one(lock: VendoringLock) -> str | None:
    found = {pin.repository for pin in lock.pins}
    return found.pop() if len(found) == 1 else None


def _refused(message: str, fix: str) -> CannotJudge:
    return CannotJudge(Problem(message, "--from", fix=fix))
