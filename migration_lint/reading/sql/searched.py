"""Names that a statement left unqualified while a search path was set: the schemas in which they are found.

While a statement is read, SEARCHED stands for the schema. Here it becomes the first schema of the path, and
the operation keeps the whole path: in which of its schemas there is such a table, whoever replays knows.
"""

from __future__ import annotations

from migration_lint.data_class import replace
from migration_lint.operations import Constraint, Operation, Output
from migration_lint.reading.sql.state import SEARCHED

_MARKED = f"{SEARCHED}."


def settle(operation: Operation, path: tuple[str, ...]) -> Operation:
    """The operation with the schemas of `path` where it has SEARCHED."""
    if operation.schema == "pg_temp":
        operation = replace(operation, schema=None, temporary=True)
    if not path:
        return operation
    first = path[0]
    changes: dict[str, object] = {}
    if operation.schema == SEARCHED:
        changes.update(schema=first, search_path=path)
    if operation.new_schema == SEARCHED:
        changes["new_schema"] = first
    for field in ("tables", "like", "inherits"):
        names: tuple[str, ...] = getattr(operation, field)
        if any(name.startswith(_MARKED) for name in names):
            among = path if field != "like" or operation.kind == "create_view" else path[:1]
            changes[field] = tuple(
                dict.fromkeys(
                    f"{schema}.{name[len(_MARKED) :]}" if name.startswith(_MARKED) else name
                    for name in names
                    for schema in (among if name.startswith(_MARKED) else path[:1])
                )
            )
    if operation.kind == "dml" and "tables" in changes and len(path) > 1:
        changes["search_path"] = path
    if any((each.table or "").startswith(_MARKED) for each in operation.outputs):
        changes["outputs"] = tuple(_given_out(each, first) for each in operation.outputs)
    if any(constraint.referred_schema == SEARCHED for constraint in operation.constraints):
        changes["constraints"] = tuple(_referring(each, first) for each in operation.constraints)
    return replace(operation, **changes) if changes else operation  # type: ignore[arg-type]


def _given_out(output: Output, schema: str) -> Output:
    table = output.table or ""
    return replace(output, table=f"{schema}.{table[len(_MARKED) :]}") if table.startswith(_MARKED) else output


def _referring(constraint: Constraint, schema: str) -> Constraint:
    if constraint.referred_schema != SEARCHED:
        return constraint
    return replace(constraint, referred_schema=schema)
