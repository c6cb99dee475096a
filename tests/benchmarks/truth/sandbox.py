"""Runs migration scripts for real, one fork for each, and prints what they did as JSON lines.

    python -I sandbox.py < job.json

Started by `tests.benchmarks.truth.running`, without a network where that can be had, in an empty folder,
with limits on memory and time. It is no jail: an audit hook refuses what a script might do by accident
(write outside its folder, start programs, open sockets). It imports nothing of migration-lint, so that it
also runs under interpreters with older releases of Alembic and SQLAlchemy.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import json
import os
import re
import resource
import select
import signal
import sys
import time
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

MODES = ("offline", "empty", "everything")
_NAME = re.compile(r"[A-Za-z_][\w$]{0,62}")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
#: What has to be imported for directives that scripts use and leave it to env.py to import.
_REGISTERS = {
    "sync_enum_values": ("alembic_postgresql_enum", "alembic_autogenerate_enums"),
    "add_enum_value": ("alembic_postgresql_enum",),
    "_geospatial_": ("geoalchemy2.alembic_helpers",),
    "_entity": ("alembic_utils.replaceable_entity",),
}
#: A script that sends more than this is cut off there.
MOST_RECORDS = 20_000


class Enough(Exception):
    """A script sent more than is looked at."""


class Recording:
    """Where a run's records go."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.silent = 0
        self.dialect: Any = None

    def note(self, construct: Any) -> None:
        from elements import describe

        if self.silent:
            return
        if len(self.records) > MOST_RECORDS:
            raise Enough
        self.records.extend(describe(construct, self.dialect))


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook."""
    if event == "open":
        path, _, flags = (*arguments, 0, 0)[:3]
        writes = isinstance(flags, int) and flags & _WRITES
        if writes and not isinstance(path, int) and str(path) != os.devnull:
            inside = os.path.realpath(os.fsdecode(path)).startswith(os.getcwd() + "/")
            if not inside:
                raise PermissionError(f"the sandbox writes nothing to {path!r}")
    elif event.startswith(
        ("subprocess.", "socket.connect", "os.system", "os.exec", "os.posix_spawn", "os.fork")
    ):
        raise PermissionError(f"the sandbox refuses {event}")
    elif event in (
        "os.remove",
        "os.rename",
        "os.rmdir",
        "shutil.rmtree",
        "os.kill",
        "os.truncate",
        "os.chmod",
    ):
        inside = os.path.realpath(str(arguments[0])).startswith(os.getcwd() + "/")
        if not inside:
            raise PermissionError(f"the sandbox refuses {event}")


def names_of(source: str) -> list[str]:
    """Every text of a script that could be a name."""
    found: dict[str, None] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME.fullmatch(node.value):
            found[node.value] = None
    return list(found)


def patch_alembic(recording: Recording) -> None:
    """Note what Alembic writes in offline mode, and what one statement, or several of them, do at once."""
    from alembic.ddl.impl import DefaultImpl
    from alembic.ddl.mssql import MSSQLImpl
    from alembic.ddl.mysql import MySQLImpl
    from alembic.ddl.sqlite import SQLiteImpl
    from alembic.operations.batch import BatchOperationsImpl
    from elements import alter_column

    executes: Any = DefaultImpl._exec

    def execute(self: Any, construct: Any, *args: Any, **kw: Any) -> Any:
        if self.as_sql:
            recording.note(construct)
        return executes(self, construct, *args, **kw)

    def altering(alters: Any) -> Any:
        """For MySQL, which alters a column by one statement, and SQL Server, whose NOT NULL holds a type."""

        def alter(self: Any, table_name: str, column_name: str, **kw: Any) -> Any:
            arguments = {"table_name": table_name, "column_name": column_name, **kw}
            if not recording.silent:
                recording.records.extend(alter_column(arguments, self.dialect))
            recording.silent += 1
            try:
                return alters(self, table_name, column_name, **kw)
            finally:
                recording.silent -= 1

        return alter

    # What a table that is copied ends as is what the operations say, and that is what is compared.
    patches: tuple[tuple[type, str, Any], ...] = (
        (DefaultImpl, "_exec", execute),
        (MySQLImpl, "alter_column", altering(MySQLImpl.alter_column)),
        (MSSQLImpl, "alter_column", altering(MSSQLImpl.alter_column)),
        (BatchOperationsImpl, "_should_recreate", lambda self: False),
        (SQLiteImpl, "add_constraint", DefaultImpl.add_constraint),
        (SQLiteImpl, "drop_constraint", DefaultImpl.drop_constraint),
    )
    for kind, name, value in patches:
        setattr(kind, name, value)


@contextlib.contextmanager
def alembic_context(dialect: str, mode: str, names: list[str], recording: Recording) -> Iterator[Any]:
    """Alembic's `op` and `context`, set up on a database that records."""
    import answers
    from alembic.config import Config
    from alembic.operations import Operations
    from alembic.runtime.environment import EnvironmentContext
    from sqlalchemy import MetaData

    told = answers.Answers(mode, names, recording.note)
    answers.patch_reflection(told)
    engine = answers.engine(dialect, told)
    recording.dialect = engine.dialect
    config = Config()
    config.set_main_option("script_location", os.getcwd())
    script: Any = types.SimpleNamespace(dir=os.getcwd(), versions=os.getcwd())
    options: dict[str, Any] = {"target_metadata": MetaData(), "transactional_ddl": True}
    recording.silent += 1
    if mode == "offline":
        with EnvironmentContext(config, script, as_sql=True) as environment:
            environment.configure(dialect_name=dialect, output_buffer=io.StringIO(), **options)
            context = environment.get_context()
            context.dialect.server_version_info = answers._VERSIONS[dialect]
            recording.dialect = context.dialect
            recording.silent -= 1
            with Operations.context(context) as op:
                yield op
        return
    with EnvironmentContext(config, script, as_sql=False) as environment, engine.connect() as connection:
        environment.configure(connection=connection, **options)
        context = environment.get_context()
        recording.silent -= 1
        with Operations.context(context) as op, context.begin_transaction(_per_migration=False):
            yield op
            recording.silent += 1


