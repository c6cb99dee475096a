"""env.py as a script: Alembic runs it around every migration."""

from __future__ import annotations

from migration_lint.change.tree import Tree
from migration_lint.history.environment import Environment
from migration_lint.history.folders import joined
from migration_lint.history.script import Script, ScriptRecord


def env_script(tree: Tree, environment: Environment) -> Script | None:
    """The env.py of an environment; its path stands for a revision id. None where there is none."""
    path = joined(environment.script_location, "env.py")
    path = tree.links().follow(path).path
    files = tree.files()
    if path not in files:
        return None
    return Script(path, files[path], ScriptRecord(path, line=1), lambda: tree.read(path))
