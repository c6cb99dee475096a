"""What a module's top-level names hold, as far as reading alone can say.

Only constants, and what is put together from them in the open, are worked out. Everything else is
`Unclear` with its line: a revision id is never guessed.
"""

from __future__ import annotations

import ast
from typing import Union

from migration_lint.history.rebinding import may_rebind, rebindings
from migration_lint.named_tuple import NamedTuple

Value = Union[str, int, float, bytes, complex, bool, None, tuple["Value", ...], "Unclear"]

#: Longer texts and sequences than this are no revision ids; it bounds `a = b + b; b = c + c; …`, and, as all
#: counts that is in sequences of sequences, `a = (b, b); b = (c, c); …`.
_LONGEST = 100_000

_LONGEST_NUMBER = 10_000  # bits

#: What all that is put together in one module may come to.
_MOST = 2_000_000

#: Calls that only change the kind of a sequence, which does not matter here.
_SEQUENCES = frozenset({"tuple", "list", "set", "frozenset"})


class Unclear:
    """A value that reading cannot tell, and where it stands."""

    __slots__ = ("line",)

    def __init__(self, line: int) -> None:
        self.line = line


class _Binding(NamedTuple):
    at: int  # position of the statement in the module
    line: int
    node: ast.expr | None  # None: the value hangs on something that would have to run
    adds: bool = False  # `name += node`


