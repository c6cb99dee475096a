"""Reads one migration script: what its `upgrade()` and its `downgrade()` do."""

from __future__ import annotations

import ast
import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from migration_lint.data_class import dataclass
from migration_lint.operations import ANY_TABLE, Dialect, Operation
from migration_lint.reading.models.libraries import Libraries
from migration_lint.reading.project.modules import ProjectFiles, postpones
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.ledger import Ledger, left_over
from migration_lint.reading.python.recorder import Recorder
from migration_lint.reading.python.running import Arguments, Exhausted
from migration_lint.reading.python.values import (
    BoundFunction,
    Dotted,
    FilePath,
    Function,
    Module,
    Unknown,
    Value,
)

#: Python's frames that walking a script may take: an expression of the script takes several at each level.
_FRAMES = 6_000


@dataclass(frozen=True, slots=True)
class Directions:
    """The operations of both directions of a script, in the order in which they run."""

    upgrade: tuple[Operation, ...]
    downgrade: tuple[Operation, ...]
    downgrade_state: str = "runs"  # runs | missing | empty | raises


def read_module(
    module: ast.Module, path: str, dialect: Dialect = "postgresql", files: ProjectFiles | None = None
) -> Directions:
    """What a parsed script does in either direction. Never raises on account of what the script holds."""
    with _begun(module, path, files) as found:
        upgrade = _Direction(module, path, dialect, found, "upgrade")
        downgrade = _Direction(module, path, dialect, found, "downgrade")
        upgrade.balance(lambda: downgrade.run.ledger)
        downgrade.balance(lambda: upgrade.run.ledger)
        return Directions(
            tuple(upgrade.recorder.operations),
            tuple(downgrade.recorder.operations),
            _downgrade_state(module),
        )


def read_upgrade(
    module: ast.Module, path: str, dialect: Dialect, files: ProjectFiles
) -> tuple[Operation, ...]:
    """What `upgrade()` of a parsed script does, as `read_module` says it.

    The other direction is walked only where it tells whether all of this one was come to.
    """
    with _begun(module, path, files) as found:
        upgrade = _Direction(module, path, dialect, found, "upgrade")
        upgrade.balance(lambda: _Direction(module, path, dialect, found, "downgrade").run.ledger)
        return tuple(upgrade.recorder.operations)


@contextmanager
def _begun(module: ast.Module, path: str, files: ProjectFiles | None) -> Iterator[ProjectFiles]:
    """The project around a script, while the script is walked."""
    found = files if files is not None else ProjectFiles(None)
    frames = sys.getrecursionlimit()
    if frames < _FRAMES:
        sys.setrecursionlimit(_FRAMES)
    found.begin(module, path)
    collecting = gc.isenabled()
    gc.disable()  # walking a script makes little that is garbage, and looking for it takes a third longer
    try:
        yield found
    finally:
        if collecting:
            gc.enable()
        if frames < _FRAMES:
            sys.setrecursionlimit(frames)


class _Direction:
    """One direction of a script: its operations, and whether the walk reached its end."""

    def __init__(
        self, module: ast.Module, path: str, dialect: Dialect, files: ProjectFiles, name: str
    ) -> None:
        self._module = module
        self._name = name
        self._engine = files.engine
        self.recorder = recorder = Recorder(path)
        files.begin_direction()
        script = Module(files.module_name(path), path, postpones(module))
        self.run = run = Interpreter(Libraries(dialect, files), recorder, script)
        self._whole = False  # whether it was walked to its end
        script.frame.locals.update({"__name__": script.name, "__file__": FilePath(path)})
        try:
            run.block(module.body, script.frame)
            self._call(run, script)
            self._whole = True
        except Exhausted as limit:
            recorder.opaque(f"{limit}, so the rest of it is not read", (ANY_TABLE,))
        except (RecursionError, MemoryError):
            recorder.opaque("the script nests too deep to be read", (ANY_TABLE,))
        except Exception as fault:
            if os.environ.get("MIGRATION_LINT_DEBUG"):
                raise
            # A fault of this reader must not hide what the script does, nor stop the run over the others.
            recorder.opaque(
                f"the reader failed here ({type(fault).__name__}), which is a defect of migration-lint",
                (ANY_TABLE,),
            )

    def _call(self, run: Interpreter, script: Module) -> None:
        """Call the function that Alembic calls: whatever the script binds to its name last."""
        name, recorder = self._name, self.recorder
        entry = run.resolve(script.frame.locals.get(name))
        if entry is None:
            made = script.frame.locals.get("__getattr__")
            entry = None if made is None else run.call(made, Arguments([name], {}))
        if isinstance(entry, Unknown):
            recorder.opaque(f"what `{name}` is could not be worked out: {entry.reason}")
        elif entry is not None:
            run.stack.append(script.frame)
            recorder.place = None
            if isinstance(entry, Function) and entry.frame is script.frame:
                entry.is_generator = False  # what it returns is not used, so nobody has to look
            run.call(entry, Arguments(_parameters(entry, self._engine), {}))

    def balance(self, other: Callable[[], Ledger]) -> None:
        """Emit an opaque operation for each leftover: neither interpreted nor proven unreachable.

        `other` gives the ledger of the other direction.
        """
        if not self._whole:
            return
        recorder, run = self.recorder, self.run
        recorder.conditions.clear()
        for node in left_over(run.ledger, self._module, self._name, other):
            recorder.place = node if isinstance(node, (ast.expr, ast.stmt)) else None
            recorder.opaque(
                "whether this runs could not be worked out, and it names what reaches the database"
            )
        recorder.place = None
        for function in run.entered:
            body = function.node.body
            if isinstance(body, ast.expr) or id(function.node) in run.ledger.settled:
                continue
            if left_over(run.ledger, ast.Module(body, []), "", other):
                recorder.opaque(
                    f"a part of `{function.name}` in {function.frame.module.path} could not be worked out, "
                    "and it names what reaches the database"
                )


def _parameters(entry: Value, engine: str | None) -> list[Value]:
    """What a project's own env.py passes to `upgrade`: the database's name, or `op` itself."""
    function = entry.function if isinstance(entry, BoundFunction) else entry
    if not isinstance(function, Function):
        return []
    spec = function.node.args
    names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    needed = names[: len(names) - len(function.defaults)] if function.defaults else names
    if len(needed) == 1 and engine is not None:
        return [engine]
    return [_parameter(name) for name in needed]


def _parameter(name: str) -> Value:
    if name in ("op", "operations"):
        return Dotted("alembic.op")
    return Unknown(f"what env.py passes as `{name}` is not known")


def _downgrade_state(module: ast.Module) -> str:
    for statement in module.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "downgrade":
            body = [
                each
                for each in statement.body
                if not isinstance(each, ast.Pass)
                and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
            ]
            if not body:
                return "empty"
            return "raises" if isinstance(body[0], ast.Raise) else "runs"
    return "missing"
