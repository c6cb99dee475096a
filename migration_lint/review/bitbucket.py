"""Reviews on Bitbucket Cloud: developer.atlassian.com/cloud/bitbucket/rest, version 2.0.

A comment keeps the number that its line had when it was made: whether it still has it is seen by its text.
There are no suggestions to apply, and each comment notifies by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from migration_lint.report.hunks import shown_files
from migration_lint.review.answers import (
    blob_link,
    flag,
    items,
    left_out,
    maybe_number,
    maybe_text,
    moment,
    number,
    text,
    whole_diff,
    within,
)
from migration_lint.review.authorization import authorization
from migration_lint.review.bitbucket_markup import from_bitbucket, to_bitbucket
from migration_lint.review.bitbucket_report import conclude_report
from migration_lint.review.findings import Given
from migration_lint.review.host import Conclusion, RequestState, Summary, Tally, unknown_user
from migration_lint.review.marker import CommentMarker, digest, marked, marker_of
from migration_lint.review.mutations import Part, change_in_turn
from migration_lint.review.owners import Recorded
from migration_lint.review.place import Shown, still_said
from migration_lint.review.plan import Remark, Resolver, Thread, ThreadStep
from migration_lint.review.status import status_of
from migration_lint.review.target import ReviewTarget
from migration_lint.review.transport import Json, Refused, Transport

_STATES = {"success": "SUCCESSFUL", "failure": "FAILED"}


class Bitbucket:
    """One pull request. Never merges, approves, or touches what another user wrote."""

    longest = 10_000  # characters: 32,768 are taken, and escapes are up to three times as long there
    suggestion = ""

    def __init__(self, target: ReviewTarget, transport: Transport, code_insights: bool, status: bool) -> None:
        self._target = target
        self._transport = transport
        self._code_insights = code_insights
        self._status = status
        self._repository = f"/repositories/{target.repository}"
        self._pull = f"{self._repository}/pullrequests/{target.number}"
        self._commit = f"{self._repository}/commit/{target.commit}"
        self.locked = False
        self._user = ""
        self._page = ""
        self._told: Json = None  # of the pull request
        self._members: dict[str, bool] = {}  # user → whether they are of the workspace

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """What every request says of itself."""
        return {"Accept": "application/json", "Authorization": authorization(token)}

    def read(self) -> RequestState:
        """See Host."""
        stopped = self.stopped()
        if stopped:
            return RequestState(stopped)
        self._user = self._target.user or self._own_name()
        shown = shown_files(whole_diff(self._transport.get_text(f"{self._pull}/diff")))
        comments = [each for each in self._pages(f"{self._pull}/comments") if not flag(each, "deleted")]
        answered = {text(each, "parent", "id") for each in comments if not left_out(each, "parent")}
        threads: list[Thread] = []
        summaries: list[Summary] = []
        for comment in comments:
            marker = self._ours(comment) if left_out(comment, "parent") else None
            if marker is None:
                continue
            if not left_out(comment, "inline"):
                threads.append(self._thread(comment, marker, shown, answered))
            elif marker.about.key == "summary":
                summaries.append(Summary(text(comment, "id"), marker, self._own(comment)))
        return RequestState("", shown, tuple(threads), tuple(summaries), self._link)

    def stopped(self) -> str:
        """See Host."""
        self._told = pull = self._transport.get(self._pull)
        self._page = text(pull, "destination", "repository", "links", "html", "href")
        if text(pull, "state") != "OPEN":
            return "the pull request is closed"
        head = text(pull, "source", "commit", "hash")  # its first twelve digits
        if len(head) < 12 or not self._target.commit.startswith(head):
            return f"the pull request's head is not {self._target.commit[:12]} any more"
        return ""

    def recorded(self, labels: bool) -> Recorded:
        """See Host. Approvals stay over pushes where nobody told Bitbucket otherwise: each has its time."""
        standing = {
            maybe_text(each, "user", "uuid").lower()
            for each in items(self._told, "participants")
            if flag(each, "approved")
        }
        if not standing:
            return Recorded()
        pushes: list[tuple[datetime, str]] = []
        approvals: list[tuple[datetime, str]] = []
        for event in self._transport.linked_pages(f"{self._pull}/activity", pagelen="50"):
            if not left_out(event, "update"):
                update = within(event, "update")
                at = moment(update, "date"), maybe_text(within(update, "source"), "commit", "hash")
                pushes.append(at)
            elif not left_out(event, "approval"):
                approval = within(event, "approval")
                who = maybe_text(approval, "user", "uuid").lower()
                approvals.append((moment(approval, "date"), who))
        pushed = self._pushed(pushes)
        if pushed is None:
            return Recorded(unknown="no approval counts: Bitbucket does not say when the head was pushed")
        return Recorded(frozenset(who for at, who in approvals if at > pushed and who in standing))

    def _pushed(self, updates: Sequence[tuple[datetime, str]]) -> datetime | None:
        """When the head has become it, by the updates of the request, some of which are of its text."""
        found = None
        for at, head in sorted(updates, reverse=True):
            if len(head) < 12 or not self._target.commit.startswith(head):
                break
            found = at
        return found

    def write_summary(self, comment: str | None, body: str) -> None:
        """See Host."""
        content: Json = {"content": {"raw": to_bitbucket(body)}}
        if comment is None:
            self._transport.write("POST", f"{self._pull}/comments", content)
        else:
            self._transport.write("PUT", f"{self._pull}/comments/{comment}", content)

    def say(self, remarks: Sequence[Remark], given: Given, tally: Tally) -> None:
        """See Host."""
        for remark in remarks:
            inline: dict[str, Json] = {"path": remark.path, "to": remark.line}
            if remark.first and remark.first < remark.line:
                inline["start_to"] = remark.first
            raw = to_bitbucket(marked(remark.about, remark.text))
            body: dict[str, Json] = {"content": {"raw": raw}, "inline": inline}
            try:
                self._transport.write("POST", f"{self._pull}/comments", body)
            except Refused as refusal:
                if refusal.status != 400:
                    raise
                tally.lacks(remark, "Bitbucket", refusal.message, "run it again: the diff may have changed")
            else:
                tally.posted += 1

    def carry_out(self, steps: Sequence[ThreadStep], tally: Tally) -> None:
        """See Host."""
        change_in_turn(steps, tally, self._carried_out)

    def conclude(self, conclusion: Conclusion, tally: Tally) -> None:
        """See Host: the report of Code Insights, and the status."""
        if self._code_insights:
            made = conclude_report(self._transport, self._commit, self._target, conclusion)
            tally.check_run = tally.check_run or made
        if not self._status:
            return
        status = status_of(conclusion.given, self._target)
        key = digest(status.context, length=32)  # at most 40 characters
        body: dict[str, Json] = {
            "key": key,
            "name": status.context,
            "state": _STATES[status.state],
            "description": status.description,
            "url": f"{self._page}/pull-requests/{self._target.number}",
        }
        try:
            there = self._transport.get(f"{self._commit}/statuses/build/{key}")
            if all(maybe_text(there, name) == value for name, value in body.items()):
                return
        except Refused as refusal:
            if refusal.status != 404:
                raise
        self._transport.write("POST", f"{self._commit}/statuses/build", body)
        tally.status = status.state

    def _carried_out(self, step: ThreadStep, part: Part, tally: Tally) -> bool:
        """One part of one step, whether the token may."""
        comment = f"{self._pull}/comments/{step.thread.comment}"
        if part == "edit":
            self.write_summary(step.thread.comment, step.body)
            return True
        if part == "delete":
            self._transport.write("DELETE", comment, None)
            return True
        try:
            self._transport.write("POST" if part == "resolve" else "DELETE", f"{comment}/resolve", None)
        except Refused as refusal:
            if refusal.status == 409:  # it is so already
                return True
            if refusal.status not in (403, 404):
                raise
            tally.note("the token may not resolve threads (Bitbucket lets those do it who may write)")
            return False
        return True

    def _own_name(self) -> str:
        try:
            told = self._transport.get("/user")
            if not left_out(told, "uuid"):
                return text(told, "uuid")
        except Refused as refusal:
            if refusal.status not in (401, 403, 404):
                raise
        raise unknown_user(
            self._target.api, "put the UUID of its user into BITBUCKET_USER_UUID, or let it read the user"
        )

    def _pages(self, path: str) -> Iterator[Json]:
        """The items of a list. Each page names the next one."""
        return self._transport.linked_pages(path, pagelen="100")

    def _thread(self, comment: Json, marker: CommentMarker, shown: Shown, answered: set[str]) -> Thread:
        name = text(comment, "id")
        inline = within(comment, "inline")
        path, last = text(inline, "path"), maybe_number(inline, "to")
        first = last if left_out(inline, "start_to") else number(inline, "start_to")
        resolution = None if left_out(comment, "resolution") else within(comment, "resolution")
        by = "" if resolution is None else text(resolution, "user", "uuid")
        resolver: Resolver = "" if not by else "self" if by == self._user else "other"
        stands = last is not None and first is not None and still_said(marker, shown, path, first, last)
        return Thread(
            name, name, marker, from_bitbucket(text(comment, "content", "raw")), path,
            last if stands else None, resolution is not None, own=self._own(comment),
            answered=name in answered, resolver=resolver,
        )  # fmt: skip

    def _own(self, comment: Json) -> bool:
        return maybe_text(comment, "user", "uuid") == self._user

    def _ours(self, comment: Json) -> CommentMarker | None:
        marker = marker_of(from_bitbucket(text(comment, "content", "raw")))
        if marker is None or marker.about.name != self._target.scope:
            return None
        return marker if self._own(comment) or self._is_member(maybe_text(comment, "user", "uuid")) else None

    def _is_member(self, user: str) -> bool:
        """Whether a comment's author is no stranger: anybody can copy a marker."""
        if not user:  # somebody who is gone
            return False
        if user not in self._members:
            workspace = self._target.repository.partition("/")[0]
            try:
                text(self._transport.get(f"/workspaces/{workspace}/members/{quote(user, safe='')}"), "type")
                self._members[user] = True
            except Refused as refusal:
                if refusal.status not in (401, 403, 404):
                    raise
                self._members[user] = False
        return self._members[user]

    def _link(self, path: str, line: int) -> str:
        link = blob_link(f"{self._page}/src/{self._target.commit}", path, line)
        return re.sub(r"#L(\d+)$", r"#lines-\1", link)
