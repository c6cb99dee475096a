"""What a module binds at its top by other means than naming it: `globals()["revision"] = …` and the like."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple

_NAMESPACES = frozenset(("globals", "locals", "vars"))
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
    rb"\b(?:globals|locals|vars|eval|exec|execfile|setattr|delattr|modules|global|inspect|gc)\b"
    rb"|\b(?:f_(?:globals|locals|builtins|back)|_getframe|currentframe|_current_frames|(?:tb|gi|cr|ag)_frame)\b"
    rb"|__(?:dict|globals|builtins|setattr|delattr)__|:=|import\s*[*\\]"
    rb"|\.(?:revision|down_revision|branch_labels|depends_on)\b"
)
#: What each of these holds: to look for it is much faster, and most texts hold none.
_IN_SIGNS = tuple(
    b"global locals vars eval exec setattr delattr modules f_ frame inspect gc __dict __builtins := * \\"
    b" .revision .down_revision .branch_labels .depends_on".split()
)

#: What gives the names of a module, or the frames that hold them, or runs any code.
_REACHES = lazy_pattern(
    r"(?:globals|locals|vars|eval|exec|execfile|setattr|delattr|__dict__|__globals__|__builtins__|__setattr__"
    r"|__delattr__|f_globals|f_locals|f_builtins|f_back|_getframe|currentframe|_current_frames"
    r"|(?:tb|gi|cr|ag)_frame)\Z"
)
#: Modules that give frames, and objects by what refers to them.
_REACHING = frozenset(("inspect", "gc"))

#: Methods of a namespace that only read it.
_READS = frozenset(("get", "keys", "values", "items", "copy", "__contains__", "__getitem__"))


def may_rebind(source: bytes) -> bool:
    """Whether the text of a module holds anything that `rebindings` looks for: a quick look at its bytes.

    Python folds other alphabets' letters into its own, and an encoding may hide any: such texts may.
    """
    if not source.isascii() or b"coding" in source:
        return True
    source = source.replace(b".execute(", b".(")  # which many call: `exec` is none of its words
    return any(each in source for each in _IN_SIGNS) and _SIGNS.search(source) is not None


def rebindings(body: Sequence[ast.stmt]) -> list[Rebinding]:
    """All of a module, in order. What stands in functions counts where the module's own code names them.

    A mention of what reaches the module's names that is none of the known ways stands for any name.
    """
    functions = {
        each.name: each for each in body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    spaces: set[str] = set()
    found: list[Rebinding] = []
    for at, statement in enumerate(body):
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            found.append(Rebinding(at, statement.lineno, ""))
        nodes = list(_outside(statement))
        named = [
            node.id
            for node in nodes
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in functions
        ]
        for name in _reached(named, functions):
            # When a function runs, and with what, is not worked out.
            nodes += ast.walk(functions[name])
        told = set[int]()  # the mentions that are accounted for
        for node in nodes:
            found += [Rebinding(at, statement.lineno, *each) for each in _bound(node, spaces, told)]
        if any(id(node) not in told and _reaches(node) for node in nodes):
            found.append(Rebinding(at, statement.lineno, ""))
    return found


def _outside(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement that may run with the module: not the bodies of its functions.

    The methods of its classes are: what calls them is not looked for.
    """
    left: list[ast.AST] = [statement]
    while left:
        node = left.pop()
        yield node
        if node is statement and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            left += [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
        else:
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


def _reaches(node: ast.AST) -> bool:
    """Whether a node names something by which a name of the module could be bound."""
    if isinstance(node, ast.Name):
        return _REACHES.match(node.id) is not None
    if isinstance(node, ast.Attribute):
        return _REACHES.match(node.attr) is not None
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        module = node.module if isinstance(node, ast.ImportFrom) else None
        return module in _REACHING or any(
            each.name in _REACHING if isinstance(node, ast.Import) else _REACHES.match(each.name) is not None
            for each in node.names
        )
    return False


def _bound(node: ast.AST, spaces: set[str], told: set[int]) -> Iterator[tuple[str, ast.expr | None]]:
    """What one node binds in the module's own namespace.

    `spaces` collects the names that stand for it, `told` the mentions whose meaning is known, by id.
    """
    if isinstance(node, ast.Assign):
        if _is_namespace(node.value, spaces, told):
            spaces.update(target.id for target in node.targets if isinstance(target, ast.Name))
            if not (_is_own(node.value) and all(isinstance(target, ast.Name) for target in node.targets)):
                yield "", None
        for target in node.targets:
            if isinstance(target, ast.Subscript) and _is_namespace(target.value, spaces, told):
                yield _key(target.slice), node.value if _is_own(target.value) else None
            elif isinstance(target, ast.Attribute) and _is_module(target.value):
                told.add(id(target))
                yield target.attr, node.value
    elif isinstance(node, (ast.AugAssign, ast.Delete)):
        for target in node.targets if isinstance(node, ast.Delete) else [node.target]:
            if isinstance(target, ast.Subscript) and _is_namespace(target.value, spaces, told):
                yield _key(target.slice), None
            elif _is_namespace(target, spaces, told):
                yield "", None
    elif isinstance(node, ast.Subscript):
        if isinstance(node.ctx, ast.Load):
            _is_namespace(node.value, spaces, told)
    elif isinstance(node, ast.Compare):
        for each in node.comparators:
            _is_namespace(each, spaces, told)
    elif isinstance(node, ast.Attribute):
        if not isinstance(node.ctx, ast.Load) and id(node) not in told:
            yield node.attr, None
    elif isinstance(node, ast.NamedExpr):
        yield node.target.id, node.value
    elif isinstance(node, ast.Global):
        yield from ((name, None) for name in node.names)
    elif isinstance(node, ast.Call):
        yield from _called(node, spaces, told)


def _called(node: ast.Call, spaces: set[str], told: set[int]) -> Iterator[tuple[str, ast.expr | None]]:
    function = node.func
    if isinstance(function, ast.Name) and function.id in ("setattr", "delattr") and len(node.args) > 1:
        told.add(id(function))
        known = _is_module(node.args[0]) and len(node.args) > 2
        yield _key(node.args[1]), node.args[2] if known else None
    elif isinstance(function, ast.Attribute) and _is_namespace(function.value, spaces, told):
        if function.attr == "update":
            own = _is_own(function.value)
            yield from ((name, value if own else None) for name, value in _updated(node))
        elif function.attr in _WRITES:
            yield _key(node.args[0]) if node.args else "", None
        elif function.attr not in _READS:
            yield "", None


def _updated(node: ast.Call) -> Iterator[tuple[str, ast.expr | None]]:
    for keyword in node.keywords:
        yield keyword.arg or "", keyword.value
    for given in node.args:
        if isinstance(given, ast.Dict):
            for key, value in zip(given.keys, given.values, strict=True):
                yield "" if key is None else _key(key), value
        else:
            yield "", None


def _is_namespace(node: ast.expr, spaces: set[str], told: set[int]) -> bool:
    """Whether an expression is, or may be, the module's own namespace; the evidence goes into `told`."""
    if isinstance(node, ast.Name):
        return node.id in spaces
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        told.add(id(node))
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMESPACES:
        told.add(id(node.func))
        return True
    return False


def _is_own(names: ast.expr) -> bool:
    """Whether a namespace is surely that of the module, not that of another object."""
    if isinstance(names, ast.Call):
        return not names.args or _is_module(names.args[0])
    return isinstance(names, ast.Name) or (isinstance(names, ast.Attribute) and _is_module(names.value))


def _is_module(node: ast.expr) -> bool:
    """Whether it is `sys.modules[…]`: of which module is not asked."""
    return isinstance(node, ast.Subscript) and (
        (isinstance(node.value, ast.Attribute) and node.value.attr == "modules")
        or (isinstance(node.value, ast.Name) and node.value.id == "modules")
    )


def _key(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
