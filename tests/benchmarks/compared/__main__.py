"""`models` against Alembic's own `compare_metadata`, on databases that public projects' own migrations made.

    python -m tests.benchmarks.compared [--list] [PROJECT…]

For each project of `projects.tsv`: its wheel, with what it needs, in an environment of its own (kept in the
user's cache folder); a new database on a real server (PostgreSQL, MariaDB, or a file of SQLite), which the
project's revisions are carried out on; and then what Alembic finds between that and the project's MetaData,
against what `migration-lint models` prints for the texts of the same wheel, which it neither imports nor
runs. The packages are code of other people that does run here: run this where that may be.

A difference is the same if it is of one kind, on one table, about the same column or columns. `--list` prints
each that is not the same. Comments on tables and columns are left out: no statement depends on one.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from tests.benchmarks.truth.packages import unpack
from tests.database import servers

HERE = Path(__file__).parent

#: What every environment has besides the project: the judge's own, and the drivers of the servers. Most
#: projects were written before SQLAlchemy 2.1; those that need it say so in the list.
_BESIDE = ("alembic", "psycopg[binary]", "psycopg2-binary", "pymysql", "greenlet")
_SQLALCHEMY = "sqlalchemy<2.1"
_PATIENCE = 1800  # seconds for an environment, or for all revisions of a project

#: What autogenerate calls a foreign key's otherwise than other constraints'; what `models` has beyond it.
_KINDS = {"add_fk": "add_constraint", "remove_fk": "remove_constraint"}
_BEYOND = ("enum_values", "not_read")
_NOT_ASKED = ("add_table_comment", "remove_table_comment", "modify_comment")


class Project(NamedTuple):
    """A package, and where it has what is compared."""

    name: str
    version: str
    dialect: str
    scripts: str  # the folder of env.py, from the folder of packages
    versions: tuple[str, ...]  # those of the scripts, from there
    models: tuple[str, ...]  # `module:attribute` of a MetaData, or a module that maps more
    beside: tuple[str, ...]  # requirements that the package does not state

    @property
    def requirements(self) -> list[str]:
        """What its environment has."""
        bound = () if any(each.startswith("sqlalchemy>") for each in self.beside) else (_SQLALCHEMY,)
        return [f"{self.name}=={self.version}", *self.beside, *_BESIDE, *bound]


class Difference(NamedTuple):
    """What makes two differences the same one."""

    kind: str
    table: str
    what: str  # a column, or columns in the order of the alphabet


class Result(NamedTuple):
    """What both say, and what only one does, with the words it has for it."""

    same: int
    ours: dict[Difference, str]
    theirs: dict[Difference, str]
    beyond: int  # what `models` tells that autogenerate never does


def projects() -> list[Project]:
    """The list, in its order."""
    with (HERE / "projects.tsv").open(encoding="utf-8", newline="") as file:
        return [
            Project(
                row["project"], row["version"], row["dialect"], row["scripts"],
                *(tuple(filter(None, row[each].split(","))) for each in ("versions", "models", "beside")),
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]  # fmt: skip


def main() -> int:
    """Print a row for each project, and the sum."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("projects", nargs="*", metavar="PROJECT")
    parser.add_argument("--list", action="store_true", help="print what is not the same")
    given = parser.parse_args()
    chosen = [each for each in projects() if not given.projects or each.name in given.projects]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "migration-lint-compared"
    cache.mkdir(parents=True, exist_ok=True)
    print(f"{'project':24}{'same':>6}{'only ours':>11}{'only Alembic':>14}{'beyond':>8}")
    total = [0, 0, 0, 0]
    with ExitStack() as stack:
        databases = Databases(stack)
        for project in chosen:
            found = compared(project, cache, databases)
            if isinstance(found, str):
                print(f"{project.name:24}  not asked: {found}", flush=True)
                continue
            row = (found.same, len(found.ours), len(found.theirs), found.beyond)
            total = [one + other for one, other in zip(total, row, strict=True)]
            print("{:24}{:>6}{:>11}{:>14}{:>8}".format(project.name, *row), flush=True)
            if given.list:
                for whose, differences in (("ours", found.ours), ("Alembic", found.theirs)):
                    for each, words in sorted(differences.items()):
                        print(f"    {whose:8} {each.kind} {each.table}.{each.what}: {words}", flush=True)
    print("{:24}{:>6}{:>11}{:>14}{:>8}".format("sum", *total))
    return 1 if total[1] or total[2] else 0


