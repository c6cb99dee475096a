"""Real histories: migrations of published packages, each with contracts on some of its tables.

    python -m tests.benchmarks.packages [--write] [PACKAGE…]

Downloads each package (once: the wheels are kept in the user's cache folder), puts its sources into a git
repository together with contracts, runs `check --all`, and compares what comes out with
`expected/<package>.txt`; `--write` stores it there instead. `expected/<package>.md` lists, read by hand
from the scripts, what has to be found. Nothing of a package is imported or run.
"""

from __future__ import annotations

import argparse
import difflib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.projects import Repository

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = Path(__file__).parent / "expected"

_OTHERS = ("compatibility", "data-loss", "design", "history", "locking", "transaction", "validation")

PATIENCE = 120  # seconds for a download


class Package(NamedTuple):
    """A package at one version, its folder of migrations, and the columns that contracts rely on."""

    name: str
    version: str
    alembic: str  # an ini file, or the folder of env.py
    dialect: str
    tables: Mapping[str, Mapping[str, str]]  # table → column → type, as head has them

    def files(self) -> dict[str, str]:
        """The configuration and the contracts that are laid beside the package."""
        entries = "".join(
            f"  {table}:\n    columns:\n"
            + "".join(f'      {column}: {{type: "{kind}"}}\n' for column, kind in columns.items())
            for table, columns in self.tables.items()
        )
        said = f'alembic = "{self.alembic}"\ndialect = "{self.dialect}"\n'
        # What was read by hand is what concerns contracts.
        silent = "".join(f'{group} = "off"\n' for group in _OTHERS)
        made = {"migration-lint.toml": f"{said}\n[severity]\n{silent}"}
        for service, role in (("writer", "producer"), ("reader", "consumer")):
            made[f"contracts/{service}.{role}.yaml"] = (
                "contract: migration-lint/v1\n"
                f"id: {service}.{role}\nservice: {service}\nrole: {role}\ntables:\n{entries}"
            )
        return made


PACKAGES = {
    package.name: package
    for package in (
        Package(
            "optuna",
            "5.0.0",
            "optuna/storages/_rdb/alembic",
            "sqlite",
            {
                "trial_values": {"trial_id": "integer", "objective": "integer", "value": "float"},
                "trials": {"trial_id": "integer", "number": "integer", "state": "varchar(8)"},
                "trial_params": {"param_name": "varchar(512)", "distribution_json": "text"},
            },
        ),
        Package(
            "zenml",
            "0.98.0",
            "zenml/zen_stores/migrations",
            "mysql",
            {"pipeline_run": {"id": "char(32)", "name": "varchar(255)", "status": "varchar(255)"}},
        ),
        Package(
            "mlflow",
            "3.18.0",
            "mlflow/store/db_migrations",
            "sqlite",
            {
                "jobs": {"id": "varchar(36)", "job_name": "varchar(500)", "params": "text"},
                "tags": {"key": "varchar(250)", "value": "varchar(8000)"},
                "params": {"key": "varchar(250)", "value": "varchar(8000)"},
            },
        ),
    )
}


class Unavailable(Exception):
    """A package cannot be had; the message says why."""


def fetched(package: Package) -> Path:
    """The package's wheel, downloaded unless an earlier run did. Raises Unavailable."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "migration-lint-tests" / "wheels"
    found = list(folder.glob(f"{package.name.replace('-', '_')}-{package.version}-*.whl"))
    if found:
        return found[0]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        wanted = f"{package.name}=={package.version}"
        command = ("pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", place, wanted)
        try:
            ran = subprocess.run(
                (sys.executable, "-m", *command, "--retries", "1", "--disable-pip-version-check"),
                capture_output=True,
                text=True,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"{wanted} could not be downloaded in {PATIENCE} s") from None
        wheels = list(Path(place).glob("*.whl"))
        if ran.returncode or not wheels:
            said = (ran.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            raise Unavailable(f"{wanted} could not be downloaded: {said}")
        return wheels[0].rename(folder / wheels[0].name)


def unpacked(package: Package, wheel: Path, folder: Path) -> Repository:
    """A repository with the package's sources, its migrations among them, and contracts."""
    with zipfile.ZipFile(wheel) as archive:
        wanted = [name for name in archive.namelist() if name.endswith((".py", ".ini"))]
        archive.extractall(folder / "unpacked", wanted)
    (folder / "unpacked").rename(folder / package.name)
    repository = Repository(folder / package.name)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit(package.files())
    return repository


def judged(package: Package, folder: Path) -> str:
    """What `check --all` prints for a package. Raises Unavailable."""
    repository = unpacked(package, fetched(package), folder)
    ran = subprocess.run(
        (sys.executable, "-m", "migration_lint", "check", "--all", "--head", "HEAD"),
        cwd=repository.path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MIGRATION_LINT_CACHE": "off", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    return f"{package.name} {package.version}: exit status {ran.returncode}\n\n{ran.stdout}{ran.stderr}"


def stored(package: Package) -> Path:
    """Where the expected output is."""
    return EXPECTED / f"{package.name}.txt"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"of {', '.join(PACKAGES)}")
    parser.add_argument("--write", action="store_true", help="store what comes out as what is expected")
    given = parser.parse_args(arguments)
    status = 0
    for name in given.packages or PACKAGES:
        package = PACKAGES[name]
        with tempfile.TemporaryDirectory() as folder:
            found = judged(package, Path(folder))
        if given.write:
            stored(package).parent.mkdir(exist_ok=True)
            stored(package).write_text(found, encoding="utf-8")
            continue
        wanted = stored(package).read_text(encoding="utf-8")
        difference = list(
            difflib.unified_diff(wanted.splitlines(), found.splitlines(), "expected", "found", lineterm="")
        )
        print("\n".join(difference) if difference else f"{name}: as expected")
        status |= bool(difference)
    return status


if __name__ == "__main__":
    sys.exit(main())
