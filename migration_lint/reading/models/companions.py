"""Libraries that work with SQLAlchemy or Alembic and change a schema by themselves."""

from __future__ import annotations

from functools import partial

from migration_lint.operations import Operation
from migration_lint.reading.models import alembic, table
from migration_lint.reading.models.arguments import counted
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import Element, Entity, Value

#: Functions of companions that are given a connection, and what they do with it.
_FUNCTIONS = {
    "sqlalchemy_searchable.sync_trigger": "create trigger",
    "sqlalchemy_searchable.drop_trigger": "drop trigger",
}
#: Statements that companions hold ready.
_ELEMENTS = {"sqlalchemy_searchable.sql_expressions": "create function"}


def _emit(run: Interpreter, a: Arguments, *, action: str) -> Value:
    run.recorder.emit(Operation(kind="other_ddl", action=action))
    return None


def _entity(run: Interpreter, a: Arguments, *, name: str) -> Value:
    alembic.entity(run, name, a)
    return None


def _sync_enum(run: Interpreter, a: Arguments) -> Value:
    alembic.sync_enum(run, a)
    return None


@table.library("alembic_utils")
def _call(run: Interpreter, path: str, a: Arguments) -> Value:
    a = counted(a)
    return Entity(path.rpartition(".")[2], a.get(0, "schema"), a.get(1, "signature"))


table.names({path: partial(_emit, action=action) for path, action in _FUNCTIONS.items()})
for _path, _action in _ELEMENTS.items():
    table.VALUES[_path] = partial(Element, (Operation(kind="other_ddl", action=_action),))
table.DIRECTIVES.update({name: partial(_entity, name=name) for name in alembic.ENTITY_DIRECTIVES})
table.DIRECTIVES["sync_enum_values"] = _sync_enum