def register_directives(source: str) -> None:
    """Import the real libraries whose directives a script uses, as far as they are installed."""
    for word, libraries in _REGISTERS.items():
        if word in source:
            named = [library for library in libraries if library in source]
            importlib.import_module((named or libraries)[0])


class Telling(ast.NodeTransformer):
    """Makes every `except` begin with a call that tells which lines of its `try` did not run."""

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        for handler in getattr(node, "handlers", ()):
            tried = [*node.body, *node.orelse]  # type: ignore[attr-defined]
            lines = [each.lineno for each in tried]
            call = ast.parse(f"__truth_caught__({lines}, {tried[-1].end_lineno})").body[0]
            for each in ast.walk(call):
                ast.copy_location(each, handler)
            handler.body.insert(0, call)
        return node


def load(path: str, package: str, recording: Recording) -> types.ModuleType:
    """The script as a module, executed anew. What it catches is noted, with the lines left out for it."""
    tree = Telling().visit(ast.parse(Path(path).read_bytes()))

    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]

    def caught(lines: list[int], last: int) -> None:
        failure, trace = sys.exc_info()[1:]
        at = trace.tb_lineno if trace else 0
        left = [[max((line for line in lines if line <= at), default=at), last]]
        while trace and (trace := trace.tb_next):  # and what is left of functions that the `try` calls
            ends = [
                each.end_lineno for each in functions if each.lineno <= trace.tb_lineno <= each.end_lineno
            ]
            if ends and trace.tb_frame.f_code.co_filename == path:
                left.append([trace.tb_lineno, min(ends)])
        error = f"{type(failure).__name__}: {failure}"[:110]
        recording.records.append({"kind": "caught", "lines": left, "error": error})

    module = types.ModuleType(f"{package}.{Path(path).stem}" if package else Path(path).stem)
    module.__file__ = path
    module.__package__ = package
    sys.modules[module.__name__] = module  # dataclasses look themselves up
    module.__dict__["__truth_caught__"] = caught
    exec(compile(tree, path, "exec"), module.__dict__)
    return module


def call(module: types.ModuleType, direction: str, op: Any) -> None:
    """Call a direction the way the project's own env.py would."""
    from stubs import stub

    function: Callable[..., Any] = getattr(module, direction)
    code = getattr(function, "__code__", None)
    if code is None:
        function()
        return
    needed = code.co_varnames[: code.co_argcount - len(function.__defaults__ or ())]
    if "engine_name" in needed or "engine" in needed:
        engines = [name[len(direction) + 1 :] for name in vars(module) if name.startswith(f"{direction}_")]
        for engine in engines or [""]:
            function(engine)
        return
    known = {"op": op, "operations": op}
    function(*(known[name] if name in known else stub(name)() for name in needed))


def run(job: dict[str, Any], path: str, package: str) -> dict[str, Any]:
    """All runs of one script: direction → mode → records, and the error that ended it."""
    recording = Recording()
    patch_alembic(recording)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = Path(path).read_text("utf-8-sig")
        names = names_of(source)
        register_directives(source)
        found: dict[str, Any] = {}
        for direction in ("upgrade", "downgrade"):
            found[direction] = {}
            for mode in MODES:
                recording.records, recording.silent, error = [], 0, None
                try:
                    with alembic_context(job["dialect"], mode, names, recording) as op:
                        module = load(path, package, recording)
                        if not hasattr(module, direction):
                            break
                        call(module, direction, op)
                except Enough:
                    error = "Enough: more records than are looked at"
                except (Exception, SystemExit) as failure:
                    error = f"{type(failure).__name__}: {failure}".strip()[:300]
                found[direction][mode] = {"records": recording.records, "error": error}
        return found


def forked(job: dict[str, Any], path: str, package: str) -> dict[str, Any]:
    """Run one script in a process of its own; a run that takes too long is ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 1))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        sys.addaudithook(refuse)
        try:
            result = run(job, path, package)
        except BaseException as failure:
            result = {"error": f"{type(failure).__name__}: {failure}"[:300]}
        data = json.dumps(result, default=str).encode()
        while data:
            data = data[os.write(writing, data) :]
        os._exit(0)
    os.close(writing)
    chunks: list[bytes] = []
    end = time.monotonic() + job["seconds"] + 5
    while select.select([reading], [], [], max(0.0, end - time.monotonic()))[0]:
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            break
        chunks.append(chunk)
    else:
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    os.waitpid(child, 0)
    try:
        result = json.loads(b"".join(chunks))
    except ValueError:
        result = {"error": f"ended after {job['seconds']} s"}
    return {"path": path, **result}


def main() -> None:
    """Read the job, run its scripts, print a line for each."""
    job = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in ("alembic.command", "alembic.op", "sqlalchemy.orm", "answers", "elements"):
        importlib.import_module(name)  # once, before the forks
    from stubs import install, know_types

    sys.path.remove(str(Path(__file__).resolve().parent))
    know_types()
    install([Path(root) for root in job["roots"]])
    for script in job["scripts"]:
        print(json.dumps(forked(job, script["path"], script["package"])), flush=True)


if __name__ == "__main__":
    main()
