"""The life of a request on each host, push by push, and what each run of a review costs.

Every state is stored as a page: `UPDATE_EXPECTED=1` writes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from migration_lint.check.finding import ContractPatch, Finding
from migration_lint.errors import CannotJudge
from migration_lint.review.host import Tally
from migration_lint.review.owners import Owners
from migration_lint.writing.patch import patch

from .benches import (
    AzureDevOpsBench,
    Bench,
    BitbucketBench,
    GiteaBench,
    GitHubBench,
    GitLabBench,
    sent,
)
from .diffs import Change
from .gitea_host import Review
from .gitlab_host import Note
from .samples import (
    AUDIT,
    CONSUMER,
    CONTRACT,
    DROPPED,
    FILES,
    MENDED,
    MIGRATION,
    RENAMED,
    SCRIPT,
    TOUCHED,
    acknowledging,
    report,
)
from .server import CUT, Answer, Asked, Fault

BENCHES: dict[str, Callable[[], Bench]] = {
    "github": GitHubBench,
    "gitlab": GitLabBench,
    "gitea": GiteaBench,
    "bitbucket": BitbucketBench,
    "azure-devops": AzureDevOpsBench,
}
WITH_LABELS = ("github", "gitlab", "gitea")
LIFE = Path(__file__).parent / "expected/life"
RENAMED_FILE = "migrations/versions/b2_drop_hint.py"
FEWER = "deployment_events.hint is dropped, but api.consumer did not change with it"


#: What happens before a run: what the page says of it.
Before = Callable[[Bench, bytes], Iterator[str]]
BILLING = "services/billing/migrations/versions/c3.py"
BILLED = 'op.drop_table("invoices")\n'


def commit(number: int) -> str:
    return f"{number:040x}"


def placed(finding: Finding, path: str, script: str, above: int) -> Finding:
    """A finding where its statement stands by now, and its contracts below so many more lines."""
    lines = script.split("\n")
    start = {"hint": '"hint"', "kind": "op.alter_column(", None: 'drop_table("audit")'}[finding.element]
    first = next(number for number, line in enumerate(lines, 1) if start in line)
    contracts = tuple(each._replace(line=each.line + above) for each in finding.contracts)
    last = first + finding.end_line - finding.line
    return finding._replace(path=path, line=first, end_line=last, contracts=contracts)


@dataclass
class Life:
    """A request, and the page of what became of it."""

    bench: Bench
    number: int = 0
    path: str = MIGRATION
    script: str = SCRIPT
    contract: str = TOUCHED
    pages: list[str] = field(default_factory=list)

    def push(
        self, event: str, findings: Sequence[Finding], *, above: str = "", first: Sequence[Before] = ()
    ) -> None:
        """A push, the report of it (of a merge, if the target has lines `above`), and a run of the review.

        `first` happens before that run, with the same report.
        """
        self.number += 1
        head = commit(self.number)
        changes = {self.path: Change("", self.script), CONSUMER: Change(CONTRACT, self.contract)}
        self.bench.push(changes | {BILLING: Change("", BILLED)}, head)
        files = {self.path: above + self.script, CONSUMER: above + self.contract}
        judged = [placed(each, self.path, files[self.path], above.count("\n")) for each in findings]
        patches = [ContractPatch(CONSUMER, patch([(CONSUMER, files[CONSUMER], above + MENDED)]))]
        made = report(
            judged,
            patches if self.contract != MENDED else [],
            commit=commit(1_000 + self.number) if above else head,
            parents=(commit(2_000), head) if above else (),
            files=files,
            acknowledging=[acknowledging(CONSUMER, "api.consumer", files[CONSUMER])]
            if self.contract != MENDED
            else [],
        )
        earlier = [line for before in first for line in before(self.bench, made)]
        start, told = len(self.bench.host.server.log), notifications(self.bench)
        tally = reviewed(self.bench, made)
        asked, wrote = len(self.bench.host.server.log) - start, len(sent(self.bench, start))
        told = notifications(self.bench) - told
        start = len(self.bench.host.server.log)
        reviewed(self.bench, made)
        assert sent(self.bench, start) == [], "a second run has nothing to write"
        lines = [
            *earlier,
            f"{said(tally)}: {asked} requests, {wrote} of them write, {told} notifications",
            *spoken(tally),
        ]
        self.pages.append(
            f"## {self.number}. {event}\n\n"
            + "".join(f"{line}\n\n" for line in lines)
            + "".join(f"{line}\n" for line in self._state())
        )

    def _state(self) -> Iterator[str]:
        for place, each in enumerate(self.bench.lines(), 1):
            _, text, *_ = each.body.split("\n")
            more = "\n".join(each.body.split("\n")[2:])
            marks = ["resolved"] if each.resolved else []
            marks += ["outdated"] if each.line is None else []
            marks += ["a suggestion to apply"] if "```suggestion" in more else []
            marks += ["with an answer"] if answered(self.bench, place - 1) else []
            where = each.path if each.line is None else f"{each.path}:{each.line}"
            yield f"{place}. `{where}`{' (' + ', '.join(marks) + ')' if marks else ''} {text}"
            yield from (f"   - {line}" for line in more.split("\n") if line.startswith(("Now in", "**error")))
        for body in self.bench.summaries():
            marker, title, *lines = body.split("\n")
            ended = "another summary holds" if "state=closed" in marker else title.removeprefix("### ")
            yield f"\nSummary: {ended}"
            yield from (
                f"- {line}" for line in lines if line.endswith((".", "them.")) and line[:1] not in "|-"
            )


def reviewed(bench: Bench, made: bytes) -> Tally:
    """A run that knows who owns a contract."""
    labels = {"api.consumer": "agreed"} if bench.kind in WITH_LABELS else {}
    return bench.review(made, owners=Owners({"api.consumer": (bench.ann,)}, labels))


def approved(bench: Bench, made: bytes) -> Iterator[str]:
    """The owner of a contract approves what was pushed."""
    bench.host.approve(bench.ann)
    yield "The owner of `api.consumer` approves it."


def labelled(bench: Bench, made: bytes) -> Iterator[str]:
    """The owner sets a label, where hosts say who did."""
    if isinstance(bench, (BitbucketBench, AzureDevOpsBench)):
        yield "This host does not say who has set a label."
    else:
        bench.host.set_label(bench.ann, "agreed")
        yield "The owner of `api.consumer` sets the label `agreed`."


def dismissed(bench: Bench, made: bytes) -> Iterator[str]:
    """An approval is there in one run, and gone before the next."""
    bench.host.approve(bench.ann)
    yield f"The owner of `api.consumer` approves it; a run says: {said(reviewed(bench, made))}."
    bench.host.withdraw(bench.ann)
    yield "That approval is dismissed."


def spoken(tally: Tally) -> Iterator[str]:
    """What the command says besides its line that counts."""
    yield from (f"> note: {note}" for note in tally.notes)
    yield from (f"> error: {problem.message}\\\n> fix: {problem.fix}" for problem in tally.problems)


def cut_off(bench: Bench, made: bytes) -> Iterator[str]:
    """A run whose connection is cut whenever it writes."""
    bench.host.server.faults = lambda number, asked: CUT if asked.writes else None
    yield from gives_up("A run before is cut off", bench, made)


def locked(bench: Bench, made: bytes) -> Iterator[str]:
    """A run on a request of which the conversation is locked."""
    refusal = {
        "github": "Unable to create comment because issue is locked.",
        "gitlab": "403 Forbidden",
        "gitea": "cannot create or edit comments because issue is locked",
        "bitbucket": "you do not have access to comment",
        "azure-devops": "TF401027: You need the Git 'PullRequestContribute' permission",
    }
    answer = Fault(Answer(403, {"message": refusal[bench.kind]}))
    bench.host.locked = True
    bench.host.server.faults = lambda number, asked: answer if asked.writes else None
    yield from gives_up("A run before finds the conversation locked", bench, made)
    bench.host.locked = False


def gives_up(what: str, bench: Bench, made: bytes) -> Iterator[str]:
    with pytest.raises(CannotJudge) as raised:
        reviewed(bench, made)
    bench.host.server.faults = lambda number, asked: None
    [problem] = raised.value.problems
    message = problem.message.replace(bench.host.server.url, "https://host.example")
    yield f"{what}:"
    yield f"> error: {message}\\\n> fix: {problem.fix}"


def too_quickly(bench: Bench, made: bytes) -> Iterator[str]:
    """The next write is refused once, in words that no header says."""
    answers = {
        "github": Answer(422, {"message": "Validation Failed", "errors": ["was submitted too quickly"]}),
        "gitlab": Answer(429, b"Retry later", {"Content-Type": "text/plain"}),
        "gitea": Answer(429, b"", {}),
        "bitbucket": Answer(429, {"error": {"message": "Rate limit for this resource has been exceeded"}}),
        "azure-devops": Answer(429, {"message": "TF400733"}, {"Retry-After": "59"}),
    }
    waits = len(bench.time.waits)
    bench.host.server.faults = lambda number, asked: (
        Fault(answers[bench.kind]) if asked.writes and len(bench.time.waits) == waits else None
    )
    yield "The host finds that it writes too quickly, once: it waits a minute."


def in_the_making(bench: Bench, made: bytes) -> Iterator[str]:
    """A run while the token's user has something that is not submitted."""
    if isinstance(bench, GitHubBench):
        bench.host.pending = True
        yield "A run before meets a review that the token's user has not submitted:"
        yield from spoken(reviewed(bench, made))
        bench.host.pending = False
    elif isinstance(bench, GiteaBench):
        bench.host.reviews.append(Review(99, bench.host.viewer, "not yet", "PENDING"))
        yield "A run before meets a review that the token's user has not submitted:"
        yield from spoken(reviewed(bench, made))
        bench.host.reviews.pop()
    elif isinstance(bench, GitLabBench):
        position = next(each.position for each in bench.host.notes if each.position)
        bench.host.drafts.append(Note(99, bench.host.viewer, "not yet", position))
        yield "A draft of a person, whose token it is, stays one."
    else:
        yield "What somebody has not submitted is nowhere on this host."


