"""What real changes are told: the last commits of projects that touch migrations, each as a pull request.

    python -m tests.benchmarks.replayed [--last 25] [--unjudged] CHECKOUT…

Of each checkout, a clone of a project by its name (`--no-checkout` will do: trees are read from git), every
commit that touches a script below a folder of versions is judged against its parent. Each change is one line:
its exit status, and how many findings each rule made, errors apart. `replayed.tsv` is what was judged of the
errors and of the changes that could not be judged, one a line: the project, the commit, the rule (`-`: exit
status 2), the script, its line, the verdict, and why. `right`: who reviews that change has to know it.
`wrong`: it is not so, or nobody would do anything. `--unjudged` shows the errors that are not in it.
`tests/test_replayed.py` holds the table. Nothing of a project is run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from migration_lint.check.finding import Finding
from migration_lint.check.pipeline import run_check
from migration_lint.errors import CannotJudge
from migration_lint.store import Store

JUDGED = Path(__file__).parent / "replayed.tsv"
SCRIPTS = "*/versions/*.py"
REFUSED = "-"  # in place of a rule

Verdict = Literal["right", "wrong"]


class Place(NamedTuple):
    """Where an error of a change stands. A rule that finds several things on one line is judged once."""

    project: str
    commit: str  # the first ten digits
    rule: str
    script: str  # its file's name
    line: int


class Judgement(NamedTuple):
    """What was made of one error."""

    place: Place
    verdict: Verdict
    reason: str


class Replayed(NamedTuple):
    """What one change was told."""

    project: str
    commit: str
    status: int
    findings: tuple[Finding, ...] = ()
    problems: tuple[tuple[str, int, str], ...] = ()  # paths, lines and messages where nothing was judged

    def errors(self) -> Iterator[tuple[Place, str]]:
        """What fails the change, with what it says."""
        for path, line, message in self.problems:
            yield self._place(REFUSED, path, line), message
        for each in self.findings:
            if each.severity == "error":
                yield self._place(each.rule, each.path, each.line), each.message

    def _place(self, rule: str, path: str, line: int) -> Place:
        return Place(self.project, self.commit, rule, path.rpartition("/")[2], line)


def commits(checkout: Path, last: int) -> list[str]:
    """The last commits that touch a script, the oldest first, without merges and those without a parent."""
    asked = ("log", "--no-merges", "--min-parents=1", f"--max-count={last}", "--format=%H", "--", SCRIPTS)
    said = subprocess.run(("git", *asked), cwd=checkout, capture_output=True, text=True, check=True)
    return said.stdout.split()[::-1]


def replayed(checkout: Path, commit: str, store: Store) -> Replayed:
    """The check of one commit against its parent; `store` has what was read of those before."""
    named = checkout.resolve().name, commit[:10]
    try:
        report = run_check(checkout, base=f"{commit}^", head=commit, environ={}, store=store)
    except CannotJudge as error:
        problems = tuple((each.path or "", each.line, each.message) for each in error.problems)
        return Replayed(*named, 2, problems=problems)
    return Replayed(*named, int(report.failed), report.findings)


def shown(change: Replayed) -> str:
    """A change on one line: what fails it, then what else it was told."""
    told = Counter(each.rule for each in change.findings if each.severity != "error")
    errors = Counter(place.rule for place, _ in change.errors())
    parts = (", ".join(f"{rule} {count}" for rule, count in each.most_common()) for each in (errors, told))
    return "\t".join((change.project, change.commit, str(change.status), *parts))


def judgements(text: str) -> Iterator[Judgement]:
    """The judged errors of a text like `replayed.tsv`. Raises ValueError for a line that is none."""
    for line in text.splitlines():
        project, commit, rule, script, number, verdict, reason = line.split("\t")
        if verdict not in get_args(Verdict) or not reason:
            raise ValueError(line)
        yield Judgement(Place(project, commit, rule, script, int(number)), verdict, reason)  # type: ignore[arg-type]


def main() -> int:
    """Replay the changes; exit status 1 where one has an error that is not judged, or is judged wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", nargs="+", type=Path, metavar="CHECKOUT")
    parser.add_argument("--last", type=int, default=25, help="so many commits of each")
    parser.add_argument("--unjudged", action="store_true", help="show errors that are not judged, or wrong")
    options = parser.parse_args()
    judged = {each.place: each for each in judgements(JUDGED.read_text(encoding="utf-8"))}
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for checkout in options.checkouts:
            for commit in commits(checkout, options.last):
                change = replayed(checkout, commit, store)
                print(shown(change), flush=True)
                for place, message in change.errors():
                    known = judged.get(place)
                    if known is None or known.verdict == "wrong":
                        failed = True
                        if options.unjudged:
                            verdict = "not judged" if known is None else f"wrong: {known.reason}"
                            print("", *place[2:], verdict, f"\n\t\t{message}", sep="\t", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
