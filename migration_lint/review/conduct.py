"""A review from its beginning to its end: look what is there, write what is missing."""

from __future__ import annotations

from migration_lint.errors import CannotJudge, Problem
from migration_lint.review.body import summary_text
from migration_lint.review.findings import Given
from migration_lint.review.host import Host, State, Tally
from migration_lint.review.marker import marked, marker_of
from migration_lint.review.place import place_remarks
from migration_lint.review.plan import Step, make_plan
from migration_lint.review.target import Target
from migration_lint.review.transport import Refused, Unsure

ROUNDS = 5  # looks at what is there; another one follows each request of which nobody knows what became

_FIXES = {
    401: "see that the token is valid",
    403: "give the token the right to write comments on the request, and check runs where they are asked for",
    404: "see that the request exists, and that the token may see it",
}


def conduct_review(host: Host, target: Target, given: Given) -> Tally:
    """Make the comments on `host` say what the report says, once each.

    A run that was cut off at any request is finished by the next one, because what is missing is worked out
    from what is there. Raises CannotJudge where the host refuses, or fails for too long.
    """
    tally = Tally()
    for _ in range(ROUNDS):
        try:
            _round(host, target, given, tally)
        except Unsure as failure:
            trouble = str(failure)
            continue
        except Refused as refusal:
            fix = _FIXES.get(refusal.status, "see what the host says")
            problem = Problem(f"{target.api} refuses with {refusal}", fix=fix)
            raise CannotJudge(problem) from None
        return tally
    raise CannotJudge(
        Problem(
            f"{target.api} failed {ROUNDS} times where something was written, the last time with {trouble}",
            fix="run it again later, it goes on where it stopped",
        )
    )


def _round(host: Host, target: Target, given: Given, tally: Tally) -> None:
    state = host.read()
    if state.stopped:
        return tally.note(f"stopped: {state.stopped}")
    remarks, apart = place_remarks(given, state.shown, host)
    when = f"at `{target.commit[:12]}`"
    plan = make_plan(target.name, remarks, state.threads, apart, when)
    alone = sum(finding.fingerprint in apart for finding in given.report.findings)
    summary = summary_text(given, alone, host.longest)
    written = _summary(state, target, summary, bool(given.report.findings))
    if plan.new or plan.steps or written:
        stopped = host.stopped()
        if stopped:
            return tally.note(f"stopped: {stopped}")
    for comment, body in written:
        host.write_summary(comment, body)
        tally.summary = "posted" if comment is None else "updated"
    host.say(plan.new, given, tally)
    for step in plan.steps:
        host.carry_out(step, tally)
        _count(step, tally)
    return host.conclude(given, summary, tally)


def _summary(state: State, target: Target, text: str, needed: bool) -> list[tuple[str | None, str]]:
    """What is to be written, so that one summary says `text`: of several, the oldest one stays."""
    body = marked(target.name, "summary", "", text)
    if not state.summaries:
        return [(None, body)] if needed else []
    made: list[tuple[str | None, str]] = []
    first, *others = state.summaries
    if marker_of(body) != first.marker:
        made.append((first.comment, body))
    for other in others:
        gone = marked(target.name, "summary", "", "Another comment has the summary.", "closed")
        if marker_of(gone) != other.marker:
            made.append((other.comment, gone))
    return made


def _count(step: Step, tally: Tally) -> None:
    marker = marker_of(step.body)
    if marker is not None and marker.state == "closed":
        tally.resolved += 1
    elif marker is not None:
        tally.updated += 1
