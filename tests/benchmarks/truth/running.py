"""Finds the scripts of projects, runs them in the sandbox, and keeps what they did.

What is kept hangs on every text of the project, the script's and its modules', on the sandbox's, and on the
interpreter with its releases of Alembic and SQLAlchemy.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from migration_lint.operations import Dialect
from tests.benchmarks.truth.dialects import said_dialect

_HERE = Path(__file__).resolve().parent
_SANDBOX = _HERE / "sandbox.py"
_MARKS = ("alembic.ini", "pyproject.toml", "setup.py", "setup.cfg")

_TEXTS = (".py", ".sql", ".json", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".txt", ".csv")

_REVISION = re.compile(rb"^revision\b\s*(:[^=\n]+)?=", re.MULTILINE)
_DOWN = re.compile(rb"^down_revision\b", re.MULTILINE)
_UPGRADE = re.compile(rb"^(async )?def upgrade\b|\bimport\b[^\n]*\bupgrade\b|^upgrade\b", re.MULTILINE)


class Run(NamedTuple):
    """One run of one direction."""

    mode: str
    records: tuple[dict[str, Any], ...]
    error: str | None


class Truth(NamedTuple):
    """What a script did: runs by direction. `error` says why there are none."""

    upgrade: tuple[Run, ...] = ()
    downgrade: tuple[Run, ...] = ()
    error: str | None = None


def scripts_of(folder: Path) -> list[Path]:
    """Every file below a folder that looks like a revision, whatever the product thinks of it."""
    found = []
    for path in _files(folder, (".py",)):
        data = path.read_bytes()
        if _REVISION.search(data) and _DOWN.search(data) and _UPGRADE.search(data):
            found.append(path)
    return found


def folder_with_scripts(text: str) -> Path:
    """An argument of a command line that names a folder with scripts; argparse refuses another one."""
    if not scripts_of(Path(text)):
        raise argparse.ArgumentTypeError(f"{text} holds no migration script")
    return Path(text)


def _files(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in ("node_modules", ".git", "__pycache__", ".venv")
        )
        for name in sorted(files):
            if name.endswith(endings) and not name.startswith("."):
                yield Path(place, name)


def _content(project: Path) -> str:
    """A digest of every text below a project, and of where it lies there."""
    digest = hashlib.sha256()
    for path in texts_of(project):
        digest.update(f"{path.relative_to(project)} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def texts_of(project: Path) -> Iterator[Path]:
    """Every file below a project that a script may import or read."""
    return (path for path in _files(project, _TEXTS) if path.is_file())


@cache
def _isolation() -> tuple[str, ...]:
    """A command that takes the network away, where there is one."""
    for command in (("unshare", "-n"), ("unshare", "-rn")):
        if (
            shutil.which(command[0])
            and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
        ):
            return command
    return ()


@cache
def _asked(interpreter: str) -> str:
    asked = "import sys, alembic, sqlalchemy; print(sys.version, alembic.__version__, sqlalchemy.__version__)"
    return subprocess.run([interpreter, "-c", asked], capture_output=True, text=True, check=True).stdout


def versions(interpreters: Sequence[str]) -> Iterator[str]:
    """What scripts run with, in words: one line for this interpreter and one for each of the others."""
    for interpreter in (sys.executable, *interpreters):
        python, *_, alembic, sqlalchemy = _asked(interpreter).split()
        yield f"run with Python {python}, Alembic {alembic} and SQLAlchemy {sqlalchemy}"


@cache
def _stamp(interpreter: str) -> str:
    """Of everything but the script that decides what a run gives."""
    digest = hashlib.sha256(_asked(interpreter).encode())
    for name in ("sandbox.py", "answers.py", "elements.py", "stubs.py"):
        digest.update((_HERE / name).read_bytes())
    return digest.hexdigest()


def _roots(project: Path, folder: Path) -> list[Path]:
    """Where the project's own modules may lie: as for the product, the top, `src`, and whatever is above."""
    above = [folder, *(each for each in folder.parents if each.is_relative_to(project))]
    marked = [each for each in above if any((each / mark).exists() for mark in _MARKS)]
    return list(dict.fromkeys([*marked, project, project / "src", *above]))


def _package(project: Path, folder: Path) -> str:
    """The dotted name of a script's folder, for its relative imports."""
    parts: list[str] = []
    while (folder / "__init__.py").exists() and folder.is_relative_to(project):
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


