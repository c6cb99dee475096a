"""Vendored files against the lock that names their content, and what a repository may not vendor."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

from migration_lint.catalog.outcome import TableName
from migration_lint.change.tree import Tree
from migration_lint.contracts.model import ContractSet
from migration_lint.errors import CannotJudge
from migration_lint.parity.model import Disparity, Place
from migration_lint.vendoring import VendoringLock, content_hash, read_lock


def vendored_paths(tree: Tree, project: str) -> frozenset[str]:
    """The files of a tree that other repositories answer for; none where the lock cannot be read."""
    try:
        lock = read_lock(tree, project)
    except CannotJudge:  # it is said where the lock itself is judged
        return frozenset()
    pins = () if lock is None else lock.pins
    return frozenset(posixpath.normpath(posixpath.join(project, pin.path)) for pin in pins)


def disowned_disparities(
    lock: VendoringLock,
    contracts: ContractSet,
    tree: Tree,
    project: str,
    before: ContractSet,
    earlier: Collection[str],
) -> Iterator[Disparity]:
    """Contracts that were this repository's own, that the lock now calls another's, and whose code is here.

    A vendored contract's bindings are taken on the word of its pin: no change may give that word for the code
    that it has in front of it. `before` are the contracts before the change, `earlier` the files that were
    vendored then.
    """
    for contract in contracts.contracts:
        pin = lock.pin(posixpath.relpath(contract.path, project or "."))
        known = before.by_id(contract.id)
        if pin is None or known is None or known.path in earlier:
            continue
        for entry in known.tables:
            here = [
                binding.path
                for binding in entry.code
                if posixpath.normpath(posixpath.join(project, binding.path)) in tree.files()
            ]
            if here:
                place = Place(contract.path, contract.line)
                there = Place(lock.path, pin.line, "", f"pins {pin.origin} of {pin.repository}")
                yield Disparity(
                    "vendored_disowned", before.name_of(entry), contract.id, place,
                    (there,), ", ".join(dict.fromkeys(here)), found=pin.repository, against="lock",
                )  # fmt: skip


def vendored_disparities(
    lock: VendoringLock, contracts: ContractSet, tree: Tree, project: str
) -> Iterator[Disparity]:
    """Vendored files that are not what the lock pins, or are not there."""
    files = tree.files()
    by_path = {contract.path: contract for contract in contracts.contracts}
    for pin in lock.pins:
        path = posixpath.normpath(posixpath.join(project, pin.path))
        contract = by_path.get(path)
        entry = contract.tables[0] if contract is not None and contract.tables else None
        table = TableName("", "") if entry is None else contracts.name_of(entry)
        there = Place(lock.path, pin.line, "", f"pins {pin.origin} of {pin.repository} at {pin.commit[:12]}")
        said = contract.id if contract is not None else pin.path
        if path not in files:
            yield Disparity(
                "vendored_missing", table, said, Place(path), (there,), pin.path,
                declared=pin.sha256, against="lock",
            )  # fmt: skip
            continue
        found = content_hash(tree.read(path))
        if found != pin.sha256:
            yield Disparity(
                "vendored_tampered", table, said, Place(path), (there,), pin.path,
                declared=pin.sha256, found=found, against="lock",
            )  # fmt: skip
