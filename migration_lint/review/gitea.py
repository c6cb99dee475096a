"""Reviews on Gitea and Forgejo, which have the same API: docs.gitea.com/api, v1.

Comments on lines are listed by the reviews that they came with, and keep the number that their line had:
whether it still has it is seen by its text. There are no suggestions to apply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from migration_lint.report.hunks import shown_files
from migration_lint.review.answers import (
    NotUnderstood,
    blob_link,
    flag,
    items,
    left_out,
    maybe_number,
    maybe_text,
    number,
    text,
    whole_diff,
)
from migration_lint.review.findings import Given
from migration_lint.review.host import Conclusion, RequestState, Summary, Tally, unknown_user
from migration_lint.review.marker import About, CommentMarker, marked, marker_of
from migration_lint.review.mutations import Part, change_in_turn
from migration_lint.review.owners import Recorded
from migration_lint.review.place import Shown
from migration_lint.review.plan import Remark, Resolver, Thread, ThreadStep
from migration_lint.review.pull import read_pull, write_comment
from migration_lint.review.status import stands, status_of
from migration_lint.review.target import ReviewTarget
from migration_lint.review.transport import MOST_PAGES, Json, Refused, Transport

BATCH = 50  # comments of one review
PAGE = 50  # items of a page: more no server gives unless it was told to
REVIEW = "review"
NO_RESOLVING = "the host does not resolve threads by its API: Gitea does from 1.26 on, Forgejo not yet"

_Place = tuple[str, int]  # path and line, as they were


class Gitea:
    """One pull request."""

    longest = 60_000
    suggestion = ""

    def __init__(self, target: ReviewTarget, transport: Transport, status: bool) -> None:
        self._target = target
        self._transport = transport
        self._status = status
        self._repository = f"/repos/{target.repository}"
        self._pull = f"{self._repository}/pulls/{target.number}"
        self._issue = f"{self._repository}/issues/{target.number}"
        self.locked = False
        self._viewer = ""
        self._page = ""
        self._told: Json = None  # of the pull request
        self._seen: list[Json] = []  # its reviews
        self._trusted: dict[str, bool] = {}  # login → whether it may write to the repository

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """What every request says of itself."""
        return {"Accept": "application/json", "Authorization": f"token {token}"}

    def read(self) -> RequestState:
        """See Host."""
        stopped = self.stopped()
        if stopped:
            return RequestState(stopped)
        user = self._transport.get("/user")
        self._viewer = "" if left_out(user, "login") else text(user, "login")
        if not self._viewer:
            raise unknown_user(self._target.api)
        shown = shown_files(whole_diff(self._transport.get_text(f"{self._pull}.diff")))
        self._seen = list(self._pages(f"{self._pull}/reviews"))
        threads = _apart([placed for review in self._reviews() for placed in self._threads(review, shown)])
        summaries = [
            Summary(text(comment, "id"), marker, self._own(comment))
            for comment in items(self._transport.get(f"{self._issue}/comments"))  # there are no pages
            if (marker := self._ours(comment)) is not None and marker.about.key == "summary"
        ]
        return RequestState("", shown, tuple(threads), tuple(summaries), self._link)

    def stopped(self) -> str:
        """See Host."""
        self._told = self._transport.get(self._pull)
        pull = read_pull(self._told, "is_locked", self._target.commit)
        self._page, self.locked = pull.page, pull.locked
        return pull.stopped

    def recorded(self, labels: bool) -> Recorded:
        """See Host. Of a person's reviews the last one counts that approves or asks for changes."""
        last: dict[str, tuple[int, bool]] = {}
        for review in self._seen:
            if text(review, "state") in ("APPROVED", "REQUEST_CHANGES"):
                holds = not flag(review, "dismissed") and not flag(review, "stale")
                is_of_head = text(review, "commit_id") == self._target.commit
                said = number(review, "id"), text(review, "state") == "APPROVED" and holds and is_of_head
                who = maybe_text(review, "user", "login").lower()
                last[who] = max(said, last.get(who, said))
        approved = frozenset(who for who, (_, holds) in last.items() if holds)
        return Recorded(approved, self._labelled() if labels else frozenset())

    def _labelled(self) -> frozenset[tuple[str, str]]:
        """What happens to a request has a number each, which only grow: a push too."""
        there = {text(label, "name").lower() for label in items(self._told, "labels")}
        pushed = 0
        last: dict[str, tuple[int, bool, str]] = {}
        for event in self._pages(f"{self._issue}/timeline"):
            if text(event, "type") == "pull_push":
                pushed = max(pushed, number(event, "id"))
            elif text(event, "type") == "label":
                name = maybe_text(event, "label", "name").lower()  # "": there is no such label any more
                who = maybe_text(event, "user", "login").lower()
                said = number(event, "id"), text(event, "body") == "1", who
                last[name] = max(said, last.get(name, said))
        return frozenset(
            (name, who)
            for name, (place, added, who) in last.items()
            if name in there and added and place > pushed
        )

    def write_summary(self, comment: str | None, body: str) -> None:
        """See Host."""
        write_comment(self._transport, self._repository, self._target.number, comment, body)

    def say(self, remarks: Sequence[Remark], given: Given, tally: Tally) -> None:
        """See Host. As few reviews as can be: each of them notifies everybody once."""
        if not remarks:
            return
        for earlier in self._pages(f"{self._pull}/reviews"):
            # What is said now would go out together with what somebody has not submitted yet.
            if text(earlier, "state") == "PENDING" and self._own(earlier):
                tally.lacks_all(remarks, "Gitea", self._viewer)
                return
        for start in range(0, len(remarks), BATCH):
            batch = remarks[start : start + BATCH]
            comments: list[Json] = [
                {"path": each.path, "body": marked(each.about, each.text), "new_position": each.line}
                for each in batch
            ]
            review: dict[str, Json] = {
                "event": "COMMENT",
                "body": marked(About(self._target.scope, REVIEW), "See the summary for the whole report."),
                "commit_id": self._target.commit,
                "comments": comments,
            }
            self._transport.write("POST", f"{self._pull}/reviews", review)
            tally.posted += len(batch)

    def carry_out(self, steps: Sequence[ThreadStep], tally: Tally) -> None:
        """See Host."""
        change_in_turn(steps, tally, self._carried_out)

    def conclude(self, conclusion: Conclusion, tally: Tally) -> None:
        """See Host: the status."""
        if not self._status:
            return
        status = status_of(conclusion.given, self._target)
        there = self._pages(f"{self._repository}/commits/{self._target.commit}/statuses")
        newest = sorted(there, key=lambda each: number(each, "id"), reverse=True)
        # What it calls the state in a list is `status`; in a request it is `state`.
        if not stands(status, newest, "context", "status", status.state):
            path = f"{self._repository}/statuses/{self._target.commit}"
            self._transport.write("POST", path, dict(status._asdict()))
            tally.status = status.state

    def _carried_out(self, step: ThreadStep, part: Part, tally: Tally) -> bool:
        """One part of one step, whether the token may."""
        if part == "edit":
            self.write_summary(step.thread.comment, step.body)
        elif part == "delete":
            self._transport.write("DELETE", f"{self._repository}/issues/comments/{step.thread.comment}", None)
        else:
            path = f"{self._repository}/pulls/comments/{step.thread.thread}/{part}"
            try:
                self._transport.write("POST", path, None)
            except Refused as refusal:
                if refusal.status not in (403, 404, 405):
                    raise
                tally.note(NO_RESOLVING)
                return False
        return True

    def _pages(self, path: str) -> Iterator[Json]:
        """The items of a list: not all of them say where it goes on, so that it ends where nothing comes."""
        for page in range(1, MOST_PAGES + 1):
            found = list(items(self._transport.get(path, page=str(page), limit=str(PAGE))))
            if not found:
                return
            yield from found
        raise NotUnderstood(f"`{path}` has more than {MOST_PAGES} pages")

    def _reviews(self) -> Iterator[Json]:
        for review in self._seen:
            marker = self._ours(review)
            if marker is not None and marker.about.key == REVIEW:
                yield review

    def _threads(self, review: Json, shown: Shown) -> Iterator[tuple[_Place, Thread]]:
        comments = self._transport.get(f"{self._pull}/reviews/{quote(text(review, 'id'), safe='')}/comments")
        listed = list(items(comments))
        for comment in listed:
            marker = self._ours(comment)
            if marker is None:
                continue
            path, line = text(comment, "path"), maybe_number(comment, "position") or 0
            answers = [
                each
                for each in listed
                if marker_of(text(each, "body")) is None
                and (text(each, "path"), maybe_number(each, "position") or 0) == (path, line)
            ]
            there = shown.get(path, {}).get(line)
            stands_there = there is not None and there.text == _last_line(maybe_text(comment, "diff_hunk"))
            name = text(comment, "id")
            resolver = maybe_text(comment, "resolver", "login")
            made = Thread(
                name, name, marker, text(comment, "body"), path, line if stands_there else None,
                bool(resolver), own=self._own(comment), answered=bool(answers),
                resolver=self._resolver(resolver),
            )  # fmt: skip
            yield (path, line), made

    def _resolver(self, login: str) -> Resolver:
        return "" if not login else "self" if login == self._viewer else "other"

    def _own(self, comment: Json) -> bool:
        return bool(self._viewer) and maybe_text(comment, "user", "login") == self._viewer

    def _ours(self, comment: Json) -> CommentMarker | None:
        marker = marker_of(text(comment, "body"))
        if marker is None or marker.about.name != self._target.scope:
            return None
        return marker if self._own(comment) or self._may_write(maybe_text(comment, "user", "login")) else None

    def _may_write(self, login: str) -> bool:
        """Whether a comment's author is no stranger: anybody can copy a marker."""
        if not login:  # somebody who is gone
            return False
        if login not in self._trusted:
            try:
                self._transport.get(f"{self._repository}/collaborators/{quote(login, safe='')}")
                self._trusted[login] = True
            except Refused as refusal:
                if refusal.status not in (403, 404, 422):
                    raise
                self._trusted[login] = login == self._target.repository.partition("/")[0]
        return self._trusted[login]

    def _link(self, path: str, line: int) -> str:
        return blob_link(f"{self._page}/src/commit/{self._target.commit}", path, line)


def _apart(placed: Sequence[tuple[_Place, Thread]]) -> list[Thread]:
    """The threads, of which those on a line with another open one cannot be resolved.

    Gitea shows the comments on a line as one conversation, which is resolved when its first comment is.
    """
    there = Counter(place for place, thread in placed if thread.open)
    return [thread._replace(thread="") if there[place] > thread.open else thread for place, thread in placed]


def _last_line(hunk: str) -> str | None:
    """What a comment was made on: the hunk that comes with it ends there."""
    lines = [line for line in hunk.split("\n") if line and not line.startswith("\\")]
    return lines[-1][1:] if lines else None
