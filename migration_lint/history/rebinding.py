"""What a module binds at its top by other means than naming it: `globals()["revision"] = …` and the like."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple

_NAMESPACES = frozenset(("globals", "locals", "vars"))
_ANY_CODE = frozenset(("eval", "exec", "execfile"))
_WRITES = frozenset(
    ("update", "setdefault", "__setitem__", "pop", "clear", "popitem", "__delitem__", "__ior__")
)


class Rebinding(NamedTuple):
    """`name` is bound by the statement at a position of the module, to `node` where that is known.

    "" stands for any name: which one cannot be told.
    """

    at: int
    line: int
    name: str
    node: ast.expr | None = None


#: Each of the ways in which a name is bound anew has one of these in it.
_SIGNS = lazy_pattern(
    rb"\b(?:globals|locals|vars|eval|exec|execfile|setattr|delattr|__dict__|modules|global)\b|import\s*[*\\]"
)
#: What each of these holds: to look for it is much faster, and most texts hold none.
_IN_SIGNS = tuple(b"global locals vars eval exec setattr delattr __dict__ modules * \\".split())


def may_rebind(source: bytes) -> bool:
    """Whether the text of a module holds anything that `rebindings` looks for: a quick look at its bytes.

    Python folds other alphabets' letters into its own, and an encoding may hide any: such texts may.
    """
    if not source.isascii() or b"coding" in source:
        return True
    return any(each in source for each in _IN_SIGNS) and _SIGNS.search(source) is not None


def rebindings(body: Sequence[ast.stmt]) -> list[Rebinding]:
    """All of a module, in order. What stands in functions counts where the module's own code names them."""
    functions = {
        each.name: each for each in body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    spaces: set[str] = set()
    found: list[Rebinding] = []
    for at, statement in enumerate(body):
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            found.append(Rebinding(at, statement.lineno, ""))
        named: list[str] = []
        for node in _outside(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in functions:
                named.append(node.id)
            for name, value in _bound(node, spaces):
                found.append(Rebinding(at, statement.lineno, name, value))
        for name in _reached(named, functions):
            # When a function runs, and with what, is not worked out.
            for each in ast.walk(functions[name]):
                if isinstance(each, ast.Global):
                    found += [Rebinding(at, statement.lineno, one) for one in each.names]
                found += [Rebinding(at, statement.lineno, one) for one, _ in _bound(each, spaces)]
    return found


def _outside(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement that run with the module: not the bodies of its functions."""
    left: list[ast.AST] = [statement]
    while left:
        node = left.pop()
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            left += [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
        elif not isinstance(node, ast.Lambda):
            left += ast.iter_child_nodes(node)


def _reached(names: list[str], functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]) -> Iterator[str]:
    seen: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            yield name
            left += [
                node.id
                for node in ast.walk(functions[name])
                if isinstance(node, ast.Name) and node.id in functions
            ]


def _bound(node: ast.AST, spaces: set[str]) -> Iterator[tuple[str, ast.expr | None]]:
    """What one node binds in the module's own namespace. `spaces` collects the names that stand for it."""
    if isinstance(node, ast.Assign):
        if _is_namespace(node.value, spaces):
            spaces.update(target.id for target in node.targets if isinstance(target, ast.Name))
        for target in node.targets:
            if isinstance(target, ast.Subscript) and _is_namespace(target.value, spaces):
                yield _key(target.slice), node.value
            elif isinstance(target, ast.Attribute) and _is_module(target.value):
                yield target.attr, node.value
    elif isinstance(node, (ast.AugAssign, ast.Delete)):
        for target in node.targets if isinstance(node, ast.Delete) else [node.target]:
            if isinstance(target, ast.Subscript) and _is_namespace(target.value, spaces):
                yield _key(target.slice), None
            elif _is_namespace(target, spaces):
                yield "", None
    elif isinstance(node, ast.Call):
        yield from _called(node, spaces)


def _called(node: ast.Call, spaces: set[str]) -> Iterator[tuple[str, ast.expr | None]]:
    function = node.func
    if isinstance(function, ast.Name) and function.id in _ANY_CODE:
        yield "", None
    elif isinstance(function, ast.Name) and function.id in ("setattr", "delattr") and len(node.args) > 1:
        if _is_module(node.args[0]) or not isinstance(node.args[0], (ast.Name, ast.Attribute)):
            yield _key(node.args[1]), node.args[2] if len(node.args) > 2 else None
    elif isinstance(function, ast.Attribute) and _is_namespace(function.value, spaces):
        if function.attr == "update":
            yield from _updated(node)
        elif function.attr in _WRITES:
            yield _key(node.args[0]) if node.args else "", None


def _updated(node: ast.Call) -> Iterator[tuple[str, ast.expr | None]]:
    for keyword in node.keywords:
        yield keyword.arg or "", keyword.value
    for given in node.args:
        if isinstance(given, ast.Dict):
            for key, value in zip(given.keys, given.values, strict=True):
                yield "" if key is None else _key(key), value
        else:
            yield "", None


def _is_namespace(node: ast.expr, spaces: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in spaces
    if isinstance(node, ast.Attribute):
        return node.attr == "__dict__" and _is_module(node.value)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _NAMESPACES
        and (not node.args or _is_module(node.args[0]))
    )


def _is_module(node: ast.expr) -> bool:
    """Whether it is `sys.modules[…]`: of which module is not asked."""
    return isinstance(node, ast.Subscript) and (
        (isinstance(node.value, ast.Attribute) and node.value.attr == "modules")
        or (isinstance(node.value, ast.Name) and node.value.id == "modules")
    )


def _key(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
