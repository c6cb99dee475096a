"""The command; `python -m tests.benchmarks.squawk --help`."""

from __future__ import annotations

import argparse
import difflib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.packages import EXPECTED, Unavailable
from tests.benchmarks.squawk.comparing import Compared, compare
from tests.benchmarks.squawk.histories import PACKAGES, example, package
from tests.benchmarks.squawk.report import Unexplained, render

STORED = EXPECTED / "squawk"
EXAMPLE = "deployment_events"


def compared(name: str, folder: Path) -> Compared:
    """One history, by its name. Raises Unavailable, and FileNotFoundError where squawk is not installed."""
    if name == EXAMPLE:
        return compare(name, example(folder))
    found = next(each for each in PACKAGES if each[0] == name)
    return compare(name, [package(*found, folder)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; gives 1 where something is not as stored, or is not explained."""
    names = [EXAMPLE, *(each[0] for each in PACKAGES)]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.squawk", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*names, []], metavar="HISTORY", help=", ".join(names))
    parser.add_argument("--write", action="store_true", help="store what comes out")
    options = parser.parse_args(arguments)
    return max(_each(options.names or names, options.write))


def _each(names: Sequence[str], write: bool) -> Iterator[int]:
    for name in names:
        with tempfile.TemporaryDirectory(prefix="squawk-") as folder:
            try:
                found = render(compared(name, Path(folder)))
            except (Unavailable, FileNotFoundError) as missing:
                print(f"{name}: skipped: {missing}")
                yield 0
                continue
            except Unexplained as unexplained:
                print(f"{name}: {unexplained}")
                yield 1
                continue
        stored = STORED / f"{name}.md"
        if write:
            stored.parent.mkdir(exist_ok=True)
            stored.write_text(found, encoding="utf-8")
        known = stored.read_text(encoding="utf-8") if stored.exists() else ""
        print(f"{name}: {'as stored' if found == known else 'differs from what is stored'}")
        sys.stdout.writelines(difflib.unified_diff(known.splitlines(True), found.splitlines(True)))
        yield int(found != known)


if __name__ == "__main__":
    sys.exit(main())
