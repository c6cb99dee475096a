"""What stands around the scripts of head: the env.py that runs them, and the project's own code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from migration_lint.check.side import Side
from migration_lint.effects.environment import Running, running
from migration_lint.facts.build import Place
from migration_lint.facts.effect import env_path
from migration_lint.facts.model import ImportFacts
from migration_lint.history import Script
from migration_lint.operations import Dialect

# Texts, which `re` compiles when they are first needed.
_WORD = r"\w+"
_RELATIVE = r"\bfrom[\s\\]*\."


class Around:
    """The files beside the scripts of a tree, looked at when they are needed, and once."""

    def __init__(self, side: Side | None, dialect: Dialect) -> None:
        self._side = side
        self._dialect = dialect

    @cached_property
    def running(self) -> Running:
        """What the environment's env.py and its configuration say of transactions and timeouts."""
        if self._side is None:
            return running(None, self._dialect)
        environment = self._side.history.environment
        env = self._text(self._side, env_path(environment.script_location))
        return running(env, self._dialect, self._text(self._side, environment.config_path) or "")

    def _text(self, side: Side, path: str) -> str | None:
        return side.tree.read(path).decode(errors="replace") if path in side.tree.files() else None

    @cached_property
    def _packages(self) -> frozenset[str]:
        """The names by which an import of the project's code begins."""
        if self._side is None:
            return frozenset()
        environment = self._side.history.environment
        own = f"{environment.script_location}/" if environment.script_location else None
        code = [path for path in self._side.tree.files() if path.endswith(".py")]
        return frozenset(
            path[len(root) :].lstrip("/").split("/")[0].removesuffix(".py")
            for root in environment.import_roots
            for path in code
            if path.startswith(root) and not (own and path.startswith(own))
        )

    def imports(self, script: Script) -> Iterator[tuple[ImportFacts, Place]]:
        """The modules of the project that a script imports from outside its migrations, and where it does."""
        side = self._side
        if side is None or not self._may_import(script.source()):
            return
        environment, files = side.history.environment, side.tree.files()
        folder = script.path.rpartition("/")[0]
        own = environment.script_location

        def path_of(module: str, root: str) -> str | None:
            stem = "/".join(part for part in (root, *module.split(".")) if part)
            return next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in files), None)

        def is_code(module: str, roots: Sequence[str]) -> bool:
            path = next(filter(None, (path_of(module, root) for root in roots)), None)
            return path is not None and not (own and path.startswith(f"{own}/"))

        for node in ast.walk(script.module()):
            if not isinstance(node, (ast.Import, ast.ImportFrom)):
                continue
            roots: Sequence[str] = environment.import_roots
            names = tuple(alias.name for alias in node.names)
            if isinstance(node, ast.ImportFrom) and node.level:
                parts = folder.split("/")
                roots = ["/".join(parts[: len(parts) - node.level + 1])]
            if isinstance(node, ast.ImportFrom) and node.module:
                found = [ImportFacts(node.module, names)]
            else:
                found = [ImportFacts(name) for name in names]
            if _gives_types(node, script.module()):
                continue
            for module in found:
                if is_code(module.name, roots):
                    end, last = node.end_lineno or node.lineno, node.end_col_offset or 0
                    yield module, Place(script.path, node.lineno, node.col_offset + 1, end, last + 1)

    def _may_import(self, source: str) -> bool:
        """Whether a text names any of the project's code: most do not, and need not be parsed for it."""
        words = re.findall(_WORD, source)
        return not self._packages.isdisjoint(words) or re.search(_RELATIVE, source) is not None


def _gives_types(node: ast.Import | ast.ImportFrom, module: ast.Module) -> bool:
    """Whether all that a module uses of an import are types of columns, as autogenerate writes them."""
    names = {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    used = [each for each in ast.walk(module) if isinstance(each, ast.Name) and each.id in names]
    if not used:
        return False
    types = {id(root) for call in ast.walk(module) if isinstance(call, ast.Call) for root in _types(call)}
    return all(id(each) in types for each in used)


def _types(call: ast.Call) -> Iterator[ast.Name]:
    """The names by which the types begin that a call gives to columns: `shop` of `shop.types.Money(10)`."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [each.value for each in call.keywords if each.arg in ("type_", "existing_type")]
    for each in (*given, *(call.args[:2] if called in ("Column", "column") else ())):
        yield from _roots(each)


def _roots(type_: ast.expr) -> Iterator[ast.Name]:
    """The name by which a type begins, and those of its variants."""
    if isinstance(type_, ast.Call):
        if isinstance(type_.func, ast.Attribute) and type_.func.attr == "with_variant":
            for each in (type_.func.value, *type_.args[:1]):
                yield from _roots(each)
            return
        type_ = type_.func
    path = []
    while isinstance(type_, ast.Attribute):
        path.append(type_.attr)
        type_ = type_.value
    if isinstance(type_, ast.Name):
        last, *modules = [*path, type_.id]
        if last[:1].isupper() and all(each.islower() for each in modules):
            yield type_
