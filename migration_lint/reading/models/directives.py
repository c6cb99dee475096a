"""Calls of Alembic: its directives, the project's own beside them, and what stands around both."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.reading.models import alembic, alembic_batch, database, table
from migration_lint.reading.models.alembic_api import is_directive
from migration_lint.reading.models.arguments import counted
from migration_lint.reading.models.context import context
from migration_lint.reading.models.strangers import call_stranger
from migration_lint.reading.project.modules import Names
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Batch,
    Bound,
    Class,
    Connection,
    Data,
    Dotted,
    MigrationContext,
    Unknown,
    Value,
    whole,
)

_OP = Dotted("alembic.op")


def directive(run: Interpreter, name: str, a: Arguments, batch: Batch | None = None) -> Value:
    """`op.<name>(…)` or `batch_op.<name>(…)`."""
    if name == "get_bind":
        return Connection()
    if is_directive(name, batch is not None) or is_directive(name, False):
        return alembic.issue(run, context(run).dialect, name, a, batch)
    if name in ("__enter__", "context"):
        return batch if batch is not None else _OP
    model = table.DIRECTIVES.get(name)
    if model is not None:
        return model(run, a)
    own = context(run).operations.directives
    if name not in own:
        _find_registrations(run)
    if name in own:
        of, method = own[name]
        return run.call(run.attribute(of, method), a._replace(args=[_OP, *a.args]))
    run.recorder.opaque(f"`op.{name}` is no directive of Alembic's own")
    return Unknown(f"what `op.{name}` gives is not known")


def _find_registrations(run: Interpreter) -> None:
    """Walk the project's modules that register operations: env.py imports them, if not the script."""
    here = context(run)
    if not here.operations.searched:
        here.operations.searched = True
        for dotted in here.files.mentioning("register_operation"):
            module = here.modules.module(run, dotted)
            if module is not None and isinstance(module.frame.locals, Names):
                module.frame.locals.whole()


@table.library("alembic.op")
def _call_directive(run: Interpreter, path: str, a: Arguments) -> Value:
    name = path.removeprefix("alembic.op").removeprefix(".")
    return directive(run, name, counted(a)) if name else call_stranger(run, path, counted(a))


@table.method(Batch)
def _of_batch(run: Interpreter, of: Batch, name: str, a: Arguments) -> Value:
    if name == "__exit__":
        alembic_batch.leave(run, of)
    return of if name.startswith("__") else directive(run, name, a, of)


@table.altered(Batch)
def _alter_batch(of: Batch, name: str, value: Value, perhaps: bool) -> bool:
    return False


# Around the directives


def _element(run: Interpreter, name: str, a: Arguments) -> Value:
    return alembic.operation_element(run, context(run).dialect, name, a)


@table.library("alembic.operations")
def _call_operations(run: Interpreter, path: str, a: Arguments) -> Value:
    last = path.rpartition(".")[2]
    if last.endswith(("Op", "Ops")):
        return _element(run, last, counted(a))
    return _call_alembic(run, path, a)


@table.library("alembic")
def _call_alembic(run: Interpreter, path: str, a: Arguments) -> Value:
    a = counted(a)
    part, last = f"{path}.".split(".")[1], path.rpartition(".")[2]
    model = _BY_LAST_PART.get(last)
    if model is not None:
        return model(run, a)
    if last == "configure":
        alembic.configured(run, a)
    if last in ("get_context", "configure") and part in ("context", "migration", "runtime"):
        return MigrationContext()
    if part not in ("context", "util", "config", "script"):
        return call_stranger(run, path, a)
    if last == "execute":
        database.execute(run, context(run).dialect, a.get(0, "sql"))
        return Data()
    return Unknown("how Alembic is called is not known before it runs")


def _registers(run: Interpreter, a: Arguments) -> Value:
    return Bound(Dotted("<made>.register"), (a.get(0, "name"), a.get(1, "sourcename")))


def _implements(run: Interpreter, a: Arguments) -> Value:
    of = run.resolve(a.get(0, "op_cls"))
    if not isinstance(of, Class):
        # With `replace=True`; without it Alembic refuses where there is one.
        run.recorder.opaque("a directive of Alembic is carried out by a function that is put in its place")
    return Bound(Dotted("<made>.implement"), (a.get(0, "op_cls"),))


def _registered(run: Interpreter, a: Arguments) -> Value:
    """A class of the project is registered as an operation of its own."""
    if len(a.args) == 3 and whole(a.args[0]):
        name, source, of = a.args
        context(run).operations.directives[name] = (of, source if whole(source) else name)
    return a.args[-1]


def _implemented(run: Interpreter, a: Arguments) -> Value:
    """A function of the project is registered to carry out an operation."""
    if len(a.args) == 2:
        context(run).operations.implementations.append((a.args[0], a.args[1]))
    return a.args[-1]


_BY_LAST_PART: dict[str, Callable[[Interpreter, Arguments], Value]] = {
    "register_operation": _registers,
    "implementation_for": _implements,
    "get_bind": lambda run, a: Connection(),
    "get_connection": lambda run, a: Connection(),
}

table.names({
    "alembic.operations.Operations": lambda run, a: _OP,
    "alembic.operations.base.Operations": lambda run, a: _OP,
    "alembic.operations.Operations.context": lambda run, a: _OP,
    "<made>.register": _registered, "<made>.implement": _implemented,
})  # fmt: skip