def at_once(bench: Bench, made: bytes) -> Iterator[str]:
    """Another run goes through between what this one sees and what it writes."""

    def meanwhile(number: int, asked: Asked) -> None:
        if asked.writes:
            bench.host.server.faults = lambda number, asked: None
            reviewed(bench, made)

    bench.host.server.faults = meanwhile
    tally = reviewed(bench, made)
    yield f"Two runs at once, of which the second one to end says: {said(tally)}."


def billed(bench: Bench, made: bytes) -> Iterator[str]:
    """Another project of the repository is reviewed on the same request."""
    finding = AUDIT._replace(path=BILLING, line=1, end_line=1, table="invoices", fingerprint="b" * 32,
                             message="invoices is dropped with everything in it")  # fmt: skip
    head = bench.host.head
    other = report([finding], [], commit=head, files={BILLING: BILLED}, project="services/billing")
    yield f"`services/billing` is reviewed too: {said(bench.review(other))}."


def said(tally: Tally) -> str:
    counts = {
        "posted": tally.posted,
        "updated": tally.updated,
        "resolved": tally.resolved,
        "closed, not resolved": tally.closed,
        "deleted": tally.deleted,
    }
    done = [f"{number} {what}" for what, number in counts.items() if number]
    return ", ".join([*done, *([f"summary {tally.summary}"] if tally.summary else [])]) or "nothing to write"


