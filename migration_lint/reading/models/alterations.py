"""Attributes that a script sets on what libraries made for it: names, a column's type, a statement's text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migration_lint.reading.models.sqlalchemy_types import SqlType
from migration_lint.reading.python.values import (
    Batch,
    ColumnModel,
    ConstraintModel,
    DialectModel,
    Dotted,
    Element,
    IndexModel,
    MetaDataModel,
    SequenceModel,
    SqlText,
    TableModel,
    Value,
    join,
    whole,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter

#: Attributes that nothing in the database hangs on.
_OUTSIDE = frozenset("bind default dispatch doc info key naming_convention onupdate sort_order".split())


def alter(run: Interpreter, of: Value, name: str, value: Value, perhaps: bool) -> None:
    """Set an attribute of something modelled, `perhaps`; what cannot be followed is said."""
    if not _followed(of, name, value, perhaps) and name not in _OUTSIDE:
        reason = f"`{name}` of something is set that is read as it was before"
        run.recorder.unread(reason)


def _followed(of: Value, name: str, value: Value, perhaps: bool) -> bool:
    """Set the attribute where a model holds it. Whether what is read of the object is still right."""
    if isinstance(of, Dotted):
        return not of.path.startswith(("alembic", "sqlalchemy"))
    if isinstance(of, ColumnModel):
        return not perhaps and _column(of, name, value)
    if isinstance(of, (IndexModel, ConstraintModel)):
        if name != "name" or perhaps or not whole(value):
            return False
        if isinstance(of, IndexModel):
            of.index = replace(of.index, name=value)
        else:
            of.constraint = replace(of.constraint, name=value)
        return True
    if isinstance(of, SqlText) and name in ("text", "statement"):
        of.text = join(of.text, value) if perhaps else value
        return True
    if isinstance(of, (TableModel, SequenceModel, MetaDataModel)):
        if name == "schema":
            of.schema = join(of.schema, value) if perhaps else value
        elif name == "name" and not isinstance(of, MetaDataModel):
            of.name = join(of.name, value) if perhaps else value
        else:
            return False
        return not isinstance(of, TableModel) or _lasts(of)
    return not isinstance(of, (Batch, DialectModel, Element, SqlType))


def _lasts(of: TableModel) -> bool:
    """Whether a table is there to stay: that of a mapped class is made anew wherever it is asked for."""
    return of.metadata is not None and any(each is of for each in of.metadata.tables)


def _column(of: ColumnModel, name: str, value: Value) -> bool:
    if name == "name" and whole(value):
        of.column = replace(of.column, name=value)
    elif name == "nullable" and isinstance(value, bool):
        of.column = replace(of.column, nullable=value)
    elif name == "comment" and (value is None or whole(value)):
        of.column = replace(of.column, comment=value)
    elif name == "type" and of.enum is None and isinstance(value, SqlType) and value.enum_name is None:
        of.column = replace(of.column, type=value.text)
    else:
        return False
    return True
