"""Calls of Alembic: its directives, the project's own beside them, and what stands around both."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.reading.models import alembic, alembic_batch, database, table
from migration_lint.reading.models.alembic_api import BATCH_OPERATIONS, OPERATIONS, is_directive
from migration_lint.reading.models.arguments import counted
from migration_lint.reading.models.context import context
from migration_lint.reading.models.strangers import call_stranger
from migration_lint.reading.project.modules import Names
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Batch,
    BatchImplementation,
    BoundFunction,
    Class,
    Connection,
    Data,
    Dotted,
    Instance,
    Method,
    MigrationContext,
    Module,
    Unknown,
    Value,
    whole,
)
from migration_lint.wording import BESIDE_RIGHT, did_you_mean, near

_OP = Dotted("alembic.op")


def directive(run: Interpreter, name: str, a: Arguments, batch: Batch | None = None) -> Value:
    """`op.<name>(…)` or `batch_op.<name>(…)`."""
    if name == "get_bind":
        return Connection()
    if name in _REGISTERING:
        return _REGISTERING[name](run, a)
    if name in ("__enter__", "context"):
        return batch if batch is not None else _OP
    if is_directive(name, batch is not None) or is_directive(name, False):
        return alembic.issue(run, context(run).dialect, name, a, batch)
    own, key = context(run).operations.directives, (name, batch is not None)
    if key not in own:
        _find_registrations(run)
    operations: Value = _OP if batch is None else batch
    if key in own:
        of, method = own[key]
        return run.call(run.attribute(of, method), a._replace(args=[operations, *a.args]))
    context(run).modules.walks(run)
    if context(run).modules.overlays.issue(run, name, a, batch):
        return None
    run.recorder.opaque(f"`op.{name}` is no directive of Alembic's own{_meant(name, batch is not None)}")
    return Unknown(f"what `op.{name}` gives is not known")


def _meant(name: str, batch: bool) -> str:
    """The question after a directive with nearly that name; "" where there is none."""
    meant = near(name, BATCH_OPERATIONS if batch else OPERATIONS, BESIDE_RIGHT)
    return f" ({did_you_mean(f'`{meant}`')})" if meant else ""


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


@table.attribute(Batch)
def _of_batch_attribute(run: Interpreter, of: Batch, name: str) -> Value:
    if name == "impl":
        return BatchImplementation(of)
    return MigrationContext() if name == "migration_context" else Method(of, name)


@table.attribute(BatchImplementation)
def _of_batch_implementation(run: Interpreter, of: BatchImplementation, name: str) -> Value:
    if name in ("table_name", "schema"):
        return of.of.table if name == "table_name" else of.of.schema
    return Unknown(f"what `{name}` of a batch is, is not known", reach=True)


@table.altered(Batch, BatchImplementation)
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
    if last == "register_operation":
        return _registers(run, a, batch="BatchOperations" in path)
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


def _registers(run: Interpreter, a: Arguments, *, batch: bool) -> Value:
    return BoundFunction(Dotted("<made>.register"), (batch, a.get(0, "name"), a.get(1, "sourcename")))


def _implements(run: Interpreter, a: Arguments) -> Value:
    of = run.resolve(a.get(0, "op_cls"))
    if not isinstance(of, Class):
        # With `replace=True`; without it Alembic refuses where there is one.
        run.recorder.opaque("a directive of Alembic is carried out by a function that is put in its place")
    return BoundFunction(Dotted("<made>.implement"), (a.get(0, "op_cls"),))


def _registered(run: Interpreter, a: Arguments) -> Value:
    """A class of the project is registered as an operation of its own."""
    if len(a.args) == 4 and whole(a.args[1]):
        batch, name, source, of = a.args
        context(run).operations.directives[name, batch is True] = (of, source if whole(source) else name)
        context(run).modules.registered()
    return a.args[-1]


def _implemented(run: Interpreter, a: Arguments) -> Value:
    """A function of the project is registered to carry out an operation."""
    if len(a.args) == 2:
        context(run).operations.implementations.append((a.args[0], a.args[1]))
        context(run).modules.registered()
    return a.args[-1]


def _revision(run: Interpreter, a: Arguments) -> Value:
    """A script of the history by its revision, for what another says of an object: `.module.name`."""
    revision, files = a.get(0, "id_"), context(run).files
    found: list[Module] = []
    for dotted in files.mentioning(revision) if whole(revision) else ():
        module = context(run).modules.module(run, dotted)
        source = None if module is None else files.source(module.path)
        if module is not None and source is not None and source.says("revision", revision):
            found.append(module)
    if len(found) != 1:
        return Unknown("which revision's script is asked for could not be worked out")
    names: dict[str, Value] = {"module": found[0], "revision": revision}
    return Instance(Class("Script", (), {}, run.script.frame), names)


#: Directives by which a project adds its own.
_REGISTERING: dict[str, Callable[[Interpreter, Arguments], Value]] = {
    "implementation_for": _implements,
    "register_operation": lambda run, a: _registers(run, a, batch=False),
}
_BY_LAST_PART: dict[str, Callable[[Interpreter, Arguments], Value]] = {
    "implementation_for": _implements,
    "get_bind": lambda run, a: Connection(),
    "get_connection": lambda run, a: Connection(),
}

table.names({
    "alembic.operations.Operations": lambda run, a: _OP,
    "alembic.operations.base.Operations": lambda run, a: _OP,
    "alembic.operations.Operations.context": lambda run, a: _OP,
    "<made>.register": _registered, "<made>.implement": _implemented,
    "<made>.script.get_revision": _revision,
})  # fmt: skip