def answered(bench: Bench, place: int) -> bool:
    every = bench.host.notes if isinstance(bench, GitLabBench) else bench.host.comments
    on_lines = [each for each in every if (each.position if isinstance(each, Note) else each.path)]
    heads = [each for each in on_lines if each.reply_to is None]
    return any(each.reply_to == heads[place].id for each in every)


def notifications(bench: Bench) -> int:
    """How often everybody who takes part got a message."""
    if isinstance(bench, GitLabBench):
        return bench.host.published + len(bench.summaries())
    if isinstance(bench, (BitbucketBench, AzureDevOpsBench)):
        return len([each for each in bench.host.comments if each.reply_to is None])
    alone = [each for each in sent(bench) if each.method == "POST" and each.url.endswith("/pulls/7/comments")]
    return len(bench.host.reviews) + len(bench.host.issue) + len(alone)


def live(bench: Bench) -> list[str]:
    """Twelve pushes, with all that people, tokens and hosts do in between."""
    life = Life(bench)
    life.push("The first push; the host's checkout is a merge", [DROPPED, RENAMED, AUDIT], above="# a\n# b\n")
    life.push(
        "Nothing that matters, in other words",
        [DROPPED, RENAMED, AUDIT._replace(fix="keep it for a while")],
        above="# a\n# b\n# c\n",
        first=[too_quickly],
    )
    bench.reply(0, "Nobody reads it any more.")
    life.script = SCRIPT.replace("def upgrade", "LIMIT = 3\n\n\ndef upgrade")
    life.push("All lines have moved; somebody has answered", [DROPPED, RENAMED, AUDIT], first=[cut_off])
    life.script = life.script.replace('"hint")', '"hint", schema=None)')
    life.push("The statement itself is edited", [DROPPED, RENAMED, AUDIT], first=[locked, approved])
    life.path = RENAMED_FILE
    moved = [each._replace(fingerprint=each.fingerprint.replace(each.fingerprint[0], "7", 4)) for each in
             (DROPPED, RENAMED, AUDIT)]  # fmt: skip
    life.push("The file is renamed", moved)
    dropped = moved[0]._replace(message=FEWER, fingerprint="6" * 32, contracts=DROPPED.contracts[:1])
    bench.reply(0, "One of two.")
    life.push("One contract follows: other words", [dropped, *moved[1:]], first=[approved])
    bench.resolve(1)
    life.push("Somebody has resolved a thread", [dropped, *moved[1:]], first=[billed, labelled])
    life.contract = MENDED
    life.push("Both suggestions are taken", [moved[2]])
    life.script, life.contract = SCRIPT, TOUCHED
    life.push(
        "A force-push brings all of it back", [dropped, *moved[1:]], first=[in_the_making, at_once, dismissed]
    )
    bench.other_token()
    life.push("The token stands for another user", [dropped, *moved[1:]])
    bench.host.may_resolve = False
    life.push("It may not resolve threads, and one finding is fixed", [dropped, moved[1]])
    life.contract = MENDED
    life.push("All is fixed", [])
    return life.pages


