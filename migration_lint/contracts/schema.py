"""The JSON Schema of contract files, for editors: printed from the same table that reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.contracts.format import (
    CONTRACT,
    OWN_SIDE,
    Choice,
    Either,
    Flag,
    JsonSchema,
    Key,
    List,
    Marker,
    Named,
    Record,
    Shape,
    Text,
    Variants,
)

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
        **_record(CONTRACT),
        "allOf": [_own_side(role, key) for role, key in OWN_SIDE.items()],
    }


def _of(shape: Shape) -> dict[str, Json]:
    if isinstance(shape, Text):
        # Text is what is written, so a number is text; YAML hands it to the editor as a number.
        plain: list[Json] = ["string", "number", "boolean"]
        return {"type": [*plain, "null"] if shape.null else plain, "pattern": shape.pattern}
    if isinstance(shape, Choice):
        return {"enum": list(shape.words)}
    if isinstance(shape, Marker):
        return {"const": shape.word}
    if isinstance(shape, Flag):
        return {"type": "boolean"}
    if isinstance(shape, JsonSchema):
        return {"type": ["object", "boolean"]}
    if isinstance(shape, List):
        listed: dict[str, Json] = {"type": "array", "items": _of(shape.item)}
        if shape.least:
            listed["minItems"] = shape.least
        if shape.distinct:
            listed["uniqueItems"] = True
        return listed
    if isinstance(shape, Named):
        return {
            "type": "object",
            "propertyNames": {"pattern": shape.name.pattern},
            "additionalProperties": _of(shape.value),
        }
    if isinstance(shape, Variants):
        return {"oneOf": [_record(record) for record in shape.records]}
    if isinstance(shape, Either):
        return {"anyOf": [_of(shape.scalar), _record(shape.mapping)]}
    return _record(shape)


def _record(record: Record) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {key.name: _key(key) for key in record.keys},
        "required": [key.name for key in record.keys if key.required],
        "additionalProperties": False,
    }


def _key(key: Key) -> dict[str, Json]:
    return {"description": key.description, **_of(key.shape)}


def _own_side(role: str, key: str) -> dict[str, Json]:
    """A side cannot say of a table that it is empty itself."""
    return {
        "if": {"properties": {"role": {"const": role}}},
        "then": {"properties": {"tables": {"additionalProperties": {"properties": {key: False}}}}},
    }
