"""The JSON Schema says what the loader does: they are tried on the same documents."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from migration_lint.contracts.parse import parse_contract
from migration_lint.contracts.schema import json_schema
from migration_lint.errors import CannotJudge

VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def document(table: dict[str, Any] | None = None, **top: Any) -> dict[str, Any]:
    said = {"contract": "migration-lint/v1", "id": "w", "service": "w", "role": "producer", "tables": {}}
    said.update({"tables": {"t": table}} if table is not None else {})
    said.update(top)
    return {key: value for key, value in said.items() if value != "absent"}


def column(**said: Any) -> dict[str, Any]:
    return document({"columns": {"a": {"type": "text", **said}}})


GOOD = [
    document(),
    document(owner="@x", description="for people"),
    document({}),
    document(tables={"audit.log": {}}),
    document({"columns": {}, "needs": [], "code": [], "retired": {}, "acknowledges": {}}),
    document({"columns": {"no": {"type": "text"}, "null": {"type": "text"}, "1e10": {"type": "text"}}}),
    document({"consumers": "none"}),
    document({"producers": "none"}, role="consumer"),
    document({"needs": [{"unique": ["a", "b"], "where": "a > 1"}, {"index": ["a"]}]}),
    document({"needs": [{"unique": [None, True, 12]}]}),
    document({"needs": [{"foreign_key": ["a"], "references": "s.t"}]}),
    document(
        {
            "needs": [
                {
                    "foreign_key": ["a"],
                    "references": "t",
                    "referenced_columns": ["id"],
                    "on_delete": "set null",
                }
            ]
        }
    ),
    document({"code": [{"path": "a.go", "statement": "select"}]}),
    document({"code": [{"path": "a.go", "symbol": "F", "statement": "insert", "order": "exact"}]}),
    document({"retired": {"cause": "2026-03-02"}, "acknowledges": {"0012": "because", "12": "because"}}),
    column(nullable=True),
    column(**{"from": "database"}),
    column(values=["a", 1, True]),
    column(examples=["[]"]),
    column(encoding="base64"),
    column(encoding={"json": {"type": "array", "items": {"type": "string"}}}),
    column(encoding={"json": True}),
    column(description="for people"),
]

BAD = [
    [],
    "text",
    document(contract="absent"),
    document(contract="migration-lint/v2"),
    document(id="absent"),
    document(id="two words"),
    document(id=""),
    document(id=["a"]),
    document(service="absent"),
    document(service=None),
    document(role="absent"),
    document(role="reader"),
    document(tables="absent"),
    document(tables=None),
    document(tables=[]),
    document(tables={"a.b.c": {}}),
    document(tables={"": {}}),
    document(tables={"t": None}),
    document(owner=" "),
    document(unknown=1),
    document({"producers": "none"}),
    document({"consumers": "none"}, role="consumer"),
    document({"consumers": "some"}),
    document({"colums": {}}),
    document({"columns": None}),
    document({"columns": {"a": {}}}),
    document({"columns": {"a": "text"}}),
    document({"columns": {" ": {"type": "text"}}}),
    document({"needs": [{}]}),
    document({"needs": [{"where": "a"}]}),
    document({"needs": [{"unique": []}]}),
    document({"needs": [{"unique": ["a", "a"]}]}),
    document({"needs": [{"unique": "a"}]}),
    document({"needs": [{"unique": ["a"], "index": ["a"]}]}),
    document({"needs": [{"unique": ["a"], "references": "t"}]}),
    document({"needs": [{"foreign_key": ["a"]}]}),
    document({"needs": [{"foreign_key": ["a"], "references": "t", "on_delete": "explode"}]}),
    document({"code": [{"path": "a.go"}]}),
    document({"code": [{"statement": "select"}]}),
    document({"code": [{"path": "a.go", "statement": "drop"}]}),
    document({"code": [{"path": "a.go", "statement": "select", "order": "some"}]}),
    document({"code": {}}),
    document({"retired": ["a"]}),
    document({"retired": {"a": None}}),
    document({"acknowledges": {"12": ""}}),
    document({"acknowledges": {"12": "  "}}),
    document({"acknowledges": {"12": None}}),
    document({"acknowledges": {"12": "<why this is safe>"}}),
    document({"acknowledges": {"1 2": "because"}}),
    column(type=None),
    column(type=["text"]),
    column(nullable="yes"),
    column(nullable="true"),
    column(nullable=1),
    column(**{"from": "db"}),
    column(values=[]),
    column(values=[None]),
    column(values="a"),
    column(examples=[["a"]]),
    column(encoding=None),
    column(encoding="two words"),
    column(encoding={}),
    column(encoding={"json": "array"}),
    column(encoding={"json": {}, "xml": {}}),
    column(description=""),
]


def loads(said: object) -> bool:
    try:
        parse_contract(json.dumps(said).encode(), "c.yaml")  # JSON is YAML
    except CannotJudge:
        return False
    return True


def test_it_is_a_schema_that_describes_every_key() -> None:
    schema = json_schema()
    VALIDATOR.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:migration-lint:contract:v1"
    assert json.loads(json.dumps(schema)) == schema

    def undescribed(node: object, at: str) -> list[str]:
        if isinstance(node, list):
            return [
                found for number, item in enumerate(node) for found in undescribed(item, f"{at}[{number}]")
            ]
        if not isinstance(node, dict):
            return []
        keys = node.get("properties", {}) if "additionalProperties" in node else {}
        found = [f"{at}.{key}" for key, value in keys.items() if not value.get("description")]
        return found + [more for key, value in node.items() for more in undescribed(value, f"{at}.{key}")]

    assert undescribed({key: value for key, value in schema.items() if key != "allOf"}, "") == []


@pytest.mark.parametrize("said", GOOD, ids=json.dumps)
def test_both_accept(said: object) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(said)] == []
    assert loads(said)


@pytest.mark.parametrize("said", BAD, ids=json.dumps)
def test_both_refuse(said: object) -> None:
    assert not VALIDATOR.is_valid(said)
    assert not loads(said)