def test_the_life_of_a_request(bench: Bench) -> None:
    made = f"# A pull request's life on {bench.host.__class__.__name__.removesuffix('Host')}\n\n"
    made += "\n".join(live(bench))
    stored = LIFE / f"{bench.kind}.md"
    if os.environ.get("UPDATE_EXPECTED"):
        stored.parent.mkdir(exist_ok=True)
        stored.write_text(made, encoding="utf-8")
    assert made == stored.read_text(encoding="utf-8")


class Phase(NamedTuple):
    name: str
    findings: Callable[[Sequence[Finding]], Sequence[Finding]]
    above: int = 0  # lines that were added to the top of the file
    approved: bool = False  # by the owner of a contract


LATENCY = 0.3  # seconds that a host takes to answer

PHASES = (
    Phase("first push", lambda all_of: all_of),
    Phase("nothing new", lambda all_of: all_of),
    Phase("all moved", lambda all_of: all_of, 2),
    Phase("an owner approves", lambda all_of: all_of, 2, True),
    Phase("half fixed, that is stale", lambda all_of: all_of[::2], 2),
    Phase("all fixed", lambda all_of: (), 2),
)


def costs(kind: str, number: int) -> Iterator[str]:
    bench = BENCHES[kind]()
    try:
        for place, phase in enumerate(PHASES, 1):
            names = [f"table_{each}" for each in range(number)]
            script = "# more\n" * phase.above + "".join(f'op.drop_table("{name}")\n' for name in names)
            bench.push({MIGRATION: Change("", script), CONSUMER: FILES[CONSUMER]}, commit(place))
            if phase.approved:
                bench.host.approve(bench.ann)
            findings = [
                AUDIT._replace(message=f"{name} is dropped", table=name, line=line + phase.above,
                               end_line=line + phase.above, fingerprint=f"{line:032x}")
                for line, name in enumerate(names, 1)
            ]  # fmt: skip
            begun, asked, told = bench.time.seconds, len(bench.host.server.log), notifications(bench)
            left = phase.findings(findings)
            made = report(
                left,
                [],
                commit=commit(place),
                files={MIGRATION: script},
                acknowledging=[acknowledging(CONSUMER, "api.consumer", TOUCHED)] if left else [],
            )
            reviewed(bench, made)
            requests, writes = len(bench.host.server.log) - asked, len(sent(bench, asked))
            seconds = bench.time.seconds - begun + requests * LATENCY
            yield (
                f"| {bench.kind} | {number} | {phase.name} | {requests} | {writes} "
                f"| {notifications(bench) - told} | {seconds:.0f} s |"
            )
            assert seconds < 100, "of the 300 that are there by default"
    finally:
        bench.host.server.stop()
    assert not bench.host.server.trouble


