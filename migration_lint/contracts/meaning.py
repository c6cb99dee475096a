"""What of a declaration is meaning, and what is spelling; and how to write a declaration down.

Meaning: names; types in the dialect's canonical form; nullability; who fills a column; the set of values;
the encoding; what a table needs, which names are retired, and that a side is empty. Not meaning: comments,
order, spacing, prose, owner, examples (they illustrate the encoding), bindings to code, acknowledgements.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from migration_lint.catalog.types import canonical, may_be, same_type
from migration_lint.contracts.model import ColumnDeclaration, Need, TableDeclaration
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.operations import Dialect

if TYPE_CHECKING:
    from migration_lint.yaml_document import Json

#: What is proposed as the reason of an acknowledgement. The format refuses it where it is left standing.
PLACEHOLDER = "<why this is safe>"

#: Keywords of JSON Schema that only describe.
_PROSE = frozenset({"title", "description", "$comment", "examples", "deprecated"})
#: Keywords that map names to schemas: a property may be called `description`.
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
#: Keywords whose lists are sets.
_SETS = frozenset({"required", "enum", "type", "allOf", "anyOf", "oneOf"})
#: Keywords that hold data, where nothing is prose.
_DATA = frozenset({"const", "enum", "default"})

#: Needs no quotes in a flow mapping, whoever reads the YAML.
_BARE = lazy_pattern(r"[A-Za-z_][\w./()-]*(?: [\w./()-]+)*")
#: A key of `acknowledges` is taken as written, so that digits need no quotes either.
_REVISION = lazy_pattern(r"\w[\w.-]*")
_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null"})


def declares(
    column: ColumnDeclaration, type: str | None, dialect: Dialect, default_schema: str | None = None
) -> bool:
    """Whether a type is the one that a column is declared with. An unknown type (None) is not."""
    same = may_be if column.outlined else same_type
    return same(column.type, type, dialect, default_schema)


def column_meaning(
    column: ColumnDeclaration | None, dialect: Dialect, default_schema: str | None = None
) -> tuple[str, ...] | None:
    """Equal for two declarations exactly if they mean the same, apart from the name. None for none."""
    if column is None:
        return None
    encoding = column.encoding
    return (
        canonical(column.type, dialect, default_schema),
        str(column.nullable),
        str(column.from_database),
        _dump(sorted(set(column.values))),
        encoding if isinstance(encoding, str) else _dump(_json_schema_meaning(encoding)) if encoding else "",
    )


def table_meaning(
    table: TableDeclaration | None, dialect: Dialect, default_schema: str | None = None
) -> tuple[object, ...] | None:
    """Equal for two entries exactly if they mean the same, apart from the name. None for none."""
    if table is None:
        return None
    return (
        frozenset((column.name, column_meaning(column, dialect, default_schema)) for column in table.columns),
        frozenset(
            (
                need.kind,
                # Any order of columns makes the same unique constraint, but not the same index.
                frozenset(need.columns) if need.kind == "unique" else need.columns,
                " ".join((need.where or "").split()),
                need.references,
                need.referenced_columns,
                need.on_delete,
            )
            for need in table.needs
        ),
        frozenset(name.name for name in table.retired),
        table.producers,
        table.consumers,
    )


def column_text(
    column: ColumnDeclaration,
    *,
    name: str | None = None,
    type: str | None = None,
    nullable: bool | None = None,
    values: tuple[str, ...] | None = None,
) -> str:
    """A declaration as one line of YAML, with another name, type, nullability or values where given."""
    said: dict[str, Json] = {"type": column.type if type is None else type}
    if nullable is not None or column.nullable is not None:
        said["nullable"] = column.nullable if nullable is None else nullable
    if column.from_database:
        said["from"] = "database"
    listed = column.values if values is None else values
    if listed:
        said["values"] = list(listed)
    if column.encoding is not None:
        said["encoding"] = column.encoding if isinstance(column.encoding, str) else dict(column.encoding)
    return f"{flow(column.name if name is None else name)}: {flow(said)}"


def entry_text(name: str, lines: Iterable[str]) -> str:
    """A table's entry as YAML, of the lines that `column_text` makes."""
    columns = [f"    {line}" for line in lines]
    return "\n".join([f"{flow(name)}:", "  columns:" if columns else "  columns: {}", *columns])


def acknowledgement_text(revision: str, reason: str = "") -> str:
    """An `acknowledges` section with one entry, as YAML; without a reason, it asks for one."""
    return f"acknowledges:\n  {acknowledgement_key(revision)}: {reason or PLACEHOLDER}"


def acknowledgement_key(revision: str) -> str:
    """A revision as a key of an `acknowledges` section."""
    return revision if _REVISION.fullmatch(revision) else flow(revision)


def need_text(need: Need) -> str:
    """A need as one line for people: `unique (deployment_id, kind) where kind = 'failure_autopsy'`."""
    text = f"{need.kind.replace('_', ' ')} ({', '.join(need.columns)})"
    if need.references is not None:
        referenced = f" ({', '.join(need.referenced_columns)})" if need.referenced_columns else ""
        text += f" references {need.references}{referenced}"
    if need.on_delete is not None:
        text += f" on delete {need.on_delete}"
    return text if need.where is None else f"{text} where {need.where}"


def _dump(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def flow(value: Json) -> str:
    """A value in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, str) and _BARE.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _json_schema_meaning(value: object, *, names: bool = False, data: bool = False) -> Json:
    """A JSON Schema without prose, its sets sorted. `names`: the keys are names, not keywords."""
    if isinstance(value, dict):
        sets = frozenset() if names or data else _SETS
        return {
            key: _json_schema_meaning(
                sorted(item, key=_dump) if key in sets and isinstance(item, list) else item,
                names=key in _NAMED and not (names or data),
                data=data or (key in _DATA and not names),
            )
            for key, item in value.items()
            if names or data or key not in _PROSE
        }
    if isinstance(value, (list, tuple)):
        return [_json_schema_meaning(item, data=data) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
