"""One command for every target; see the package's docstring."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

from tests.fuzz import targets
from tests.fuzz.limits import Failure
from tests.fuzz.minimise import minimised

#: So many failures of one kind are made small; the others are most likely the same.
_MOST = 8


def main() -> int:
    """Fuzzes; every failure is printed and kept in `--keep`. The exit status says whether there was one."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(targets.TARGETS))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--examples", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", type=Path, default=None, help="a folder for what fails")
    parser.add_argument("--guided", action="store_true", help="by coverage; needs atheris")
    given = parser.parse_args()
    os.environ["MIGRATION_LINT_DEBUG"] = "1"
    seed = Random().randrange(10**6) if given.seed is None else given.seed
    if given.guided:
        from tests.fuzz.guided import run

        return run(targets.TARGETS[given.target], given.seconds, seed, given.keep)
    return fuzz(targets.TARGETS[given.target], given.seconds, given.examples, seed, given.keep)


def fuzz(target: targets.Target, seconds: float, examples: int, seed: int, keep: Path | None) -> int:
    """Runs a target until the time or the number of examples is reached; the count of failures."""
    until = time.monotonic() + seconds
    seen: dict[str, list[str]] = {}
    done = 0
    while time.monotonic() < until and done < examples:
        number = seed * 1_000_000 + done
        text = target.make(Random(number))
        done += 1
        problem = failure(target.check, text)
        if problem is None:
            continue
        found = seen.setdefault(way_of(problem), [])
        if len(found) < _MOST:
            small = minimised(text, partial(is_same, target.check, way_of(problem)))
            if small not in found:
                found.append(small)
                report(target, number, small, keep)
    count = sum(map(len, seen.values()))
    print(f"{target.name}: {done} examples, {count} failures, seed {seed}", flush=True)
    return count


def failure(check: Callable[[str], None], text: str) -> BaseException | None:
    """What a text makes the check raise."""
    try:
        check(text)
    except Exception as problem:
        return problem
    return None


def way_of(problem: BaseException) -> str:
    """What tells one kind of failure from another: its first words, or the place that raised."""
    if isinstance(problem, Failure):
        return str(problem).partition(":")[0]
    frames = traceback.extract_tb(problem.__traceback__)
    place = frames[-1]
    return f"{type(problem).__name__} in {Path(place.filename).name}:{place.name}"


def is_same(check: Callable[[str], None], way: str, text: str) -> bool:
    """Whether a text fails in that way."""
    problem = failure(check, text)
    return problem is not None and way_of(problem) == way


def report(target: targets.Target, number: int, text: str, keep: Path | None) -> None:
    """Prints a failure, and keeps its text."""
    problem = failure(target.check, text)
    if problem is None:  # it took too long on a busy machine
        return
    print(f"---- {target.name}, example {number}: {type(problem).__name__}: {problem}"[:2_000])
    print(text[:6_000], flush=True)
    if not isinstance(problem, Failure):
        traceback.print_exception(problem)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha1(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:8]
        (keep / f"{target.name}-{name}{target.suffix}").write_bytes(text.encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
