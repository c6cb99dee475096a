"""Which functions can do nothing but compute, by the closure over all names that they mention."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from migration_lint.named_tuple import NamedTuple
from migration_lint.reading.python.names import of_name
from migration_lint.reading.python.running import Arguments, Exhausted
from migration_lint.reading.python.values import (
    BoundFunction,
    Choice,
    Class,
    Dict,
    Dotted,
    Frame,
    Function,
    Instance,
    List,
    Method,
    Module,
    Unknown,
    Value,
    reaches,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter

#: How many functions and classes, and how many values that these name, are looked through for one answer.
_MOST_FUNCTIONS = 300
_MOST_VALUES = 5_000
#: How many steps making the names of modules may take on the way.
_MOST_STEPS = 20_000

#: What gives names that no text shows: whoever calls it may come to anything.
_ANYTHING = frozenset(("builtins.globals", "builtins.eval", "builtins.exec", "sys.modules"))

#: What a function may change beside what it gives back: containers, objects, and names of a module.
Touched = list[Value]


class Global(NamedTuple):
    """A name of a module that a function binds."""

    frame: Frame
    name: str


class _Mentions(NamedTuple):
    """What the text of a function names: names with the attributes behind them, and what it imports."""

    chains: frozenset[tuple[str, ...]]
    imports: dict[str, tuple[int, str]]  # name → how many dots, and the dotted name
    globals: tuple[str, ...]
    unclear: bool
    words: frozenset[str]  # all names, each by itself
    loose: tuple[str, ...]  # attributes of what has no name: `f().go`


def only_computes(run: Interpreter, function: Function) -> bool:
    """Whether nothing that a function names could change a schema."""
    return _closure(run, function) is not None


def mentioned(function: Function) -> frozenset[str]:
    """The names in the text of a function, attributes and what it imports among them."""
    return _mentions(function.node).words


def touched(run: Interpreter, function: Function, arguments: Arguments) -> Touched | None:
    """What a call may change, where it can do nothing but compute; None where it may do more."""
    if any(map(reaches, arguments.values())) or _closure(run, function) is None:
        return None
    search = _Search(run)
    if not all(map(search.visit, arguments.values())):
        return None
    for each in (function, *search.waiting):
        inside = _closure(run, each)
        if inside is None:
            return None
        search.found += inside
    return search.found


def _closure(run: Interpreter, start: Function | Class) -> Touched | None:
    """What a function or class, and all that it names, may change; None where it may do more."""
    if start not in run.inert:
        search = _Search(run)
        inside = run.recorder.calm > 0
        kept = run.steps, run.floor, run.stock
        run.floor = run.stock = run.steps - _MOST_STEPS  # no stock is taken meanwhile
        run.recorder.calm += 1
        try:
            run.inert[start] = search.found if search.visit(start) and search.finish() else None
        except Exhausted:
            run.inert[start] = None
        finally:
            run.recorder.calm -= 1
            run.steps, run.floor, run.stock = kept
        if inside and run.inert[start] is None:
            run.refused.append(start)
        if all(frame.called is None for frame in run.stack):
            return run.inert.pop(start)  # a module is only half made: some names are not there yet
    return run.inert[start]


def forget_refused(run: Interpreter) -> None:
    """Drop refusals from the walk of a module's top level, when some names were not bound yet."""
    for each in run.refused:
        run.inert.pop(each, None)
    run.refused.clear()


