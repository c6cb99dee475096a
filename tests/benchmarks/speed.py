"""How fast scripts are read, and how long a check of one added migration takes.

    python -m tests.benchmarks.speed [FOLDER…] [--revisions N] [--runs N] [--jobs]

Without folders, on a history of 1,000 revisions that is made up; with folders, one project each, scripts are
read of all of them, and the check is of one revision that is added to the largest of their histories.

Reading is processor time in one process, beside bare `ast.parse` of the same files (`pace`). All else is the
median of whole processes, by the clock on the wall. Compared are: Python's bare start; that and `import
click`; `ast.parse` of the same files in one process; a check without a cache, which has to read all of them
(cold); one that finds what a check of another change to the same history left, and has to read the new
migration (warm); and the same check again. In the made-up history each is run for a change that touches the
protected table and for one that does not. Aims: reading ≤ 6 × parse, warm ≤ 3 × start and click, cold ≤ 5 ×
parse.

What is timed is the wheel, as it is installed from a registry. "One revision, cold" is a project of one
script and two contracts. Aim: ≤ 4 × start and click.

Below the table stands which of the modules that are slow to import each run imports. `--jobs` also measures
whether two processes read the history faster than one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.jobs import shared_out
from tests.benchmarks.long_history import Benchmark
from tests.benchmarks.pace import Pace, largest_of
from tests.benchmarks.pace import measured as pace_of

ROOT = Path(__file__).resolve().parents[2]

#: Modules that take a millisecond or more to import, or bring along many that do.
SLOW = (
    "alembic sqlalchemy sqlglot yaml jsonschema tomllib configparser inspect dataclasses tokenize ast json "
    "subprocess typing enum decimal fnmatch tempfile difflib click"
).split()

READ_AIM, WARM_AIM, COLD_AIM, SMALL_AIM = 6.0, 3.0, 5.0, 4.0

#: The case of a project that has begun.
SMALL = "one revision, cold check"

_PARSE = """\
import ast, sys
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        ast.parse(file.read(), path)
"""
#: What the installed command `migration-lint` runs.
_CHECK = "import sys; from migration_lint.cli import main; sys.exit(main())"


class Unexpected(SystemExit):
    """A process did not end as it should; the message holds what it printed."""


class Case(NamedTuple):
    """One process to time; `before` is done before each run, and is not timed."""

    name: str
    command: tuple[str, ...]
    statuses: tuple[int, ...] = (0,)
    before: Callable[[], object] = bool


class Subject(NamedTuple):
    """A repository to check, and commits that each add one revision to `base`; `other` fills the cache."""

    folder: Path
    paths: Sequence[Path]  # of the scripts at `base`
    base: str
    other: str
    changes: tuple[tuple[str, str], ...]  # what it is, and the commit
    statuses: tuple[int, ...] = (0,)  # that a check of any of them may end with


def installed(folder: Path) -> Path:
    """Where what an installation from a wheel holds stands now."""
    code = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
    command = (sys.executable, "-c", code, str(folder))
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(folder / ran.stdout.split()[-1]) as wheel:
        wheel.extractall(folder / "installed")
    return folder / "installed"


class Stand:
    """A repository with a cache of its own, and the processes to run on it."""

    def __init__(self, folder: Path, subject: Subject) -> None:
        self.subject = subject
        self._cache = folder / "cache"
        self._kept = folder / "kept"
        self._small = Benchmark(folder / "small", 1)
        self._environ = {
            name: value
            for name, value in os.environ.items()
            if name not in ("PYTHONDONTWRITEBYTECODE", "CI") and not name.startswith(("GIT", "PRE_COMMIT"))
        }
        self._environ |= {
            "MIGRATION_LINT_CACHE": str(self._cache),
            "PYTHONPATH": str(installed(folder)),
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),  # as installed: compiled before it is timed
        }

    def check(self, head: str) -> tuple[str, ...]:
        """The arguments that judge one of the benchmark's commits."""
        return (
            "-c",
            _CHECK,
            "check",
            str(self.subject.folder),
            "--base",
            self.subject.base,
            "--head",
            head,
        )

    def forget(self) -> None:
        """Empty the cache."""
        shutil.rmtree(self._cache, ignore_errors=True)

    def keep(self) -> None:
        """Remember the cache as it is now."""
        shutil.copytree(self._cache, self._kept, dirs_exist_ok=True)

    def restore(self) -> None:
        """Make the cache what was kept."""
        self.forget()
        shutil.copytree(self._kept, self._cache)

    def run(self, command: Sequence[str], statuses: Sequence[int] = (0,)) -> float:
        """Seconds that one process takes. Raises Unexpected with its output if it ends otherwise."""
        begun = time.perf_counter()
        done = subprocess.run(
            (sys.executable, *command), cwd=self.subject.folder, env=self._environ, capture_output=True
        )
        took = time.perf_counter() - begun
        if done.returncode not in statuses:
            raise Unexpected(f"{' '.join(command)[:200]}\n{(done.stdout + done.stderr).decode()}")
        return took

    def imported(self, command: Sequence[str]) -> frozenset[str]:
        """Every module that a process imports."""
        done = subprocess.run(
            (sys.executable, "-X", "importtime", *command),
            cwd=self.subject.folder,
            env=self._environ,
            capture_output=True,
            text=True,
        )
        lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
        return frozenset(line.rpartition("|")[2].strip() for line in lines)

    def cases(self) -> Iterator[Case]:
        """What is compared, the yardsticks first."""
        yield Case("Python's start", ("-c", "pass"))
        yield Case("start + import click", ("-c", "import click"))
        yield Case("ast.parse of the same files", ("-c", _PARSE, *map(str, self.subject.paths)))
        small = ("check", str(self._small.folder), "--base", self._small.base, "--head", self._small.apart)
        yield Case(SMALL, ("-c", _CHECK, *small), before=self.forget)
        self.forget()
        self.run(self.check(self.subject.other), self.subject.statuses)
        self.keep()
        for name, head in self.subject.changes:
            check, statuses = self.check(head), self.subject.statuses
            yield Case(f"cold check, {name}", check, statuses, self.forget)
            yield Case(f"warm check, {name}", check, statuses, self.restore)
            yield Case(f"same check again, {name}", check, statuses)


