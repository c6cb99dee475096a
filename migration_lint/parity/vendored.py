"""Vendored files against the lock that names their content."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migration_lint.catalog.outcome import TableName
from migration_lint.change.tree import Tree
from migration_lint.contracts.model import ContractSet
from migration_lint.parity.model import Disparity, Place
from migration_lint.vendoring import Lock, content_hash


def vendored_disparities(lock: Lock, contracts: ContractSet, tree: Tree, project: str) -> Iterator[Disparity]:
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
