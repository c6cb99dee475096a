"""The command; `python -m tests.benchmarks.alembic_suite --help`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from migration_lint.operations import DIALECTS
from tests.benchmarks.alembic_suite import calls, rendered
from tests.benchmarks.alembic_suite.calls import Script
from tests.benchmarks.truth.__main__ import judge
from tests.benchmarks.truth.project import Project, totals
from tests.benchmarks.truth.report import render
from tests.benchmarks.truth.running import Runner, versions

MISSED = "missed drops, renames and type changes"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge every script.

    Gives 1 for a drop, rename or type change that is missed, or does not happen; 2 where the folder is not
    Alembic's.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.alembic_suite", description=__doc__)
    parser.add_argument("checkout", type=Path, help="a checkout or an unpacked release of Alembic")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the scripts are written to stay")
    parser.add_argument("--dialect", action="append", choices=DIALECTS, help="only these")
    parser.add_argument("--only", choices=("calls", "rendered"))
    options = parser.parse_args(arguments)
    scripts: list[Script] = []
    if not any((options.checkout / "tests" / name).is_file() for name in calls.FILES):
        print(f"{options.checkout} holds none of Alembic's tests: name a checkout of it", file=sys.stderr)
        return 2
    if options.only != "rendered":
        scripts += calls.scripts_of(options.checkout)
    if options.only != "calls":
        scripts += rendered.scripts_of(options.checkout.resolve())
    with tempfile.TemporaryDirectory() as scratch:
        projects = [*judged(scripts, options.keep or Path(scratch), options.dialect or DIALECTS)]
    print(render(projects, versions([]), times=False), end="")
    figures = totals(projects, times=False)
    missed, other = (int(figures[name]) for name in (MISSED, "other operations missed"))
    extra = int(figures["extra without a condition"])
    ran = sum(each.ran for project in projects for _, _, each in project.compared)
    told = (
        f"{len(scripts)} scripts, {int(figures['revisions'])} with their dialects",
        f"{ran} of these run to their end",
        f"{int(figures['operations'])} operations",
        f"{missed} drops, renames and type changes missed, {other} others",
        f"{extra} read that do not happen",
        f"{int(figures['opaque operations'])} opaque",
    )
    print("", *told, sep="\n")
    return int(missed + extra > 0)


def judged(scripts: Sequence[Script], folder: Path, dialects: Iterable[str]) -> Iterable[Project]:
    """The scripts of each dialect, as a project below the folder."""
    for dialect in DIALECTS:
        if dialect not in dialects:
            continue
        place = folder / dialect / "versions"
        place.mkdir(parents=True, exist_ok=True)
        for script in scripts:
            if dialect in script.dialects:
                (place / f"{script.name}.py").write_text(script.text)
        yield judge(folder / dialect, Runner(dialect), 1)


if __name__ == "__main__":
    sys.exit(main())
