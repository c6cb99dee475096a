"""What a project's own files say about names that a script asks for: its env.py, its modules' texts."""

from __future__ import annotations

import ast
import posixpath
import re

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.python.values import Unknown, Value

_OPTION = lazy_pattern(r"^\s*version_table_schema\s*=\s*([^\s#;]*)", re.MULTILINE)
_ELSEWHERE = lazy_pattern(r"environ|getenv|get_x_argument")


def version_table_schema(files: ProjectFiles, script: str) -> Value:
    """`MigrationContext.version_table_schema`: None, unless env.py or alembic.ini says otherwise.

    Its default is None (`EnvironmentContext.configure` in Alembic's manual).
    """
    folder = posixpath.dirname(script)
    environment: str | None = None
    option: str | None = None
    while True:
        if environment is None:
            environment = files.text(posixpath.join(folder, "env.py"))
        settings = files.text(posixpath.join(folder, "alembic.ini"))
        if option is None and settings is not None and (found := _OPTION.search(settings)):
            option = found[1]
        if folder == posixpath.dirname(folder):  # the top, of the tree or of the disk
            break
        folder = posixpath.dirname(folder)
    lines = [line for line in (environment or "").splitlines() if "version_table_schema" in line]
    if not lines:
        return None
    for line in lines:
        literal = re.search(r"version_table_schema\s*=\s*[\"']([^\"']+)[\"']\s*,?\s*\)?$", line)
        if literal:
            return literal[1]
        if _ELSEWHERE.search(line) or not re.search(r"version_table_schema\s*=|get", line):
            return Unknown("what env.py gives as `version_table_schema` is not known")
    return option or None


def star_import(files: ProjectFiles, path: str) -> str | None:
    """The library whose names a module of the project takes over with `import *`, if there is one."""
    source = files.source(path)
    for origin in [] if source is None else source.stars:
        top = origin.partition(".")[0]
        if top and not files.own(top) and top not in ("alembic", "sqlalchemy", "sqlmodel"):
            return origin
    return None


def table_names(files: ProjectFiles, path: str) -> list[str]:
    """The names at the top of a module that may stand for tables: derived classes, and calls of `Table`."""
    source = files.source(path)
    names: list[str] = []
    for statement in [] if source is None else source.body:
        if isinstance(statement, ast.ClassDef) and statement.bases:
            names.append(statement.name)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and isinstance(statement.value, ast.Call):
            called = statement.value.func
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if (getattr(called, "attr", None) or getattr(called, "id", None)) == "Table":
                names += [target.id for target in targets if isinstance(target, ast.Name)]
    return names


def binds(files: ProjectFiles, path: str, name: str) -> bool:
    """Whether a module binds something to a name at its top, and not only changes what it holds."""
    source = files.source(path)
    return source is not None and name in source.binds


def certainly_lacks(files: ProjectFiles, path: str, name: str) -> bool:
    """Whether a module has no such name for sure, so that importing it raises ImportError.

    Not where code may bind names that are not written down, nor where a package may have a module of that
    name that is not in the tree.
    """
    source = files.source(path)
    if source is None or source.dynamic:
        return False
    return not path.endswith("__init__.py") or name != name.lower()
