"""Models as they are read, against the metadata that they have once they are imported."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy

from migration_lint.change import FolderTree
from migration_lint.sources import Codebase
from migration_lint.sources.sqlalchemy import Orm
from migration_lint.sources.sqlalchemy.mapping import ModelTable

from .test_sqlalchemy import imported

HERE = Path(__file__).parent / "sqlalchemy/models"
MODULES = sorted(path.stem for path in HERE.glob("*.py"))
#: The library that says what a module's models are, where it is not SQLAlchemy itself.
JUDGES = {
    "sqlmodels": "sqlmodel", "flask_models": "flask_sqlalchemy", "utils_models": "sqlalchemy_utils",
    "oslo_models": "oslo_db", "fastapi_users_models": "fastapi_users_db_sqlalchemy",
    "coaster_models": "coaster.sqlalchemy",
}  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_models_are_read_as_they_are_mapped(name: str) -> None:
    pytest.importorskip(JUDGES.get(name, "sqlalchemy"))
    found = {table.written: table for table in read(name) if table.place.path == f"{name}.py"}
    real = metadata(name).tables
    assert set(found) == set(real)
    for written, table in real.items():
        assert described(found[written]) == wanted(table), written


def read(name: str) -> list[ModelTable]:
    return Orm(Codebase(FolderTree(HERE))).models.all_tables()


def metadata(name: str) -> sqlalchemy.MetaData:
    for value in vars(imported(HERE / f"{name}.py")).values():
        found = value if isinstance(value, sqlalchemy.MetaData) else getattr(value, "metadata", None)
        if isinstance(found, sqlalchemy.MetaData):
            return found
    raise AssertionError(name)


def described(table: ModelTable) -> dict[str, object]:
    assert not table.unresolved
    columns = [
        (each.name, each.key, each.nullable, each.primary_key)
        + (each.from_server, each.default is not None, each.onupdate is not None)
        for each in table.columns.values()
    ]
    constraints = [
        (each.kind, sorted(each.columns) if each.kind != "check" else [], each.referred_table or "")
        + (list(each.referred_columns), each.on_delete or "", each.on_update or "")
        for each in table.constraints
    ]
    indexes = [(list(each.columns), each.unique) for each in table.indexes]
    return {"columns": columns, "constraints": sorted(constraints), "indexes": sorted(indexes)}


def wanted(table: sqlalchemy.Table) -> dict[str, object]:
    columns = [
        (each.name, each.key, each.nullable, each.primary_key)
        + (each.server_default is not None or each.identity is not None,)
        + (each.default is not None, each.onupdate is not None)
        for each in table.columns
    ]
    inline = [constraint for column in table.columns for constraint in column.constraints]
    constraints = [
        described_constraint(each)
        for each in (*table.constraints, *inline)
        if isinstance(each, sqlalchemy.CheckConstraint) or len(getattr(each, "columns", ()))
    ]
    indexes = [([column.name for column in each.columns], bool(each.unique)) for each in table.indexes]
    return {"columns": columns, "constraints": sorted(constraints), "indexes": sorted(indexes)}


def described_constraint(constraint: sqlalchemy.Constraint) -> tuple[object, ...]:
    if isinstance(constraint, sqlalchemy.CheckConstraint):
        return "check", [], "", [], "", ""
    assert isinstance(constraint, sqlalchemy.sql.schema.ColumnCollectionConstraint)
    columns = sorted(each.name for each in constraint.columns)
    if isinstance(constraint, sqlalchemy.ForeignKeyConstraint):
        target = constraint.elements[0].column.table.name
        referred = [each.column.name for each in constraint.elements]
        rules = (constraint.ondelete or "", constraint.onupdate or "")
        return "foreign_key", columns, target, referred, *rules
    kind = "primary_key" if isinstance(constraint, sqlalchemy.PrimaryKeyConstraint) else "unique"
    return kind, columns, "", [], "", ""
