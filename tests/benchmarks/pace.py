"""How fast scripts are read, beside `ast.parse` of the same files, in seconds of the processor.

    python -m tests.benchmarks.pace [--alone] FOLDER…

One project a folder. Its scripts are read as a check without a cache reads them: parsed, and walked in both
directions with whatever modules of the project they call into. One line of JSON comes out: how many scripts
there are, and how many modules besides that reading them takes; the seconds that it takes to parse the ones
and the others; those that it takes to read the scripts; and, of the upgrades alone, as a check reads what it
does not judge: the seconds for all, and how many times the parse of a script its reading takes, in the median
and at the 95th percentile.

`--alone` also reads each script as if there were no other, which takes much longer, and lists those that
then mean something else; there must be none.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from migration_lint.change import FolderTree
from migration_lint.cli import collect_rarely
from migration_lint.errors import CannotJudge
from migration_lint.history import Environment, Script
from migration_lint.history.script import is_revision_file
from migration_lint.history.script_text import read_script
from migration_lint.operations import Operation
from migration_lint.reading.reader import Bundle, Read, Reader
from migration_lint.store import Store
from tests.benchmarks.truth.modules import drawn_on
from tests.benchmarks.truth.running import folder_with_scripts, scripts_of

if TYPE_CHECKING:
    from tests.benchmarks.speed import Subject

ROOT = Path(__file__).resolve().parents[2]


class Pace(NamedTuple):
    """Seconds of the processor for some scripts; `differ` are those that mean something else alone."""

    files: int
    modules: int
    parse: float
    parse_modules: float
    read: float
    upgrades: float = 0.0
    median: float = 0.0
    p95: float = 0.0
    differ: tuple[str, ...] = ()


class Project:
    """A folder, and readers of the environments in it."""

    def __init__(self, folder: Path, scripts: Sequence[Path]) -> None:
        self.tree = FolderTree(folder)
        self.paths = [path.relative_to(folder).as_posix() for path in scripts]
        self._readers: dict[str, Reader] = {}

    def read(self, path: str) -> Read | None:
        """What a script does; None where it cannot be parsed, or is no revision."""
        script = self._script(path)
        return None if script is None else self._reader_of(path).read(script)

    def upgrade(self, path: str) -> tuple[Operation, ...] | None:
        """What the upgrade of a script does, without its downgrade; None as for `read`."""
        script = self._script(path)
        return None if script is None else self._reader_of(path).upgrade(script)

    def _script(self, path: str) -> Script | None:
        try:
            script = read_script(path, self.tree.files()[path], self.tree.read(path))
        except CannotJudge:
            return None
        return script if script.revision and is_revision_file(path.rpartition("/")[2]) else None

    def _reader_of(self, path: str) -> Reader:
        folder = path.rpartition("/")[0]
        if folder not in self._readers:
            self._readers[folder] = self._reader(folder)
        return self._readers[folder]

    def alone(self, path: str) -> Read:
        """What a script does, read as if there were no other."""
        script: Script = read_script(path, self.tree.files()[path], self.tree.read(path))
        return self._reader(path.rpartition("/")[0]).read(script)

    def modules(self) -> list[str]:
        """The texts of the modules that were parsed for the scripts, scripts aside."""
        read = [files for reader in self._readers.values() for files in reader._modules.values()]
        return drawn_on(read, self.tree, self.paths)

    def _reader(self, folder: str) -> Reader:
        above = folder.rpartition("/")[0]
        parts = above.split("/")
        roots = ("", "src", *("/".join(parts[:count]) for count in range(len(parts), 0, -1)))
        environment = Environment(folder, "", above, (folder,), import_roots=roots)
        return Reader(self.tree, environment, "postgresql", Bundle(Store(None), "pace"))


def pace(folders: Sequence[Path], alone: bool = False) -> Pace:
    """Parse and read all scripts of some projects. A process that did other things is slower at it."""
    projects = [(folder, scripts_of(folder)) for folder in folders]
    begun = time.process_time()
    for _, scripts in projects:
        for script in scripts:
            try:
                ast.parse(script.read_bytes())
            except SyntaxError:
                continue
    parse = time.process_time() - begun
    collect_rarely()
    read = parse_modules = 0.0
    modules = 0
    differ: list[str] = []
    for folder, scripts in projects:
        begun = time.process_time()
        project = Project(folder, scripts)
        found = {path: project.read(path) for path in project.paths}
        read += time.process_time() - begun
        others = project.modules()
        begun = time.process_time()
        for text in others:
            ast.parse(text)
        parse_modules += time.process_time() - begun
        modules += len(others)
        for path, together in found.items() if alone else ():
            if together is not None and project.alone(path) != together:
                differ.append(f"{folder.name}/{path}")
        del project, found
        gc.collect()
    count = sum(len(scripts) for _, scripts in projects)
    return Pace(count, modules, parse, parse_modules, read, *upgrades(projects), tuple(differ))


def upgrades(projects: Sequence[tuple[Path, Sequence[Path]]]) -> tuple[float, float, float]:
    """The seconds for all upgrades; how many times its own parse one takes, in the median and at p95."""
    total, ratios = 0.0, []
    for folder, scripts in projects:
        project = Project(folder, scripts)
        for path, script in zip(project.paths, scripts, strict=True):
            data = script.read_bytes()
            begun = time.process_time()
            if project.upgrade(path) is None:
                continue
            took = time.process_time() - begun
            begun = time.process_time()
            ast.parse(data)
            total += took
            ratios.append(took / (time.process_time() - begun))
        gc.collect()
    ratios.sort()
    return (
        total,
        ratios[len(ratios) // 2] if ratios else 0.0,
        ratios[len(ratios) * 95 // 100] if ratios else 0.0,
    )


def measured(folders: Sequence[Path]) -> Pace:
    """`pace` in a process of its own."""
    command = (sys.executable, "-m", "tests.benchmarks.pace", *map(str, folders))
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE)
    return Pace(**json.loads(done.stdout))


def largest_of(folders: Sequence[Path], place: Path) -> tuple[str, Subject]:
    """A repository with the largest history of some projects, and one revision that is added to it."""
    from migration_lint.reading.script import Directions
    from tests.benchmarks.truth.one_more import largest, subject_of

    best = None
    for folder in folders:
        project = Project(folder, scripts_of(folder))
        readings = {folder / path: project.read(path) for path in project.paths}
        found = {path: Directions(*read) for path, read in readings.items() if read is not None}
        history = largest(folder, found, dict.fromkeys({path.parent for path in found}, "postgresql"))
        if history is not None and (best is None or len(history.readings) > len(best.readings)):
            best = history
    subject = None if best is None else subject_of(best, place)
    if best is None or subject is None:
        raise SystemExit("no history is there with a table to put a contract on")
    return best.project.name, subject


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=folder_with_scripts, metavar="FOLDER")
    parser.add_argument("--alone", action="store_true", help="also read each script by itself")
    given = parser.parse_args()
    found = pace([folder.resolve() for folder in given.folders], given.alone)
    print(json.dumps(found._asdict()))
    return int(bool(found.differ))


if __name__ == "__main__":
    sys.exit(main())
