"""A tree → its contracts."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from migration_lint.catalog.outcome import TableName
from migration_lint.change.links import NO_LINKS, Links
from migration_lint.contracts.load import load_contracts
from migration_lint.errors import CannotJudge
from migration_lint.identifiers import Identifiers

PATTERNS = ("contracts/**/*.yaml",)


class Files:
    """A tree that lies in memory."""

    name = "memory"

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._data = {path: text.encode() for path, text in texts.items()}
        self.read_paths: list[str] = []

    def files(self) -> Mapping[str, str]:
        return {path: hashlib.sha1(data).hexdigest() for path, data in self._data.items()}

    def links(self) -> Links:
        return NO_LINKS

    def read(self, path: str) -> bytes:
        self.read_paths.append(path)
        return self._data[path]


class Memory:
    """A store that lies in memory, as JSON text."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}

    def get(self, kind: str, key: str) -> Any:
        text = self.texts.get((kind, key))
        return None if text is None else json.loads(text)

    def put(self, kind: str, key: str, value: Any) -> None:
        self.texts[kind, key] = json.dumps(value)


def contract(name: str, *tables: str, role: str = "producer") -> str:
    entries = "".join(f"  {table}: {{columns: {{id: {{type: uuid}}}}}}\n" for table in tables)
    return f"contract: migration-lint/v1\nid: {name}\nservice: s\nrole: {role}\ntables:\n{entries}"


def test_only_what_the_patterns_name_is_read() -> None:
    tree = Files(
        {
            "contracts/a.yaml": contract("a", "t"),
            "contracts/deep/er/b.yaml": contract("b", "t"),
            "contracts/notes.md": "no contract",
            "other/contracts/c.yaml": "no contract",
            "contracts.yaml": "no contract",
        }
    )
    loaded = load_contracts(tree, PATTERNS, "")
    assert [(each.id, each.path) for each in loaded.contracts] == [
        ("a", "contracts/a.yaml"),
        ("b", "contracts/deep/er/b.yaml"),
    ]
    assert loaded.contracts[0].content_id == tree.files()["contracts/a.yaml"]


def test_patterns_are_relative_to_the_project() -> None:
    tree = Files({"contracts/a.yaml": "no contract", "services/x y/contracts/b.yaml": contract("b", "t")})
    loaded = load_contracts(tree, PATTERNS, "services/x y")
    assert [each.path for each in loaded.contracts] == ["services/x y/contracts/b.yaml"]


def test_no_contracts_at_all() -> None:
    assert load_contracts(Files({}), PATTERNS, "").contracts == ()


def test_every_error_of_every_file() -> None:
    tree = Files(
        {
            "contracts/a.yaml": contract("same", "t"),
            "contracts/b.yaml": contract("b", "t").replace("role", "rôle"),
            "contracts/c.yaml": "\tx",
            "contracts/d.yaml": contract("same", "t", "public.t"),
        }
    )
    with pytest.raises(CannotJudge) as raised:
        load_contracts(tree, PATTERNS, "")
    assert str(raised.value) == (
        'contracts/b.yaml:4:1: unknown key "rôle" in the contract\n'
        "  fix: did you mean role?\n"
        "contracts/c.yaml:1:1: found a tab\n"
        "  fix: indent with spaces\n"
        "contracts/d.yaml:2: the id same is the id of contracts/a.yaml too\n"
        "  fix: give each contract an id of its own, or delete one of the two files\n"
        "contracts/d.yaml:7: public.t is the table public.t, as is t in line 6\n"
        "  fix: make one entry of the two"
    )


def test_tables_by_their_full_names() -> None:
    tree = Files(
        {
            "contracts/a.yaml": contract("a", "t", "Audit.log"),
            "contracts/b.yaml": contract("b", "public.t", role="consumer"),
        }
    )
    found = {
        table: [each.id for each in contracts]
        for table, contracts in load_contracts(tree, PATTERNS, "").tables().items()
    }
    assert found == {TableName("public", "t"): ["a", "b"], TableName("Audit", "log"): ["a"]}


def test_case_counts_only_where_the_database_says_so() -> None:
    tree = Files({"contracts/a.yaml": contract("a", "Orders")})
    orders = TableName("", "ORDERS")
    exact = load_contracts(tree, PATTERNS, "", identifiers=Identifiers("postgresql"), default_schema="")
    assert exact.entry(exact.by_id("a"), orders) is None
    loose = load_contracts(tree, PATTERNS, "", identifiers=Identifiers("mysql"), default_schema="")
    assert loose.entry(loose.by_id("a"), orders) is not None


def test_what_was_read_before_comes_from_the_store() -> None:
    store = Memory()
    cold = load_contracts(Files({"contracts/a.yaml": contract("a", "t")}), PATTERNS, "", store=store)
    moved = Files({"contracts/moved.yaml": contract("a", "t")})
    warm = load_contracts(moved, PATTERNS, "", store=store)
    assert moved.read_paths == []
    assert warm.contracts[0].path == "contracts/moved.yaml"
    assert warm.contracts[0].tables == cold.contracts[0].tables


def test_a_damaged_store_is_read_over() -> None:
    store = Memory()
    tree = Files({"contracts/a.yaml": contract("a", "t")})
    cold = load_contracts(tree, PATTERNS, "", store=store)
    for damage in ('{"tables": [{"naem": 1}]}', "[]", '{"tables": 3}', '{"id": "a"}', '{"tables": [3]}'):
        store.texts = dict.fromkeys(store.texts, damage)
        assert load_contracts(tree, PATTERNS, "", store=store) == cold


def test_a_broken_contract_is_not_stored() -> None:
    store = Memory()
    with pytest.raises(CannotJudge):
        load_contracts(Files({"contracts/a.yaml": "x: 1"}), PATTERNS, "", store=store)
    assert store.texts == {}


def test_a_warm_run_imports_no_yaml() -> None:
    program = (
        "import sys, migration_lint.contracts.load, migration_lint.contracts.judgement\n"
        "slow = {'yaml', 'jsonschema', 'sqlglot', 'sqlalchemy', 'migration_lint.contracts.parse'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("identifiers", "name", "same"),
    [
        (Identifiers("oracle"), "ORDERS", True),
        (Identifiers("oracle"), "Orders", False),
        (Identifiers("mssql"), "Orders", True),
        (Identifiers("mariadb"), "Orders", True),
        (Identifiers("mariadb", tables_by_case=True), "Orders", False),
        (Identifiers("postgresql"), "ORDERS", False),
    ],
)
def test_a_contract_names_a_table_as_the_database_does(
    identifiers: Identifiers, name: str, same: bool
) -> None:
    tree = Files({"contracts/a.yaml": contract("a", "orders")})
    loaded = load_contracts(tree, PATTERNS, "", identifiers=identifiers, default_schema="")
    assert (loaded.entry(loaded.by_id("a"), TableName("", name)) is not None) is same
