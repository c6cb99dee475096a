"""A tree → its contracts.

Files whose bytes were read before come from the store, so that a warm run imports no YAML reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from migration_lint.catalog.outcome import TableName
from migration_lint.change.tree import Tree
from migration_lint.contracts.model import Contract, ContractSet, TableDeclaration, contract_from_json
from migration_lint.errors import CannotJudge, Problem
from migration_lint.identifiers import POSTGRESQL, Identifiers
from migration_lint.settings.contract_files import ENDINGS, contract_files, says_contract

_KIND = "contract"


class JsonStore(Protocol):
    """Keeps JSON values from run to run. A value that is not there is None."""

    def get(self, kind: str, key: str) -> Any: ...

    def put(self, kind: str, key: str, value: Any) -> None: ...


def load_contracts(
    tree: Tree,
    patterns: Sequence[str],
    project: str,
    *,
    identifiers: Identifiers = POSTGRESQL,
    default_schema: str = "public",
    store: JsonStore | None = None,
) -> ContractSet:
    """Every contract of a tree: the files that `patterns` name, relative to the folder `project`.

    `default_schema` is the schema of a table that is written without one; `identifiers` tells which names
    mean the same. Raises CannotJudge with every problem of every file, where two files share an id, and
    where a link or a submodule in their place leads out of the tree.
    """
    files = tree.files()
    contracts: list[Contract] = []
    found = contract_files(tree, patterns, project)
    problems = [
        Problem(
            f"contracts may lie here, and are not seen: {each.away}",
            each.place,
            fix="keep contracts among the files of the project; of another repository, vendor them with "
            "`migration-lint contract sync --from CHECKOUT --add PATH --write`",
        )
        for each in found.away
    ]
    for path in found.files:
        content_id = files[path]
        contract = _stored(store, content_id, path)
        if contract is None:
            from migration_lint.contracts.model import contract_to_json
            from migration_lint.contracts.parse import parse_contract

            try:
                contract = parse_contract(tree.read(path), path, content_id)
            except CannotJudge as error:
                problems += error.problems
                continue
            if store is not None:
                store.put(_KIND, content_id, contract_to_json(contract))
        contracts.append(contract)
    problems += _shared_ids(contracts)
    loaded = ContractSet(tuple(contracts), default_schema, identifiers)
    for contract in contracts:
        problems += _same_tables(contract, loaded)
    if problems:
        raise CannotJudge.of(problems)
    return loaded


def out_of_sight(tree: Tree, project: str) -> str | None:
    """A contract that no pattern names, in a folder `contracts` somewhere below `project`, or None.

    What lies among tests, examples and the like is somebody's material.
    """

    from migration_lint.history.folders import is_material

    inside = f"{project}/" if project else ""
    for path in tree.files():
        plain = path.lower()
        if "contracts/" in plain and path.startswith(inside) and plain.endswith(ENDINGS):
            folders = plain[len(inside) :].split("/")[:-1]
            ours = "contracts" in folders and not is_material("/".join(folders))
            if ours and _says(plain, tree.read(path)):
                return path
    return None


def _says(path: str, data: bytes) -> bool:
    return says_contract(data) if path.endswith(".json") else b"migration-lint/v1" in data


def _stored(store: JsonStore | None, content_id: str, path: str) -> Contract | None:
    value = store.get(_KIND, content_id) if store is not None else None
    if not isinstance(value, dict):
        return None
    try:
        return contract_from_json(value, path, content_id)
    except (TypeError, KeyError, AttributeError):  # not what was put there: read the file again
        return None


def _shared_ids(contracts: Sequence[Contract]) -> list[Problem]:
    first: dict[str, Contract] = {}
    problems = []
    for contract in contracts:
        other = first.setdefault(contract.id, contract)
        if other is not contract:
            problems.append(
                Problem(
                    f"the id {contract.id} is the id of {other.path} too",
                    contract.path,
                    contract.line,
                    fix="give each contract an id of its own, or delete one of the two files",
                )
            )
    return problems


def _same_tables(contract: Contract, loaded: ContractSet) -> list[Problem]:
    first: dict[TableName, TableDeclaration] = {}
    problems = []
    for entry in contract.tables:
        table = loaded.name_of(entry)
        other = first.setdefault(table, entry)
        if other is not entry:
            full = ".".join(part for part in table if part)
            problems.append(
                Problem(
                    f"{entry.name} is the table {full}, as is {other.name} in line {other.line}",
                    contract.path,
                    entry.line,
                    fix="make one entry of the two",
                )
            )
    return problems
