"""The JSON Schema of contract files, for editors: printed from the same table that reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.contracts.format import CONTRACT, OWN_SIDE
from migration_lint.shapes.schema import record_schema

if TYPE_CHECKING:
    from migration_lint.yaml_document import Json

SCHEMA_ID = "urn:migration-lint:contract:v1"


def json_schema() -> dict[str, Json]:
    """The schema of one contract file, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "migration-lint contract",
        "description": "One service's statement, in one role, of what it relies on in one or more tables.",
        **record_schema(CONTRACT),
        "allOf": [_own_side(role, key) for role, key in OWN_SIDE.items()],
    }


def _own_side(role: str, key: str) -> dict[str, Json]:
    """A side cannot say of a table that it is empty itself."""
    return {
        "if": {"properties": {"role": {"const": role}}},
        "then": {"properties": {"tables": {"additionalProperties": {"properties": {key: False}}}}},
    }
