"""`models`: the models of a project against what its migrations make."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from migration_lint.catalog.model import Table
from migration_lint.check.input import read_input
from migration_lint.check.schema import Progress, Schema
from migration_lint.errors import CannotJudge, Problem
from migration_lint.models.chosen import chosen
from migration_lint.models.compare import compare
from migration_lint.models.difference import ModelDifference, ModelPlace
from migration_lint.sources import Codebase
from migration_lint.sources.sqlalchemy import Orm
from migration_lint.sources.sqlalchemy.metadata import Collections
from migration_lint.store import Store, open_store
from migration_lint.wording import listed


def run_models(
    project: Path,
    *,
    head: str | None = None,
    environ: Mapping[str, str],
    use_cache: bool = True,
    progress: Progress = lambda stage, done, total: None,
) -> tuple[list[ModelDifference], list[str]]:
    """Every difference, in order of path and line, and notes.

    Raises CannotJudge where the project cannot be read, has no migrations, or no models.
    """
    store = open_store(environ) if use_cache else Store(None)
    given = read_input(project, None, head, True, environ, store, progress)
    schemas = [each for each in given.schemas if each.head is not None]
    if not schemas:
        raise CannotJudge(Problem("there are no migrations here to hold models against", project.as_posix()))
    models = Codebase(given.change.head).once(Orm).models
    if not models.all_tables():
        fix = "name the folder of the project that has both the models and the migrations"
        raise CannotJudge(
            Problem("no model of SQLAlchemy is found in the Python files here", project.as_posix(), fix=fix)
        )
    found: list[ModelDifference] = []
    collections = Collections(models)
    elsewhere: dict[str, None] | None = None
    for schema in schemas:
        mine, others = chosen(collections, environment_of(schema), schema.after)
        found += compare(models, mine, schema.after, partial(_made, schema))
        names = dict.fromkeys(table.written for table in others)
        elsewhere = names if elsewhere is None else {name: None for name in names if name in elsewhere}
    unread = b"\n".join(given.change.head.read(path) for path in models.project.problems)
    # what a file that could not be read may be the model of is left to the note on that file
    found = [each for each in found if each.kind != "remove_table" or not _names(unread, each.table)]
    notes = [f"{of.path}: {of.name} is left out: {why}" for of, why in models.unnamed]
    if elsewhere:
        named = listed(elsewhere, "and")
        notes.append(f"{named}: left out: no migrations here are those of their MetaData")
    notes += [f"{path}: left out: {why}" for path, why in sorted(models.project.problems.items())]
    return sorted(dict.fromkeys(found), key=lambda each: (each.place.path, each.place.line)), notes


def environment_of(schema: Schema) -> str:
    """The path of the env.py of the scripts that make a schema."""
    side = schema.head or schema.base
    return "" if side is None else posixpath.join(side.history.environment.script_location, "env.py")


def _names(text: bytes, table: str) -> bool:
    """Whether a text has the name of a table in it."""
    return re.search(rb"\b%s\b" % re.escape(table.rpartition(".")[2].encode()), text) is not None


def _made(schema: Schema, table: Table, column: str) -> ModelPlace | None:
    """The last operation that says something of a column, or that makes the table."""
    side = schema.head
    if side is None:
        return None
    names = {name.name for name in table.all_names}
    made: ModelPlace | None = None
    for script in reversed(side.history.scripts):
        for operation in reversed(side.operations(script)):
            if operation.table not in names:
                continue
            place = ModelPlace(operation.path or script.path, operation.line)
            if column and column in (
                operation.column,
                operation.new_name,
                *(c.name for c in operation.columns),
            ):
                return place
            if operation.kind in ("create_table", "rename_table") and made is None:
                made = place
    return made
