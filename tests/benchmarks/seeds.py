"""What scripts mean must not hang on the order of Python's sets, which another seed of its hashes changes.

    python -m tests.benchmarks.seeds [--seeds N] [FOLDER[=DIALECT]…]

Reads the migrations of each folder, by default of every package in truth/packages.py, in a process of its own
for each seed, and compares what `show --format json` prints, byte for byte. Nothing of a package is imported
or run.
"""

from __future__ import annotations

import argparse
import difflib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.truth.__main__ import cache, folder_and_dialect
from tests.benchmarks.truth.packages import fetch
from tests.benchmarks.truth.running import scripts_of

ROOT = Path(__file__).resolve().parents[2]

_SHOWN = 12  # lines of a difference


def said(folder: Path, seed: int, *arguments: str) -> str:
    """What the program prints in a folder, errors included, when Python's hashes have that seed."""
    ran = subprocess.run(
        (sys.executable, "-m", "migration_lint", *arguments),
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": str(seed),
            "MIGRATION_LINT_CACHE": "off",
            "NO_COLOR": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return f"{ran.stdout}exit status {ran.returncode}\n"


def differences(texts: Sequence[str]) -> Iterator[str]:
    """How each text differs from the first, as the lines of a diff; nothing where all are the same."""
    for seed, text in enumerate(texts[1:], 1):
        if text != texts[0]:
            names = "seed 0", f"seed {seed}"
            yield from difflib.unified_diff(texts[0].splitlines(), text.splitlines(), *names, "", "", 0, "")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; gives 1 where a package is read in two ways."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.seeds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="*", type=folder_and_dialect, metavar="FOLDER[=DIALECT]")
    parser.add_argument("--seeds", type=int, default=4, metavar="N", help="how many (default: 4)")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    differing = scripts = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for folder, dialect in (dict(options.folders) or fetch(cache() / "packages")).items():
            here = folder.resolve()
            found = scripts_of(here)
            if not found:
                continue
            places = sorted({str(script.parent.relative_to(here)) for script in found})
            command = ("show", "--format", "json", "--dialect", dialect or "postgresql", *places)
            asked = [pool.submit(said, here, seed, *command) for seed in range(options.seeds)]
            lines = list(differences([each.result() for each in asked]))
            print(
                f"{folder.name}: {len(found)} scripts: {'they differ' if lines else 'the same'}", flush=True
            )
            print("".join(f"  {line}\n" for line in lines[:_SHOWN]), end="")
            scripts += len(found)
            differing += bool(lines)
    print(f"{scripts} scripts under {options.seeds} seeds: {differing or 'no'} packages differ")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
