"""What a model or a table object declares, as the statements that are made through it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migration_lint.sources.model import Kind, Statement
from migration_lint.sources.sqlalchemy.entities import Entity, Pair
from migration_lint.sources.sqlalchemy.mapping import ModelColumn
from migration_lint.sources.sqlalchemy.models import Models
from migration_lint.sources.sqlalchemy.uses import Uses
from migration_lint.sources.sqlalchemy.values import Values

_KINDS: tuple[Kind, ...] = ("select", "insert", "update")


def declarations(models: Models, values: Values) -> Iterator[Statement]:
    """For each model and table object: all that reading, inserting and changing it may concern."""
    for mapped in models.all_mapped():
        entity = Entity(mapped.table, mapped)
        pairs = [pair for _, attribute in mapped.columns() for pair in attribute.columns]
        for kind in _KINDS:
            uses = _uses(entity, pairs, kind, values)
            for each in uses:
                each.unresolved |= dict.fromkeys(mapped.unresolved)
            yield _statement(mapped.of.path, mapped.of.name, mapped.of.node, uses)
    for name, table in models.named_tables():
        pairs = [(table, column) for column in table.columns.values()]
        for kind in _KINDS:
            yield _statement(
                table.place.path, name, table.place.node, _uses(Entity(table), pairs, kind, values)
            )


def _uses(entity: Entity, pairs: list[Pair], kind: Kind, values: Values) -> Uses:
    uses = Uses()
    uses.of(entity.table, kind)
    for table, column in pairs:
        use = uses.of(table, kind)
        if kind == "insert" and _left_to_server(column):
            use.returning[column.name] = None
            continue
        use.columns[column.name] = None
        bound = (
            values.read(column, column.place.line) if column.place.path == entity.table.place.path else None
        )
        if bound is not None:
            use.bound.append(bound._replace(read=kind == "select"))
    return uses


def _left_to_server(column: ModelColumn) -> bool:
    """Whether an INSERT names a column only where the code sets it."""
    return column.default is None and (column.from_server or column.primary_key)


def _statement(path: str, name: str, node: ast.stmt | ast.expr, uses: Uses) -> Statement:
    return Statement(
        path, node.lineno, node.end_lineno or node.lineno, name, name, uses.finished(), by_model=True
    )
