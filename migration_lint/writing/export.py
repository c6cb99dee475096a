"""What a contract says of payloads, for tests of a service in any language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from migration_lint import disk
from migration_lint.change import resolve_tree
from migration_lint.contracts.load import load_contracts
from migration_lint.contracts.model import ColumnDeclaration, Contract, ContractSet, TableDeclaration
from migration_lint.encodings.names import NAMES
from migration_lint.errors import CannotJudge, Problem
from migration_lint.operations import Dialect
from migration_lint.settings import Settings, load_settings
from migration_lint.wording import did_you_mean, listed, nearest

DRAFT = "https://json-schema.org/draft/2020-12/schema"

#: What JSON Schema says of a text that has a plain encoding (contentEncoding: RFC 4648, format: RFC 3339).
_PLAIN: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "base64": {"type": "string", "contentEncoding": "base64"},
    "base64url": {"type": "string", "contentEncoding": "base64url"},
    "hex": {"type": "string", "contentEncoding": "base16"},
    "uuid": {"type": "string", "format": "uuid"},
    "iso8601": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "string", "pattern": "^[+-]?[0-9]+$"},
    "number": {"type": "string", "pattern": r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"},
    "boolean": {"enum": ["true", "false"]},
    "json": {},
}


def find_contract(
    project: Path, contract_id: str, environ: Mapping[str, str], config: str | None = None
) -> tuple[Contract, Dialect]:
    """A contract of a project, by its id, and the dialect of its types. Raises CannotJudge for none."""
    loaded, settings = project_contracts(project, environ, config)
    found = loaded.by_id(contract_id)
    if found is None:
        known = [contract.id for contract in loaded.contracts]
        there = (
            f"name one of {listed(known, 'or')}" if known else "write one with `migration-lint contract init`"
        )
        fix = did_you_mean(nearest(contract_id, known), there)
        raise CannotJudge(Problem(f"there is no contract {contract_id}", fix=fix))
    return found, settings.dialect


def project_contracts(
    project: Path, environ: Mapping[str, str], config: str | None = None
) -> tuple[ContractSet, Settings]:
    """The contracts of a project's work tree, and its configuration. Raises CannotJudge."""
    tree, prefix = resolve_tree(project, None, environ)
    settings = load_settings(tree, prefix, config)
    loaded = load_contracts(
        tree,
        settings.contracts,
        prefix,
        identifiers=settings.identifiers,
        default_schema=settings.default_schema,
    )
    return loaded, settings


def column_schema(contract: Contract, wanted: str | None) -> dict[str, Any]:
    """The JSON Schema of one column's payload; `wanted` is table.column, None: the only one that has any.

    Raises CannotJudge where there is no such column, or it has no encoding.
    """
    encoded = [(entry, column) for entry, column in _columns(contract) if column.encoding is not None]
    if wanted is not None:
        encoded = [each for each in encoded if wanted in (_called(*each), each[1].name)]
    if len(encoded) != 1:
        names = [_called(*each) for each in _encoded(contract)]
        message = (
            f"{contract.id} has {'no column with an encoding' if not names else 'several encoded columns'}"
        )
        if wanted is not None:
            message = f"{contract.id} has no encoding for {wanted}"
        there = f"name one of {listed(names, 'or')} with --column" if names else "give a column an encoding"
        fix = did_you_mean(nearest(wanted or "", names), there)
        raise CannotJudge(Problem(message, contract.path, fix=fix))
    entry, column = encoded[0]
    verb = "reads" if contract.role == "consumer" else "writes"
    schema: dict[str, Any] = {
        "$schema": DRAFT,
        "title": f"{_called(entry, column)}, as {contract.service} {verb} it",
    }
    if isinstance(column.encoding, Mapping):
        held = column.encoding["json"]
        return {**schema, **held} if isinstance(held, Mapping) else {**schema, "allOf": [held]}
    if column.encoding in _PLAIN:
        return {**schema, **_PLAIN[str(column.encoding)]}
    return {**schema, "type": "string", "$comment": f"encoded as {column.encoding}"}


def vector_files(contract: Contract) -> Iterator[tuple[str, dict[str, Any]]]:
    """A file of test vectors for each encoded column: its name, and what it holds.

    A table or a column may be called anything, and a file may not: see `disk.file_names`.
    """
    from migration_lint.encodings.vectors import vectors

    encoded = [
        each
        for each in _encoded(contract)
        if not isinstance(each[1].encoding, str) or each[1].encoding in NAMES
    ]
    names = disk.file_names([(entry.name, column.name) for entry, column in encoded])
    for name, (entry, column) in zip(names, encoded, strict=True):
        made = vectors(column.encoding, column.examples)
        said = {"contract": contract.id, "table": entry.name, "column": column.name, "type": column.type}
        yield f"{name}.json", {**said, **made}


def _columns(contract: Contract) -> Iterator[tuple[TableDeclaration, ColumnDeclaration]]:
    for entry in contract.tables:
        for column in entry.columns:
            yield entry, column


def _encoded(contract: Contract) -> list[tuple[TableDeclaration, ColumnDeclaration]]:
    return [each for each in _columns(contract) if each[1].encoding is not None]


def _called(entry: TableDeclaration, column: ColumnDeclaration) -> str:
    return f"{entry.name}.{column.name}"