@pytest.mark.long
def test_what_a_run_costs() -> None:
    """At most 100 findings get a comment of their own."""
    rows = [row for kind in BENCHES for number in (5, 30, 300) for row in costs(kind, number)]
    head = (
        f"The time is {LATENCY} s a request, and what is waited to keep the host's pace.\n\n"
        "| host | findings | | requests | writes | notifications | time |\n|---|---|---|---|---|---|---|\n"
    )
    made = head + "\n".join(rows) + "\n"
    stored = LIFE / "costs.md"
    if os.environ.get("UPDATE_EXPECTED"):
        stored.write_text(made, encoding="utf-8")
    assert made == stored.read_text(encoding="utf-8")


@pytest.mark.parametrize("last", range(0, 26, 5))
def test_two_runs_at_once_cut_off_anywhere_end_in_the_state_of_one(bench: Bench, last: int) -> None:
    """One begins to write while the other one is at its n-th request; then both are cut off, and one runs."""
    made = report([DROPPED, RENAMED, AUDIT])
    expected = type(bench)()
    for each in (bench, expected):
        each.host.approve(each.ann)
    reviewed(expected, made)
    expected.host.server.stop()

    def cut(number: int, asked: Asked) -> Fault | None:
        return CUT if number >= last else None

    def meanwhile(number: int, asked: Asked) -> Fault | None:
        if not asked.writes:
            return None
        bench.host.server.faults = cut
        with suppress(CannotJudge):  # it may have come to its end before
            reviewed(bench, made)
        bench.host.server.faults = lambda number, asked: CUT
        return CUT

    bench.host.server.faults = meanwhile
    with pytest.raises(CannotJudge):
        reviewed(bench, made)
    bench.host.server.faults = lambda number, asked: None
    reviewed(bench, made)
    kind = "lines" if bench.kind == "gitlab" else "comments"
    assert bench.host.said()[kind] == expected.host.said()[kind]
    assert len([each for each in bench.summaries() if "state=open" in each]) == 1
