"""What the reader saw in one revision, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from migration_lint.operations import Column, Constraint, Index, Kind, Operation, kinds_of, to_json
from migration_lint.reading import Reading
from migration_lint.report.screen import visible

ROOM = 120  # characters for what an operation does

#: What names itself, and may not say on which table it is.
_BY_NAME = kinds_of("index", "constraint", to=("renamed", "checked")) | kinds_of("index", to=("gone",))


def render_json(reading: Reading) -> str:
    """One JSON object on one line."""
    down = reading.down_revision
    return (
        json.dumps(
            {
                "path": reading.path,
                "revision": reading.revision,
                # As Alembic's own attribute: null, one id, or a list of several.
                "down_revision": down[0] if len(down) == 1 else down or None,
                "upgrade": [to_json(operation) for operation in reading.upgrade],
                "downgrade": [to_json(operation) for operation in reading.downgrade],
            }
        )
        + "\n"
    )


def render_text(reading: Reading) -> str:
    """A line for the revision and one for each operation: direction, line, what it does."""
    title = f"{reading.revision or '(no revision id)'} {reading.message}".rstrip()
    lines = [f"{visible(title)}  {visible(reading.path)}"]
    for direction, operations in (("upgrade", reading.upgrade), ("downgrade", reading.downgrade)):
        for operation in operations:
            place = str(operation.line or "-")
            if operation.path not in ("", reading.path):
                place = f"{visible(operation.path)}:{place}"
            lines.append(f"  {direction:<9}  {place:>4}  {_cut(visible(describe(operation)))}")
    return "\n".join(lines) + "\n"


def describe(operation: Operation) -> str:
    """An operation in a few words: its kind, what it is done to, and what becomes of that."""
    said = f"{operation.kind} {_target(operation)}".rstrip()
    outcome = _OUTCOMES[operation.kind](operation)
    if outcome:
        said += f" {outcome}"
    if operation.conditional:
        said += f"  (only if: {operation.reason})" if operation.reason else "  (only under a condition)"
    return said


def _target(operation: Operation) -> str:
    table = ".".join(part for part in (operation.schema, operation.table) if part)
    if operation.column:
        return f"{table}.{operation.column}"
    if operation.kind == "create_index" and operation.index:
        unique = "unique " if operation.index.unique else ""
        return f"{unique}{operation.index.name or '(no name)'} on {table}"
    if operation.kind in _BY_NAME:
        return f"{operation.name or '(no name)'}{f' on {table}' if table else ''}"
    return table or operation.name or ", ".join(operation.tables)


def _table(operation: Operation) -> str:
    columns = [_column(column) for column in operation.columns] + ["…"] * operation.incomplete
    return f"({', '.join(columns)})"


def _table_anew(operation: Operation) -> str:
    stated = ", ".join([*map(_column, operation.columns), *operation.values])
    return f"({stated}{', …' * operation.incomplete})"


def _schema(operation: Operation) -> str:
    return f"to schema {operation.new_schema}" if operation.new_schema else "to the default schema"


def _new_column(operation: Operation) -> str:
    return " ".join(_column(column).removeprefix(column.name).lstrip() for column in operation.columns)


def _type(operation: Operation) -> str:
    before = f" (was {operation.existing_type})" if operation.existing_type else ""
    return f"to {operation.type or '(a type that could not be worked out)'}{before}"


def _nullable(operation: Operation) -> str:
    return "to null" if operation.nullable else "to not null"


def _default(operation: Operation) -> str:
    return "to none" if operation.default is None else f"to {operation.default}"


def _generated(operation: Operation) -> str:
    return f"to {(operation.generated or 'not generated').replace('_', ' ')}"


def _new_index(operation: Operation) -> str:
    return _index(operation.index) if operation.index else ""


def _constraints(operation: Operation) -> str:
    return ", ".join(map(_constraint, operation.constraints)) or operation.name or ""


def _values(operation: Operation) -> str:
    parts = [operation.action, ", ".join(map(repr, operation.values)), _renamed(operation)]
    return " ".join(filter(None, parts))


def _why(operation: Operation) -> str:
    return f"({operation.reason})" if operation.reason and not operation.conditional else ""


def _statement(operation: Operation) -> str:
    return " ".join((operation.sql or "").split())


def _renamed(operation: Operation) -> str:
    return f"to {operation.new_name}" if operation.new_name else ""


#: What becomes of it, of every kind.
_OUTCOMES: Mapping[Kind, Callable[[Operation], str]] = {
    "create_table": _table,
    "drop_table": _renamed,
    "rename_table": _renamed,
    "move_table": _schema,
    "recreate_table": _table_anew,
    "add_column": _new_column,
    "drop_column": _renamed,
    "rename_column": _renamed,
    "alter_type": _type,
    "set_nullable": _nullable,
    "set_default": _default,
    "set_generated": _generated,
    "set_comment": _renamed,
    "create_index": _new_index,
    "drop_index": _renamed,
    "rename_index": _renamed,
    "add_constraint": _constraints,
    "drop_constraint": _constraints,
    "rename_constraint": _renamed,
    "validate_constraint": _renamed,
    "create_enum": _values,
    "alter_enum": _values,
    "drop_enum": _renamed,
    "create_view": _renamed,
    "drop_view": _renamed,
    "rename_schema": _renamed,
    "drop_schema": _renamed,
    "other_ddl": _statement,
    "dml": _statement,
    "opaque": _why,
}


def _column(column: Column) -> str:
    parts = [column.name, column.type or "?"]
    if not column.nullable:
        parts.append("not null")
    if column.default is not None:
        parts.append(f"default {column.default}")
    if column.generated:
        parts.append(column.generated)
    return " ".join(parts)


def _index(index: Index) -> str:
    return f"({', '.join(index.columns)})" + (f" where {index.where}" if index.where else "")


def _constraint(constraint: Constraint) -> str:
    said = constraint.kind.replace("_", " ")
    if constraint.name:
        said += f" {constraint.name}"
    if constraint.columns:
        said += f" ({', '.join(constraint.columns)})"
    if constraint.referred_table:
        said += f" references {constraint.referred_table}"
    return said


def _cut(text: str) -> str:
    return text if len(text) <= ROOM else text[: ROOM - 1] + "…"
