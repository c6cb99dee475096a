"""The code of a script without what changes nothing: what only tells people, how long a statement waits."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Sequence

#: Libraries that write for people.
_LIBRARIES = frozenset(("logging", "warnings", "click", "typer", "loguru", "structlog", "rich", "pprint"))

#: What their functions and loggers are called.
_TELLING = frozenset("print pprint debug info warning warn error exception critical log echo secho".split())

#: What gives a logger.
_GIVING = frozenset("getLogger get_logger getChild bind opt Console".split())

#: What may be worked out for a message.
_HARMLESS = frozenset("len str repr int round type sorted".split())

_WAITING = re.compile(
    r"\s*SET\s+(?:LOCAL\s+|SESSION\s+)?(?:lock_timeout|statement_timeout)\b[^;]*;?\s*", re.I
)


def only_waits(sql: str) -> bool:
    """Whether a statement says no more than how long others wait, which changes nothing of what they do."""
    return _WAITING.fullmatch(sql) is not None


def plain_code(module: ast.Module, directions: Sequence[str]) -> list[ast.stmt]:
    """A module's statements without what only tells people, waits, or is not judged."""
    return made_plain(copy.deepcopy(module), directions)


def made_plain(module: ast.Module, directions: Sequence[str]) -> list[ast.stmt]:
    """The same, of a module that nobody else holds, in its place."""
    plain = _Plain("downgrade" in directions, _tellers(module), names_from(module, "sqlalchemy"))
    left: ast.Module = plain.visit(module)
    return left.body


class _Plain(ast.NodeTransformer):
    def __init__(self, whole: bool, tellers: frozenset[str], sqlalchemy: frozenset[str]) -> None:
        self.whole = whole
        self.tellers = tellers
        self.sqlalchemy = sqlalchemy

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        if node.name in self.tellers or (node.name == "downgrade" and not self.whole):
            return None
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        gives = all(isinstance(each, ast.Name) and each.id in self.tellers for each in node.targets)
        return None if gives else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if _tells(node, self.tellers) or _waits(node.value) else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A statement that is executed means the same as a text and in `text()`."""
        made = self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "execute" and node.args:
            inner = node.args[0]
            if isinstance(inner, ast.Call) and len(inner.args) == 1 and not inner.keywords:
                name = inner.func.attr if isinstance(inner.func, ast.Attribute) else root_name(inner.func)
                if name == "text" and root_name(inner.func) in self.sqlalchemy:
                    node.args[0] = inner.args[0]
        return made


def _waits(node: ast.expr) -> bool:
    """Whether a call executes no more than how long a statement waits."""
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return False
    text = node.args[0]
    if isinstance(text, ast.Call) and last_name(text.func) == "text" and len(text.args) == 1:
        text = text.args[0]
    return isinstance(text, ast.Constant) and isinstance(text.value, str) and only_waits(text.value)


def _tells(node: ast.stmt, tellers: frozenset[str]) -> bool:
    """Whether a statement prints or logs, and works out nothing for it that could do more."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    function = node.value.func
    if root_name(function) not in tellers:
        return False
    if isinstance(function, ast.Attribute) and function.attr not in _TELLING:
        return False
    return all(
        isinstance(each, ast.Name) and each.id in _HARMLESS
        for argument in (*node.value.args, *node.value.keywords)
        for each in _called(argument)
    )


def _called(node: ast.AST) -> Iterator[ast.expr]:
    """What is called, or awaited, in an expression."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            yield each.func
        elif isinstance(each, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            yield each


def root_name(node: ast.expr) -> str:
    """The name on which an expression of attributes and calls that give loggers stands; "" for none."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Call) and last_name(node.func) in _GIVING:
            node = node.func
        else:
            return ""
    return node.id


def last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def names_from(module: ast.AST, library: str) -> frozenset[str]:
    """The names that imports from a library bind."""
    return frozenset(
        name
        for name, node in bound_names(module)
        if isinstance(node, (ast.Import, ast.ImportFrom)) and _library(node, name) == library
    )


def _library(node: ast.Import | ast.ImportFrom, name: str) -> str:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] if not node.level else ""
    imported = {each.asname or each.name.partition(".")[0]: each.name for each in node.names}
    return imported[name].partition(".")[0]


def _tellers(module: ast.Module) -> frozenset[str]:
    """The names that stand for nothing but what tells people, wherever in a module they are bound."""
    bindings: dict[str, list[ast.AST]] = {"print": []}
    for name, node in bound_names(module):
        bindings.setdefault(name, []).append(node)
    found = frozenset[str]()
    while True:
        more = frozenset(
            name for name, nodes in bindings.items() if all(_is_teller(each, name, found) for each in nodes)
        )
        if more == found:
            return found
        found = more


def _is_teller(node: ast.AST, name: str, tellers: frozenset[str]) -> bool:
    """Whether what binds a name makes it a logger, a library of them, or a function that only tells."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return _library(node, name) in _LIBRARIES
    if isinstance(node, ast.Assign):
        return isinstance(node.value, ast.Call) and root_name(node.value) in tellers
    if not isinstance(node, ast.FunctionDef) or node.decorator_list or any(_called(node.args)):
        return False
    return all(
        isinstance(each, ast.Pass)
        or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        or _tells(each, tellers)
        for each in node.body
    )


def bound_names(module: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every name that is bound in a module, with what binds it."""
    assigned: set[ast.expr] = set()
    for node in ast.walk(module):  # an assignment comes before its target
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for each in node.names:
                yield each.asname or each.name.partition(".")[0], node
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node
        elif (
            isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        ):
            assigned.add(node.targets[0])
            yield node.targets[0].id, node
        elif isinstance(node, ast.arg):
            yield node.arg, node
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in assigned:
            yield node.id, node
