"""MySQL and MariaDB: what a column loses because a MODIFY or CHANGE does not state it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

from migration_lint.catalog.model import CatalogColumn, Table
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import NUMBERED, Operation

Parameter = Literal[
    "existing_nullable", "existing_server_default", "existing_comment", "existing_autoincrement", ""
]


class Lost(NamedTuple):
    """A part of a column's definition that goes: as SQL, and what Alembic calls it."""

    sql: str
    parameter: Parameter  # "": none; the type has to say it
    value: str | bool = True  # what to pass: a default as SQL, a comment as it is


def lost(
    operation: Operation, column: CatalogColumn | None, table: Table | None, fold: Callable[[str], str]
) -> tuple[Lost, ...]:
    """What the statement of an alter_column call takes from the column, as the catalog knows it."""
    if operation.stated is None or column is None or column.uncertain:
        return ()
    return tuple(_lost(operation, column, table, fold))


def _lost(
    operation: Operation, column: CatalogColumn, table: Table | None, fold: Callable[[str], str]
) -> Iterator[Lost]:
    stated, said = operation.stated, operation.said
    assert stated is not None
    known = stated.type is not None  # otherwise what is passed may be right
    keyed = table is not None and any(
        each.kind == "primary_key" and fold(column.name) in map(fold, each.columns)
        for each in table.constraints
    )

    def silent(name: str) -> bool:
        return name not in said and (known or f"existing_{name}" not in said)

    if column.nullable is False and stated.nullable and not keyed and silent("nullable"):
        yield Lost("NOT NULL", "existing_nullable", False)
    default, worked_out = column.default, column.generated in ("stored", "virtual")
    if (
        default is not None
        and not worked_out
        and default.lower() != "null"
        and stated.default is None
        and silent("server_default")
    ):
        yield Lost(f"DEFAULT {default}", "existing_server_default", default)
    numbered = column.generated in NUMBERED
    if numbered and stated.generated is None and silent("autoincrement"):
        yield Lost("AUTO_INCREMENT", "existing_autoincrement")
    elif column.generated == "stored":
        yield Lost("GENERATED ALWAYS", "")
    if column.comment and stated.comment is None and silent("comment"):
        yield Lost(f"COMMENT '{column.comment}'", "existing_comment", column.comment)
    collation = re.search(r"(?i)\b(character set|collate)\s+(\S+)", column.type or "")
    if collation is not None and _is_text(stated.type or ""):
        yield Lost(f"{collation[1].upper()} {collation[2]}", "")


def _is_text(type: str) -> bool:
    """Whether a type is one of texts, and says nothing of their character set."""
    text = re.match(r"(?i)(var)?char|\w*text|enum|set", type)
    return text is not None and re.search(r"(?i)\b(character set|charset|collate)\b", type) is None
