"""What Alembic's own autogenerate finds between a project's models and a database that its migrations made.

Run by the Python of an environment that has the project installed; migration-lint is not in it. From its
standard input it reads an object with the address of an empty database (`url`), the folder of the scripts
(`scripts`) and what to import for the models (`models`: `module:attribute` for a MetaData, or a module that
maps more into it); to its standard output it writes the differences: kind, table, what of it, both sides.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory


def main() -> None:
    """One project: upgrade an empty database, then compare."""
    asked = json.load(sys.stdin)
    answer, sys.stdout = sys.stdout, sys.stderr  # what the project prints is no answer
    engine = sa.create_engine(asked["url"])
    metadata = list(_metadata(asked["models"]))  # before the scripts, which may use what is imported by then
    upgrade(engine, asked["scripts"], asked["versions"])
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, metadata if len(metadata) > 1 else metadata[0])  # type: ignore[arg-type]
    json.dump([row for each in found for row in _rows(each)], answer)
    answer.flush()
    os._exit(0)  # a project may have begun threads


def upgrade(engine: sa.Engine, scripts: str, versions: list[str]) -> None:
    """Carry out all revisions, without the project's env.py, which asks for its own configuration."""
    config = Config()
    config.set_main_option("script_location", scripts)
    config.set_main_option("version_locations", os.pathsep.join(versions))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_path_separator", "os")
    script = ScriptDirectory.from_config(config)

    def revisions(revision: Any, context: Any) -> Any:
        return script._upgrade_revs("heads", revision)

    with EnvironmentContext(config, script, fn=revisions) as environment, engine.connect() as connection:
        batch = engine.dialect.name == "sqlite"
        environment.configure(connection=connection, target_metadata=None, render_as_batch=batch)
        with environment.begin_transaction():
            environment.run_migrations()
        connection.commit()


def _metadata(named: list[str]) -> Iterator[sa.MetaData]:
    for each in named:
        importlib.import_module(each.partition(":")[0])
    for each in named:
        module, _, attribute = each.partition(":")
        if attribute:
            yield attrgetter(attribute)(sys.modules[module])


def _rows(difference: Any) -> Iterator[tuple[str, str, str, str, str]]:
    """One of Alembic's differences as rows: kind, table, columns or name, the model, the database."""
    if isinstance(difference, list):
        for kind, schema, table, column, _, there, model in difference:
            yield kind, _dotted(schema, table), column, _said(model), _said(there)
        return
    kind = difference[0]
    if kind in ("add_column", "remove_column"):
        _, schema, table, column = difference
        yield kind, _dotted(schema, table), column.name, "", ""
    elif kind.endswith(("_table", "_table_comment")):
        yield kind, _dotted(difference[1].schema, difference[1].name), "", "", ""
    else:
        thing = difference[1]
        columns = ",".join(getattr(each, "name", None) or str(each) for each in _columns(thing))
        yield kind, _dotted(thing.table.schema, thing.table.name), columns, thing.name or "", ""


def _columns(thing: Any) -> list[Any]:
    if isinstance(thing, sa.Index):
        return list(thing.expressions)
    return list(thing.columns)


def _dotted(schema: Any, table: str) -> str:
    return f"{schema}.{table}" if schema else table


def _said(side: Any) -> str:
    if isinstance(side, sa.DefaultClause):
        return str(side.arg)
    return repr(side) if isinstance(side, sa.types.TypeEngine) else str(side)


if __name__ == "__main__":
    main()