class Runner:
    """Runs scripts under one interpreter after the other, until a direction runs to its end."""

    def __init__(
        self,
        dialect: Dialect | None,
        interpreters: Sequence[str] = (),
        store: Path | None = None,
        seconds: int = 20,
    ) -> None:
        self._dialect = dialect
        self.interpreters = (sys.executable, *interpreters)
        self.store = store
        self.seconds = seconds

    def dialect(self, project: Path, folder: Path, known: Dialect | None = None) -> Dialect:
        """What the scripts of a folder are run and read for.

        The runner's, what the project says, what is known of it, or PostgreSQL.
        """
        return self._dialect or said_dialect(project, folder) or known or "postgresql"

    def run(
        self, project: Path, scripts: Iterable[Path], jobs: int = 2, known: Dialect | None = None
    ) -> dict[Path, Truth]:
        """What each script does; see `dialect` for what is `known`."""
        by_folder: dict[Path, list[Path]] = {}
        for script in scripts:
            by_folder.setdefault(script.parent, []).append(script)
        chunks = [
            (folder, found[start : start + 40])
            for folder, found in by_folder.items()
            for start in range(0, len(found), 40)
        ]
        done: dict[Path, Truth] = {}
        project = project.resolve()
        content = _content(project) if self.store is not None else ""
        with ThreadPoolExecutor(jobs) as threads:
            for part in threads.map(lambda chunk: self._folder(project, content, known, *chunk), chunks):
                done.update(part)
        return done

    def _folder(
        self, project: Path, content: str, known: Dialect | None, folder: Path, scripts: list[Path]
    ) -> dict[Path, Truth]:
        truths: dict[Path, Truth] = {}
        left = scripts
        for interpreter in self.interpreters:
            for script, result in self._results(interpreter, project, content, known, folder, left):
                truths[script] = _merged(truths.get(script), result)
            left = [script for script in left if not _complete(truths.get(script))]
            if not left:
                break
        return truths

    def _results(
        self,
        interpreter: str,
        project: Path,
        content: str,
        known: Dialect | None,
        folder: Path,
        scripts: list[Path],
    ) -> Iterator[tuple[Path, dict[str, Any]]]:
        dialect = self.dialect(project, folder.resolve(), known)
        of_all = f"{_stamp(interpreter)} {dialect} {content}"
        keys = {script: _key(of_all, script.resolve().relative_to(project)) for script in scripts}
        wanted = []
        for script in scripts:
            kept = self._kept(keys[script])
            if kept is None:
                wanted.append(script)
            else:
                yield script, kept
        if not wanted:
            return
        package = _package(project, folder.resolve())
        job = {
            "dialect": dialect,
            "seconds": self.seconds,
            "roots": [str(root) for root in _roots(project, folder.resolve())],
            "scripts": [{"path": str(script.resolve()), "package": package} for script in wanted],
        }
        results = {Path(result["path"]): result for result in self._sandbox(interpreter, job)}
        for script in wanted:
            result = results.get(script.resolve(), {"error": "the sandbox ended before it"})
            if self.store is not None and script.resolve() in results:
                self._keep(keys[script], result)
            yield script, result

    def _sandbox(self, interpreter: str, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
        with tempfile.TemporaryDirectory(prefix="truth-") as empty:
            done = subprocess.run(
                [*_isolation(), interpreter, "-I", "-B", str(_SANDBOX)],
                input=json.dumps(job),
                capture_output=True,
                text=True,
                cwd=empty,
                env={"PATH": os.environ.get("PATH", ""), "HOME": empty, "LANG": "C.UTF-8"},
                timeout=60 + (self.seconds + 6) * len(job["scripts"]),
                check=False,
            )
        if done.returncode:
            print(f"the sandbox failed: {done.stderr[-2000:]}", file=sys.stderr)
        for line in done.stdout.splitlines():
            yield json.loads(line)

    def _kept(self, key: str) -> dict[str, Any] | None:
        if self.store is None:
            return None
        try:
            found: dict[str, Any] = json.loads((self.store / key[:2] / key).read_text())
        except (OSError, ValueError):
            return None
        return found

    def _keep(self, key: str, result: dict[str, Any]) -> None:
        if self.store is not None:
            path = self.store / key[:2] / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(result))


def _key(of_all: str, script: Path) -> str:
    return hashlib.sha256(f"{of_all} {script.as_posix()}".encode()).hexdigest()


def _merged(before: Truth | None, result: dict[str, Any]) -> Truth:
    known = before or Truth()
    runs = {
        direction: tuple(
            Run(mode, tuple(run["records"]), run["error"])
            for mode, run in (result.get(direction) or {}).items()
        )
        for direction in ("upgrade", "downgrade")
    }
    return Truth(
        known.upgrade + runs["upgrade"],
        known.downgrade + runs["downgrade"],
        result.get("error") if not (known.upgrade or runs["upgrade"]) else None,
    )


def _complete(truth: Truth | None) -> bool:
    """Whether both directions ran to their end on a connection at least once (a missing one is done)."""
    if truth is None or truth.error is not None:
        return False
    return all(
        not runs or any(run.error is None and run.mode != "offline" for run in runs)
        for runs in (truth.upgrade, truth.downgrade)
    )
