"""Runs as many examples as asked for; prints a line of summary, and the smallest script of each fault."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from random import Random

from tests.reading.random_migrations.judging import Difference, differences
from tests.reading.random_migrations.minimising import minimised
from tests.reading.random_migrations.running import Truth
from tests.reading.random_migrations.structure import migration
from tests.reading.random_migrations.writer import Migration


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reading.random_migrations", description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=6, help="how long a script is made smaller")
    parser.add_argument("--only", default="", help="print only differences whose sort begins with this")
    parser.add_argument("--most", type=int, default=1, help="how many scripts of one sort are printed")
    given = parser.parse_args()
    os.environ["MIGRATION_LINT_DEBUG"] = "1"
    counts: Counter[str] = Counter()
    known = complete = 0
    start = time.monotonic()
    with Truth() as truth:

        def judged(each: Migration) -> list[Difference]:
            try:
                runs = truth.of(each)
            except AssertionError as wrong:
                return [Difference("the generator", str(wrong))]
            try:
                return differences(each, runs)
            except Exception as fault:
                return [Difference(f"{type(fault).__name__}: {fault}", "")]

        def is_same(each: Migration, sort: str, errors: int) -> bool:
            runs = truth.of(each)
            if sum(run.error is not None for run in runs) > errors:
                return False
            return any(found.sort == sort for found in judged(each))

        for number in range(given.examples):
            made = migration(Random(given.seed * 1_000_000 + number))
            known += not made.unknown
            runs = truth.of(made)
            errors = sum(run.error is not None for run in runs)
            complete += errors < 3
            if any(run.error for run in runs if run.mode == "empty"):
                counts["runs that fail"] += 1
            found = judged(made)
            for each in {difference.sort: difference for difference in found}.values():
                counts[each.sort] += 1
                if counts[each.sort] > given.most or not each.sort.startswith(given.only):
                    continue

                def is_alike(other: Migration, sort: str = each.sort, most: int = errors) -> bool:
                    return is_same(other, sort, most)

                small = minimised(made, is_alike, given.seconds)
                _print(given.seed, number, small, [one for one in judged(small) if one.sort == each.sort][:1])
    took = time.monotonic() - start
    failures = {sort: count for sort, count in counts.most_common() if sort != "runs that fail"}
    for sort, count in failures.items():
        print(f"{count:6} {sort}")
    print(
        f"{given.examples} examples ({known} without unknown conditions, {complete} came to their end, "
        f"{counts['runs that fail']} did not on an empty database), "
        f"{len(failures)} sorts of differences, {took:.0f} s"
    )
    return 1 if failures else 0


def _print(seed: int, number: int, small: Migration, found: list[Difference]) -> None:
    print("=" * 100)
    print(
        f"# seed {seed}, example {number}", *(f"# {each.sort}\n# {each.detail}" for each in found), sep="\n"
    )
    print(small.source)
    if "shop_tables" in small.source:
        print("# shop_tables.py")
        print(small.helper)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