def generated(folder: Path, revisions: int) -> Subject:
    """A long history that is made up."""
    made = Benchmark(folder, revisions)
    changes = (("protected table touched", made.touching), ("protected table left alone", made.apart))
    return Subject(folder, made.paths, made.base, made.other, changes)


def measured(stand: Stand, runs: int) -> dict[str, float]:
    """The median of each case in seconds. The cases take turns, so that a slow minute slows them all."""
    cases = list(stand.cases())
    times: dict[str, list[float]] = {case.name: [] for case in cases}
    for number in range(runs + 1):
        for case in cases:
            case.before()
            took = stand.run(case.command, case.statuses)
            if number:  # the first round compiles, and fills the caches of the file system
                times[case.name].append(took)
    return {name: statistics.median(each) for name, each in times.items()}


def table(pace: Pace, medians: dict[str, float], files: int) -> Iterator[str]:
    """The figures, with what they are compared with; `files` is how many the checked history has."""
    start, parse = medians["start + import click"], medians["ast.parse of the same files"]
    yield f"{'':46}{'ms':>8}{'files/s':>9}{'× parse':>9}{'× start and click':>19}"
    same = pace.parse + pace.parse_modules
    for name, seconds in (
        (f"{pace.files:,} scripts, bare ast.parse", pace.parse),
        (f"and {pace.modules:,} modules that they draw on", same),
        (f"{pace.files:,} scripts, read with these modules", pace.read),
    ):
        aim = f"  aim {READ_AIM:g}" if "read" in name else ""
        yield (
            f"{name:46}{seconds * 1000:8.0f}{pace.files / seconds:9.0f}{seconds / same:9.2f}"
            f"{seconds / start:19.2f}{aim}"
        )
    yield (
        f"{'their upgrades alone':46}{pace.upgrades * 1000:8.0f}{pace.files / pace.upgrades:9.0f}"
        f"{pace.upgrades / same:9.2f}   × its own parse: median {pace.median:.1f}, 95 % {pace.p95:.1f}"
    )
    for name, seconds in medians.items():
        if name == SMALL:
            yield f"{name:46}{seconds * 1000:8.0f}{'':18}{seconds / start:19.2f}  aim {SMALL_AIM:g}"
            continue
        check = name.startswith(("cold", "warm", "same"))
        rate = f"{files / seconds:9.0f}" if check or "parse" in name else f"{'':9}"
        aim = f"  aim {COLD_AIM:g} × parse" if name.startswith("cold") else ""
        if name.startswith(("warm", "same")):
            aim = f"  aim {WARM_AIM:g} × start and click"
        yield f"{name:46}{seconds * 1000:8.0f}{rate}{seconds / parse:9.2f}{seconds / start:19.2f}{aim}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="one project each")
    parser.add_argument("--revisions", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--jobs", action="store_true", help="also read with two processes")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="migration-lint-speed-") as folder:
        place = Path(folder, "repository")
        if given.folders:
            folders = [each.resolve() for each in given.folders]
            name, subject = largest_of(folders, place)
        else:
            name, subject = "made up", generated(place, given.revisions)
            folders = [place]
        stand = Stand(Path(folder), subject)
        files = len(subject.paths)
        size = sum(path.stat().st_size for path in subject.paths)
        version = ".".join(map(str, sys.version_info[:3]))
        print(
            f"checks: {files} revisions ({name}), {size / 1024:.0f} KB; Python {version}; {given.runs} runs\n"
        )
        print("\n".join(table(pace_of(folders), measured(stand, given.runs), files)))
        if given.jobs:
            print(f"\n{shared_out(subject.folder, subject.paths)}")
        print("\nslow modules imported:")
        for case in stand.cases():
            if "check" in case.name:
                case.before()
                found = stand.imported(case.command)
                print(f"  {case.name:46}{' '.join(name for name in SLOW if name in found)}")
    return 0


def without_a_reader(run: Callable[[], int]) -> int:
    """What `run` gives; where nobody reads its output any more, as after `| head`, it ends there in peace."""
    try:
        status = run()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is flushed at the end
        return 0
    return status


if __name__ == "__main__":
    sys.exit(without_a_reader(main))
