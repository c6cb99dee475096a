"""The command; `python -m tests.benchmarks.truth --help`."""

from __future__ import annotations

import argparse
import ast
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from migration_lint.change import FolderTree
from migration_lint.cli import collect_rarely
from migration_lint.errors import CannotJudge
from migration_lint.history.script import is_revision_file
from migration_lint.history.script_text import read_script
from migration_lint.operations import DIALECTS, Dialect
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.script import Directions, read_module
from tests.benchmarks.speed import without_a_reader
from tests.benchmarks.truth.comparing import compare
from tests.benchmarks.truth.modules import drawn_on
from tests.benchmarks.truth.one_more import largest, waiting
from tests.benchmarks.truth.packages import fetch
from tests.benchmarks.truth.project import Project, totals
from tests.benchmarks.truth.report import as_json, render
from tests.benchmarks.truth.running import Runner, Truth, folder_with_scripts, scripts_of, versions
from tests.benchmarks.truth.second import disagreements


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; gives 1 where a drop, a rename or a type change was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.truth", description=__doc__)
    parser.add_argument(
        "folders", nargs="*", type=folder_and_dialect, metavar="FOLDER[=DIALECT]",
        help="one project each, and its dialect where nothing in it says which",
    )  # fmt: skip
    parser.add_argument(
        "--packages", action="store_true", help="download and judge the packages in packages.py"
    )
    parser.add_argument(
        "--dialect",
        choices=DIALECTS,
        help="of all scripts; by default what each project's alembic.ini or env.py names, or postgresql",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything there")
    parser.add_argument("--save", type=Path, metavar="FILE", help="also write there all but the times")
    parser.add_argument(
        "--interpreter", action="append", default=[], metavar="PYTHON",
        help="a Python with other releases of Alembic and SQLAlchemy, for what does not run with these",
    )  # fmt: skip
    parser.add_argument("--seconds", type=int, default=20, help="for one script, at most")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=cache(), help="of runs and downloads")
    options = parser.parse_args(arguments)
    folders: dict[Path, Dialect | None] = dict(options.folders)
    if options.packages:
        folders.update(fetch(options.cache / "packages"))
    if not folders:
        parser.error("name folders, or --packages")
    runner = Runner(options.dialect, options.interpreter, options.cache / "runs", options.seconds)
    projects = []
    collect_rarely()  # as the product does
    for folder, dialect in folders.items():
        projects.append(judge(folder, runner, options.jobs, dialect))
        print(f"\r{folder.name}: {projects[-1].scripts} scripts\x1b[K", end="", file=sys.stderr)
    print(file=sys.stderr)
    histories = [project.history for project in projects if project.history is not None]
    stood = list(versions(options.interpreter))
    if options.save:
        options.save.write_text(render(projects, stood, times=False))
    timed = waiting(max(histories, key=lambda history: len(history.readings))) if histories else None
    if options.json:
        options.json.write_text(json.dumps(as_json(projects, timed), indent=1))
    print(render(projects, stood, timed), end="")
    return int(totals(projects)["missed drops, renames and type changes"] > 0)


def folder_and_dialect(text: str) -> tuple[Path, Dialect | None]:
    """An argument of the command line."""
    path, _, said = text.rpartition("=")
    dialect = next((each for each in DIALECTS if each == said), None)
    return (folder_with_scripts(path), dialect) if dialect is not None else (folder_with_scripts(text), None)


def cache() -> Path:
    """The user's folder for runs and downloads."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "migration-lint-truth"


def judge(folder: Path, runner: Runner, jobs: int = 2, dialect: Dialect | None = None) -> Project:
    """Run and read every script of one project, for `dialect` where the runner has none and it says none."""
    folder = folder.resolve()
    scripts = scripts_of(folder)
    project = Project(folder.name, len(scripts))
    if not scripts:
        return project
    truths = runner.run(folder, scripts, jobs, dialect)
    start = time.process_time()
    for script in scripts:
        with suppress(SyntaxError):  # written for a newer Python than this one
            ast.parse(script.read_bytes())
    project.parsing = time.process_time() - start
    dialects = {
        place: runner.dialect(folder, place, dialect) for place in {script.parent for script in scripts}
    }
    start = time.process_time()
    readings, others = read(folder, scripts, dialects)
    project.reading = time.process_time() - start
    start = time.process_time()
    for text in others:
        ast.parse(text)
    project.parsing_modules = time.process_time() - start
    project.modules = len(others)
    project.dialects = tuple(sorted(set(dialects.values())))
    project.history = largest(folder, readings, dialects)
    for script in scripts:
        truth = truths.get(script, Truth(error="not run"))
        path = script.relative_to(folder).as_posix()
        _judge_script(project, script, path, truth, readings, dialects[script.parent])
    return project


def read(
    folder: Path, scripts: Sequence[Path], dialects: Mapping[Path, Dialect]
) -> tuple[dict[Path, Directions], list[str]]:
    """What the product reads in each script that it takes for a revision, with the project around it.

    Besides, the texts of the modules that the scripts draw on. As `show` reads them, but that the project is
    the folder given, whatever marks lie in it.
    """
    tree = FolderTree(folder)
    known: dict[str, ProjectFiles] = {}
    found: dict[Path, Directions] = {}
    for script in scripts:
        path = script.relative_to(folder).as_posix()
        place = path.rpartition("/")[0]
        try:
            if not is_revision_file(script.name):
                continue
            read_in = read_script(path, tree.files()[path], tree.read(path))
            module = read_in.module()
        except (CannotJudge, KeyError):
            continue
        if read_in.revision:
            if place not in known:
                known[place] = ProjectFiles(tree, place)
            found[script] = read_module(module, path, dialects[script.parent], known[place])
        read_in.forget()
    return found, drawn_on(known.values(), tree, [each.relative_to(folder).as_posix() for each in scripts])


def _judge_script(
    project: Project,
    script: Path,
    path: str,
    truth: Truth,
    readings: dict[Path, Directions],
    dialect: Dialect,
) -> None:
    reading = readings.get(script)
    shown = f"{project.name}/{path}"
    if reading is None:
        project.unread.append(shown)
    if truth.error is not None:
        project.unrun.append((shown, truth.error))
    texts = dict.fromkeys(
        record["raw"]
        for run in (*truth.upgrade, *truth.downgrade)
        for record in run.records
        if "raw" in record
    )
    count, found = disagreements(texts, dialect)
    project.statements += count
    project.disagreements += [(shown, str(each)) for each in found]
    for direction in ("upgrade", "downgrade"):
        runs = truth.upgrade if direction == "upgrade" else truth.downgrade
        operations = () if reading is None else getattr(reading, direction)
        compared = compare(runs, operations, dialect, path)
        if runs and not compared.ran:
            project.errors[next(run.error for run in reversed(runs) if run.error)[:110]] += 1
        if runs or operations:
            project.compared.append((shown, direction, compared))


if __name__ == "__main__":
    sys.exit(without_a_reader(main))
