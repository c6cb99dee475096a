"""Names by what they stand for: SQLAlchemy and Alembic give the same thing out in several modules."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence

from migration_lint.check.edited.telling import bound_names

_LIBRARIES = ("sqlalchemy", "alembic")
#: Modules whose names are those of another one, as far as that has them.
SAME_NAMES = {
    "sqlalchemy.sql": "sqlalchemy",
    "sqlalchemy.sql.expression": "sqlalchemy",
    "sqlalchemy.schema": "sqlalchemy",
    "sqlalchemy.types": "sqlalchemy",
    "sqlalchemy.orm.session": "sqlalchemy.orm",
    "sqlalchemy.orm.query": "sqlalchemy.orm",
}
#: Submodules whose names another module has for something else.
SUBMODULES = ("schema", "util")
#: Functions that came from elsewhere when Python lost them.
_SAME = {
    "setuptools._distutils.util.strtobool": "distutils.util.strtobool",
    "utils_flask_sqla.utils.strtobool": "distutils.util.strtobool",
}


class ByWhatTheyAre(ast.NodeTransformer):
    """Writes what a module imports from these libraries with its whole name, wherever it uses it.

    Not where a function has another use for the name.
    """

    def __init__(self, module: Sequence[ast.stmt]) -> None:
        times = Counter(name for name, _ in bound_names(ast.Module([*module], [])))
        found: dict[str, str] = {}
        for each in module:
            if isinstance(each, ast.ImportFrom) and not each.level:
                found.update({name.asname or name.name: f"{each.module}.{name.name}" for name in each.names})
            elif isinstance(each, ast.Import):
                for name in each.names:
                    root = name.name.partition(".")[0]
                    found[name.asname or root] = name.name if name.asname else root
        self._imported = {name: path for name, path in found.items() if times[name] == 1 and _is_known(path)}

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        path = self._path(node)
        return self.generic_visit(node) if path is None else _written(_canonical(path))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        path = self._path(node)
        return node if path is None else _written(_canonical(path))

    def _path(self, node: ast.expr) -> str | None:
        """The whole name of what an expression of attributes stands for; None: it is none of a library."""
        if isinstance(node, ast.Attribute):
            of = self._path(node.value)
            return of and f"{of}.{node.attr}"
        return self._imported.get(node.id) if isinstance(node, ast.Name) else None


def _is_known(path: str) -> bool:
    return path.partition(".")[0] in _LIBRARIES or _SAME.get(path, path) in _SAME.values()


def _canonical(path: str) -> str:
    if path in _SAME:
        return _SAME[path]
    parts = path.split(".")
    for length in range(len(parts) - 1, 1, -1):
        instead = SAME_NAMES.get(".".join(parts[:length]))
        if instead is not None and parts[length] not in SUBMODULES:
            return ".".join((instead, *parts[length:]))
    return path


def _written(path: str) -> ast.expr:
    first, *more = path.split(".")
    made: ast.expr = ast.Name(f" {first}", ast.Load())  # no name that a script can have
    for name in more:
        made = ast.Attribute(made, name, ast.Load())
    return made
