"""A shape as a JSON Schema, draft 2020-12, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.shapes.model import (
    Either,
    Flag,
    JsonSchema,
    Key,
    ListShape,
    MarkerWord,
    Named,
    Number,
    RecordShape,
    Shape,
    TextShape,
    Variants,
    WordChoice,
)

if TYPE_CHECKING:
    from migration_lint.yaml_document import Json


def _of(shape: Shape) -> dict[str, Json]:
    if isinstance(shape, TextShape):
        # Text is what is written, so a number is text; YAML hands it to the editor as a number.
        plain: list[Json] = ["string", "number", "boolean"]
        return {"type": [*plain, "null"] if shape.null else plain, "pattern": shape.pattern}
    if isinstance(shape, Number):
        return {"type": "integer" if shape.whole else "number", "minimum": 0}
    if isinstance(shape, WordChoice):
        return {"enum": list(shape.words)}
    if isinstance(shape, MarkerWord):
        return {"const": shape.word}
    if isinstance(shape, Flag):
        return {"type": "boolean"}
    if isinstance(shape, JsonSchema):
        return {"type": ["object", "boolean"]}
    if isinstance(shape, ListShape):
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
        return {"oneOf": [record_schema(record) for record in shape.records]}
    if isinstance(shape, Either):
        return {"anyOf": [_of(shape.scalar), record_schema(shape.mapping)]}
    return record_schema(shape)


def record_schema(record: RecordShape) -> dict[str, Json]:
    """The schema of a mapping with known keys."""
    return {
        "type": "object",
        "properties": {key.name: _key(key) for key in record.keys},
        "required": [key.name for key in record.keys if key.required],
        "additionalProperties": False,
    }


def _key(key: Key) -> dict[str, Json]:
    return {"description": key.description, **_of(key.shape)}
