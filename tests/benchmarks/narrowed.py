"""How long it takes to read what code does through SQLAlchemy: for all of a tree, and for one folder of it.

    python -m tests.benchmarks.narrowed [--profile] TREE [FOLDER…]

A line for all files, and one for each FOLDER below TREE, in seconds of the processor: `parity` reads only the
files that lead to a service's. What is then read of the folder must be what is read of it among all files; a
difference is exit status 1. Without a FOLDER, those of a sample of the files that have statements.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import sys
import time
from pathlib import Path

from migration_lint.change import FolderTree
from migration_lint.sources import Codebase
from migration_lint.sources.sqlalchemy import Orm

SEED = 3
SAMPLE = 5


def read(tree: FolderTree, paths: list[str] | None) -> tuple[Orm, float]:
    """What is read of some files, or of all, and the seconds that it takes."""
    start = time.process_time()
    orm = Codebase(tree).once(Orm)
    if paths is not None:
        orm.narrow(paths)
    for path in paths or [""]:
        orm.statements(path)
    return orm, time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tree", type=Path, metavar="TREE")
    parser.add_argument("folders", nargs="*", metavar="FOLDER")
    parser.add_argument("--profile", action="store_true", help="where the time goes that all files take")
    options = parser.parse_args()
    tree = FolderTree(options.tree)
    profile = cProfile.Profile()
    if options.profile:
        profile.enable()
    whole, seconds = read(tree, None)
    if options.profile:
        profile.disable()
        pstats.Stats(profile).sort_stats("cumulative").print_stats(40)
    files = sorted(whole.paths(lambda name: True))
    print(
        f"{seconds:6.1f} s  all: {len(whole.models.files())} files gone through, {len(files)} have statements"
    )
    folders = options.folders or random.Random(SEED).sample(files, min(SAMPLE, len(files)))
    differ = 0
    for folder in folders:
        inside = [
            path for path in tree.files() if path == folder or path.startswith(f"{folder.rstrip('/')}/")
        ]
        narrowed, seconds = read(tree, inside)
        wrong = [path for path in inside if narrowed.statements(path) != whole.statements(path)]
        differ += len(wrong)
        print(f"{seconds:6.1f} s  {folder}: {len(wrong)} of {len(inside)} read otherwise", flush=True)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
