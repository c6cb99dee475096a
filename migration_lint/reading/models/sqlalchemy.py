"""Calls of SQLAlchemy, and of packages that lay its names open under their own.

Everything of SQLAlchemy that is not in the table is taken for a Core expression (`Data`): it can select or
change rows, and cannot change the schema, because what can is in `sqlalchemy.schema` and is modelled.
"""

from __future__ import annotations

from functools import partial

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.reading.models import table
from migration_lint.reading.models.arguments import counted
from migration_lint.reading.models.column_types import call_type
from migration_lint.reading.models.context import context
from migration_lint.reading.models.expressions import function
from migration_lint.reading.models.sqlalchemy_types import is_type
from migration_lint.reading.models.statements import statement
from migration_lint.reading.models.strangers import call_stranger
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Class,
    Connection,
    Data,
    MetaDataModel,
    Method,
    Unknown,
    Value,
    reaches,
)

#: Packages that lay SQLAlchemy's names open under their own.
PACKAGES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy", "geoalchemy2", "pgvector", "sqlalchemy_utils",
            "fastapi_users_db_sqlalchemy", "advanced_alchemy", "sqlalchemy_jsonfield")  # fmt: skip

#: What only looks at a database, or at rows.
_LOOKS = frozenset("inspect has_table has_index Inspector from_engine".split())

#: So the classes of DDL elements are called.
_DDL = lazy_pattern(r"_?(Add|Alter|Attach|Comment|Create|Detach|Drop|Refresh|Rename|Set|Truncate)[A-Z]")


@table.library(*PACKAGES)
def call(run: Interpreter, path: str, a: Arguments) -> Value:
    """Call something of SQLAlchemy by its dotted name."""
    a, dialect = counted(a), context(run).dialect
    name = path.rpartition(".")[2]
    if name in _LOOKS:
        return Data()
    if reaches(a.kwargs.get("info")):
        run.recorder.opaque("what reaches the database is put into `info`, and may be taken from there")
    if ".func." in path:
        statement(run, dialect, a.values())
        return function(run, dialect, path.partition(".func.")[2], a)
    model = table.SQLALCHEMY.get(name)
    if model is not None:
        made = model(run, dialect, a)
    elif is_type(path):
        return call_type(run, dialect, path, a)
    elif _DDL.match(name):
        return Unknown(f"what `{name}` executes is not known", reach=True)
    elif any(map(reaches, a.values())) or name.startswith("drop_"):
        # Of SQLAlchemy itself nothing is left that takes a connection; its companions have such.
        return call_stranger(run, path, a)
    else:
        return statement(run, dialect, a.values())
    metadata = made.names.get("metadata") if isinstance(made, Class) else made
    if isinstance(metadata, MetaDataModel):
        context(run).modules.made(metadata)
    return made


def star_names() -> tuple[str, ...]:
    """What `from sqlalchemy import *` may give."""
    from migration_lint.reading.models.sqlalchemy_types import _CLASSES

    return (*table.SQLALCHEMY, *(name for name in _CLASSES if "." not in name), "func", "orm", "exc")


table.VALUES["sqlalchemy.session"] = lambda: Connection(session=True)
for _name in ("execute", "connect", "begin", "raw_connection"):
    table.VALUES[f"sqlalchemy.engine.{_name}"] = partial(Method, Connection(), _name)
