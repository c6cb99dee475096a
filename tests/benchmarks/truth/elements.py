"""SQLAlchemy's and Alembic's DDL objects → records in the words of `migration_lint.operations`.

A record is a plain dictionary, because it leaves the sandbox as JSON: `kind` and the fields that the kind
compares by, or `raw`, a text of SQL that the benchmark translates outside.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import schema as sa_schema
from sqlalchemy.schema import DDL, DDLElement
from sqlalchemy.sql.elements import TextClause

Record = dict[str, Any]

_CONSTRAINTS = {
    "PrimaryKeyConstraint": "primary_key",
    "UniqueConstraint": "unique",
    "ForeignKeyConstraint": "foreign_key",
    "CheckConstraint": "check",
    "ExcludeConstraint": "exclude",
}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def type_text(type_: Any, dialect: Any) -> str | None:
    """A type as the dialect renders it; None where it cannot."""
    from sqlalchemy.types import to_instance

    try:
        return str(to_instance(type_).compile(dialect=dialect))
    except Exception:
        return None


def _of(table: Any) -> Record:
    return {"table": _text(table.name), "schema": _text(table.schema)}


def _constraint(constraint: Any) -> Record:
    found: Record = {
        "name": _text(constraint.name) if isinstance(constraint.name, str) else None,
        "constraint": _CONSTRAINTS.get(type(constraint).__name__, "unknown"),
    }
    table = getattr(constraint, "table", None)
    return {**found, **(_of(table) if table is not None else {})}


def _index(index: Any) -> Record:
    table = index.table
    named = table is not None and table.name != "no_table"
    return {"name": _text(index.name), **(_of(table) if named else {})}


def _named_type(element: Any) -> Record:
    return {"name": _text(element.name), "schema": _text(getattr(element, "schema", None))}


def _alter(construct: Any, dialect: Any) -> list[Record] | None:
    name = type(construct).__name__
    at = {"table": _text(construct.table_name), "schema": _text(construct.schema)}
    if name == "RenameTable":
        return [{"kind": "rename_table", **at, "new_name": _text(construct.new_table_name)}]
    if name == "AddColumn":
        return [{"kind": "add_column", **at, "column": _text(construct.column.name)}]
    if name == "DropColumn":
        return [{"kind": "drop_column", **at, "column": _text(construct.column.name)}]
    column = getattr(construct, "column_name", None)
    if column is None:
        return None
    at["column"] = _text(column)
    if name == "ColumnNullable":
        return [{"kind": "set_nullable", **at, "nullable": bool(construct.nullable)}]
    if name in ("ColumnType", "PostgresqlColumnType"):
        return [{"kind": "alter_type", **at, "type": type_text(construct.type_, dialect)}]
    if name == "ColumnName":
        return [{"kind": "rename_column", **at, "new_name": _text(construct.newname)}]
    if name in ("ColumnDefault", "ComputedColumnDefault", "IdentityColumnDefault", "MySQLAlterDefault"):
        return [{"kind": "set_default", **at}]
    if name == "ColumnComment":
        return [{"kind": "set_comment", **at}]
    return None


def alter_column(arguments: dict[str, Any], dialect: Any) -> list[Record]:
    """What Alembic's `impl.alter_column` is asked for, where one statement of the dialect does all of it."""
    at = {
        "table": _text(arguments.get("table_name")),
        "schema": _text(arguments.get("schema")),
        "column": _text(arguments.get("column_name")),
    }
    found: list[Record] = []
    if arguments.get("type_") is not None:
        found.append({"kind": "alter_type", **at, "type": type_text(arguments["type_"], dialect)})
    if arguments.get("nullable") is not None:
        found.append({"kind": "set_nullable", **at, "nullable": bool(arguments["nullable"])})
    if arguments.get("server_default", False) is not False:
        found.append({"kind": "set_default", **at})
    if arguments.get("comment", False) is not False:
        found.append({"kind": "set_comment", **at})
    if arguments.get("name") is not None:
        found.append({"kind": "rename_column", **at, "new_name": _text(arguments["name"])})
    return found


def describe(construct: Any, dialect: Any) -> list[Record]:
    """What executing a construct does."""
    if isinstance(construct, str):
        return [{"raw": construct}]
    if isinstance(construct, TextClause):
        return [{"raw": construct.text}]
    if not isinstance(construct, DDLElement):
        if getattr(construct, "is_dml", False) or getattr(construct, "is_select", False):
            return [{"kind": "dml"}]
        if type(construct).__module__.startswith("sqlalchemy."):
            return [{"kind": "dml"}]
        return [{"raw": str(construct.compile(dialect=dialect)), "via": type(construct).__name__}]
    name = type(construct).__name__
    if type(construct).__module__.startswith("alembic.") and hasattr(construct, "table_name"):
        found = _alter(construct, dialect)
        if found is not None:
            return found
    if isinstance(construct, DDL):
        return [{"raw": str(construct.compile(dialect=dialect)).replace("%%", "%")}]
    element = getattr(construct, "element", None)
    if name == "CreateTable":
        return [{"kind": "create_table", **_of(element)}]
    if name == "DropTable":
        return [{"kind": "drop_table", **_of(element)}]
    if name == "CreateIndex":
        return [{"kind": "create_index", **_index(element)}]
    if name == "DropIndex":
        return [{"kind": "drop_index", **_index(element)}]
    if name == "AddConstraint":
        return [{"kind": "add_constraint", **_constraint(element)}]
    if name == "DropConstraint":
        return [{"kind": "drop_constraint", **_constraint(element)}]
    if name in ("SetTableComment", "DropTableComment"):
        return [{"kind": "set_comment", **_of(element)}]
    if name in ("SetColumnComment", "DropColumnComment"):
        return [{"kind": "set_comment", **_of(element.table), "column": _text(element.name)}]
    if name == "CreateEnumType":
        return [{"kind": "create_enum", **_named_type(element)}]
    if name == "DropEnumType":
        return [{"kind": "drop_enum", **_named_type(element)}]
    if name == "DropSchema":
        return [{"kind": "drop_schema", "name": _text(element)}]
    if isinstance(construct, (sa_schema.CreateSequence, sa_schema.DropSequence)) or name == "CreateSchema":
        return [{"kind": "other_ddl"}]
    return [{"raw": str(construct.compile(dialect=dialect)), "via": name}]
