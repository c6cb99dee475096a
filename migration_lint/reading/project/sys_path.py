"""The folders that a module's own text puts on `sys.path`, as far as reading alone can say.

Constants, what `os.path` and `pathlib` make of `__file__`, and names that hold such values are worked out;
nothing is run. Which branch or function a change stands in does not count: a folder that may be on the path
is one to look in.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from migration_lint.named_tuple import NamedTuple

#: Values and names are followed so far: `a = a + "/x"` has no end.
_DEEPEST = 20

#: More values than this of one expression are not told apart.
_MOST = 24

_JOINS = frozenset(("os.path.join", "posixpath.join", "ntpath.join"))
_SAME = frozenset(
    "os.path.normcase os.path.expanduser os.path.expandvars os.fspath os.fsdecode builtins.str pathlib.Path "
    "pathlib.PurePath pathlib.PosixPath".split()
)
_NORMAL = frozenset(("os.path.abspath", "os.path.realpath", "os.path.normpath"))
_HERE = frozenset(("os.getcwd", "pathlib.Path.cwd"))
_CONSTANTS = {"os.pardir": "..", "os.curdir": ".", "os.sep": "/", "os.path.sep": "/", "os.path.pardir": ".."}
_SAME_METHODS = frozenset("absolute as_posix expanduser __str__ __fspath__ strip".split())


class AnchoredPath(NamedTuple):
    """A path: of the tree where `anchored`, else as seen from wherever Alembic is started."""

    path: str
    anchored: bool


class Added(NamedTuple):
    """A folder on `sys.path`: before all that was there (`front`), or behind it."""

    place: AnchoredPath
    front: bool


def added_folders(module: ast.Module, path: str) -> tuple[Added, ...]:
    """What the module at `path` of the tree puts on `sys.path`, in the order in which Python would look.

    A later insertion at the front comes before an earlier one.
    """
    reading = _Reading(module, path)
    if not reading.speaks_of_sys:
        return ()
    front: list[Added] = []
    back: list[Added] = []
    for added in reading.added():
        if added.front:
            front.insert(0, added)
        else:
            back.append(added)
    return tuple(dict.fromkeys((*front, *back)))


class _Reading:
    def __init__(self, module: ast.Module, path: str) -> None:
        self._path = path
        self._imported: dict[str, str] = {}  # name → what it stands for
        self._bound: dict[str, list[ast.expr]] = {}
        self._items: dict[str, list[ast.expr]] = {}  # name → what it goes through in a loop
        self._changes: list[ast.AST] = []
        for node in ast.walk(module):
            self._collect(node)
        self.speaks_of_sys = any(
            what.partition(".")[0] in ("sys", "site") for what in self._imported.values()
        )

    def _collect(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                self._imported[name] = alias.name if alias.asname else name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                self._imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self._bound.setdefault(target.id, []).append(node.value)
            self._changes.append(node)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            if isinstance(node.target, ast.Name) and node.value is not None:
                self._bound.setdefault(node.target.id, []).append(node.value)
        elif isinstance(node, ast.For):
            if isinstance(node.target, ast.Name):
                self._items.setdefault(node.target.id, []).append(node.iter)
        elif isinstance(node, (ast.Call, ast.AugAssign)):
            self._changes.append(node)

    def added(self) -> Iterator[Added]:
        """The folders, in the order of the text."""
        for node in sorted(self._changes, key=lambda each: (each.lineno, each.col_offset)):  # type: ignore[attr-defined]
            if isinstance(node, ast.Call):
                yield from self._called(node)
            elif isinstance(node, ast.AugAssign) and self._is_path(node.target):
                yield from self._each(node.value, front=False)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    yield from self._assigned(target, node.value)

    def _called(self, node: ast.Call) -> Iterator[Added]:
        function = node.func
        if self._name(function) == "site.addsitedir" and node.args:
            yield from self._one(node.args[0], front=False)
        elif isinstance(function, ast.Attribute) and self._is_path(function.value):
            if function.attr == "append" and node.args:
                yield from self._one(node.args[0], front=False)
            elif function.attr == "insert" and len(node.args) == 2:
                yield from self._one(node.args[1], front=True)
            elif function.attr == "extend" and node.args:
                yield from self._each(node.args[0], front=False)

    def _assigned(self, target: ast.expr, value: ast.expr) -> Iterator[Added]:
        if isinstance(target, ast.Subscript) and self._is_path(target.value):
            if isinstance(target.slice, ast.Slice):
                yield from self._each(value, front=True)
            else:
                yield from self._one(value, front=True)
        elif self._is_path(target):
            yield from self._whole(value, front=True)

    def _whole(self, node: ast.expr, *, front: bool) -> Iterator[Added]:
        """`sys.path = […]`: what stands left of the old path comes before it."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            before = not any(self._is_path(each) for each in ast.walk(node.left))
            yield from self._whole(node.left, front=front)
            yield from self._whole(node.right, front=front and before)
        elif isinstance(node, (ast.List, ast.Tuple)):
            for item in node.elts:
                if isinstance(item, ast.Starred):
                    front = front and not self._is_path(item.value)
                    yield from self._whole(item.value, front=front)
                else:
                    yield from self._one(item, front=front)
        elif not self._is_path(node):
            yield from self._each(node, front=front)

    def _each(self, node: ast.expr, *, front: bool) -> Iterator[Added]:
        found = [added for item in self._elements(node) for added in self._one(item, front=front)]
        yield from reversed(found) if front else found

    def _elements(self, node: ast.expr, depth: int = 0) -> list[ast.expr]:
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [item.value if isinstance(item, ast.Starred) else item for item in node.elts]
        if isinstance(node, ast.Name) and depth < _DEEPEST:
            return [item for each in self._bound.get(node.id, ()) for item in self._elements(each, depth + 1)]
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)) and len(node.generators) == 1:
            generator = node.generators[0]
            if isinstance(generator.target, ast.Name):
                self._items.setdefault(generator.target.id, []).append(generator.iter)
            return [node.elt]
        return []

    def _one(self, node: ast.expr, *, front: bool) -> Iterator[Added]:
        for place in self._values(node, 0):
            yield Added(place, front)

    def _is_path(self, node: ast.AST) -> bool:
        """Whether an expression is `sys.path`, under whatever name."""
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return False
        if self._name(node) == "sys.path":
            return True
        return isinstance(node, ast.Name) and any(
            isinstance(each, ast.Attribute) and self._name(each) == "sys.path"
            for each in self._bound.get(node.id, ())
        )

    def _name(self, node: ast.AST) -> str:
        """The full name of what an expression stands for; "" where it is no name."""
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        first = self._imported.get(node.id, f"builtins.{node.id}")
        return ".".join((first, *reversed(names)))

    def _values(self, node: ast.expr, depth: int) -> list[AnchoredPath]:
        """The paths that an expression may give; none where it cannot be told."""
        if depth > _DEEPEST:
            return []
        found: list[AnchoredPath] = []
        if isinstance(node, ast.Constant):
            found = [_stated(node.value)] if isinstance(node.value, str) else []
        elif isinstance(node, ast.Name):
            found = self._named(node, depth)
        elif isinstance(node, ast.Attribute):
            found = self._attribute(node, depth)
        elif isinstance(node, ast.Subscript):
            found = self._parents(node, depth)
        elif isinstance(node, ast.BinOp):
            if isinstance(node.op, (ast.Add, ast.Div)):
                between = "" if isinstance(node.op, ast.Add) else "/"
                found = self._together([node.left, node.right], between, depth)
        elif isinstance(node, ast.JoinedStr):
            parts = [each.value if isinstance(each, ast.FormattedValue) else each for each in node.values]
            found = self._together(parts, "", depth)
        elif isinstance(node, ast.IfExp):
            found = [*self._values(node.body, depth + 1), *self._values(node.orelse, depth + 1)]
        elif isinstance(node, ast.BoolOp):
            found = [place for each in node.values for place in self._values(each, depth + 1)]
        elif isinstance(node, ast.Call):
            found = self._call(node, depth)
        return list(dict.fromkeys(found))[:_MOST]

    def _named(self, node: ast.Name, depth: int) -> list[AnchoredPath]:
        if node.id == "__file__":
            return [AnchoredPath(self._path, True)]
        known = _CONSTANTS.get(self._imported.get(node.id, ""))
        if known is not None:
            return [AnchoredPath(known, False)]
        items = [item for each in self._items.get(node.id, ()) for item in self._elements(each)]
        return [
            place
            for each in (*self._bound.get(node.id, ()), *items)
            for place in self._values(each, depth + 1)
        ]

    def _attribute(self, node: ast.Attribute, depth: int) -> list[AnchoredPath]:
        known = _CONSTANTS.get(self._name(node))
        if known is not None:
            return [AnchoredPath(known, False)]
        if node.attr == "parent":
            return [_above(place) for place in self._values(node.value, depth + 1)]
        return []

    def _parents(self, node: ast.Subscript, depth: int) -> list[AnchoredPath]:
        """`Path(__file__).parents[2]`."""
        of, index = node.value, node.slice
        if not (isinstance(of, ast.Attribute) and of.attr == "parents" and isinstance(index, ast.Constant)):
            return []
        if not isinstance(index.value, int) or not 0 <= index.value < _DEEPEST:
            return []
        found = self._values(of.value, depth + 1)
        for _ in range(index.value + 1):
            found = [_above(place) for place in found]
        return found

    def _call(self, node: ast.Call, depth: int) -> list[AnchoredPath]:
        name = self._name(node.func)
        if name in _HERE:
            return [AnchoredPath("", False)]
        if name in _JOINS or (name.endswith("Path") and len(node.args) > 1):
            return self._together(node.args, "/", depth)
        if name in _SAME and node.args:
            return self._values(node.args[0], depth + 1)
        if name in _NORMAL and node.args:
            return [_normal(place) for place in self._values(node.args[0], depth + 1)]
        if name in ("os.path.dirname", "posixpath.dirname") and node.args:
            return [_above(place) for place in self._values(node.args[0], depth + 1)]
        if isinstance(node.func, ast.Attribute):
            of = node.func.value
            if node.func.attr in _SAME_METHODS:
                return self._values(of, depth + 1)
            if node.func.attr == "resolve":
                return [_normal(place) for place in self._values(of, depth + 1)]
            if node.func.attr == "joinpath":
                return self._together([of, *node.args], "/", depth)
        return []

    def _together(self, nodes: list[ast.expr], between: str, depth: int) -> list[AnchoredPath]:
        found = [AnchoredPath("", False)] if nodes else []
        for number, node in enumerate(nodes):
            rest = self._values(node, depth + 1)
            found = [
                right if right.anchored else _joined(left, right.path, between if number else "")
                for left in found
                for right in rest
            ][:_MOST]
        return found


def _stated(text: str) -> AnchoredPath:
    return AnchoredPath(text.replace("\\", "/"), False)


def _above(place: AnchoredPath) -> AnchoredPath:
    path = place.path.rstrip("/")
    if place.anchored and (path in ("", ".") or posixpath.basename(path) == ".."):
        return place._replace(path=posixpath.join(path, ".."))
    return place._replace(path=posixpath.dirname(path))


def _normal(place: AnchoredPath) -> AnchoredPath:
    path = posixpath.normpath(place.path) if place.path else ""
    return place._replace(path="" if path == "." else path)


def _joined(left: AnchoredPath, right: str, between: str) -> AnchoredPath:
    if between and right.startswith("/"):
        return AnchoredPath(right, False)  # an absolute path takes the place of all before it
    if between and not left.path:
        return left._replace(path=right)
    return left._replace(path=f"{left.path}{between}{right}")
