"""Writes each case that passes although it breaks the contract, or that does not run, as a file."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.database import servers
from tests.live.evasions.cases import cases
from tests.live.evasions.judging import Judge
from tests.live.evasions.running import Alembic


def main() -> int:
    """0 if nothing passes that breaks, else 1; 2 where the folder is not this command's to write into."""
    parser = argparse.ArgumentParser(prog="python -m tests.live.evasions", description=__doc__)
    parser.add_argument("folder", type=Path, help="a new one, or one that is empty")
    parser.add_argument("names", nargs="*", help="words: only the cases whose name holds one of them")
    given = parser.parse_args()
    if given.folder.exists() and (not given.folder.is_dir() or any(given.folder.iterdir())):
        print(f"{given.folder} is no empty folder: name a new one", file=sys.stderr)
        return 2
    os.environ["MIGRATION_LINT_CACHE"] = "off"
    names = given.names or [""]
    chosen = [case for case in cases() if any(name in case.name for name in names)]
    passed: list[str] = []
    idle: list[str] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as place, servers.postgresql() as url, Alembic() as alembic:
        os.chmod(place, 0o755)
        judge = Judge(url, Path(place), alembic)
        for case in chosen:
            outcome = judge.of(case)
            if outcome.broken and not outcome.passed:
                continue
            (passed if outcome.broken else idle).append(case.name)
            words = "passes" if outcome.broken else f"does nothing ({outcome.error})"
            print(f"{case.name}: {words}", flush=True)
            kind = "passing" if outcome.broken else "idle"
            written = given.folder / kind / (case.name.replace("/", " ") + ".txt")
            written.parent.mkdir(parents=True, exist_ok=True)
            parts = [f"-- {path} --\n{text}" for path, text in case.files.items()]
            written.write_text("".join(parts) + (f"\n# {outcome.error}\n" if outcome.error else ""))
    seconds = time.monotonic() - started
    print(f"{len(chosen)} cases, {len(passed)} pass, {len(idle)} do nothing; {seconds:.0f} s")
    return bool(passed)


if __name__ == "__main__":
    raise SystemExit(main())
