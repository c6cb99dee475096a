"""What env.py does to the database by itself, around every migration that Alembic runs.

It is read like a script, from its first line to its last. Beside what it executes there are hooks: functions
that it, or a module that it imports, registers with SQLAlchemy and that write other SQL, or run other
statements, than the scripts say. What a hook does to a script is not worked out: it is opaque, and its own
text tells one hook from another.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from migration_lint.history import Script
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import ANY_TABLE, Dialect, Operation, to_json
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.script import read_module

#: Libraries whose elements scripts use; how the project's own are compiled concerns nothing else.
_LIBRARIES = frozenset(("sqlalchemy", "alembic", "sqlmodel"))

_PLACES = ("path", "line", "column_offset", "end_line", "end_column_offset", "branch")


class EnvHook(NamedTuple):
    """A function that env.py, or a module that it imports, registers."""

    what: str  # as in a sentence: "`@compiles(DropColumn)`"
    path: str
    node: ast.stmt | ast.expr


def read_env(script: Script, dialect: Dialect, files: ProjectFiles) -> tuple[Operation, ...]:
    """What env.py does, its hooks last. Raises CannotJudge where it cannot be parsed."""
    module = script.module()
    executed = read_module(module, script.path, dialect, files).upgrade
    hooks = list(_hooks(module.body, script.path, dialect))
    for path, body in files.loaded():
        hooks += _hooks(body, path, dialect)
    return (*executed, *(_opaque(each) for each in hooks))


def new_operations(before: Sequence[Operation], after: Sequence[Operation]) -> tuple[Operation, ...]:
    """What is done after a change that was not done before it, wherever it stands."""
    known = Counter(map(_key, before))
    found: list[Operation] = []
    for operation in after:
        key = _key(operation)
        if known[key]:
            known[key] -= 1
        else:
            found.append(operation)
    return tuple(found)


def _key(operation: Operation) -> str:
    data = to_json(operation)
    for name in _PLACES:
        data.pop(name, None)
    return json.dumps(data, sort_keys=True)


def _opaque(hook: EnvHook) -> Operation:
    node = hook.node
    return Operation(
        kind="opaque",
        reason=f"{hook.what} may make other SQL of what the scripts say",
        tables=(ANY_TABLE,),
        path=hook.path,
        line=node.lineno,
        column_offset=node.col_offset,
        end_line=node.end_lineno or node.lineno,
        end_column_offset=node.end_col_offset or 0,
        sql=ast.unparse(node),
    )


def _hooks(body: Sequence[ast.stmt], path: str, dialect: str) -> Iterator[EnvHook]:
    imported: dict[str, str] = {}
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    calls: list[ast.Call] = []
    for node in (each for statement in body for each in ast.walk(statement)):
        if isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                imported[name] = alias.name if alias.asname else name
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            functions[node.name] = node
        elif isinstance(node, ast.Call):
            calls.append(node)
    for function in functions.values():
        for each in function.decorator_list:
            if isinstance(each, ast.Call) and (
                _is_compiler(each, imported, dialect) or _replaces(each, imported, "listens_for")
            ):
                yield EnvHook(f"`@{ast.unparse(each)}`", path, function)
    for call in calls:
        if _replaces(call, imported, "listen"):
            given = call.args[2] if len(call.args) > 2 else None
            listener = functions.get(given.id) if isinstance(given, ast.Name) else None
            yield EnvHook(f"`{ast.unparse(call)}`", path, listener or call)


def _replaces(call: ast.Call, imported: dict[str, str], name: str) -> bool:
    """Whether what a listener gives takes the place of what was to be run."""
    return _name(call.func, imported).rpartition(".")[2] == name and any(
        each.arg == "retval" and not (isinstance(each.value, ast.Constant) and not each.value.value)
        for each in call.keywords
    )


def _is_compiler(call: ast.Call, imported: dict[str, str], dialect: str) -> bool:
    """`@compiles(DropColumn)`: for this database, and for an element of a library."""
    if _name(call.func, imported).rpartition(".")[2] != "compiles" or not call.args:
        return False
    if _name(call.args[0], imported).partition(".")[0] not in _LIBRARIES:
        return False
    dialects = [each.value for each in call.args[1:] if isinstance(each, ast.Constant)]
    return not dialects or dialect in dialects or len(dialects) < len(call.args) - 1


def _name(node: ast.expr, imported: dict[str, str]) -> str:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    first = imported.get(node.id, "") if isinstance(node, ast.Name) else ""
    return ".".join((first, *reversed(names)))