class Databases:
    """New databases, on servers that are started when the first is wanted."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._urls: dict[str, str] = {}

    def new(self, project: Project, folder: Path) -> str:
        """The address of an empty database of a project's own. Raises NoServer."""
        if project.dialect == "sqlite":
            return f"sqlite:///{folder}/database"
        if project.dialect not in self._urls:
            start = servers.postgresql if project.dialect == "postgresql" else servers.mariadb
            self._urls[project.dialect] = self._stack.enter_context(start())
        url = sa.make_url(self._urls[project.dialect])
        name = re.sub(r"\W", "_", project.name)
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return url.set(database=name).render_as_string(hide_password=False)


def compared(project: Project, cache: Path, databases: Databases) -> Result | str:
    """What both say of a project; or why one of them could not be asked."""
    python = _environment(project, cache)
    if isinstance(python, str):
        return python
    packages = next((python.parent.parent / "lib").glob("python*/site-packages"))
    with tempfile.TemporaryDirectory() as folder:
        asked = {
            "url": databases.new(project, Path(folder)),
            "scripts": str(packages / project.scripts),
            "versions": [str(packages / project.scripts / each) for each in project.versions],
            "models": project.models,
        }
        said = _run([str(python), str(HERE / "judge.py")], json.dumps(asked), folder)
        if isinstance(said, str):
            return said
        theirs = dict(_theirs(json.loads(said.stdout)))
        texts = Path(folder) / "project"
        failure = unpack(f"{project.name}=={project.version}", texts)
        if failure is not None:
            return failure
        config = f'alembic = "{project.scripts}"\ndialect = "{project.dialect}"\n'
        (texts / "migration-lint.toml").write_text(config, encoding="utf-8")
        command = [sys.executable, "-m", "migration_lint", "models", "--no-cache", "--format", "json"]
        answer = _run([*command, "--head", ".", "."], "", str(texts))
    if isinstance(answer, str):
        return f"migration-lint: {answer}"
    printed = json.loads(answer.stdout)["differences"]
    ours = dict(_ours(printed))
    return Result(
        len(ours.keys() & theirs.keys()),
        {each: words for each, words in ours.items() if each not in theirs},
        {each: words for each, words in theirs.items() if each not in ours},
        sum(each["kind"] in _BEYOND for each in printed),
    )


def _environment(project: Project, cache: Path) -> Path | str:
    """The Python of an environment that has the project, made if it is not there; or why there is none."""
    place = cache / f"{project.name}-{project.version}"
    python, wanted = place / "bin/python", project.requirements
    made = place / "requirements"
    if made.exists() and made.read_text(encoding="utf-8") == "\n".join(wanted):
        return python
    shutil.rmtree(place, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", str(place)],
        [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted],
    ):
        ran = _run(command, "", str(cache))
        if isinstance(ran, str):
            return ran
    made.write_text("\n".join(wanted), encoding="utf-8")
    return python


def _run(command: list[str], given: str, folder: str) -> subprocess.CompletedProcess[str] | str:
    """What a command printed; or the last line of what it complained of."""
    try:
        ran = subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=_PATIENCE, check=False, cwd=folder
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_PATIENCE} s"
    if ran.returncode > 1 or (ran.returncode == 1 and not ran.stdout.startswith("{")):
        return (ran.stderr.strip().splitlines() or [f"status {ran.returncode}"])[-1]
    return ran


def _theirs(rows: list[tuple[str, str, str, str, str]]) -> Iterator[tuple[Difference, str]]:
    for kind, table, what, model, there in rows:
        if kind not in _NOT_ASKED:
            columns = ",".join(sorted(what.split(",")))
            yield Difference(_KINDS.get(kind, kind), table, columns), f"{there} → {model}"


def _ours(printed: list[dict[str, str]]) -> Iterator[tuple[Difference, str]]:
    for each in printed:
        kind, table, what = each["kind"], each["table"], each["element"] or ""
        if kind in _BEYOND:
            continue
        if kind.endswith(("_index", "_constraint")):
            named = re.search(r"\(([^)]*)\)", each["model"] or each["schema"] or "")
            what = ",".join(sorted(named[1].split(", "))) if named is not None else what
        yield Difference(kind, table, what), f"{each['schema']} → {each['model']} {each['element'] or ''}"


if __name__ == "__main__":
    raise SystemExit(main())
