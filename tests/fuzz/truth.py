"""What a made-up script really drops: it is run in a child process against an `op` that records.

Only scripts of `programs` and of the seeds are run; they have no way to files or the network: nothing but
a few modules can be imported.
"""

from __future__ import annotations

import builtins
import contextlib
import json
import os
import resource
import signal
import sys
import types
from typing import Any, NamedTuple

import sqlalchemy

from migration_lint.reading.sql import read_sql

_SECONDS = 1
_BYTES = 1_500_000_000
_READY = sqlalchemy.text  # imported before the first child, which need not do it again
_MODULES = frozenset(
    "__future__ contextlib dataclasses enum functools itertools operator collections string math re typing "
    "sqlalchemy alembic textwrap json copy abc types".split()
)

#: A table, and the column of it; None: the table itself.
Drop = tuple[str, "str | None"]


class Ran(NamedTuple):
    """What was dropped, in order, and whether the script came to its end."""

    drops: tuple[Drop, ...]
    ended: bool


class _Rows:
    def __init__(self, full: bool) -> None:
        self._rows = [("t1",), ("t7",)] if full else []

    def fetchall(self) -> list[tuple[str]]:
        return self._rows

    def __iter__(self) -> Any:
        return iter(self._rows)

    def fetchone(self) -> tuple[str] | None:
        return self._rows[0] if self._rows else None

    first = fetchone

    def scalar(self) -> str | None:
        return "t1" if self._rows else None


class _Operations:
    """`op`: what it is told to drop is kept, everything else passes."""

    def __init__(self, full: bool, drops: list[Drop], table: str | None = None) -> None:
        self._full = full
        self._drops = drops
        self._table = table
        self.dialect = types.SimpleNamespace(name="postgresql")
        self.as_sql = False

    def drop_table(self, table_name: str, **_: object) -> None:
        self._keep(table_name, None)

    def drop_column(self, *args: str, **named: str) -> None:
        if self._table is not None:
            self._keep(self._table, *args, **named)
        else:
            table, column = (lambda table_name, column_name, **_: (table_name, column_name))(*args, **named)
            self._keep(table, column)

    def _keep(self, table: object, column: object) -> None:
        if not isinstance(table, str) or not isinstance(column, (str, type(None))):
            raise TypeError("a name is a text")
        if not table or column == "":
            raise ValueError("there is no such name")
        self._drops.append((table, column))

    def execute(self, statement: object, *_: object) -> _Rows:
        for operation in read_sql(str(statement), "postgresql").operations:
            if operation.kind in ("drop_table", "drop_column") and operation.table is not None:
                self._drops.append((operation.table, operation.column))
        return _Rows(self._full)

    @contextlib.contextmanager
    def batch_alter_table(self, table_name: str) -> Any:
        yield _Operations(self._full, self._drops, table_name)

    def get_bind(self) -> _Operations:
        return self

    get_context = get_bind

    def autocommit_block(self) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()


def run(source: str, full: bool) -> Ran | None:
    """Runs a script in a world where queries find rows (`full`) or do not. None: it could not be run."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _in_the_child(source, full, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        data = answers.read()
    os.waitpid(child, 0)
    if not data:
        return None
    try:
        told = json.loads(data)
    except ValueError:
        return None
    return Ran(tuple((table, column) for table, column in told["drops"]), told["ended"])


def _in_the_child(source: str, full: bool, writing: int) -> None:
    drops: list[Drop] = []
    ended = False
    try:
        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
        signal.signal(signal.SIGALRM, _stop)
        signal.setitimer(signal.ITIMER_REAL, _SECONDS)
        sys.setrecursionlimit(1_000)
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - the child ends with os._exit
        module = types.ModuleType("alembic")
        vars(module)["op"] = _Operations(full, drops)
        sys.modules["alembic"] = module
        names: dict[str, Any] = {"__name__": "script", "__builtins__": _builtins()}
        exec(compile(source, "script.py", "exec"), names)  # in a child of its own, without files
        names["upgrade"]()
        ended = True
    except BaseException:  # whatever it raises, what it did before counts
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        with contextlib.suppress(BaseException):
            os.write(
                writing, json.dumps({"drops": drops[:300], "ended": ended and len(drops) <= 300}).encode()
            )
        os._exit(0)


def _stop(number: int, frame: object) -> None:
    raise TimeoutError


def _builtins() -> dict[str, object]:
    allowed = dict(vars(builtins))
    for name in ("open", "exec", "eval", "compile", "input", "breakpoint", "exit", "quit", "help"):
        allowed.pop(name, None)
    original = builtins.__import__

    def limited(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] not in _MODULES:
            raise ImportError(name)
        return original(name, *args, **kwargs)

    allowed["__import__"] = limited
    return allowed
