"""Which findings of the first look at published histories are noise: drawn, read and judged one by one.

`noise.tsv` is what was judged, a finding a line: the rule, the package, the script, its line, the draws that
it was in (`before` and `after` the rules were mended, or `both`), the verdict, and why. `useful`: it is true,
and who reviews that migration wants to read it. `idle`: it is true, and nobody would do anything, or it is
told twice. `wrong`: it is not true. What is idle or wrong is noise. Whether a table is small is judged by
what the history shows, and a statement by the dialect that the project supports, if not alone.
Of `lock-index-dropped`, where one finding more decided, all that is left was read, not a draw.
`expected/noise.md` is the shares by rule; `tests/test_noise.py` holds it.

    python -m tests.benchmarks.adoption --draw 12 --seed 1050    what would be judged now, and what it was
    python -m tests.benchmarks.noise --write                     the shares anew
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from migration_lint.check.finding import Finding

JUDGED = Path(__file__).parent / "noise.tsv"
STORED = Path(__file__).parent / "expected/noise.md"
SEED = 1050
MOST = 12  # findings of one rule that are drawn

Verdict = Literal["useful", "idle", "wrong"]
Draw = Literal["before", "after", "both"]


class Place(NamedTuple):
    """Where a finding stands. A rule that finds several things on one line is judged once for them."""

    rule: str
    package: str
    script: str  # its file's name
    line: int


class Judgement(NamedTuple):
    """What was made of one finding."""

    place: Place
    drawn: Draw
    verdict: Verdict
    reason: str


def drawn(found: Iterable[tuple[str, Finding]], most: int, seed: int) -> Iterator[tuple[str, Finding]]:
    """Some of each rule's findings, each with its package.

    What is drawn is ranked by a digest of the seed and the place, so that a finding which is gone makes room
    for the next one, and all others are drawn as before.
    """
    ranked = sorted(found, key=lambda each: (each[1].rule, _rank(place_of(*each), seed), each[1].message))
    taken = Counter[str]()
    seen = set[Place]()
    for package, finding in ranked:
        place = place_of(package, finding)
        if place not in seen and taken[finding.rule] < most:
            taken[finding.rule] += 1
            yield package, finding
        seen.add(place)


def place_of(package: str, finding: Finding) -> Place:
    """Where a finding of a package stands."""
    return Place(finding.rule, package, finding.path.rpartition("/")[2], finding.line)


def _rank(place: Place, seed: int) -> bytes:
    return hashlib.blake2b("\t".join(map(str, (seed, *place))).encode()).digest()


def judgements(text: str) -> Iterator[Judgement]:
    """The judged findings of a text like `noise.tsv`. Raises ValueError for a line that is none."""
    for line in text.splitlines():
        rule, package, script, number, draw, verdict, reason = line.split("\t")
        if draw not in get_args(Draw) or verdict not in get_args(Verdict) or not reason:
            raise ValueError(line)
        place = Place(rule, package, script, int(number))
        yield Judgement(place, draw, verdict, reason)  # type: ignore[arg-type]


def table(judged: Iterable[Judgement]) -> str:
    """The shares of noise by rule, in the two draws."""
    every = list(judged)
    lines = [
        "# Noise in the first look",
        "",
        "| rule | judged before | idle | wrong | noise | judged after | idle | wrong | noise |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for rule in sorted({each.place.rule for each in every}):
        of_rule = [each for each in every if each.place.rule == rule]
        lines.append(f"| {rule} | {_shares(of_rule, 'before')} | {_shares(of_rule, 'after')} |")
    lines.append(f"| all | {_shares(every, 'before')} | {_shares(every, 'after')} |")
    return "\n".join(lines) + "\n"


def _shares(judged: Iterable[Judgement], draw: Draw) -> str:
    counted = Counter(each.verdict for each in judged if each.drawn in (draw, "both"))
    every = sum(counted.values())
    noise = counted["idle"] + counted["wrong"]
    share = f"{noise / every:.0%}" if every else "–"
    return f"{every} | {counted['idle']} | {counted['wrong']} | {share}"


def shown(package: str, finding: Finding, judged: dict[Place, Judgement]) -> str:
    """A drawn finding on two lines: where and what it was judged, and what it says."""
    place = place_of(package, finding)
    known = judged.get(place)
    verdict = "not judged" if known is None else f"{known.verdict}: {known.reason}"
    where = "\t".join(map(str, place))
    return f"{finding.severity}\t{where}\t{verdict}\n    {finding.message}"


def main() -> int:
    """Count the shares; exit status 1 where they are others than the stored ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the shares")
    options = parser.parse_args()
    text = table(judgements(JUDGED.read_text(encoding="utf-8")))
    if options.write:
        STORED.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0 if text == STORED.read_text(encoding="utf-8") else 1


if __name__ == "__main__":
    sys.exit(main())
