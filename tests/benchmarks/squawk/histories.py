"""The histories that are compared, each a folder with migrations, and the SQL of their revisions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.packages import Package, fetched
from tests.benchmarks.truth.running import _isolation, _package, _roots, scripts_of

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples/deployment_events"
_RENDERING = Path(__file__).with_name("rendering.py")
_SECONDS = 20  # for one script

#: Packages that ship Alembic migrations for PostgreSQL, pinned: name, version, folder of env.py, and of the
#: scripts if only some of them are PostgreSQL's.
PACKAGES = (
    ("apache-airflow-core", "3.3.2", "airflow/migrations", ""),
    ("prefect", "3.9.1", "prefect/server/database/_migrations", "versions/postgresql"),
    ("arize-phoenix", "20.26.1", "phoenix/db/migrations", ""),
)


class History(NamedTuple):
    """One folder of migrations."""

    name: str
    project: Path
    scripts: tuple[Path, ...]


class Sql(NamedTuple):
    """What Alembic renders for one revision."""

    script: str  # its path below the project
    text: str | None  # None: it cannot be rendered offline
    error: str = ""


def example(folder: Path) -> Iterator[History]:
    """The example's project with each of its changes laid over it."""
    for change in sorted((EXAMPLE / "changes").iterdir()):
        project = folder / change.name
        shutil.copytree(EXAMPLE / "project", project)
        shutil.copytree(change, project, dirs_exist_ok=True)
        yield History("deployment_events", project, tuple(scripts_of(project)))


def package(name: str, version: str, location: str, only: str, folder: Path) -> History:
    """A published package, unpacked with a configuration beside it. Raises `packages.Unavailable`."""
    wheel = fetched(Package(name, version, location, "postgresql", {}))
    project = folder / name
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(project, [each for each in archive.namelist() if each.endswith((".py", ".ini"))])
    said = f'alembic = "{location}"\ndialect = "postgresql"\n'
    if only:
        said = 'alembic = "alembic.ini"\ndialect = "postgresql"\n'
        (project / "alembic.ini").write_text(
            f"[alembic]\nscript_location = {location}\nversion_locations = {location}/{only}\n"
        )
    (project / "migration-lint.toml").write_text(said)
    below = project / location / only
    return History(name, project, tuple(each for each in scripts_of(project) if each.is_relative_to(below)))


def rendered(history: History) -> list[Sql]:
    """The SQL of each script, in the order of their paths."""
    by_folder: dict[Path, list[Path]] = {}
    for script in history.scripts:
        by_folder.setdefault(script.parent, []).append(script)
    found: list[Sql] = []
    for folder, scripts in by_folder.items():
        job = {
            "seconds": _SECONDS,
            "roots": [str(root) for root in _roots(history.project, folder)],
            "scripts": [
                {"path": str(script), "package": _package(history.project, folder)} for script in scripts
            ],
        }
        for line in _run(job):
            path = Path(line["path"]).relative_to(history.project).as_posix()
            found.append(Sql(path, line.get("sql"), line.get("error", "")))
    return sorted(found)


def _run(job: dict[str, object]) -> Iterable[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="render-") as empty:
        done = subprocess.run(
            [*_isolation(), sys.executable, "-I", "-B", str(_RENDERING)],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            cwd=empty,
            env={"PATH": os.environ.get("PATH", ""), "HOME": empty, "LANG": "C.UTF-8"},
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"the sandbox failed: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]
