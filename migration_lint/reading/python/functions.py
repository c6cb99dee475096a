"""Functions of the project: definitions, decorators, calls, and summaries in place of calls."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, Operation
from migration_lint.reading.python.giving_up import GivenUp, given_up, known_hopeless
from migration_lint.reading.python.later import delayed
from migration_lint.reading.python.names import bind_name
from migration_lint.reading.python.nodes import fact
from migration_lint.reading.python.running import CALL_STEPS, DEPTH, LONGEST_LIST, Arguments, Exhausted, Flow
from migration_lint.reading.python.store import Exit
from migration_lint.reading.python.subscripts import entry
from migration_lint.reading.python.values import (
    NOTHING,
    BoundFunction,
    Choice,
    Class,
    Data,
    Dict,
    Dotted,
    Frame,
    Function,
    Instance,
    Internals,
    List,
    Maybe,
    Method,
    NameScope,
    Super,
    Unknown,
    Value,
    join,
    join_all,
    reaches,
    same,
    whole,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


class ClassFrame(Frame):
    """The names of a class body, which the functions in it do not see."""

    __slots__ = ()


def do_functiondef(run: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> None:
    value: Value = make_function(run, node.name, node, frame)
    for decorator in reversed(node.decorator_list):
        value = decorate(run, decorator, value, frame)
    bind_name(run, node.name, value, frame)


def evaluate_annotations(run: Interpreter, nodes: Iterable[ast.expr | None], frame: Frame) -> None:
    """Evaluate annotations, as Python does where nothing postpones it. A plain name of a type does nothing;
    nor does, beside the script, what calls nothing."""
    if frame.module.postpones:
        return
    recorder = run.recorder
    is_plain = _calls_nothing if recorder.application or recorder.calm > 0 else _names_types
    for node in nodes:
        if node is not None and not isinstance(node, _NAMES) and not is_plain(node):
            run.evaluate(node, frame)


@fact
def _names_types(node: ast.expr) -> bool:
    """Whether an annotation only names types."""
    return all(isinstance(each, _TYPE_NAMES) for each in ast.walk(node))


@fact
def _calls_nothing(node: ast.expr) -> bool:
    return not any(isinstance(each, _CALLING) for each in ast.walk(node))


_NAMES = (ast.Name, ast.Constant)
_TYPE_NAMES = (ast.Attribute, *_NAMES, ast.expr_context)
_CALLING = (ast.Call, ast.Await, ast.NamedExpr, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def make_function(
    run: Interpreter, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, frame: Frame
) -> Function:
    arguments = node.args
    spec = (*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg)
    evaluate_annotations(run, (None if each is None else each.annotation for each in spec), frame)
    evaluate_annotations(run, (getattr(node, "returns", None),), frame)
    around = frame
    while isinstance(around, ClassFrame) and around.parent is not None:
        around = around.parent
    return Function(
        name,
        node,
        around,
        [run.evaluate(default, frame) for default in arguments.defaults],
        {
            argument.arg: run.evaluate(default, frame)
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        },
    )


def decorate(run: Interpreter, decorator: ast.expr, value: Value, frame: Frame) -> Value:
    with_what = run.evaluate(decorator, frame)
    if isinstance(with_what, Dotted):
        name = with_what.path.rpartition(".")[2]
        if isinstance(value, Function):
            kinds = {
                "staticmethod": "static", "classmethod": "class", "property": "property",
                "cached_property": "property", "contextmanager": "context",
                "asynccontextmanager": "context",
            }  # fmt: skip
            if name in kinds:
                value.kind = kinds[name]
                return value
            if "declared_attr" in with_what.path:
                value.kind = "declared"  # called with the class, wherever the class is asked for it
                return value
        if isinstance(value, Class) and name == "dataclass":
            value.dataclass = True
            return value
        found = run.library.find(run, with_what.path)
        if isinstance(found, (Function, BoundFunction, Class)):
            return run.call(found, Arguments([value], {}))
        if isinstance(found, Dotted) and run.library.unreadable(run, found.path):
            run.call(found, Arguments([], {}))  # it may put anything in the place of what it decorates
        return value
    if isinstance(with_what, (Function, BoundFunction)):
        return run.call(with_what, Arguments([value], {}))
    if isinstance(value, Class) and isinstance(decorator, ast.Call):
        called = run.evaluate(decorator.func, frame)
        if isinstance(called, Dotted) and called.path.endswith("dataclass"):
            value.dataclass = True
    if isinstance(with_what, Method):
        made = run.call(with_what, Arguments([value], {}))
        return value if isinstance(made, Unknown) else made
    return value  # a library's decorator is taken to leave what the function does as it is


def part_of(of: Value, name: str) -> Value:
    """A part of a function or method, by the name of the attribute."""
    inner = of.function if isinstance(of, BoundFunction) else of
    if name == "__call__":
        return of
    if name == "__self__":
        return of.args[0] if isinstance(of, BoundFunction) and of.args else getattr(of, "of", None)
    if name == "__func__":
        return (
            inner
            if isinstance(of, BoundFunction)
            else Unknown("the function of a method is not known", reach=True)
        )
    if isinstance(inner, Function) and name in ("__wrapped__", "__get__"):
        return Unknown(f"what `{name}` of a function is is not followed", reach=True)
    if isinstance(inner, Function):
        return Internals(f"`{name}` of `{inner.name}` makes up what it does", reach=True)
    return Unknown("a part of a method is not known", reach=reaches(of))


def call_one_of(run: Interpreter, callee: Choice, arguments: Arguments) -> Value:
    line = getattr(run.recorder.place, "lineno", 0)
    results: list[Value] = []

    def one(each: Value) -> Flow | None:
        results.append(run.call(each, arguments))
        return None

    reason = "which function is called is not known before it runs"
    run.arms(
        [(f"{line}:choice{number}", reason, partial(one, each)) for number, each in enumerate(callee.values)]
    )
    return join_all(results)


def call_function(
    run: Interpreter,
    function: Function,
    arguments: Arguments,
    on_yield: Callable[[Value], Value] | None = None,
) -> Value:
    """Run a function of the project on arguments; what it returns."""
    if function.kind == "context" and on_yield is None:
        return BoundFunction(function, tuple(arguments.args), arguments.kwargs)
    if on_yield is None and generates(function):
        return delayed(run, partial(run_function, run, function, arguments, None))
    return run_function(run, function, arguments, on_yield)


def generates(function: Function) -> bool:
    """Whether calling a function gives a generator."""
    if function.is_generator is None:
        function.is_generator = not isinstance(function.node, ast.Lambda) and _yields(function.node)
    return bool(function.is_generator)


def run_function(
    run: Interpreter, function: Function, arguments: Arguments, on_yield: Callable[[Value], Value] | None
) -> Value:
    node = function.node
    if runs_in_circles(run, function, arguments):
        if not _repeats_itself(run, function):
            reason = f"`{function.name}` calls itself, and does something else each time"
            run.recorder.unread(reason)
        return Unknown(f"`{function.name}` calls itself", reach=any(map(reaches, arguments.values())))
    if len(run.stack) >= DEPTH:
        raise Exhausted(f"functions of the script call each other more than {DEPTH} deep")
    if run.given_up and on_yield is None:
        hopeless = known_hopeless(run, function, arguments)
        if hopeless is not None:
            return hopeless
    frame = Frame(function.frame.module, function.frame)
    frame.called = (function, arguments)
    frame.on_yield = on_yield
    frame.began = run.steps
    frame.conditions = len(run.recorder.conditions)
    frame.operations = len(run.recorder.operations)
    bind_arguments(run, function, arguments, frame)
    depth = len(run.stack)
    if isinstance(node, ast.Lambda):
        return _run_lambda(run, node, frame, function, arguments)
    if generates(function) and on_yield is None:
        frame.yielded = List()
    if frame.module is not run.script and not run.recorder.calm and not run.recorder.application:
        run.entered[function] = None
    floor, called_away = run.floor, run.called_away
    if not called_away and frame.module is not run.script:
        run.called_away = frame.file
        run.floor = max(floor, run.steps - CALL_STEPS)
        run.stock = max(run.stock, run.floor)
    run.stack.append(frame)
    place = run.recorder.place
    start, conditions = run.store.depth, len(run.recorder.conditions)
    try:
        flow = run.block(node.body, frame)
    except GivenUp as up:
        if up.frame is not frame:
            raise
        del run.recorder.conditions[conditions:]
        return given_up(run, frame, function, arguments)
    finally:
        del run.stack[depth:]
        run.recorder.place = place
        run.floor, run.called_away = floor, called_away
    result = returned(run, start, conditions, flow, function)
    if frame.yielded is None:
        return result
    frame.yielded.gives = result
    run.thrown = run.thrown or reaches(result)  # `StopIteration` carries it
    return frame.yielded


def _run_lambda(
    run: Interpreter, node: ast.Lambda, frame: Frame, function: Function, arguments: Arguments
) -> Value:
    depth = len(run.stack)
    run.ledger.done.add(id(node))
    run.stack.append(frame)
    try:
        return run.evaluate(node.body, frame)
    except GivenUp as up:
        if up.frame is not frame:
            raise
        return given_up(run, frame, function, arguments)
    finally:
        del run.stack[depth:]


def returned(run: Interpreter, start: int, conditions: int, flow: Flow | None, function: Function) -> Value:
    """The value of a call whose body ended with `flow`, joined with those of earlier returns."""
    alive = flow is None or flow.kind == "return"
    joined: list[Exit] = []
    if run.store.leaves(start, ("return",)):
        joined, _ = run.store.settle(start, ("return",), alive)
    elif run.store.depth > start:
        run.store.settle(start, (), alive)
    del run.recorder.conditions[conditions:]
    values = [exit.value for exit in joined]
    if alive:
        values.insert(0, flow.value if flow is not None else None)
    if not values:
        return Unknown(f"`{function.name}` raises", getattr(function.node, "lineno", 0))
    return join_all(values)


def _repeats_itself(run: Interpreter, function: Function) -> bool:
    """Whether the two innermost active calls did the same work: one more would repeat it."""
    began = [frame.operations for frame in run.stack if frame.called and frame.called[0] is function][-2:]
    operations = run.recorder.operations
    first, second = operations[began[0] : began[-1]], operations[began[-1] :]
    return [_told(each) for each in first] == [_told(each) for each in second]


def _told(operation: Operation) -> Operation:
    return replace(operation, conditional=False, branch=None, reason=None)


def runs_in_circles(run: Interpreter, function: Function, arguments: Arguments) -> bool:
    """Whether the function is active twice already with equal abstract arguments: a recursion without end.

    A call that certainly happens, on what is wholly known, is followed however alike it looks: what it does
    may hang on something that an earlier one changed, and it ends, or the script never would.
    """
    if len(run.stack) < 3:
        return False
    if not run.recorder.conditions and not any(map(vague, arguments.values())):
        return False
    times = 0
    for frame in run.stack:
        if frame.called is not None and frame.called[0] is function:
            before = frame.called[1]
            alike = len(before.args) == len(arguments.args) and all(
                same(a, b) or (vague(a) and vague(b))
                for a, b in zip(before.args, arguments.args, strict=True)
            )
            times += alike
    return times > 1


def bind_arguments(run: Interpreter, function: Function, arguments: Arguments, frame: Frame) -> None:
    spec = function.node.args
    names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    bound = frame.locals
    positional = list(arguments.args)
    if len(positional) > LONGEST_LIST:
        raise Exhausted("a call of the script has too many arguments")
    for name, value in zip(names, positional, strict=False):
        bound[name] = value
    if spec.vararg is not None:
        more = Unknown("what is spread is not known", reach=arguments.reach) if arguments.more else NOTHING
        bound[spec.vararg.arg] = List(positional[len(names) :], rest=more)
    extra = Dict(
        rest=Unknown("what is spread is not known", reach=arguments.reach) if arguments.more else NOTHING
    )
    keyword_only = {argument.arg for argument in spec.kwonlyargs}
    for name, value in arguments.kwargs.items():
        if name in names or name in keyword_only:
            bound[name] = value
        else:
            extra[name] = value
    if spec.kwarg is not None:
        bound[spec.kwarg.arg] = extra
    defaulted = names[len(names) - len(function.defaults) :] if function.defaults else []
    for name, value in (
        *zip(defaulted, function.defaults, strict=True),
        *function.keyword_defaults.items(),
    ):
        if name not in bound:
            bound[name] = (
                join(value, Unknown(f"`{name}` may be given", reach=arguments.reach))
                if arguments.more
                else value
            )
    for name in (*names, *keyword_only):
        if name not in bound:
            bound[name] = Unknown(f"the parameter `{name}` is not given a value here", reach=arguments.reach)


def run_code(run: Interpreter, path: str, arguments: Arguments, frame: Frame) -> Value:
    """`eval` and `exec` of a text that is known are walked like the rest of the script."""
    text = arguments.args[0]
    if isinstance(text, str):
        name = text.strip()
        if path == "builtins.eval" and HOLE in name and name.replace(HOLE, "").isidentifier():
            return entry(run, frame.module.frame.locals, name)
        if whole(text):
            tree: ast.Module | ast.Expression
            try:
                tree = ast.parse(name, mode="eval") if path == "builtins.eval" else ast.parse(name)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return Unknown("code that is made while it runs is no Python")
            run.spend(10)
            place = run.recorder.place
            for node in ast.walk(tree):
                if isinstance(node, ast.expr | ast.stmt) and place is not None:
                    ast.copy_location(node, place)
            return _run_tree(run, tree, arguments, frame)
    run.recorder.opaque("code that is made while it runs cannot be read")
    return Unknown("code that is made while it runs cannot be read", reach=True)


def _run_tree(
    run: Interpreter, tree: ast.Module | ast.Expression, arguments: Arguments, frame: Frame
) -> Value:
    """Run code in the names that it is given; those that it binds are there afterwards."""
    copied: list[tuple[Dict, Frame]] = []
    inside, around = frame, None
    for given in (arguments.get(1, "globals"), arguments.get(2, "locals")):
        if isinstance(given, NameScope):
            around = inside = frame if given is frame.locals else Frame(frame.module, around, given)
        elif isinstance(given, Dict):
            around = inside = Frame(frame.module, around, NameScope(given))
            copied.append((given, inside))
    try:
        if isinstance(tree, ast.Expression):
            return run.evaluate(tree.body, inside)
        if len(run.stack) < DEPTH:
            run.stack.append(inside)
            try:
                run.block(tree.body, inside)
            finally:
                run.stack.pop()
        return None
    finally:
        for given, made in copied:
            with run.store.change(given):
                given.update(made.locals)


def super_of(run: Interpreter, frame: Frame) -> Value:
    """What `super()` is: it goes on after the class that the running method stands in."""
    running = run.stack[-1] if run.stack else frame
    of = next(iter(running.locals.values()), None)
    function = None if running.called is None else running.called[0]
    owner = function.owner if isinstance(function, Function) else None
    if owner is None and isinstance(of, Instance):
        owner = of.of
    if owner is None:
        return Unknown("what `super()` is here could not be worked out", reach=True)
    return Super(owner, of)


def vague(value: Value, depth: int = 2) -> bool:
    """Whether a value is partly unknown."""
    if isinstance(value, (Unknown, Data, Choice, Maybe)):
        return True
    if isinstance(value, str):
        return not whole(value)
    if isinstance(value, (List, Dict)):
        if not value.exact:
            return True
        inside = value.values() if isinstance(value, Dict) else value
        return depth > 0 and (len(inside) > 1_000 or any(vague(each, depth - 1) for each in inside))
    return False


@fact
def _yields(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function is a generator: whether a `yield` is its own, not one of a function inside it."""
    # Every function that is called is looked through: `ast.iter_child_nodes` takes several times as long.
    waiting: list[object] = [*node.body]
    while waiting:
        each = waiting.pop()
        if type(each) in _SIMPLE:
            continue
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, (ast.Yield, ast.YieldFrom)):
            return True
        elif isinstance(each, ast.AST) and not isinstance(each, _SCOPES):
            waiting += [getattr(each, name, None) for name in each._fields]
    return False


#: What a syntax tree holds that has nothing below it.
_SIMPLE = frozenset((ast.Name, ast.Constant, ast.Load, ast.Store, str, int, bool, type(None)))
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
