"""Escapes: values handed to code that cannot be read, which may call them with anything, at any time.

A function of the project, and a method of an object, is followed with arguments that are not known. What
reaches the database by itself when it is called is opaque.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migration_lint.reading.python.inert import mentioned, only_computes
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Autocommit,
    Batch,
    BoundFunction,
    Class,
    Connection,
    Dict,
    Dotted,
    Function,
    Implementation,
    Instance,
    List,
    Method,
    MigrationContext,
    Unknown,
    Value,
    alternatives,
    ancestors,
    reaches,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter

#: How many entries of a container are looked at.
_MOST_ENTRIES = 50
#: Directives that only give something.
_GIVING = frozenset(
    "alembic.op.f alembic.op.get_bind alembic.op.get_context alembic.op.inline_literal".split()
)
_PLAIN = (str, int, float, bytes, bool, type(None))


def hand_over(run: Interpreter, value: Value, depth: int = 2) -> bool:
    """Follow what code that cannot be read may do with a value: call it, or what it holds.

    Whether something that was called gave what reaches the database.
    """
    if isinstance(value, _PLAIN):
        return False
    given = False
    for each in alternatives(value):
        if isinstance(each, (List, tuple, Dict)):
            inside = each.every() if isinstance(each, (List, Dict)) else each
            for item in inside[:_MOST_ENTRIES] if depth else ():
                given = hand_over(run, item, depth - 1) or given
            continue
        inner = each.function if isinstance(each, BoundFunction) else each
        if isinstance(inner, Function):
            made = _call(run, each, inner, len(each.args) if isinstance(each, BoundFunction) else 0)
            given = given or reaches(made)
        elif isinstance(inner, (Instance, Class)):
            for method in methods(run, inner) if _looked_at(run, inner) else ():
                if acts(run, method):
                    _call(
                        run,
                        BoundFunction(method, (inner,)) if isinstance(inner, Instance) else method,
                        method,
                        1,
                    )
        elif isinstance(inner, Autocommit):
            may_commit(run)
        elif can_be_called(inner, connection=not run.recorder.application):
            run.recorder.opaque(
                "what reaches the database is given to code that cannot be read, and may call it"
            )
        elif isinstance(each, BoundFunction):
            given = hand_over(run, (each.function, *each.args), depth - 1 if depth else 0) or given
    return given


def may_commit(run: Interpreter) -> None:
    """Note that each later statement may be a transaction of its own."""
    run.sql_session = run.sql_session.join(run.sql_session.in_autocommit(True))


def _looked_at(run: Interpreter, of: Instance | Class) -> bool:
    """Whether the methods of an object or class matter when it escapes."""
    recorder = run.recorder
    if recorder.calm or (recorder.application and isinstance(of, Class)):
        return False  # the frameworks of an application keep its classes for later
    made = of.of if isinstance(of, Instance) else of
    carried = run.library.carried(made.frame.module)
    return carried is None or made.name in carried


def acts(run: Interpreter, function: Function) -> bool:
    """Whether a function may do more than compute: told by the text of its module first, which is cheap."""
    carried = run.library.carried(function.frame.module)
    if carried is not None and carried.isdisjoint(mentioned(function)):
        return False
    return not only_computes(run, function)


def can_be_called(value: Value, connection: bool = True) -> bool:
    """Whether calling a value may reach a database; `connection`: a method of a connection does."""
    if isinstance(value, Dotted):
        return value.path.startswith("alembic.op.") and value.path not in _GIVING
    of = value.of if isinstance(value, Method) else None
    return isinstance(of, (Batch, Implementation, MigrationContext)) or (
        connection and isinstance(of, Connection)
    )


def methods(run: Interpreter, of: Instance | Class) -> Iterator[Function]:
    """The functions of an object's class, and of those that it derives from, without its constructor."""
    for each in ancestors(of.of if isinstance(of, Instance) else of, run.resolve):
        for name, value in each.names.plain().items() if isinstance(each, Class) else ():
            if isinstance(value, Function) and (name not in _MAKING or isinstance(of, Class)):
                yield value


_MAKING = frozenset(("__init__", "__new__", "__post_init__", "__init_subclass__"))


def _call(run: Interpreter, callee: Value, function: Function, given: int) -> Value:
    spec = function.node.args
    count = max(len(spec.args) + len(spec.posonlyargs) - given, 0)
    if isinstance(callee, Function):
        count += given and bool(spec.args or spec.posonlyargs)
    line = getattr(run.recorder.place, "lineno", 0)
    run.recorder.conditions.append(
        Condition(f"{line}:callback", "whether code that cannot be read calls a function is not known")
    )
    try:
        passed = [Unknown("what a library passes is not known") for _ in range(count)]
        return run.call(callee, Arguments(passed, {}))
    finally:
        run.recorder.conditions.pop()


def kept(values: Iterator[Value], reason: str) -> Value:
    """An unknown result of a library call that may hold the call's arguments."""
    return Unknown(reason, reach=any(map(reaches, values)))