class Constants:
    """The top-level names of one module; values are worked out when they are asked for, and once."""

    def __init__(self, body: list[ast.stmt], source: bytes | None = None) -> None:
        """`source`: the module's text, where it is at hand: most show at once that no name is bound anew."""
        self._bindings: dict[str, list[_Binding]] = {}
        self._values: dict[tuple[str, int], Value] = {}
        self._left = _MOST
        self._body = body
        for at, statement in enumerate(body):
            self._read(at, statement)
        self._anything: tuple[int, int] | None = None  # where any name may be bound anew, and the line
        for each in rebindings(body) if source is None or may_rebind(source) else ():
            if each.name:
                self._bind(each.name, _Binding(each.at, each.line, each.node))
                self._bindings[each.name].sort(key=lambda binding: binding.at)
            else:
                self._anything = each.at, each.line

    def names(self) -> list[str]:
        """Every name that the module's own statements bind, as written."""
        return list(self._bindings)

    def may_be_bound(self, name: str) -> bool:
        """Whether the module binds a name at its top, or does something that may bind any."""
        return name in self._bindings or self._anything is not None

    def line(self, name: str) -> int:
        """Where `name` was bound last; 0 where it never was."""
        found = self._bindings.get(name)
        return found[-1].line if found else 0

    def value(self, name: str) -> Value:
        """What `name` holds when the module has run. Raises KeyError where nothing binds it."""
        if self._anything is not None and self._anything[0] > self._bindings[name][-1].at:
            return Unclear(self._anything[1])
        try:
            return self._bound(name, len(self._bindings[name]) - 1)
        except RecursionError:
            return Unclear(self.line(name))

    def _read(self, at: int, statement: ast.stmt) -> None:
        kind = type(statement)
        if kind is ast.FunctionDef or kind is ast.Import or kind is ast.ImportFrom:
            self._read_definition(at, statement)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                self._assign(at, target, statement.value)
        elif isinstance(statement, ast.AnnAssign):
            if statement.value is not None:
                self._assign(at, statement.target, statement.value)
        elif isinstance(statement, ast.AugAssign):
            target = statement.target
            if isinstance(target, ast.Name) and isinstance(statement.op, ast.Add):
                self._bind(target.id, _Binding(at, statement.lineno, statement.value, adds=True))
            else:
                self._assign(at, target, None)
        elif isinstance(statement, ast.Expr):
            # `depends_on.append(…)` changes what the name holds
            called = statement.value.func if isinstance(statement.value, ast.Call) else None
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                self._bind(called.value.id, _Binding(at, statement.lineno, None))
        elif isinstance(statement, (ast.AsyncFunctionDef, ast.ClassDef)):
            self._read_definition(at, statement)
        elif isinstance(statement, ast.If) and (holds := _decided(statement.test)) is not None:
            for inner in statement.body if holds else statement.orelse:
                self._read(at, inner)
        else:
            self._read_block(at, statement)

    def _read_definition(self, at: int, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            for alias in statement.names:
                self._bind(alias.asname or alias.name.partition(".")[0], _Binding(at, statement.lineno, None))
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self._bind(statement.name, _Binding(at, statement.lineno, None))

    def _read_block(self, at: int, statement: ast.stmt) -> None:
        """Read a compound statement: what is bound inside is uncertain, as it depends on what runs."""
        left = list[ast.AST]((statement,))
        while left:
            node = left.pop()
            if isinstance(node, ast.Name):
                if not isinstance(node.ctx, ast.Load):
                    self._bind(node.id, _Binding(at, node.lineno, None))
            elif (caught := _caught(node)) is not None:
                self._bind(caught, _Binding(at, statement.lineno, None))
                left.extend(ast.iter_child_nodes(node))
            elif isinstance(
                node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
            ):
                self._read_definition(at, node)
            elif not isinstance(node, ast.Lambda):
                left.extend(ast.iter_child_nodes(node))

    def _assign(self, at: int, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, _Binding(at, target.lineno, value))
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
            plain = not any(isinstance(item, ast.Starred) for item in (*target.elts, *parts))
            known = plain and len(parts) == len(target.elts)
            for index, item in enumerate(target.elts):
                self._assign(at, item, parts[index] if known else None)
        elif isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
            self._assign(at, target.value, None)

    def _bind(self, name: str, binding: _Binding) -> None:
        self._bindings.setdefault(name, []).append(binding)

    def _bound(self, name: str, which: int) -> Value:
        key = (name, which)
        if key not in self._values:
            binding = self._bindings[name][which]
            if binding.node is None:
                value: Value = Unclear(binding.line)
            else:
                value = self._evaluate(binding.node, binding.at)
                if isinstance(value, tuple) and _is_mutable(binding.node) and self._is_read(name):
                    value = Unclear(binding.line)  # whoever reads it may change it
                if binding.adds:
                    before = self._bound(name, which - 1) if which else Unclear(binding.line)
                    value = _added(before, value, binding.line)
            self._values[key] = value
        return self._values[key]

    def _is_read(self, name: str) -> bool:
        """Whether the module uses a name for more than binding or copying it."""
        copied: list[ast.AST] = []
        for statement in self._body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Starred):
                    copied.append(node.value)
                elif isinstance(node, ast.BinOp):
                    copied += [node.left, node.right]
                elif isinstance(node, ast.Call):
                    function = node.func
                    if isinstance(function, ast.Name) and function.id in _SEQUENCES:
                        copied += node.args
                elif not isinstance(node, ast.Name) or node.id != name:
                    continue
                elif isinstance(node.ctx, ast.Load) and node not in copied:
                    return True
        return False

    def _evaluate(self, node: ast.expr, at: int) -> Value:
        if isinstance(node, ast.Constant):
            return Unclear(node.lineno) if node.value is Ellipsis else self._weighed(node.value, node.lineno)
        if isinstance(node, ast.Name):
            bindings = self._bindings.get(node.id, [])
            for which in range(len(bindings) - 1, -1, -1):
                if bindings[which].at < at:
                    return self._bound(node.id, which)
            return Unclear(node.lineno)
        return self._weighed(self._put_together(node, at), node.lineno)

    def _weighed(self, value: Value, line: int) -> Value:
        """The value, unless it or all of them have become too much."""
        weight = _weight(value)
        self._left -= weight
        return Unclear(line) if weight > _LONGEST or self._left < 0 else value

    def _put_together(self, node: ast.expr, at: int) -> Value:
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return self._sequence(node, at)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _added(self._evaluate(node.left, at), self._evaluate(node.right, at), node.lineno)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node, at)
        if isinstance(node, ast.Call):
            return self._called(node, at)
        return Unclear(node.lineno)

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set, at: int) -> Value:
        items: list[Value] = []
        spread = 0
        for element in node.elts:
            starred = isinstance(element, ast.Starred)
            value = self._evaluate(element.value if isinstance(element, ast.Starred) else element, at)
            if isinstance(value, Unclear):
                return value
            if not starred:
                items.append(value)
                spread += _weight(value)
            elif isinstance(value, tuple):
                items.extend(value)
                spread += _weight(value)
            else:
                return Unclear(element.lineno)
            if spread > _LONGEST:
                return Unclear(element.lineno)
        return tuple(dict.fromkeys(items)) if isinstance(node, ast.Set) else tuple(items)

    def _joined(self, node: ast.JoinedStr, at: int) -> Value:
        text = ""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self._evaluate(part.value, at)
                if not isinstance(value, (str, int)) or part.conversion != -1 or part.format_spec is not None:
                    return Unclear(node.lineno)
                text += str(value)
            else:
                text += str(part.value) if isinstance(part, ast.Constant) else ""
            if len(text) > _LONGEST:
                return Unclear(node.lineno)
        return text

    def _called(self, node: ast.Call, at: int) -> Value:
        """`tuple([...])`, `", ".join(…)`, `str(…)`: the calls that occur around constants."""
        unclear = Unclear(node.lineno)
        function = node.func
        if node.keywords or len(node.args) > 1 or any(isinstance(item, ast.Starred) for item in node.args):
            return unclear
        given = self._evaluate(node.args[0], at) if node.args else ()
        if isinstance(function, ast.Name) and function.id not in self._bindings:
            if function.id in _SEQUENCES and isinstance(given, tuple):
                return given
            if function.id == "str" and isinstance(given, (str, int)):
                return str(given)
        elif isinstance(function, ast.Attribute) and function.attr == "join" and isinstance(given, tuple):
            between = self._evaluate(function.value, at)
            texts = [item for item in given if isinstance(item, str)]
            if isinstance(between, str) and len(texts) == len(given):
                size = sum(map(len, texts)) + len(between) * len(texts)
                return between.join(texts) if size <= _LONGEST else unclear
        return unclear


