"""Naming conventions: what SQLAlchemy calls constraints and indexes that nobody names."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Mapping

from migration_lint.data_class import replace
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.operations import Constraint, Dialect
from migration_lint.reading.models.context import context
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Recorder
from migration_lint.reading.python.running import Exhausted
from migration_lint.reading.python.values import Dict, MetaDataModel, Module, Value, whole

#: By the keys of a `naming_convention`, as `%(table_name)s` templates.
Convention = Mapping[str, str]

#: That of a MetaData which has none of its own (`sqlalchemy.sql.schema.DEFAULT_NAMING_CONVENTION`).
DEFAULT: Convention = {"ix": "ix_%(column_0_label)s"}

_KEYS = {"primary_key": "pk", "unique": "uq", "foreign_key": "fk", "check": "ck"}
_TOKEN = lazy_pattern(r"%\((\w+)\)s")
_COLUMN = lazy_pattern(r"(referred_)?column_(\d+)(_?N)?_(name|key|label)\Z")
#: How long names may be (`max_identifier_length` of SQLAlchemy's dialects).
_LONGEST: Mapping[Dialect, int] = {"postgresql": 63, "mysql": 64, "mariadb": 64, "mssql": 128, "oracle": 128}


def convention_of(metadata: Value) -> Convention:
    """The convention of a MetaData, as far as it is known."""
    given = metadata.convention if isinstance(metadata, MetaDataModel) else None
    if not isinstance(given, Dict) or not given.exact:
        return DEFAULT
    return {key: text for key, text in given.items() if whole(key) and whole(text)}


def constraint_name(
    convention: Convention, dialect: Dialect, constraint: Constraint, table: str, schema: str | None
) -> str | None:
    """What SQLAlchemy calls a constraint under a convention; None where that says nothing of it."""
    template = convention.get(_KEYS.get(constraint.kind, ""))
    if template is None or (constraint.name is not None and "constraint_name" not in template):
        return None
    values = {"table_name": table, "constraint_name": constraint.name}
    values["referred_table_name"] = constraint.referred_table
    return _filled(template, values, constraint.columns, constraint.referred_columns, table, schema, dialect)


def index_name(
    convention: Convention, dialect: Dialect, columns: tuple[str, ...], table: str, schema: str | None
) -> str | None:
    """What SQLAlchemy calls an index that nobody names."""
    template = convention.get("ix")
    return template and _filled(template, {"table_name": table}, columns, (), table, schema, dialect)


def _filled(
    template: str,
    values: Mapping[str, str | None],
    columns: tuple[str, ...],
    referred: tuple[str, ...],
    table: str,
    schema: str | None,
    dialect: Dialect,
) -> str | None:
    def token(name: str) -> str | None:
        found = _COLUMN.match(name)
        if found is None:
            return values.get(name)
        of = referred if found[1] else columns
        if found[4] == "label":
            of = tuple([f"{schema}_{table}_{each}" if schema else f"{table}_{each}" for each in of])
        if found[3]:
            return ("_" if found[3] == "_N" else "").join(of)
        return of[int(found[2])] if int(found[2]) < len(of) else ""

    parts = [token(name) for name in _TOKEN.findall(template)]
    if None in parts:
        return None
    left = iter(parts)
    made = _TOKEN.sub(lambda _: next(left) or "", template)
    longest = _LONGEST.get(dialect, 9999)
    if len(made) > longest:
        from hashlib import md5  # which loads OpenSSL

        made = f"{made[: longest - 8]}_{md5(made.encode(), usedforsecurity=False).hexdigest()[-4:]}"
    return made


def conventional(run: Interpreter, constraint: Constraint, table: str, schema: str | None) -> Constraint:
    """A constraint of one of Alembic's directives, with the name that env.py's convention gives it."""
    convention = of_environment(run)
    if not convention:
        return constraint
    name = constraint_name(convention, context(run).dialect, constraint, table, schema)
    return constraint if name is None else replace(constraint, by_convention=name)


def of_environment(run: Interpreter) -> Convention:
    """The convention of the `target_metadata` that env.py hands to Alembic; it counts for directives."""
    files, folder = context(run).files, posixpath.dirname(run.script.path)
    if folder not in files.conventions:
        own = files.apart()
        path = _environment(own, folder)
        looked_for = own.asked
        metadata = None if path in (None, run.script.path) else _target_metadata(run, own, path or "")
        given = None if metadata is None else metadata.convention
        asked = {**looked_for, **own.asked}
        files.conventions[folder] = ({} if given is None else convention_of(metadata)), asked
    convention, asked = files.conventions[folder]
    files.ask_all(asked)
    return convention


def _target_metadata(run: Interpreter, files: ProjectFiles, path: str) -> MetaDataModel | None:
    """The `target_metadata` of an env.py, where it is known which one that is."""
    source = files.source(path)
    if source is None:
        return None
    files.begin(ast.Module(source.body, []), path)
    other = Interpreter(context(run).again(files), Recorder(path), Module("env", path))
    other.recorder.calm = 1  # what env.py does to a database is read with env.py
    module = context(other).modules.module(other, files.module_name(path))
    if module is None:
        return None
    calls = (each for statement in source.body for each in ast.walk(statement) if isinstance(each, ast.Call))
    handed = [word.value for call in calls for word in call.keywords if word.arg == "target_metadata"]
    try:
        found = [other.resolve(other.evaluate(each, module.frame)) for each in handed]
    except (Exhausted, RecursionError):
        return None
    known = [each for each in found if isinstance(each, MetaDataModel)]
    return known[0] if known else None


def _environment(files: ProjectFiles, folder: str) -> str | None:
    """The env.py of the scripts of a folder: there, or above it."""
    while True:
        path = posixpath.join(folder, "env.py")
        if files.text(path) is not None:
            return path
        if folder == posixpath.dirname(folder):
            return None
        folder = posixpath.dirname(folder)
