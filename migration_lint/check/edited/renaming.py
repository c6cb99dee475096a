"""Code without the names that a function alone sees, and without the layout of its SQL, in one form."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable

from migration_lint.check.edited.imported import ByWhatTheyAre
from migration_lint.check.edited.resources import OneForm
from migration_lint.check.edited.telling import last_name

#: Where one of these is, a variable may be asked for by a text.
_BY_TEXT = frozenset(("locals", "vars", "eval", "exec", "globals"))
#: Spaces and comments outside of texts and names in quotes.
_SQL = re.compile(
    r"""('(?:[^']|'')*'|"[^"]*"|`[^`]*`|\$(\w*)\$.*?\$\2\$|/\*.*?\*/)|(?:\s+|--\s[^\n]*(?:\n|$))+""", re.S
)


def settled(code: Iterable[ast.stmt]) -> list[ast.stmt]:
    """Statements with variables of functions numbered, SQL on one line, and package files read in one way."""
    made = copy.deepcopy(list(code))
    reading, imported = OneForm(made), ByWhatTheyAre(made)
    made = [imported.visit(reading.visit(each)) for each in made]
    for each in made:
        _Settled(_variables(each) if isinstance(each, ast.FunctionDef) else {}).visit(each)
        for node in ast.walk(each):
            if isinstance(node, ast.Call):
                _settle(node)
    return made


def _variables(function: ast.FunctionDef) -> dict[str, str]:
    """A number for each variable, in the order in which they are bound; none where a text may ask for one."""
    found: dict[str, str] = {}
    own = {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
    for node in ast.walk(function):
        if isinstance(node, (ast.Global, ast.Nonlocal)) or (
            isinstance(node, ast.Name) and node.id in _BY_TEXT
        ):
            return {}
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in own:
            found.setdefault(node.id, f" {len(found)}")
    return found


class _Settled(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """One without a hole is a text like any other."""
        texts = [str(each.value) for each in node.values if isinstance(each, ast.Constant)]
        return ast.Constant("".join(texts)) if len(texts) == len(node.values) else self.generic_visit(node)


def _settle(call: ast.Call) -> None:
    """Writes a call as SQLAlchemy 2 has it: `select(a, b)` for `select([a, b])`, and no `autoload=True`."""
    name = last_name(call.func)
    if name in ("execute", "text") and call.args:
        call.args[0] = _on_one_line(call.args[0])
    elif name == "select" and len(call.args) == 1 and isinstance(call.args[0], ast.List):
        call.args = call.args[0].elts
    elif name == "Table" and any(each.arg == "autoload_with" for each in call.keywords):
        call.keywords = [each for each in call.keywords if each.arg != "autoload"]


def _on_one_line(node: ast.expr) -> ast.expr:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return node
    if "\\" in node.value:
        return node  # a quote behind it may end a text, or not
    return ast.Constant(_SQL.sub(lambda found: found[1] or " ", node.value).strip())
