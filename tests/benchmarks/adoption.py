"""What a project is told first that has never heard of the tool: `check --all` on published histories.

    python -m tests.benchmarks.adoption [--write] [--draw N --seed S]

Takes thirty of the packages of `tests.benchmarks.truth`, those with the fewest revisions but no fewer than
ten scripts, without a configuration or a contract, and counts what each is told, and by which rule. `--write`
stores it in `expected/adoption.md`. A rule that makes many of all findings, in most histories, is noise where
people begin, unless it is told once a project. `--draw` shows some findings of each rule instead, with what
`noise.tsv` makes of them. Nothing of a package is run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from migration_lint.check.finding import Finding
from migration_lint.check.pipeline import run_check
from migration_lint.errors import CannotJudge
from tests.benchmarks import noise
from tests.benchmarks.truth.__main__ import cache
from tests.benchmarks.truth.packages import fetch

STORED = Path(__file__).parent / "expected/adoption.md"
FREQUENT = 12  # rules in the table
HISTORIES = 30
LEAST = 10  # scripts of a history


class Adopted(NamedTuple):
    """What is said of one history."""

    name: str
    revisions: int
    rules: Counter[str]
    severities: Counter[str]
    seconds: float
    refused: str = ""
    findings: tuple[Finding, ...] = ()


def adopted(name: str, folder: Path) -> Adopted:
    """The first `check --all` of a folder of migrations."""
    begun = time.perf_counter()
    try:
        report = run_check(folder, head=f"{folder}/", all_revisions=True, environ={}, use_cache=False)
    except CannotJudge as error:
        return Adopted(name, 0, Counter(), Counter(), 0.0, error.problems[0].message[:80])
    return Adopted(
        name,
        report.revisions,
        Counter(each.rule for each in report.findings),
        Counter(each.severity for each in report.findings),
        time.perf_counter() - begun,
        findings=report.findings,
    )


def histories(folder: Path) -> list[tuple[str, Path]]:
    """The histories that are judged, each once, by the names of their packages."""
    sizes = {place: sum(1 for _ in place.rglob("versions/*.py")) for place in fetch(folder)}
    chosen = sorted((size, place.name, place) for place, size in sizes.items() if size >= LEAST)
    return [(name, place) for _, name, place in chosen[:HISTORIES]]


def table(found: list[Adopted]) -> str:
    """The histories, then the rules over all of them."""
    judged = [each for each in found if each.revisions]
    lines = ["# The first look at published histories", ""]
    lines += ["| history | revisions | errors | warnings | info | most of |", "|---|---|---|---|---|---|"]
    for each in judged:
        numbers = " | ".join(f"{each.severities[level]:,}" for level in ("error", "warning", "info"))
        most = ", ".join(f"{rule} {number}" for rule, number in each.rules.most_common(2))
        lines.append(f"| {each.name} | {each.revisions:,} | {numbers} | {most} |")
    rules = sum((each.rules for each in judged), Counter[str]())
    every = sum(rules.values())
    revisions = sum(each.revisions for each in judged)
    lines += ["", f"{len(judged)} histories, {revisions:,} revisions, {every:,} findings.", ""]
    lines += ["| rule | findings | of all | in histories |", "|---|---|---|---|"]
    for rule, number in rules.most_common(FREQUENT):
        within = sum(rule in each.rules for each in judged)
        lines.append(f"| {rule} | {number:,} | {number / every:.1%} | {within} |")
    refused = [f"{each.name}: {each.refused}" for each in found if each.refused]
    lines += ["", "Not judged:", "", *(f"- {each}" for each in refused)] if refused else []
    return "\n".join(lines) + "\n"


def main() -> int:
    """Judge them all; exit status 1 where the table is another than the stored one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the table")
    parser.add_argument("--draw", type=int, metavar="N", help="show at most so many findings of each rule")
    parser.add_argument("--seed", type=int, default=noise.SEED, help="of what is drawn")
    options = parser.parse_args()
    found = []
    for name, place in histories(cache() / "packages"):
        found.append(adopted(name, place))
        print(f"{name}: {found[-1].revisions} revisions, {found[-1].seconds:.1f} s", file=sys.stderr)
    if options.draw:
        judged = {each.place: each for each in noise.judgements(noise.JUDGED.read_text(encoding="utf-8"))}
        every = [(each.name, finding) for each in found for finding in each.findings]
        for package, finding in noise.drawn(every, options.draw, options.seed):
            print(noise.shown(package, finding, judged))
        return 0
    text = table(sorted(found, key=lambda each: each.name))
    if options.write:
        STORED.write_text(text, encoding="utf-8")
    print(text)
    return 0 if text == STORED.read_text(encoding="utf-8") else 1


if __name__ == "__main__":
    sys.exit(main())
