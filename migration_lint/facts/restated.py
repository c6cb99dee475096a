"""MySQL and MariaDB: an alter_column call as code that passes all that is to stay."""

from __future__ import annotations

import re

from migration_lint.catalog.model import Catalog
from migration_lint.effects.lost import Lost, lost
from migration_lint.facts.code import mysql_type
from migration_lint.operations import Operation
from migration_lint.wording import python_text as text


def restated_code(operation: Operation, catalog: Catalog) -> str:
    """The call with what it forgets; "" where it forgets nothing, or some part of it cannot be written."""
    table = catalog.table(operation.schema, operation.table or "") if operation.table else None
    if operation.stated is None or table is None or operation.column is None:
        return ""
    column = table.columns.get(catalog.fold(operation.column))
    missing = lost(operation, column, table, catalog.fold)
    stated, said = operation.stated, operation.said
    if not missing or column is None or stated.type is None or column.type is None:
        return ""
    forgotten: dict[str, str] = {str(each.parameter): _value(each) for each in missing if each.parameter}
    kept = " ".join(each.sql for each in missing if not each.parameter)
    old, new = mysql_type(column.type), mysql_type(_with(stated.type, kept))
    if not old or not new or "GENERATED" in kept:
        return ""
    passed = {
        "new_column_name": text(stated.name) if stated.name != operation.column else "",
        "type_": new if "type_" in said or kept else "",
        "existing_type": old,
        "nullable": str(stated.nullable) if "nullable" in said else "",
        "existing_nullable": str(stated.nullable) if "existing_nullable" in said else "",
        "server_default": _default(stated.default) if "server_default" in said else "",
        "existing_server_default": _default(stated.default) if "existing_server_default" in said else "",
        "comment": _text(stated.comment) if "comment" in said else "",
        "existing_comment": _text(stated.comment) if "existing_comment" in said else "",
        "autoincrement": str(stated.generated is not None) if "autoincrement" in said else "",
        "existing_autoincrement": str(stated.generated is not None)
        if "existing_autoincrement" in said
        else "",
    }
    passed.update(forgotten)
    arguments = [f"{name}={value}" for name, value in passed.items() if value]
    if operation.batch:
        return f"batch_op.alter_column({', '.join([text(operation.column), *arguments])})"
    if operation.schema:
        arguments.append(f"schema={text(operation.schema)}")
    names = (text(operation.table or ""), text(operation.column))
    return f"op.alter_column({', '.join([*names, *arguments])})"


def _value(each: Lost) -> str:
    if isinstance(each.value, bool):
        return str(each.value)
    return _default(each.value) if each.parameter == "existing_server_default" else text(each.value)


def _default(default: str | None) -> str:
    return "None" if default is None else f"sa.text({text(default)})"


def _text(value: str | None) -> str:
    return "None" if value is None else text(value)


def _with(type: str, kept: str) -> str:
    """The type with the character set or collation that it is to keep."""
    found = re.search(r"(CHARACTER SET|COLLATE) \S+", kept)
    return f"{type} {found[0]}" if found is not None else type
