"""The tables of a project that has no migrations for them, as its models of SQLAlchemy declare them."""

from __future__ import annotations

from migration_lint.catalog.model import Catalog, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay import replay
from migration_lint.change import Tree
from migration_lint.models.types import Types
from migration_lint.operations import Column, Generated, Operation
from migration_lint.settings import Settings
from migration_lint.sources import Codebase
from migration_lint.sources.sqlalchemy.mapping import ModelColumn, ModelTable
from migration_lint.sources.sqlalchemy.models import Models
from migration_lint.sources.sqlalchemy.project import Project


def modelled(tree: Tree, wanted: TableName, settings: Settings) -> tuple[Catalog, Table, str] | None:
    """A catalog of a model's table, the table, and the model's path; None where no model is read whole."""
    models = Models(Project(Codebase(tree)))
    for model in models.all_tables():
        schema = model.schema or settings.default_schema
        if model.name != wanted.name or schema != (wanted.schema or settings.default_schema):
            continue
        if model.unresolved or not model.columns:
            return None
        catalog = Catalog.of(settings)
        replay(catalog, "", list(_operations(model, Types(models, settings.dialect))))
        table = catalog.table(model.schema, model.name)
        return None if table is None else (catalog, table, model.place.path)
    return None


def _operations(model: ModelTable, types: Types) -> list[Operation]:
    columns = [_column(each, types, model) for each in model.columns.values()]
    enums = [types.of(each) for each in model.columns.values()]
    made = [
        Operation(kind="create_enum", name=each.enum_name, schema=each.enum_schema, values=each.enum_values)
        for each in enums
        if each.text and each.enum_name and each.enum_values
    ]
    table = Operation(
        kind="create_table",
        table=model.name,
        schema=model.schema,
        columns=tuple(columns),
        constraints=tuple(model.constraints),
    )
    indexes = [
        Operation(kind="create_index", table=model.name, schema=model.schema, name=each.name, index=each)
        for each in model.indexes
    ]
    return [*made, table, *indexes]


def _column(column: ModelColumn, types: Types, model: ModelTable) -> Column:
    generated: Generated | None = None
    if column.identity is not None:
        generated = "identity"
    elif column.computed is not None:
        generated = "stored"
    elif len(model.primary_key) == 1 and column.primary_key and _counts(column, types):
        generated = "serial"
    default = types.default(column) if column.server_default is not None else None
    if column.server_default is not None and default is None:
        default = "unknown()"  # one that is worked out, whatever it is
    return Column(column.name, types.of(column).text, column.nullable is not False, default, generated)


def _counts(column: ModelColumn, types: Types) -> bool:
    """Whether SQLAlchemy lets the server number the rows, where nobody gives a value."""
    if column.references or column.default is not None or column.autoincrement not in ("auto", True):
        return False
    return (types.of(column).text or "").upper() in ("INTEGER", "BIGINT", "SMALLINT")
