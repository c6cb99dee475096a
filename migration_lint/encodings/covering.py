"""Whether one JSON Schema plainly takes all that another one gives, without trying values.

Only the keywords that say shapes are known here. Whatever else a schema holds, it is not plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KNOWN = frozenset(("type", "items", "properties", "required"))
_TYPES = frozenset(("array", "object", "string", "integer", "number", "boolean", "null"))
_DEEPEST = 20


def covers(reader: Any, writer: Any) -> bool:
    """Whether every value of `writer` is one of `reader`; False where that is not plain to see."""
    return _is_plain(reader) and _is_plain(writer) and _covers(reader, writer)


def _covers(reader: Any, writer: Any) -> bool:
    taken, given = _types(reader), _types(writer)
    if "number" in taken:
        taken = taken | {"integer"}
    if not given <= taken:
        return False
    items = "array" in given and "items" in reader
    if items and not ("items" in writer and _covers(reader["items"], writer["items"])):
        return False
    if "object" not in given:
        return True
    written = writer.get("properties", {})
    if not set(reader.get("required", ())) <= set(writer.get("required", ())):
        return False
    return all(
        name in written and _covers(schema, written[name])
        for name, schema in reader.get("properties", {}).items()
    )


def _is_plain(schema: Any, deep: int = 0) -> bool:
    """Whether a schema, with all that stands in it, is well formed and of the keywords that are known."""
    if not isinstance(schema, Mapping) or not schema.keys() <= _KNOWN or deep > _DEEPEST:
        return False
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not _types(schema) <= _TYPES or not isinstance(properties, Mapping):
        return False
    inner = [*properties.values(), *([schema["items"]] if "items" in schema else [])]
    if not all(_is_plain(each, deep + 1) for each in inner):
        return False
    return isinstance(required, list) and all(isinstance(each, str) for each in required)


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    said = schema.get("type")
    if said is None:
        return _TYPES
    return frozenset(map(str, said if isinstance(said, list) else [said]))
