"""The calls of `op` in Alembic's tests, as scripts."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from migration_lint.operations import DIALECTS, Dialect

#: The files with tests of `op`, and the dialect of each where `op_fixture` names none; none: all.
FILES: dict[str, Dialect | None] = {
    "test_op.py": None,
    "test_op_naming_convention.py": None,
    "test_batch.py": None,
    "test_bulk_insert.py": None,
    "test_impl.py": None,
    "test_offline_environment.py": None,
    "test_plugin.py": None,
    "test_postgresql.py": "postgresql",
    "test_mysql.py": "mysql",
    "test_mssql.py": "mssql",
    "test_sqlite.py": "sqlite",
    "test_oracle.py": "oracle",
}

#: Tests of what stands behind `op`.
NO_OPERATIONS = ("BatchApplyTest", "ObjectFromToTest")

#: What belongs to the test, not to the migration: statements that name it are left out.
_OF_TESTS = re.compile(
    r"^(context|self|mock|testing|config|assertions?|exclusions|fixtures|.*_fixture)$"
    r"|^(assert|expect)_|^(eq|is)(_not)?_$"
)


class Script(NamedTuple):
    """One script: where it comes from, which also names it, its dialects, and its text."""

    name: str
    dialects: Sequence[Dialect]
    text: str


def scripts_of(checkout: Path) -> Iterator[Script]:
    """Every test with a call of `op`, once for each of its sets of parameters."""
    for name, dialect in FILES.items():
        path = checkout / "tests" / name
        if path.exists():
            yield from _of_file(ast.parse(path.read_text()), path.stem, dialect)


def _of_file(tree: ast.Module, stem: str, dialect: Dialect | None) -> Iterator[Script]:
    imports = [
        node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)) and _is_plain(node)
    ]
    for kind in tree.body:
        if not isinstance(kind, ast.ClassDef) or kind.name in NO_OPERATIONS:
            continue
        methods = [node for node in kind.body if isinstance(node, ast.FunctionDef)]
        setting_up = [each for each in methods if each.name in ("setUp", "_fixture", "setup_test")]
        for test in methods:
            if not test.name.startswith("test") or not _calls_op(test):
                continue
            for number, given in enumerate(_parameters(test)):
                name = f"{stem}_{kind.name}_{test.name}" + (f"_{number}" if given else "")
                body = [*_kept(_of_self(setting_up)), *given, *_kept(test.body)]
                if body:
                    dialects = _dialects(test) or ([dialect] if dialect else DIALECTS)
                    yield Script(name, dialects, text_of(name, _imported(imports, body), body))


def _is_plain(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether a migration could have this import."""
    if isinstance(node, ast.Import):
        return True
    module = node.module or ""
    return not node.level and "testing" not in module and "mock" not in module


def _calls_op(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id in ("op", "batch", "batch_op") or _is_self(each, "op")
        for each in ast.walk(node)
    )


def _is_self(node: ast.AST, name: str | None = None) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        and (name is None or node.attr == name)
    )


def _of_self(methods: Iterable[ast.FunctionDef]) -> list[ast.stmt]:
    """What a test's `setUp` keeps, but what belongs to the test itself."""
    return [
        node
        for method in methods
        for node in method.body
        if isinstance(node, ast.Assign) and all(_is_self(target) for target in node.targets)
    ]


def _parameters(test: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    """Assignments to the test's parameters, for each set of them; none where they are not known."""
    names = [each.arg for each in test.args.args[1:]]
    if not names:
        yield []
        return
    for decorator in test.decorator_list:
        if not isinstance(decorator, ast.Call) or not ast.unparse(decorator.func).endswith("combinations"):
            continue
        words = {each.arg: each.value for each in decorator.keywords}
        if set(words) - {"argnames"}:  # `id_` says which parts are names for people
            continue
        said = words.get("argnames")
        if said is not None:
            names = [each.strip() for each in ast.literal_eval(said).split(",")]
        if set(names) != {each.arg for each in test.args.args[1:]}:
            continue
        for given in decorator.args:
            values = given.elts if isinstance(given, ast.Tuple) else [given]
            if len(values) == len(names):
                yield [
                    ast.Assign([ast.Name(name, ast.Store())], value)
                    for name, value in zip(names, values, strict=True)
                ]


def _kept(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements that a migration could have."""
    found: list[ast.stmt] = []
    for node in body:
        node = _renamed(node)
        if isinstance(node, ast.With):
            for item in node.items:
                item.context_expr = _unentered(item.context_expr)
            said = ast.unparse(node.items[0].context_expr)
            inner = _kept(node.body)
            if "warnings" in said or "deprecated" in said:
                found += inner
            elif inner and not any(_is_of_tests(each) for each in node.items) and "raises" not in said:
                found.append(ast.With(node.items, inner))
        elif not _is_of_tests(node):
            found.append(node)
    return found


def _unentered(manager: ast.expr) -> ast.expr:
    """A batch that `with` enters itself."""
    if (
        isinstance(manager, ast.Call)
        and isinstance(manager.func, ast.Attribute)
        and manager.func.attr == "__enter__"
    ):
        return manager.func.value
    return manager


def _is_of_tests(node: ast.AST) -> bool:
    return isinstance(node, (ast.Assert, ast.Return)) or any(
        isinstance(each, ast.Name) and _OF_TESTS.search(each.id) for each in ast.walk(node)
    )


class _Renaming(ast.NodeTransformer):
    """`self.op` is `op`, a batch's fixture is a batch, and what else a test keeps in itself has a name."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if not _is_self(node):
            return node
        if node.attr in ("op", "table", "metadata"):
            return ast.Name("op" if node.attr == "op" else f"its_{node.attr}", node.ctx)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if ast.unparse(node.func) == "self._fixture":
            made = "op.batch_alter_table('tname', recreate='never').__enter__()"
            return ast.parse(made, mode="eval").body
        return node


def _renamed(node: ast.stmt) -> ast.stmt:
    changed: ast.stmt = _Renaming().visit(copy.deepcopy(node))
    return changed


def _dialects(test: ast.FunctionDef) -> list[Dialect]:
    """The dialect that the test's fixture names."""
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("op_fixture"):
            said = [*node.args, *(each.value for each in node.keywords if each.arg == "dialect")][:1]
            name = said[0].value if said and isinstance(said[0], ast.Constant) else None
            return [each for each in DIALECTS if each == name]
    return []


def _imported(imports: Iterable[ast.Import | ast.ImportFrom], body: Sequence[ast.stmt]) -> list[str]:
    """The imports of what the body names."""
    used = {each.id for node in body for each in ast.walk(node) if isinstance(each, ast.Name)}
    found = []
    for node in imports:
        names = [each for each in node.names if (each.asname or each.name.partition(".")[0]) in used]
        if names:
            made = copy.copy(node)
            made.names = names
            found.append(ast.unparse(made))
    return found


def text_of(name: str, imports: Iterable[str], body: Sequence[ast.stmt] | str) -> str:
    """A revision of this name with the body for its `upgrade`."""
    if not isinstance(body, str):
        body = ast.unparse(ast.fix_missing_locations(ast.Module(list(body), [])))
    lines = [f"    {line}" if line else "" for line in body.splitlines()]
    head = list(dict.fromkeys(["from alembic import op", *imports]))
    state = [f'revision = "{name}"', "down_revision = None"]
    return "\n".join([*head, "", *state, "", "", "def upgrade():", *lines, ""])
