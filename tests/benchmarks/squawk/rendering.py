"""Scripts → the SQL that Alembic writes for their upgrade(), as JSON lines.

    python -I rendering.py < job.json

Runs in the sandbox of the truth benchmark: a fork for each script, no writing, no programs, no network.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import resource
import select
import sys
import time
import types
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "truth"))


def rendered(path: str, package: str, seconds: int) -> dict[str, Any]:
    """The SQL of a script's upgrade(), or why there is none."""
    import answers
    import sandbox
    from alembic.config import Config
    from alembic.operations import Operations
    from alembic.runtime.environment import EnvironmentContext
    from sqlalchemy import MetaData

    config = Config()
    config.set_main_option("script_location", os.getcwd())
    script: Any = types.SimpleNamespace(dir=os.getcwd(), versions=os.getcwd())
    buffer = io.StringIO()
    recording = sandbox.Recording()
    recording.silent = 1
    with EnvironmentContext(config, script, as_sql=True) as environment:
        environment.configure(
            dialect_name="postgresql",
            output_buffer=buffer,
            target_metadata=MetaData(),
            transactional_ddl=True,
        )
        context = environment.get_context()
        context.dialect.server_version_info = answers._VERSIONS["postgresql"]
        with Operations.context(context) as op, context.begin_transaction(_per_migration=False):
            module = sandbox.load(path, package, recording)
            sandbox.call(module, "upgrade", op)
    return {"sql": buffer.getvalue()}


def forked(path: str, package: str, seconds: int) -> dict[str, Any]:
    """The same in a process of its own, which may take so many seconds."""
    import sandbox

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.addaudithook(sandbox.refuse)
        result: dict[str, Any]
        try:
            with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
                warnings.simplefilter("ignore")
                result = rendered(path, package, seconds)
        except BaseException as failure:
            said = str(failure).strip().splitlines()
            result = {"error": f"{type(failure).__name__}: {said[0] if said else ''}"[:160]}
        data = json.dumps(result).encode()
        while data:
            data = data[os.write(writing, data) :]
        os._exit(0)
    os.close(writing)
    chunks: list[bytes] = []
    end = time.monotonic() + seconds + 5
    while select.select([reading], [], [], max(0.0, end - time.monotonic()))[0]:
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            break
        chunks.append(chunk)
    else:
        os.kill(child, 9)
    os.close(reading)
    os.waitpid(child, 0)
    try:
        return {"path": path, **json.loads(b"".join(chunks))}
    except ValueError:
        return {"path": path, "error": f"ended after {seconds} s"}


def main() -> None:
    """Read the job, render its scripts, print a line for each."""
    job = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    for name in ("alembic.command", "alembic.op", "sqlalchemy.orm", "answers", "sandbox"):
        importlib.import_module(name)  # once, before the forks
    from stubs import install, know_types

    know_types()
    install([Path(root) for root in job["roots"]])
    for script in job["scripts"]:
        print(json.dumps(forked(script["path"], script["package"], job["seconds"])), flush=True)


if __name__ == "__main__":
    main()