class _Search:
    """Looks through functions and classes, and what they name, for what could reach a database."""

    def __init__(self, run: Interpreter) -> None:
        self._run = run
        self._seen: set[int] = set()
        self._kept: list[Value] = []  # so that no number in `_seen` is given to another value
        self.waiting: list[Function | Class] = []
        self.found: Touched = []
        self._methods: dict[Frame, dict[str, list[Function]]] = {}

    def finish(self) -> bool:
        """Whether everything that the search reached is harmless."""
        count = 0
        while self.waiting:
            each = self.waiting.pop()
            if each in self._run.inert:
                inside = self._run.inert[each]
                if inside is None:
                    return False
                self.found += inside
                continue
            count += 1
            if count > _MOST_FUNCTIONS:
                return False
            harmless = self._of_class(each) if isinstance(each, Class) else self._of_function(each)
            if not harmless:
                return False
        return True

    def visit(self, value: Value) -> bool:
        """Whether a value is harmless by itself; what it can run is queued for the search."""
        value = self._run.resolve(value)
        if isinstance(value, (Module, Unknown)):
            return isinstance(value, Unknown) and not value.reach
        if isinstance(value, Dotted):
            return self._is_harmless(value)
        if id(value) in self._seen or isinstance(value, (str, int, float, type(None))):
            return True
        self._seen.add(id(value))
        self._kept.append(value)
        if len(self._seen) > _MOST_VALUES:
            return False
        if isinstance(value, (Function, Class)):
            self.waiting.append(value)
            return True
        if isinstance(value, (List, Dict, Instance)):
            self.found.append(value)
        inside: Iterable[Value]
        if isinstance(value, Instance):
            self.waiting.append(value.of)
            inside = value.names.every()
        elif isinstance(value, BoundFunction):
            inside = (value.function, *value.args, *value.kwargs.values())
        elif isinstance(value, Choice):
            inside = value.values
        elif isinstance(value, Method):
            inside = (value.of,)
        elif isinstance(value, (List, Dict)):
            inside = value.every()
        elif isinstance(value, dict):
            inside = value.values()
        elif isinstance(value, (list, tuple, set, frozenset)):
            inside = value
        else:
            return not reaches(value)
        return all(map(self.visit, inside))

    def _is_harmless(self, value: Dotted) -> bool:
        return value.path not in _ANYTHING and not reaches(value) and self._run.library.harmless(value.path)

    def _of_class(self, of: Class) -> bool:
        return all(map(self.visit, (*of.names.every(), *of.bases)))

    def _of_function(self, function: Function) -> bool:
        mentions = _mentions(function.node)
        if mentions.unclear or not all(
            map(self.visit, (*function.defaults, *function.keyword_defaults.values()))
        ):
            return False
        home = function.frame.module
        self.found += [Global(home.frame, name) for name in mentions.globals]
        if not all(self._chain(function, chain, mentions) for chain in mentions.chains):
            return False
        return self._may_call(function.frame, mentions.loose)

    def _may_call(self, frame: Frame, names: Iterable[str]) -> bool:
        """Whether methods of these names are harmless on an unknown object.

        They may be those of any class that can be seen from where the call stands.
        """
        carried = self._run.library.carried(frame.module)
        if carried is not None:  # by the text of its module, nothing else comes to a database
            names = [name for name in names if name in carried]
        if not names:
            return True
        if frame not in self._methods:
            self._methods[frame] = _methods_seen(frame)
        found = self._methods[frame]
        return all(self.visit(each) for name in names for each in found.get(name, ()))

    def _chain(self, function: Function, chain: tuple[str, ...], mentions: _Mentions) -> bool:
        run = self._run
        if chain[0] in mentions.imports:
            level, path = mentions.imports[chain[0]]
            package = function.frame.module.name.split(".")[:-level] if level else []
            value: Value = run.resolve(Dotted(".".join([*package, path])))
        else:
            value = of_name(run, ast.Name(chain[0], lineno=0), function.frame)
        for name in chain[1:]:
            if isinstance(value, Dotted) and not self._is_harmless(value):
                return False
            if not isinstance(value, (Dotted, Module)):
                break
            value = run.attribute(value, name)
        if not self.visit(value):
            return False
        return not isinstance(value, Unknown) or self._may_call(function.frame, chain[1:])


def _methods_seen(frame: Frame) -> dict[str, list[Function]]:
    """The methods of the classes that a frame and those around it have names for."""
    found: dict[str, list[Function]] = {}
    around: Frame | None = frame
    while around is not None:
        for of in around.locals.plain().values():  # those that are made: no object is of another
            for name, value in of.names.plain().items() if isinstance(of, Class) else ():
                if isinstance(value, Function):
                    found.setdefault(name, []).append(value)
        around = around.parent
    return found


def _mentions(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> _Mentions:
    known: _Mentions | None = getattr(node, _KEPT, None)
    if known is None:
        known = _looked_up(node)
        setattr(node, _KEPT, known)  # every script that comes to the function asks for it
    return known


_KEPT = "_mentions"


def _looked_up(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> _Mentions:
    chains: set[tuple[str, ...]] = set()
    imports: dict[str, tuple[int, str]] = {}
    globals_: list[str] = []
    unclear = False
    loose: list[str] = []
    waiting: list[ast.AST] = [node]
    while waiting:
        each = waiting.pop()
        names: list[str] = []
        while isinstance(each, ast.Attribute):
            names.append(each.attr)
            each = each.value
        if isinstance(each, ast.Name):
            chains.add((each.id, *reversed(names)))
        elif isinstance(each, ast.ImportFrom):
            for alias in each.names:
                unclear = unclear or alias.name == "*"
                path = f"{each.module}.{alias.name}" if each.module else alias.name
                imports[alias.asname or alias.name] = each.level, path
        elif isinstance(each, ast.Import):
            for alias in each.names:
                path = alias.name if alias.asname else alias.name.partition(".")[0]
                imports[alias.asname or path] = 0, path
        elif isinstance(each, ast.Global):
            globals_ += each.names
        elif isinstance(each, ast.Nonlocal):
            unclear = True
        else:
            loose += names
            waiting += [each] if names else ast.iter_child_nodes(each)
    words = {name for chain in chains for name in chain}
    words.update(name for _, path in imports.values() for name in path.split("."))
    return _Mentions(
        frozenset(chains),
        imports,
        tuple(globals_),
        unclear,
        frozenset((*words, *imports, *loose)),
        tuple(loose),
    )