def _is_mutable(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return not (isinstance(node.func, ast.Name) and node.func.id in ("tuple", "frozenset"))
    return isinstance(node, (ast.List, ast.Set, ast.BinOp))


def _caught(node: ast.AST) -> str | None:
    """The name that a handler of exceptions or a pattern binds, if any."""
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return node.name
    return node.rest if isinstance(node, ast.MatchMapping) else None


def _weight(value: Value) -> int:
    """The total size of a nested value, counted up to just past the bound."""
    found, left = 0, [value]
    while left and found <= _LONGEST:
        item = left.pop()
        found += 1
        if isinstance(item, tuple):
            left.extend(item)
        elif isinstance(item, (str, bytes)):
            found += len(item)
        elif isinstance(item, int):
            # Python writes no longer ones out; nobody has such a revision id
            found += 0 if item.bit_length() < _LONGEST_NUMBER else _LONGEST
    return found


def _decided(test: ast.expr) -> bool | None:
    """The outcome of a test at import time where its text shows it; else None."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        holds = _decided(test.operand)
        return None if holds is None else not holds
    if isinstance(test, ast.Name):
        return False if test.id == "TYPE_CHECKING" else None
    return False if isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING" else None


def _added(left: Value, right: Value, line: int) -> Value:
    if isinstance(left, Unclear):
        return left
    if isinstance(right, Unclear):
        return right
    if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) <= _LONGEST:
        return left + right
    if isinstance(left, tuple) and isinstance(right, tuple) and len(left) + len(right) <= _LONGEST:
        return left + right
    return Unclear(line)
