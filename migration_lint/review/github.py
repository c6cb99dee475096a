"""Reviews on GitHub, and on GitHub Enterprise Server: docs.github.com/rest, docs.github.com/graphql."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from migration_lint.named_tuple import NamedTuple
from migration_lint.report.hunks import shown_lines
from migration_lint.review.answers import (
    NotUnderstood,
    blob_link,
    flag,
    items,
    left_out,
    maybe_text,
    moment,
    number,
    text,
    within,
)
from migration_lint.review.findings import Given
from migration_lint.review.github_checks import conclude_check_run
from migration_lint.review.host import Conclusion, RequestState, Summary, Tally, unknown_user
from migration_lint.review.marker import About, CommentMarker, marked, marker_of
from migration_lint.review.mutations import Words, change, count, parts
from migration_lint.review.owners import Recorded
from migration_lint.review.plan import Remark, Resolver, Thread, ThreadStep
from migration_lint.review.pull import read_pull, write_comment
from migration_lint.review.status import Status, stands, status_of
from migration_lint.review.target import ReviewTarget
from migration_lint.review.transport import Json, Refused, Transport

Event = Literal["comment", "request-changes"]

BATCH = 50  # comments of one review
STEPS = 20  # changes of threads in one request
VERDICT = "verdict"  # the key of a review that asks for changes
REVIEW = "review"

_THREADS = """
query Threads($owner: String!, $name: String!, $number: Int!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          isResolved
          resolvedBy { login }
          viewerCanResolve
          viewerCanUnresolve
          comments(first: 1) { totalCount nodes { id fullDatabaseId } }
        }
      }
    }
  }
}
"""
_EDIT = "updatePullRequestReviewComment(input: {pullRequestReviewCommentId: $node%d, body: $body%d})"
_WORDS = Words(
    {
        "edit": _EDIT + " { clientMutationId }",
        "resolve": "resolveReviewThread(input: {threadId: $thread%d}) { clientMutationId }",
        "unresolve": "unresolveReviewThread(input: {threadId: $thread%d}) { clientMutationId }",
        "delete": "deletePullRequestReviewComment(input: {id: $node%d}) { clientMutationId }",
    },
    {"node": "ID!", "thread": "ID!", "body": "String!"},
)
#: Who may write to the repository, as GitHub says of the author of a comment.
_TRUSTED = ("OWNER", "MEMBER", "COLLABORATOR")


class _Started(NamedTuple):
    """A thread, by the comment that begins it."""

    thread: str
    node: str
    resolved: bool
    may_resolve: bool
    may_unresolve: bool
    answered: bool
    resolver: Resolver


class GitHub:
    """One pull request. Never merges, approves, or touches what another user wrote."""

    longest = 65_536
    suggestion = "suggestion"
    between_writes = 1.0  # seconds: what GitHub asks of those who write, to stay below its secondary limits

    def __init__(
        self, target: ReviewTarget, transport: Transport, event: Event, check_run: bool, status: bool
    ) -> None:
        self._target = target
        self._transport = transport
        self._event = event
        self._check_run = check_run
        self._status = status
        self._repository = f"/repos/{target.repository}"
        self._pull = f"{self._repository}/pulls/{target.number}"
        self._issue = f"{self._repository}/issues/{target.number}"
        self.locked = False
        self._viewer = ""
        self._page = ""
        self._told: Json = None  # of the pull request

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """What every request says of itself."""
        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def read(self) -> RequestState:
        """See Host."""
        stopped = self.stopped()
        if stopped:
            return RequestState(stopped)
        shown = {
            text(file, "filename"): {} if left_out(file, "patch") else shown_lines(text(file, "patch"))
            for file in self._transport.pages(f"{self._pull}/files")
        }
        started = self._threads()
        threads = [
            thread
            for comment in self._transport.pages(f"{self._pull}/comments")
            if (thread := self._thread(comment, started)) is not None
        ]
        summaries = [
            Summary(text(comment, "id"), marker, self._own(comment))
            for comment in self._transport.pages(f"{self._issue}/comments")
            if (marker := self._ours(comment)) is not None and marker.about.key == "summary"
        ]
        return RequestState("", shown, tuple(threads), tuple(summaries), self._link)

    def stopped(self) -> str:
        """See Host."""
        self._told = self._transport.get(self._pull)
        pull = read_pull(self._told, "locked", self._target.commit)
        self._page, self.locked = pull.page, pull.locked
        return pull.stopped

    def recorded(self, labels: bool) -> Recorded:
        """See Host. Of a person's reviews the last one counts, but for those that only comment."""
        last: dict[str, tuple[str, str]] = {}
        for review in self._transport.pages(f"{self._pull}/reviews"):
            if text(review, "state") in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
                said = text(review, "state"), maybe_text(review, "commit_id")
                last[maybe_text(review, "user", "login").lower()] = said
        approved = (who for who, said in last.items() if said == ("APPROVED", self._target.commit))
        recorded = Recorded(frozenset(approved))
        return self._with_labels(recorded) if labels else recorded

    def _with_labels(self, recorded: Recorded) -> Recorded:
        there = {text(label, "name").lower() for label in items(self._told, "labels")}
        last: dict[str, tuple[str, str, datetime]] = {}
        try:
            for event in self._transport.pages(f"{self._issue}/events"):
                if text(event, "event") in ("labeled", "unlabeled"):
                    who = maybe_text(event, "actor", "login").lower()
                    said = text(event, "event"), who, moment(event, "created_at")
                    last[text(event, "label", "name").lower()] = said
        except Refused as refusal:
            if refusal.status not in (403, 404):
                raise
            reason = "the token may not see who has set which one (it needs issues: read)"
            return recorded._replace(unknown=f"no label counts: {reason}")
        last = {name: said for name, said in last.items() if name in there and said[0] == "labeled"}
        pushed = self._pushed() if last else None
        if last and pushed is None:
            reason = "the token may not see when the head was pushed (it needs contents: read there)"
            return recorded._replace(unknown=f"no label counts: {reason}")
        since = ((name, who) for name, (_, who, at) in last.items() if pushed is not None and at > pushed)
        return recorded._replace(labelled=frozenset(since))

    def _pushed(self) -> datetime | None:
        """When the head was, by the host's clock: who commits says whatever time they like."""
        head = within(self._told, "head")
        repository = maybe_text(head, "repo", "full_name")
        if not repository:  # it is gone
            return None
        path = f"/repos/{quote(repository)}/activity"
        try:
            for activity in self._transport.pages(path, ref=f"refs/heads/{text(head, 'ref')}"):
                if text(activity, "after") == self._target.commit:
                    return moment(activity, "timestamp")
        except Refused as refusal:
            if refusal.status not in (403, 404, 422):
                raise
        return None

    def write_summary(self, comment: str | None, body: str) -> None:
        """See Host."""
        write_comment(self._transport, self._repository, self._target.number, comment, body)

    def say(self, remarks: Sequence[Remark], given: Given, tally: Tally) -> None:
        """See Host. As few reviews as can be: each of them notifies everybody once."""
        asks = self._event == "request-changes" and given.failed and not self._verdicts()
        batches = [remarks[start : start + BATCH] for start in range(0, len(remarks), BATCH)]
        for place, batch in enumerate(batches or ([()] if asks else [])):
            self._review(batch, asks and not place, tally)

    def carry_out(self, steps: Sequence[ThreadStep], tally: Tally) -> None:
        """See Host."""
        for start in range(0, len(steps), STEPS):
            batch = steps[start : start + STEPS]
            refused = change(self._transport, self._target.graphql, _WORDS, batch)
            for place, step in enumerate(batch):
                lacking = {part for part in parts(step) if f"{part}{place}" in refused}
                count(step, lacking, tally)
                if "resolve" in lacking:
                    tally.note(
                        "the token may not resolve threads (GITHUB_TOKEN needs contents: write for it)"
                    )
            for name, reason in refused.items():
                if not name.startswith(("resolve", "unresolve")):
                    comment = batch[int(re.sub(r"\D", "", name))].thread.comment
                    tally.lacks_change(comment, f"GitHub lets nobody change a comment of ours: {reason}")

    def conclude(self, conclusion: Conclusion, tally: Tally) -> None:
        """See Host: requests for changes that are met are dismissed; then the check run, and the status."""
        if self._event == "request-changes" and not conclusion.given.failed:
            for review in self._verdicts():
                self._dismiss(review, tally)
        if self._check_run:
            made = conclude_check_run(
                self._transport, self._repository, self._target, self._viewer, conclusion
            )
            tally.check_run = tally.check_run or made
        if self._status:
            self._say_status(status_of(conclusion.given, self._target), tally)

    def _say_status(self, status: Status, tally: Tally) -> None:
        there = self._transport.pages(f"{self._repository}/commits/{self._target.commit}/statuses")
        if stands(status, there, "context", "state", status.state):
            return
        self._transport.write(
            "POST", f"{self._repository}/statuses/{self._target.commit}", dict(status._asdict())
        )
        tally.status = status.state

    def _link(self, path: str, line: int) -> str:
        return blob_link(f"{self._page}/blob/{self._target.commit}", path, line)

    def _threads(self) -> dict[str, _Started]:
        """Comment that begins a thread → the thread."""
        found: dict[str, _Started] = {}
        owner, _, name = self._target.repository.partition("/")
        after: Json = None
        while True:
            variables: dict[str, Json] = {
                "owner": owner, "name": name, "number": self._target.number, "after": after,
            }  # fmt: skip
            data = self._transport.query(self._target.graphql, _THREADS, variables)
            self._viewer = maybe_text(data, "viewer", "login")
            if not self._viewer:
                raise unknown_user(self._target.api)
            threads = within(data, "repository", "pullRequest", "reviewThreads")
            for thread in items(threads, "nodes"):
                for comment in items(thread, "comments", "nodes"):
                    found[text(comment, "fullDatabaseId")] = _Started(
                        text(thread, "id"),
                        text(comment, "id"),
                        flag(thread, "isResolved"),
                        flag(thread, "viewerCanResolve"),
                        flag(thread, "viewerCanUnresolve"),
                        number(thread, "comments", "totalCount") > 1,
                        self._resolver(maybe_text(thread, "resolvedBy", "login")),
                    )
            if not flag(threads, "pageInfo", "hasNextPage"):
                return found
            following = text(threads, "pageInfo", "endCursor")
            if following == after:
                raise NotUnderstood("`pageInfo.endCursor` leads to the same page again")
            after = following

    def _resolver(self, login: str) -> Resolver:
        if not login:
            return ""
        # GraphQL calls a bot by its name alone where it is not the viewer.
        same = login.removesuffix("[bot]") == self._viewer.removesuffix("[bot]")
        return "self" if same else "other"

    def _own(self, comment: Json) -> bool:
        return bool(self._viewer) and maybe_text(comment, "user", "login") == self._viewer

    def _ours(self, comment: Json) -> CommentMarker | None:
        marker = marker_of(text(comment, "body"))
        if marker is None or marker.about.name != self._target.scope or not self._viewer:
            return None
        is_bot = maybe_text(comment, "user", "type") == "Bot"
        if self._own(comment) or is_bot or text(comment, "author_association") in _TRUSTED:
            return marker
        return None

    def _thread(self, comment: Json, threads: dict[str, _Started]) -> Thread | None:
        marker = self._ours(comment)
        if marker is None or not left_out(comment, "in_reply_to_id"):
            return None
        name = text(comment, "id")
        line = None if left_out(comment, "line") else number(comment, "line")  # it is outdated
        started = threads.get(name, _Started("", text(comment, "node_id"), False, False, False, False, ""))
        allowed = started.may_unresolve if started.resolved else started.may_resolve
        return Thread(
            name, started.thread if allowed else "", marker, text(comment, "body"), text(comment, "path"),
            line, started.resolved, started.node, self._own(comment),
            started.answered, started.resolver,
        )  # fmt: skip

    def _review(self, remarks: Sequence[Remark], asks: bool, tally: Tally) -> None:
        for event in ("REQUEST_CHANGES", "COMMENT") if asks else ("COMMENT",):
            if event == "COMMENT" and not remarks:
                return None
            said = "Changes are needed before this can be merged: see the summary."
            key = VERDICT
            if event == "COMMENT":
                said, key = "See the summary for the whole report.", REVIEW
            comments: list[Json] = [self._comment(remark) for remark in remarks]
            review: dict[str, Json] = {
                "commit_id": self._target.commit,
                "body": marked(About(self._target.scope, key), said),
                "event": event,
                "comments": comments,
            }
            try:
                self._transport.write("POST", f"{self._pull}/reviews", review)
            except Refused as refusal:
                if refusal.status != 422 or _is_locked(refusal):
                    raise
                if _is_pending(refusal):
                    return tally.lacks_all(remarks, "GitHub", self._viewer)
                if event == "REQUEST_CHANGES":
                    tally.note(f"GitHub takes no request for changes: {refusal.message}")
                continue
            tally.posted += len(remarks)
            return None
        return self._one_by_one(remarks, tally)

    def _one_by_one(self, remarks: Sequence[Remark], tally: Tally) -> None:
        # One line that GitHub does not take is enough for it to take none.
        for remark in remarks:
            body: dict[str, Json] = {"commit_id": self._target.commit, **self._comment(remark)}
            try:
                self._transport.write("POST", f"{self._pull}/comments", body)
            except Refused as refusal:
                if refusal.status != 422 or _is_locked(refusal):
                    raise
                tally.lacks(remark, "GitHub", refusal.message, "run it again: the diff may have changed")
            else:
                tally.posted += 1

    def _comment(self, remark: Remark) -> dict[str, Json]:
        comment: dict[str, Json] = {
            "path": remark.path,
            "line": remark.line,
            "side": "RIGHT",
            "body": marked(remark.about, remark.text),
        }
        if remark.first and remark.first < remark.line:
            comment |= {"start_line": remark.first, "start_side": "RIGHT"}
        return comment

    def _verdicts(self) -> list[str]:
        """Our reviews that ask for changes still."""
        return [
            quote(text(review, "id"), safe="")
            for review in self._transport.pages(f"{self._pull}/reviews")
            if text(review, "state") == "CHANGES_REQUESTED"
            and (marker := self._ours(review)) is not None
            and self._own(review)
            and marker.about.key == VERDICT
        ]

    def _dismiss(self, review: str, tally: Tally) -> None:
        body: dict[str, Json] = {"message": "Nothing is left to change.", "event": "DISMISS"}
        try:
            self._transport.write("PUT", f"{self._pull}/reviews/{review}/dismissals", body)
        except Refused as refusal:
            tally.note(f"GitHub lets nobody dismiss the request for changes: {refusal.message}")


def _is_pending(refusal: Refused) -> bool:
    return "pending review" in refusal.message.lower()


def _is_locked(refusal: Refused) -> bool:
    return "locked" in refusal.message.lower()
