"""Reviews on GitHub, and on GitHub Enterprise Server: docs.github.com/rest, docs.github.com/graphql."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from migration_lint.report.hunks import shown_lines
from migration_lint.review.answers import items, number, text, within
from migration_lint.review.findings import Given
from migration_lint.review.github_checks import conclude_check_run
from migration_lint.review.host import State, Summary, Tally, unknown_user
from migration_lint.review.marker import Marker, marked, marker_of
from migration_lint.review.plan import Remark, Step, Thread
from migration_lint.review.target import Target
from migration_lint.review.transport import Json, Refused, Transport

Event = Literal["comment", "request-changes"]

BATCH = 50  # comments of one review
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
          viewerCanResolve
          viewerCanUnresolve
          comments(first: 1) { nodes { fullDatabaseId } }
        }
      }
    }
  }
}
"""
_RESOLVE = """
mutation Resolve($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) { thread { isResolved } }
}
"""
_UNRESOLVE = """
mutation Unresolve($thread: ID!) {
  unresolveReviewThread(input: {threadId: $thread}) { thread { isResolved } }
}
"""


class GitHub:
    """One pull request. Never merges, approves, or touches what another user wrote."""

    longest = 65_536
    suggestion = "suggestion"

    def __init__(self, target: Target, transport: Transport, event: Event, check_run: bool) -> None:
        self._target = target
        self._transport = transport
        self._event = event
        self._check_run = check_run
        self._repository = f"/repos/{target.repository}"
        self._pull = f"{self._repository}/pulls/{target.number}"
        self._issue = f"{self._repository}/issues/{target.number}"
        self._viewer = ""

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """What every request says of itself."""
        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def read(self) -> State:
        """See Host."""
        stopped = self.stopped()
        if stopped:
            return State(stopped)
        shown = {
            text(file, "filename"): shown_lines(text(file, "patch"))
            for file in self._transport.pages(f"{self._pull}/files")
        }
        resolvable = self._threads()
        threads = [
            thread
            for comment in self._transport.pages(f"{self._pull}/comments")
            if (thread := self._thread(comment, resolvable)) is not None
        ]
        summaries = [
            Summary(text(comment, "id"), marker)
            for comment in self._transport.pages(f"{self._issue}/comments")
            if (marker := self._ours(comment)) is not None and marker.key == "summary"
        ]
        return State("", shown, tuple(threads), tuple(summaries))

    def stopped(self) -> str:
        """See Host."""
        pull = self._transport.get(self._pull)
        if text(pull, "state") != "open":
            return "the pull request is closed"
        if text(pull, "head", "sha") != self._target.commit:
            return f"the pull request's head is not {self._target.commit[:12]} any more"
        return ""

    def write_summary(self, comment: str | None, body: str) -> None:
        """See Host."""
        if comment is None:
            self._transport.write("POST", f"{self._issue}/comments", {"body": body})
        else:
            self._transport.write("PATCH", f"{self._repository}/issues/comments/{comment}", {"body": body})

    def say(self, remarks: Sequence[Remark], given: Given, tally: Tally) -> None:
        """See Host. As few reviews as can be: each of them notifies everybody once."""
        asks = self._event == "request-changes" and given.failed and not self._verdicts()
        batches = [remarks[start : start + BATCH] for start in range(0, len(remarks), BATCH)]
        for place, batch in enumerate(batches or ([()] if asks else [])):
            self._review(batch, asks and not place, tally)

    def carry_out(self, step: Step, tally: Tally) -> None:
        """See Host."""
        if step.kind == "edit":
            path = f"{self._repository}/pulls/comments/{step.thread.comment}"
            self._transport.write("PATCH", path, {"body": step.body})
            return
        document = _RESOLVE if step.kind == "resolve" else _UNRESOLVE
        try:
            self._transport.mutate(self._target.graphql, document, {"thread": step.thread.thread})
        except Refused:
            tally.note("the token may not resolve threads: their comments say what is fixed")

    def conclude(self, given: Given, summary: str, tally: Tally) -> None:
        """See Host: requests for changes that are met are dismissed; then the check run."""
        if self._event == "request-changes" and not given.failed:
            for review in self._verdicts():
                self._dismiss(review, tally)
        if self._check_run:
            tally.check_run = conclude_check_run(
                self._transport, self._repository, self._target, self._viewer, given, summary
            )

    def _threads(self) -> dict[str, tuple[str, bool, bool, bool]]:
        """Comment that begins a thread → the thread, whether it is resolved, may be, and may be reopened."""
        found: dict[str, tuple[str, bool, bool, bool]] = {}
        owner, _, name = self._target.repository.partition("/")
        after: Json = None
        while True:
            variables: dict[str, Json] = {
                "owner": owner, "name": name, "number": self._target.number, "after": after,
            }  # fmt: skip
            data = self._transport.query(self._target.graphql, _THREADS, variables)
            self._viewer = text(data, "viewer", "login")
            if not self._viewer:
                raise unknown_user(self._target.api)
            threads = within(data, "repository", "pullRequest", "reviewThreads")
            for thread in items(threads, "nodes"):
                for comment in items(thread, "comments", "nodes"):
                    found[text(comment, "fullDatabaseId")] = (
                        text(thread, "id"),
                        within(thread, "isResolved") is True,
                        within(thread, "viewerCanResolve") is True,
                        within(thread, "viewerCanUnresolve") is True,
                    )
            following = within(threads, "pageInfo", "endCursor")
            if within(threads, "pageInfo", "hasNextPage") is not True or following in (None, after):
                return found
            after = following

    def _ours(self, comment: Json) -> Marker | None:
        marker = marker_of(text(comment, "body"))
        if marker is None or marker.name != self._target.name:
            return None
        return marker if self._viewer and text(comment, "user", "login") == self._viewer else None

    def _thread(self, comment: Json, resolvable: dict[str, tuple[str, bool, bool, bool]]) -> Thread | None:
        marker = self._ours(comment)
        if marker is None or number(comment, "in_reply_to_id") is not None:
            return None
        name = text(comment, "id")
        thread, resolved, may_resolve, may_reopen = resolvable.get(name, ("", False, False, False))
        allowed = may_reopen if resolved else may_resolve
        return Thread(
            name, thread if allowed else "", marker, text(comment, "body"), text(comment, "path"),
            number(comment, "line"), resolved,
        )  # fmt: skip

    def _review(self, remarks: Sequence[Remark], asks: bool, tally: Tally) -> None:
        for event in ("REQUEST_CHANGES", "COMMENT") if asks else ("COMMENT",):
            if event == "COMMENT" and not remarks:
                return
            said = "Changes are needed before this can be merged: see the summary."
            key = VERDICT
            if event == "COMMENT":
                said, key = "See the summary for the whole report.", REVIEW
            comments: list[Json] = [self._comment(remark) for remark in remarks]
            review: dict[str, Json] = {
                "commit_id": self._target.commit,
                "body": marked(self._target.name, key, "", said),
                "event": event,
                "comments": comments,
            }
            try:
                self._transport.write("POST", f"{self._pull}/reviews", review)
            except Refused as refusal:
                if refusal.status != 422:
                    raise
                if event == "REQUEST_CHANGES":
                    tally.note(f"GitHub takes no request for changes: {refusal.message}")
                continue
            tally.posted += len(remarks)
            return
        # One line that GitHub does not take is enough for it to take none.
        for remark in remarks:
            body: dict[str, Json] = {"commit_id": self._target.commit, **self._comment(remark)}
            try:
                self._transport.write("POST", f"{self._pull}/comments", body)
            except Refused as refusal:
                if refusal.status != 422:
                    raise
                tally.note(f"GitHub takes no comment on {remark.path}:{remark.line}: {refusal.message}")
            else:
                tally.posted += 1

    def _comment(self, remark: Remark) -> dict[str, Json]:
        comment: dict[str, Json] = {
            "path": remark.path,
            "line": remark.line,
            "side": "RIGHT",
            "body": marked(self._target.name, remark.key, remark.kin, remark.text),
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
            and marker.key == VERDICT
        ]

    def _dismiss(self, review: str, tally: Tally) -> None:
        body: dict[str, Json] = {"message": "Nothing is left to change.", "event": "DISMISS"}
        try:
            self._transport.write("PUT", f"{self._pull}/reviews/{review}/dismissals", body)
        except Refused as refusal:
            tally.note(f"GitHub lets nobody dismiss the request for changes: {refusal.message}")
