"""Carries changes out: Alembic upgrades a database to them, each in a process of its own.

A change may replace what it finds of Python and Alembic, so a process that has loaded both forks for each. It
imports nothing of migration-lint.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO

#: How long a change may take.
SECONDS = 20


class Alembic:
    """The process that carries changes out, one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.evasions.running"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=Path(__file__).parents[3],
        )

    def __enter__(self) -> Alembic:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe(self._process.stdin).close()
        self._process.wait(timeout=30)

    def start(self, project: Path, url: str) -> None:
        """Begins to upgrade the database of a URL to a project's head; `finish` says how it went."""
        sent = self._pipe(self._process.stdin)
        sent.write(json.dumps([str(project), url]) + "\n")
        sent.flush()

    def finish(self) -> str:
        """Why the upgrade that was begun failed; nothing if it did not."""
        answer: str = json.loads(self._pipe(self._process.stdout).readline())
        return answer

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


def main() -> None:
    """Carries out what comes in, a project and a URL a line, and answers with a line for each."""
    for name in ("alembic.command", "psycopg", "sqlalchemy.dialects.postgresql", "sqlalchemy.orm"):
        importlib.import_module(name)  # once, before the forks
    gc.freeze()  # no child need look through all that is loaded
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        project, url = json.loads(line)
        with tempfile.TemporaryFile("w+") as said:
            child = os.fork()
            if child == 0:
                _carry_out(project, url, said)
            os.waitpid(child, 0)
            said.seek(0)
            print(json.dumps(said.read()), file=answers, flush=True)


def _carry_out(project: str, url: str, said: IO[str]) -> None:
    """Upgrades, then ends the process as Python ends, with all that is to be done then."""
    import atexit
    import signal
    import threading

    import alembic.command
    import alembic.config

    status = 1
    try:
        signal.alarm(SECONDS)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ["DATABASE_URL"] = url
        os.chdir(project)
        try:
            alembic.command.upgrade(alembic.config.Config("alembic.ini", stdout=sys.stderr), "head")
        except BaseException as error:
            said.write(f"{type(error).__name__}: {error}"[:2000])
        with contextlib.suppress(BaseException):
            gc.collect()
            atexit._run_exitfuncs()
            threading._shutdown()  # type: ignore[attr-defined]
        said.flush()
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
