"""A review from its beginning to its end: look what is there, write what is missing, look again."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.errors import CannotJudge, Problem
from migration_lint.review.acknowledge import Offer, offer_text, offers
from migration_lint.review.answers import NotUnderstood
from migration_lint.review.body import (
    ROOM,
    Standing,
    finding_text,
    foreign_sentence,
    patch_text,
    summary_text,
)
from migration_lint.review.findings import Given
from migration_lint.review.host import Conclusion, Host, RequestState, Tally
from migration_lint.review.marker import About, digest, marked, marker_of
from migration_lint.review.owners import NOBODY, Owners
from migration_lint.review.place import PlacedReport, Policy, chosen, place, suggestions
from migration_lint.review.plan import Plan, Remark, make_plan
from migration_lint.review.target import ReviewTarget
from migration_lint.review.transport import Refused, Unsure

ROUNDS = 5  # looks at what is there; another one follows whatever was written, or may have been

_FIXES = {
    401: "see that the token is valid",
    403: "give the token the right to write comments, and check runs and statuses where they are asked for",
    404: "see that the request exists, and that the token may see it",
}


def conduct_review(
    host: Host, target: ReviewTarget, given: Given, policy: Policy, dry: bool, owners: Owners = NOBODY
) -> Tally:
    """Make the comments on `host` say what the report says, once each.

    A run that was cut off at any request is finished by the next one, and two runs at once end in one set of
    comments, because what is missing or too much is worked out from what is there, until it is all there.
    Raises CannotJudge where the report is about another commit, the host refuses, or fails for too long.
    """
    tally = Tally()
    trouble = ""
    for _ in range(ROUNDS):
        try:
            written = _round(host, target, given, policy, owners, tally)
        except Unsure as failure:
            trouble = str(failure)
            continue
        except Refused as refusal:
            raise _refused(target, refusal, host.locked) from None
        except NotUnderstood as lack:
            problem = Problem(
                f"{target.api} answers what is not understood: {lack}",
                fix="see that this is the address of the API, and of a host of this kind",
            )
            raise CannotJudge(problem) from None
        if not written or dry:
            return tally
        trouble = ""
    if not trouble:
        return tally  # somebody else writes as fast: whoever comes last has it right
    raise CannotJudge(
        Problem(
            f"{target.api} failed {ROUNDS} times where something was written, the last time with {trouble}",
            fix="run it again later, it goes on where it stopped",
        )
    )


def settled(target: ReviewTarget, given: Given) -> ReviewTarget:
    """The target for a report, with all digits of its commit.

    A report about an earlier push would bring back what is fixed: raises CannotJudge.
    """
    judged = given.judged
    if not judged.commit:
        raise CannotJudge(
            Problem(
                "the report does not say which commit it is about",
                fix="make it with migration-lint check --format json in a git repository that has a commit",
            )
        )
    for commit in (judged.commit, *judged.parents):
        if commit.startswith(target.commit):
            return target._replace(commit=commit, project=judged.project)
    raise CannotJudge(
        Problem(
            f"the report is about {judged.commit[:12]}, neither {target.commit[:12]} nor a merge of it",
            fix="make the report for the commit that --commit names, or name the one that it is about",
        )
    )


def _refused(target: ReviewTarget, refusal: Refused, locked: bool) -> CannotJudge:
    fix = _FIXES.get(refusal.status, "see what the host says")
    locked = locked or "locked" in refusal.message.lower()
    if locked and refusal.status in (403, 404, 422, 423):
        fix = "unlock the conversation, or give the token the right to write in a locked one"
    return CannotJudge(Problem(f"{target.api} refuses with {refusal}", fix=fix))


def _round(
    host: Host, target: ReviewTarget, given: Given, policy: Policy, owners: Owners, tally: Tally
) -> bool:
    """Look, and write what is missing; whether there was anything."""
    state = host.read()
    if state.stopped:
        tally.note(f"stopped: {state.stopped}")
        return False
    for note in state.notes:
        tally.note(note)
    placed = place(given, state.shown, target.commit)
    remarks = _remarks(given, placed, policy, state, host, target)
    agreed, unknown = offers(host, given, owners, state, target, bool(policy.most))
    remarks += [remark for offer in agreed for remark in offer.remarks]
    for sentence in (*(offer.sentence() for offer in agreed), unknown):
        if sentence:
            tally.note(sentence)
    plan = make_plan(target.scope, remarks, state.threads, f"at `{target.commit[:12]}`")
    plan = plan._replace(new=tuple(each for each in plan.new if each.about.key not in tally.refused))
    plan, stuck = _without_stuck(plan, state)
    plan = plan._replace(
        steps=tuple(each for each in plan.steps if each.thread.comment not in tally.unchangeable)
    )
    needed = bool(given.report.findings)
    told = _told(given, placed, plan, state, tally, host, agreed)
    if plan.new or plan.steps or _summary(state, _about(target, stuck), told, needed):
        stopped = host.stopped()
        if stopped:
            tally.note(f"stopped: {stopped}")
            return False
    before = tally.closed
    host.say(plan.new, given, tally)
    host.carry_out(plan.steps, tally)
    told = _told(given, placed, plan, state, tally, host, agreed, tally.closed - before)
    unable = _unable(plan, tally)
    if unable:
        tally.note(foreign_sentence(len(unable)).removesuffix("."))
    written = _summary(state, _about(target, stuck | tally.stuck), told, needed)
    for comment, body in written:
        host.write_summary(comment, body)
        tally.summary = "posted" if comment is None else tally.summary or "updated"
    findings = [each for each in placed.findings if each.fingerprint not in placed.uncertain]
    host.conclude(Conclusion(given, findings, told), tally)
    return bool(plan.new or plan.steps or written)


def _without_stuck(plan: Plan, state: RequestState) -> tuple[Plan, set[str]]:
    """The plan without steps that were refused to this token before: threads of another user.

    The summary keeps a name for them, so that no run tries the same again.
    """
    asked = {step.thread.comment for step in plan.steps if step.kind == "resolve"}
    if not asked or not any(
        each.own and each.marker.about.anchor == _names(asked) for each in state.summaries
    ):
        return plan, set()
    return plan._replace(steps=tuple(step for step in plan.steps if step.kind != "resolve")), asked


def _about(target: ReviewTarget, stuck: set[str]) -> About:
    return About(target.scope, "summary", "", _names(stuck))


def _names(comments: set[str]) -> str:
    return digest(*sorted(comments)) if comments else ""


def _remarks(
    given: Given, placed: PlacedReport, policy: Policy, state: RequestState, host: Host, target: ReviewTarget
) -> list[Remark]:
    """What is to be said of lines, each with the line on the diff that it can stand on, if there is one."""
    named = chosen(placed, policy)
    made: list[Remark] = []
    for finding in placed.findings:
        # Where a file may get another name, its revision keeps its own.
        where = finding.revision or finding.path
        kin = digest(finding.rule, where, finding.table or "", finding.element or "")
        excerpt = placed.excerpts.get(finding.fingerprint)
        anchor = digest(*(line.strip() for line in excerpt.lines)) if excerpt and excerpt.lines else ""
        first, last = placed.lines.get(finding.fingerprint, (0, 0))
        if finding.fingerprint not in named:
            first = last = 0
        about = About(target.scope, finding.fingerprint, kin, anchor)
        made.append(Remark(about, finding.path, last, finding_text(finding, host.longest, state.link), first))
    if not policy.most or not host.suggestion:
        return made
    for patch in given.report.patches:
        for each in suggestions(patch, given, state.shown.get(patch.path, {}), target.commit):
            text = patch_text(each.part, each.contracts, host.suggestion)
            if not each.fits or len(text) > host.longest - ROOM:
                continue
            # Named by what it says, so that it stays the same when lines move above it.
            key = "p" + digest(each.path, *each.part.before, "", *each.part.after, length=32)
            about = About(target.scope, key, digest("patch", each.path))
            if all(remark.about.key != key for remark in made):
                made.append(Remark(about, each.path, each.part.last, text, each.part.first, True))
    return made


def _told(
    given: Given,
    placed: PlacedReport,
    plan: Plan,
    state: RequestState,
    tally: Tally,
    host: Host,
    agreed: Sequence[Offer],
    closed: int = 0,
) -> str:
    """The summary's text, as things stand when the plan is carried out."""
    keys = {finding.fingerprint for finding in placed.findings}
    earlier = sum(not each.open and not each.resolved and each.own for each in state.threads)
    reopened = sum(step.kind == "reopen" and not step.thread.resolved for step in plan.steps)
    return summary_text(
        given,
        Standing(
            placed.findings,
            len(plan.apart | (tally.refused & keys)),
            bool(placed.uncertain),
            earlier - reopened + closed,
            any(not each.own for each in state.summaries),
            len(_unable(plan, tally)),
            tuple(map(offer_text, agreed)),
        ),
        host.longest,
        state.link,
    )


def _unable(plan: Plan, tally: Tally) -> frozenset[str]:
    """Comments of another token that stay as they are."""
    turned = {step.thread.comment for step in plan.steps if step.kind == "resolve"}
    return plan.foreign - (turned - tally.stuck)


def _summary(state: RequestState, about: About, text: str, needed: bool) -> list[tuple[str | None, str]]:
    """What is to be written, so that one summary says `text`: of several, the oldest one stays."""
    body = marked(about, text)
    own = [each for each in state.summaries if each.own]
    if not own:
        return [(None, body)] if needed or state.summaries else []
    made: list[tuple[str | None, str]] = []
    first, *others = own
    if marker_of(body) != first.marker:
        made.append((first.comment, body))
    for other in others:
        gone = marked(about._replace(anchor=""), "Another comment has the summary.", "closed")
        if marker_of(gone) != other.marker:
            made.append((other.comment, gone))
    return made
