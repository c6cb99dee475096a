"""A contract as an Open Data Contract Standard document; `contracts.odcs` reads it back.

Source: the Open Data Contract Standard v3.1.0, sections Fundamentals, Schema and Custom Properties.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migration_lint.contracts.model import ColumnDeclaration, Contract, Need, TableDeclaration
from migration_lint.contracts.odcs import PROPERTY
from migration_lint.operations import Dialect
from migration_lint.parity.language_types import column_held

API_VERSION = "v3.1.0"


def odcs_text(contract: Contract, dialect: Dialect) -> str:
    """The document, as YAML."""
    import yaml

    text: str = yaml.safe_dump(_document(contract, dialect), sort_keys=False, allow_unicode=True, width=110)
    return text


def _document(contract: Contract, dialect: Dialect) -> dict[str, Any]:
    ours: dict[str, Any] = {"role": contract.role, "service": contract.service}
    if contract.owner:
        ours["owner"] = contract.owner
    if contract.database:
        ours["database"] = contract.database
    document: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": contract.id,
        "name": contract.id,
        "version": "1.0.0",
        "status": "active",
        "dataProduct": contract.service,
    }
    if contract.description:
        document["description"] = {"purpose": contract.description}
    document["schema"] = [_table(entry, dialect) for entry in contract.tables]
    document["customProperties"] = _custom(ours)
    return document


def _table(entry: TableDeclaration, dialect: Dialect) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": entry.table,
        "physicalName": entry.name,
        "logicalType": "object",
        "physicalType": "table",
    }
    if entry.description:
        made["description"] = entry.description
    ours: dict[str, Any] = {}
    if entry.database:
        ours["database"] = entry.database
    if entry.needs:
        ours["needs"] = [_need(need) for need in entry.needs]
    if entry.code:
        ours["code"] = [
            {
                name: value
                for name, value in (
                    ("path", each.path), ("symbol", each.symbol), ("statement", each.statement),
                    ("order", None if each.order == "any" else each.order),
                )
                if value is not None
            }
            for each in entry.code
        ]  # fmt: skip
    if entry.retired:
        ours["retired"] = {each.name: each.since for each in entry.retired}
    if entry.acknowledges:
        ours["acknowledges"] = {each.revision: each.reason for each in entry.acknowledges}
    for side in ("producers", "consumers"):
        if getattr(entry, side) is not None:
            ours[side] = getattr(entry, side)
    made["properties"] = [_column(column, dialect) for column in entry.columns]
    if ours:
        made["customProperties"] = _custom(ours)
    return made


#: The standard's logical types, by what a column holds. What is none of these is a string to it.
_LOGICAL = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "json": "object",
    "time": "timestamp",
}


def _column(column: ColumnDeclaration, dialect: Dialect) -> dict[str, Any]:
    held = column_held(column.type, dialect, None).family
    logical = "date" if column.type.lower() == "date" else _LOGICAL.get(held, "string")
    made: dict[str, Any] = {"name": column.name, "logicalType": logical, "physicalType": column.type}
    if column.nullable is not None:
        made["required"] = not column.nullable
    if column.description:
        made["description"] = column.description
    if column.examples:
        made["examples"] = list(column.examples)
    ours: dict[str, Any] = {}
    if column.from_database:
        ours["from"] = "database"
    if column.values:
        ours["values"] = list(column.values)
    if column.encoding is not None:
        ours["encoding"] = column.encoding if isinstance(column.encoding, str) else dict(column.encoding)
    if ours:
        made["customProperties"] = _custom(ours)
    return made


def _need(need: Need) -> dict[str, Any]:
    made: dict[str, Any] = {need.kind: list(need.columns)}
    if need.where is not None:
        made["where"] = need.where
    if need.references is not None:
        made["references"] = need.references
    if need.referenced_columns:
        made["referenced_columns"] = list(need.referenced_columns)
    if need.on_delete is not None:
        made["on_delete"] = need.on_delete
    return made


def _custom(ours: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"property": PROPERTY, "value": dict(ours)}]
