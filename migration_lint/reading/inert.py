"""Which functions of a project can do nothing but compute, and when to give one of them up.

Migrations of data call far into a project, with rows that nobody knows. Such a function takes every way
through its code, and none of them comes to a database. Where what it names, and what all that names in turn,
is known to be harmless, its answer is not worth more than `INERT_STEPS`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from migration_lint.reading.names import of_name
from migration_lint.reading.running import INERT_STEPS, STOCK_STEPS, Arguments, Exhausted
from migration_lint.reading.values import (
    Bound,
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
    join,
    reaches,
    same,
)

if TYPE_CHECKING:
    from migration_lint.reading.interpreter import Interpreter

#: How many functions and classes, and how many values that these name, are looked through for one answer.
_MOST_FUNCTIONS = 300
_MOST_VALUES = 5_000
#: How many steps making the names of modules may take on the way.
_MOST_STEPS = 20_000

#: How many steps all calls of such a function may take where it is not known whether they are taken.
_MOST_UNSURE = 8_000

#: What gives names that no text shows: whoever calls it may come to anything.
_ANYTHING = frozenset(("builtins.globals", "builtins.eval", "builtins.exec", "sys.modules"))

#: What a function may change beside what it gives back: containers, objects, and names of a module.
Touched = list[Value]


class GivenUp(Exception):
    """A function is not walked any further: it runs in `frame`."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame = frame


class _Global(NamedTuple):
    """A name of a module that a function binds."""

    frame: Frame
    name: str


class _Mentions(NamedTuple):
    """What the text of a function names: names with the attributes behind them, and what it imports."""

    chains: frozenset[tuple[str, ...]]
    imports: dict[str, tuple[int, str]]  # name → how many dots, and the dotted name
    globals: tuple[str, ...]
    unclear: bool


def take_stock(run: Interpreter) -> None:
    """Give up a function that runs where it only computes, and has had its share.

    That is, where what it was given is not known; and where what it was given is known, but it takes both
    ways at branches that are not. Raises GivenUp.
    """
    for frame in run.stack:
        if frame.called is None or frame.on_yield is not None:
            continue  # what stands in a `with` runs inside of what the `with` names
        if frame.began - run.steps < INERT_STEPS:
            break
        if any(map(_open, frame.called[1].values())):
            _give_up_if_inert(run, frame)
    conditions = len(run.recorder.conditions)
    left = False
    counted: set[Function] = set()
    for frame in reversed(run.stack):
        left = left or frame.escaped is not None or frame.left_loop is not None
        if frame.called is not None and frame.on_yield is None and (left or conditions > frame.conditions):
            function = frame.called[0]
            frame.unsure += STOCK_STEPS
            if function not in counted:
                counted.add(function)
                run.doubtful[function] = run.doubtful.get(function, 0) + STOCK_STEPS
            if frame.unsure >= INERT_STEPS or run.doubtful[function] >= _MOST_UNSURE:
                _give_up_if_inert(run, frame)


def _give_up_if_inert(run: Interpreter, frame: Frame) -> None:
    if frame.called is not None and touched(run, *frame.called) is not None:
        raise GivenUp(frame)


def given_up(run: Interpreter, frame: Frame, function: Function, arguments: Arguments) -> Value:
    """What a function gives that was given up. What it may have changed is not known after it."""
    if frame.operations == len(run.recorder.operations):
        run.given_up.setdefault(function, []).append(arguments)
    return _unknown(run, function, arguments)


def known_hopeless(run: Interpreter, function: Function, arguments: Arguments) -> Value | None:
    """What a function gives that was given up before, on what is the same as far as it is known; or None."""
    hopeless = run.doubtful.get(function, 0) >= _MOST_UNSURE
    for before in run.given_up.get(function, ()):
        if (hopeless or _all_alike(before, arguments)) and touched(run, function, arguments) is not None:
            return _unknown(run, function, arguments)
    return None


def _all_alike(before: Arguments, now: Arguments) -> bool:
    return (
        len(before.args) == len(now.args)
        and list(before.kwargs) == list(now.kwargs)
        and all(map(_alike, before.values(), now.values()))
    )


def _alike(before: Value, now: Value) -> bool:
    return same(before, now) or (_open(before) and _open(now))


def _unknown(run: Interpreter, function: Function, arguments: Arguments) -> Value:
    reason = f"`{function.name}` works on data that is not known"
    for each in touched(run, function, arguments) or ():
        if isinstance(each, _Global):
            before = dict.get(each.frame.locals, each.name)
            each.frame.locals[each.name] = join(before, Unknown(reason))
        elif isinstance(each, List):
            each.maybe = each.more = True
        elif isinstance(each, Dict):
            each.more = True
            each.perhaps.update(each)
        elif isinstance(each, Instance):
            for name, value in each.names.items():
                each.names[name] = join(value, Unknown(reason))
    return Unknown(reason)


def only_computes(run: Interpreter, function: Function) -> bool:
    """Whether nothing that a function names could change a schema."""
    return _closure(run, function) is not None


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
    return run.inert[start]


def forget_refused(run: Interpreter) -> None:
    """Forget what was refused while the top of a module was walked: some names were only half made."""
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

    def finish(self) -> bool:
        """Whether all that was come across is harmless."""
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
        """Whether a value is harmless by itself; what it can run is looked through later."""
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
            inside = value.names.values()
        elif isinstance(value, Bound):
            inside = (value.function, *value.args, *value.kwargs.values())
        elif isinstance(value, Choice):
            inside = value.values
        elif isinstance(value, Method):
            inside = (value.of,)
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
        return all(map(self.visit, (*of.names.values(), *of.bases)))

    def _of_function(self, function: Function) -> bool:
        mentions = _mentions(function.node)
        if mentions.unclear or not all(
            map(self.visit, (*function.defaults, *function.keyword_defaults.values()))
        ):
            return False
        home = function.frame.module
        self.found += [_Global(home.frame, name) for name in mentions.globals]
        return all(self._chain(function, chain, mentions) for chain in mentions.chains)

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
        return self.visit(value)


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
            waiting += ast.iter_child_nodes(each)
    return _Mentions(frozenset(chains), imports, tuple(globals_), unclear)


def _open(value: Value, depth: int = 2) -> bool:
    """Whether something of a value, or of what it holds, is not known."""
    from migration_lint.reading.functions import vague

    if isinstance(value, Instance):
        return depth > 0 and any(_open(each, depth - 1) for each in value.names.values())
    return vague(value)
