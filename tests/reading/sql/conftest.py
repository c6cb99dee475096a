from __future__ import annotations

from collections.abc import Callable

import pytest

from migration_lint.operations import HOLE, Column, Constraint, Dialect, Index, Operation
from migration_lint.reading.sql import SqlSession, read_sql

Reads = Callable[..., list[str]]


@pytest.fixture
def reads() -> Reads:
    """Reads SQL and gives its operations as short lines; in both, `…` stands for a HOLE."""

    def read(text: str, dialect: Dialect = "postgresql", schema: str | None = None) -> list[str]:
        result = read_sql(text.replace("…", HOLE), dialect, SqlSession().with_schema(schema))
        return [line(operation).replace(HOLE, "…") for operation in result.operations]

    return read


def line(operation: Operation) -> str:
    name = ".".join(
        part for part in (operation.schema, operation.table, operation.column) if part is not None
    )
    parts: list[str] = [operation.kind, name] if name else [operation.kind]
    if operation.kind in ("other_ddl", "dml", "alter_enum"):
        parts.insert(1, f"<{operation.action}>")
    if operation.name is not None:
        parts.append(f"name={operation.name}")
    parts += [f"[{column_line(column)}]" for column in operation.columns]
    parts += [f"[{constraint_line(constraint)}]" for constraint in operation.constraints]
    if operation.index is not None:
        parts.append(f"[{index_line(operation.index)}]")
    if operation.kind == "set_generated":
        parts.append(f"generated={operation.generated}")
    for field in ("new_schema", "new_name", "type", "using"):
        value = getattr(operation, field)
        if value is not None:
            parts.append(f"{field}={value}")
    if operation.kind == "set_nullable":
        parts.append("null" if operation.nullable else "not null")
    if operation.kind == "set_default":
        parts.append(f"default={operation.default}")
    for field in ("values", "like", "inherits", "tables", "calls"):
        value = getattr(operation, field)
        if value:
            parts.append(f"{field}={','.join(value)}")
    for field in ("incomplete", "if_exists", "cascade", "temporary", "conditional"):
        if getattr(operation, field):
            parts.append(field)
    return " ".join(parts)


def column_line(column: Column) -> str:
    parts = [column.name, column.type or "?"]
    if not column.nullable:
        parts.append("not null")
    if column.default is not None:
        parts.append(f"default {column.default}")
    if column.generated is not None:
        parts.append(column.generated)
    if column.comment is not None:
        parts.append(f"comment {column.comment}")
    return " ".join(parts)


def constraint_line(constraint: Constraint) -> str:
    parts: list[str] = [constraint.kind]
    if constraint.name is not None:
        parts.append(constraint.name)
    if constraint.columns:
        parts.append(f"({','.join(constraint.columns)})")
    if constraint.referred_table is not None:
        schema = f"{constraint.referred_schema}." if constraint.referred_schema else ""
        parts.append(f"-> {schema}{constraint.referred_table}({','.join(constraint.referred_columns)})")
    if constraint.on_delete is not None:
        parts.append(f"on delete {constraint.on_delete}")
    if constraint.on_update is not None:
        parts.append(f"on update {constraint.on_update}")
    if constraint.expression is not None:
        parts.append(constraint.expression)
    if constraint.using_index is not None:
        parts.append(f"using {constraint.using_index}")
    parts += [flag for flag in ("not_valid", "deferrable") if getattr(constraint, flag)]
    return " ".join(parts)


def index_line(index: Index) -> str:
    parts = [f"({','.join(index.columns)})"]
    parts += [
        flag
        for flag in ("unique", "expressions", "concurrently", "nulls_not_distinct")
        if getattr(index, flag)
    ]
    if index.using is not None:
        parts.append(f"using {index.using}")
    if index.include:
        parts.append(f"include {','.join(index.include)}")
    if index.where is not None:
        parts.append(f"where {index.where}")
    return " ".join(parts)
