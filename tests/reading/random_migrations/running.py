"""Runs migrations with the real Alembic, one after the other in one process, and tells what they did.

    with Truth() as truth:
        runs = truth.of(migration)

The process runs nothing but what this package wrote. It is apart from the one of the tests because the
benchmark's fake database changes SQLAlchemy's classes for good.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import IO, Any, NamedTuple

from tests.reading.random_migrations.unread import LIBRARY, SOURCE
from tests.reading.random_migrations.writer import HELPER, Migration

_TOP = Path(__file__).resolve().parents[3]


class Run(NamedTuple):
    """One run of `upgrade`: offline, with an empty database, or with one that holds everything."""

    mode: str
    records: tuple[dict[str, Any], ...]
    error: str | None


class Truth:
    """The process, as long as it is needed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=_TOP,
            env={**os.environ, "PYTHONPATH": str(_TOP), "PYTHONHASHSEED": "0"},
        )

    def __enter__(self) -> Truth:
        return self

    def __exit__(self, *error: object) -> None:
        self._pipe(self._process.stdin).close()
        self._pipe(self._process.stdout).close()
        self._process.wait()

    def of(self, migration: Migration) -> list[Run]:
        """What a migration does in each of its runs."""
        sent = self._pipe(self._process.stdin)
        sent.write(json.dumps({"source": migration.source, "helper": migration.helper}) + "\n")
        sent.flush()
        answer = self._pipe(self._process.stdout).readline()
        if not answer:
            raise RuntimeError(f"the process that runs migrations ended on:\n{migration.source}")
        return [Run(mode, tuple(run["records"]), run["error"]) for mode, run in json.loads(answer).items()]

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


def main() -> None:
    """Runs what comes in, a migration a line, and answers with a line for each."""
    from tests.benchmarks.truth import sandbox

    answers = sys.stdout
    recording = sandbox.Recording()
    sandbox.patch_alembic(recording)
    for line in sys.stdin:
        migration = json.loads(line)
        found: dict[str, Any] = {}
        for mode in sandbox.MODES:
            recording.records, recording.silent, error = [], 0, None
            with contextlib.redirect_stdout(sys.stderr):
                try:
                    names = sandbox.names_of(migration["source"])
                    with sandbox.alembic_context("postgresql", mode, names, recording):
                        _run(migration)
                except Exception as failure:
                    error = f"{type(failure).__name__}: {failure}"[:300]
            found[mode] = {"records": recording.records, "error": error}
        print(json.dumps(found, default=str), file=answers, flush=True)


def _run(migration: dict[str, str]) -> None:
    outside = types.ModuleType(LIBRARY)
    sys.modules[LIBRARY] = outside
    exec(compile(SOURCE, f"{LIBRARY}.py", "exec"), outside.__dict__)
    helper = types.ModuleType(HELPER)
    sys.modules[HELPER] = helper
    exec(compile(migration["helper"], f"{HELPER}.py", "exec"), helper.__dict__)
    script = types.ModuleType("script")
    sys.modules["script"] = script  # dataclasses look themselves up
    exec(compile(migration["source"], "script.py", "exec"), script.__dict__)
    script.__dict__["upgrade"]()


if __name__ == "__main__":
    main()
