"""What reads a file of a package, in one form: each age of Python had a way of its own."""

from __future__ import annotations

import ast
from collections.abc import Sequence

#: Functions of a package and a name, and whether they give bytes.
_READING = {
    "pkg_resources.resource_string": True,
    "pkgutil.get_data": True,
    "importlib.resources.read_binary": True,
    "importlib.resources.read_text": False,
}
_FILES = frozenset(("importlib.resources.files", "importlib_resources.files"))
_TEXT, _BYTES = " text", " bytes"  # no names that a script can have


class OneForm(ast.NodeTransformer):
    """Writes `files("a.b").joinpath("c.sql").read_text()`, and what reads the same otherwise, in one way."""

    def __init__(self, module: Sequence[ast.stmt]) -> None:
        self._imported: dict[str, str] = {}
        for each in module:
            if isinstance(each, ast.ImportFrom) and not each.level:
                for name in each.names:
                    self._imported[name.asname or name.name] = f"{each.module}.{name.name}"
            elif isinstance(each, ast.Import):
                for name in each.names:
                    bound = name.asname or name.name.partition(".")[0]
                    self._imported[bound] = name.name if name.asname else bound

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        gives_bytes = _READING.get(self._dotted(node.func))
        if gives_bytes is not None and len(node.args) == 2 and not node.keywords:
            return _read(_BYTES if gives_bytes else _TEXT, *node.args)
        if not isinstance(node.func, ast.Attribute):
            return node
        of, method = node.func.value, node.func.attr
        if method == "decode" and _is_read(of) and _is_utf_8(node):
            assert isinstance(of, ast.Call)
            return ast.Call(ast.Name(_TEXT, ast.Load()), of.args, [])
        if method in ("read_text", "read_bytes") and _is_utf_8(node):
            found = self._joined(of)
            return node if found is None else _read(_TEXT if method == "read_text" else _BYTES, *found)
        return node

    def _joined(self, node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
        """The package and the path in `files(package).joinpath(path)` and `files(package) / path`."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            files, path = node.left, node.right
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
            if node.func.attr != "joinpath":
                return None
            files, path = node.func.value, node.args[0]
        else:
            return None
        if not isinstance(files, ast.Call) or self._dotted(files.func) not in _FILES:
            return None
        return (files.args[0], path) if len(files.args) == 1 and not files.keywords else None

    def _dotted(self, node: ast.expr) -> str:
        """What an expression of attributes names, by the imports of the module."""
        if isinstance(node, ast.Attribute):
            return f"{self._dotted(node.value)}.{node.attr}"
        return self._imported.get(node.id, "") if isinstance(node, ast.Name) else ""


def _is_read(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == _BYTES


def _is_utf_8(call: ast.Call) -> bool:
    """Whether a text is read as UTF-8, as it is where nothing else is said."""
    said = [*call.args, *(each.value for each in call.keywords)]
    return not said or (
        len(said) == 1
        and isinstance(said[0], ast.Constant)
        and str(said[0].value).lower().replace("-", "") == "utf8"
    )


def _read(what: str, package: ast.expr, path: ast.expr) -> ast.Call:
    if isinstance(package, ast.Constant) and isinstance(package.value, str):
        begun = package.value.replace(".", "/") + "/"
        if isinstance(path, ast.Constant) and isinstance(path.value, str):
            given: list[ast.expr] = [ast.Constant(begun + path.value)]
        elif isinstance(path, ast.JoinedStr):
            parts = list(path.values)
            first = parts[0] if parts else None
            if isinstance(first, ast.Constant):
                begun += str(first.value)
                del parts[0]
            given = [ast.JoinedStr([ast.Constant(begun), *parts])]
        else:
            given = [ast.JoinedStr([ast.Constant(begun), ast.FormattedValue(path, -1)])]
    else:
        given = [package, path]
    return ast.Call(ast.Name(what, ast.Load()), given, [])
