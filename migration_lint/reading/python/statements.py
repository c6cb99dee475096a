"""Statements that neither branch nor assign: imports, `with`, `return`, `raise` and their kin."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from migration_lint.reading.python.classes import method_of
from migration_lint.reading.python.expressions import call_arguments
from migration_lint.reading.python.names import bind_name, mark
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.running import Arguments, Flow
from migration_lint.reading.python.store import Exit
from migration_lint.reading.python.values import (
    Autocommit,
    Batch,
    BoundFunction,
    Connection,
    Dotted,
    Frame,
    Function,
    Instance,
    Unknown,
    Value,
    join_all,
    lookup,
    reaches,
    whole,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


def do_expr(run: Interpreter, node: ast.Expr, frame: Frame) -> None:
    if not isinstance(node.value, ast.Constant):
        run.evaluate(node.value, frame)


def do_return(run: Interpreter, node: ast.Return, frame: Frame) -> Flow:
    return Flow("return", None if node.value is None else run.evaluate(node.value, frame))


def do_raise(run: Interpreter, node: ast.Raise, frame: Frame) -> Flow:
    if isinstance(node.exc, ast.Call):
        raised(run, node.exc, frame)
    elif node.exc is not None:
        run.thrown = reaches(run.evaluate(node.exc, frame)) or run.thrown
    if node.cause is not None:
        run.evaluate(node.cause, frame)
    return Flow("raise", exception_name(node.exc.func if isinstance(node.exc, ast.Call) else node.exc))


def raised(run: Interpreter, node: ast.Call, frame: Frame) -> None:
    """Make an exception. One of a library only holds what it is given; who catches it may take it out."""
    callee = run.evaluate(node.func, frame)
    if isinstance(callee, (Dotted, Unknown)) and not reaches(callee):
        run.ledger.done.add(id(node))
        for value in call_arguments(run, node, frame).values():
            run.library.call_back(run, value)
            run.thrown = run.thrown or reaches(value)
    else:
        run.thrown = reaches(run.evaluate(node, frame)) or run.thrown


def exception_name(node: ast.expr | None) -> str:
    """The last part of a dotted name; "" where it is none."""
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))


def do_break(run: Interpreter, node: ast.Break, frame: Frame) -> Flow:
    return Flow("break")


def do_continue(run: Interpreter, node: ast.Continue, frame: Frame) -> Flow:
    return Flow("continue")


def do_pass(run: Interpreter, node: ast.Pass, frame: Frame) -> None:
    return None


def do_assert(run: Interpreter, node: ast.Assert, frame: Frame) -> None:
    holds = run.decided(node.test, run.evaluate(node.test, frame))
    if node.msg is not None and holds is not True:
        run.arms(
            (
                (
                    f"{node.lineno}:fails",
                    "whether an assertion holds is not known",
                    partial(_says, run, node, frame),
                ),
                (f"{node.lineno}:holds", "whether an assertion holds is not known", lambda: None),
            )
        )


def _says(run: Interpreter, node: ast.Assert, frame: Frame) -> Flow:
    if node.msg is not None:
        run.evaluate(node.msg, frame)
    return Flow("raise", "AssertionError")


def do_typealias(run: Interpreter, node: ast.stmt, frame: Frame) -> None:
    """`type X = …`: what it stands for is evaluated when somebody asks, which may be at once."""
    value, name = getattr(node, "value", None), getattr(node, "name", None)
    made = run.evaluate(value, frame) if isinstance(value, ast.expr) else None
    if isinstance(name, ast.Name):
        bind_name(run, name.id, made, frame)


def do_global(run: Interpreter, node: ast.Global, frame: Frame) -> None:
    frame.globals_declared = (frame.globals_declared or set()) | set(node.names)


def do_nonlocal(run: Interpreter, node: ast.Nonlocal, frame: Frame) -> None:
    frame.nonlocals = (frame.nonlocals or set()) | set(node.names)


def do_import(run: Interpreter, node: ast.Import, frame: Frame) -> None:
    if frame.file == run.script.path:
        run.recorder.place = node
    for alias in node.names:
        run.library.imported(run, alias.name)
        path = alias.name if alias.asname else alias.name.partition(".")[0]
        bind_name(run, alias.asname or path, Dotted(path), frame)


def do_importfrom(run: Interpreter, node: ast.ImportFrom, frame: Frame) -> None:
    origin = node.module or ""
    if node.level:
        package = frame.module.name.split(".")[: -node.level]
        origin = ".".join([*package, origin] if origin else package)
        origin = origin or "."
    if frame.file == run.script.path:
        run.recorder.place = node
    run.library.imported(run, origin)
    for alias in node.names:
        if alias.name != "*":
            run.library.imported(run, f"{origin}.{alias.name}")
    for alias in node.names:
        if alias.name == "*":
            for name, value in star_names(run, origin).items():
                run.bind(name, value, frame)
        else:
            bind_name(run, alias.asname or alias.name, Dotted(f"{origin}.{alias.name}"), frame)


def star_names(run: Interpreter, origin: str) -> dict[str, Value]:
    found = run.library.attribute(run, Dotted(origin), "*")
    if not isinstance(found, dict):
        return {}
    stated = run.attribute(Dotted(origin), "__all__") if "__all__" in found else None
    listed = None if stated is None else run.items(stated)
    if listed is not None and listed.exact and all(map(whole, listed.slots)):
        return {name: found.get(name, Dotted(f"{origin}.{name}")) for name in listed.slots}
    return {name: value for name, value in found.items() if listed is not None or not name.startswith("_")}


def do_with(run: Interpreter, node: ast.With | ast.AsyncWith, frame: Frame) -> Flow | None:
    return run_with(run, node.items, node.body, frame)


def run_with(run: Interpreter, items: list[ast.withitem], body: list[ast.stmt], frame: Frame) -> Flow | None:
    if not items:
        return run.block(body, frame)
    item, rest = items[0], items[1:]
    line = item.context_expr.lineno
    mark(run, item.context_expr, frame)
    manager = run.evaluate(item.context_expr, frame)
    if isinstance(manager, BoundFunction) and isinstance(manager.function, Function):
        function = manager.function
        if function.kind == "context":

            def block(value: Value) -> Flow | None:
                if item.optional_vars is not None:
                    run.assign(item.optional_vars, value, frame)
                return run_with(run, rest, body, frame)

            arguments = Arguments(list(manager.args), dict(manager.kwargs))
            return _in_generator(run, function, arguments, line, block)
    value = entered(run, manager)
    if item.optional_vars is not None:
        run.assign(item.optional_vars, value, frame)
    if isinstance(manager, Autocommit):
        run.library.method(run, manager, "__enter__", Arguments([], {}))
        run.recorder.autocommit += 1
        try:
            return run_with(run, rest, body, frame)
        finally:
            run.recorder.autocommit -= 1
            run.library.method(run, manager, "__exit__", Arguments([None, None, None], {}))
    flow = _hidden(run, rest, body, frame) if _may_hide(manager) else run_with(run, rest, body, frame)
    if isinstance(manager, (Batch, Connection)):
        run.library.method(run, manager, "__exit__", Arguments([None, None, None], {}))
    hides = isinstance(manager, (Unknown, Dotted)) or _may_hide(manager)
    if isinstance(manager, Instance):
        exited = method_of(run, manager, "__exit__", Arguments([None, None, None], {}))
        hides = run.truth(exited) is not False
    return _past(run, flow, hides, line)


def _in_generator(
    run: Interpreter,
    function: Function,
    arguments: Arguments,
    line: int,
    block: Callable[[Value], Flow | None],
) -> Flow | None:
    """Run a block where a context manager's generator yields.

    The ways by which the block is left are not the generator's own: they wait until it has ended.
    """
    store, conditions = run.store, run.recorder.conditions
    start, ended = store.depth, list[Flow | None]()
    behind: list[Condition] = []

    def inside(value: Value) -> Value:
        depth, known = store.depth, len(conditions)
        flow = block(value)
        for log in store.logs[depth:]:
            for exit in log.exits:
                exit.kind = _WAITS + exit.kind
        ended.append(flow)
        behind.extend(conditions[known:])
        return None

    run.call_function(function, arguments, on_yield=inside)
    for exit in store.see_out(start):
        exit.kind = exit.kind.removeprefix(_WAITS)
    conditions += behind
    catches = any(isinstance(each, ast.Try) and each.handlers for each in ast.walk(function.node))
    return _past(run, _one_of(run, ended), catches, line)


def _one_of(run: Interpreter, ended: Sequence[Flow | None]) -> Flow | None:
    """How a block ends that ran for one of several `yield`s, as each of them ended."""
    left = [flow for flow in ended if flow is not None]
    if len(left) < len(ended) or len({flow.kind for flow in left}) > 1:
        run.store.go_on((), [Exit(flow.kind, flow.value, {}) for flow in left if flow.kind != "raise"])
        return None
    return Flow(left[0].kind, join_all(flow.value for flow in left)) if left else None


#: Before the kind of a way that leaves a block inside a generator, until that has ended.
_WAITS = "behind the generator: "


def _may_hide(manager: Value) -> bool:
    """Whether a context manager is known to suppress exceptions."""
    if isinstance(manager, BoundFunction):
        return bool(manager.function == Dotted("contextlib.suppress"))
    leave = lookup(manager.of, "__exit__") if isinstance(manager, Instance) else None
    return isinstance(leave, Function) and any(
        isinstance(node, ast.Return)
        and node.value is not None
        and not (isinstance(node.value, ast.Constant) and not node.value.value)
        for node in ast.walk(leave.node)
    )


def _hidden(run: Interpreter, items: list[ast.withitem], body: list[ast.stmt], frame: Frame) -> Flow | None:
    """Run the body of a `with` whose manager may suppress an exception raised anywhere in it."""
    watch = run.store.watch()
    try:
        flow = run_with(run, items, body, frame)
    finally:
        run.store.watches.remove(watch)
    run.store.fail(watch)
    return flow


def _past(run: Interpreter, flow: Flow | None, hides: bool, line: int) -> Flow | None:
    """How a `with` ends whose manager may suppress exceptions, given how its body ended.

    Before the body came to its `return`, something in it may have failed: what is behind the `with` runs.
    """
    if flow is None or not hides:
        return flow
    if flow.kind == "raise":
        return None
    reason = f"whether what the `with` at line {line} suppresses happens is not known before it runs"
    return run.arms(((f"{line}:with", reason, lambda: flow), (f"{line}:suppressed", reason, lambda: None)))


def entered(run: Interpreter, manager: Value) -> Value:
    if isinstance(manager, Instance):
        found = method_of(run, manager, "__enter__", Arguments([], {}))
        return manager if isinstance(found, Unknown) else found
    return manager
