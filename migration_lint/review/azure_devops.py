"""Reviews in Azure Repos: learn.microsoft.com/rest/api/azure/devops/git, version 7.1.

There is no diff to ask for: a comment can stand on any line of a file that the pull request changes. Threads
are followed by the host from one iteration, a push, to the next. Who has closed one is not said: what this
program closes says so in its text, and has the status `closed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from migration_lint.check.finding import gravest_first
from migration_lint.report.hunks import Line
from migration_lint.review.answers import (
    NotUnderstood,
    flag,
    items,
    left_out,
    moment,
    number,
    text,
    within,
)
from migration_lint.review.authorization import authorization
from migration_lint.review.findings import Given
from migration_lint.review.host import Conclusion, RequestState, Summary, Tally, unknown_user
from migration_lint.review.marker import CommentMarker, marked, marker_of
from migration_lint.review.mutations import Part, change_in_turn
from migration_lint.review.owners import Recorded
from migration_lint.review.place import still_said
from migration_lint.review.plan import Remark, Resolver, Thread, ThreadStep
from migration_lint.review.status import status_of
from migration_lint.review.target import ReviewTarget
from migration_lint.review.transport import MOST_PAGES, Json, Refused, Transport

VERSION = "7.1"
PREVIEW = "7.1-preview"  # of what has no other version
PAGE = 2_000  # changes of a page
MOST_FILES = 200  # that are looked into, those of the gravest findings first
GENRE = "migration-lint"
RESOLVED = frozenset({"fixed", "wontFix", "closed", "byDesign"})
#: How the descriptor of a service of the organization begins, such as that which runs pipelines.
SERVICE = "svc."
#: The same of the host itself, which says what happened.
HOST = "s2s."
WITH_SUGGESTIONS = 5  # the vote "approved with suggestions"; 10: "approved"


class AzureDevOps:
    """One pull request. Never completes it, votes, or touches what another user wrote."""

    longest = 65_536  # characters; 150,000 are taken, which nobody reads
    suggestion = "suggestion"

    def __init__(self, target: ReviewTarget, transport: Transport, given: Given, status: bool) -> None:
        self._target = target
        self._transport = transport
        self._status = status
        # Files that something is to be said of: no others are asked for.
        named: list[str] = []
        for finding in gravest_first(given.report.findings):
            named += [finding.path, *(each.path for each in finding.contracts)]
        named += [each.path for each in given.report.patches]
        named += [each.path for each in given.report.acknowledging]
        self._wanted = list(dict.fromkeys(named))
        self._pull = f"/{target.repository}/pullRequests/{target.number}"
        self.locked = False
        self._user = ""
        self._page = ""
        self._iteration = 0
        self._told: Json = None  # of the pull request
        self._newest: Json = None  # its newest iteration
        self._happened: list[Json] = []  # all threads, those among them that say what happened
        self._tracked: dict[str, int] = {}  # path → the name of its changes in all iterations
        self._lines: dict[str, dict[int, Line]] = {}

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """What every request says of itself."""
        # Without the last one, a token that is not valid is answered with a page to sign in.
        return {
            "Accept": "application/json",
            "Authorization": authorization(token),
            "X-TFS-FedAuthRedirect": "Suppress",
        }

    def read(self) -> RequestState:
        """See Host."""
        stopped = self.stopped()
        if stopped:
            return RequestState(stopped)
        told = self._get("/_apis/connectionData", PREVIEW)
        self._user = "" if left_out(told, "authenticatedUser") else text(told, "authenticatedUser", "id")
        if not self._user.strip("0-"):  # nobody in particular
            raise unknown_user(self._target.api)
        self._tracked = dict(self._changes())
        wanted = [path for path in self._wanted if path in self._tracked]
        over = len(wanted) - MOST_FILES
        notes = (f"no comment stands in {over} of {len(wanted)} files: {MOST_FILES} at most are looked into",)
        self._lines = {path: self._lines.get(path) or self._content(path) for path in wanted[:MOST_FILES]}
        threads: list[Thread] = []
        summaries: list[Summary] = []
        tracked = {"$iteration": str(self._iteration)}
        self._happened = list(items(self._get(f"{self._pull}/threads", VERSION, **tracked), "value"))
        for thread in self._happened:
            comments = [] if flag(thread, "isDeleted") else list(items(thread, "comments"))
            said = [each for each in comments if not _is_gone(each)]
            marker = self._ours(said[0]) if said and said[0] is comments[0] else None
            if marker is None:
                continue
            name = f"{text(thread, 'id')}/{text(said[0], 'id')}"
            own = self._own(said[0])
            if marker.about.key == "summary":
                summaries.append(Summary(name, marker, own))
            else:
                threads.append(self._thread(thread, name, said, marker, own))
        summaries.sort(key=lambda each: int(each.comment.partition("/")[0]))
        return RequestState(
            "", self._lines, tuple(threads), tuple(summaries), self._link, notes if over > 0 else ()
        )

    def stopped(self) -> str:
        """See Host."""
        self._told = pull = self._get(self._pull, VERSION)
        self._page = text(pull, "repository", "webUrl")
        if text(pull, "status") != "active":
            return "the pull request is closed"
        iterations = list(items(self._get(f"{self._pull}/iterations", VERSION), "value"))
        newest = max(iterations, key=lambda each: number(each, "id"), default=None)
        head = text(pull, "lastMergeSourceCommit", "commitId")
        if head != self._target.commit:
            return f"the pull request's head is not {self._target.commit[:12]} any more"
        if newest is None or text(newest, "sourceRefCommit", "commitId") != head:
            return "Azure DevOps has not made the iteration of the pull request's head yet"
        self._iteration, self._newest = number(newest, "id"), newest
        return ""

    def recorded(self, labels: bool) -> Recorded:
        """See Host. Votes stay over pushes where no policy resets them; threads of the host have the time."""
        pushed = moment(self._newest, "createdDate")
        last: dict[str, tuple[datetime, int]] = {}
        for thread in self._happened:
            vote = _vote(thread)
            if vote is not None:
                who, said = vote[0], vote[1:]
                last[who] = max(said, last.get(who, said))
        approved: set[str] = set()
        for reviewer in items(self._told, "reviewers"):
            at, result = last.get(_plain_id(text(reviewer, "id")), (pushed, 0))
            if min(result, number(reviewer, "vote")) >= WITH_SUGGESTIONS and at > pushed:
                approved.add(text(reviewer, "id").lower())
                if not left_out(reviewer, "uniqueName"):
                    approved.add(text(reviewer, "uniqueName").lower())
        return Recorded(frozenset(approved))

    def write_summary(self, comment: str | None, body: str) -> None:
        """See Host. A thread that is closed holds nobody up where all have to be resolved."""
        if comment is None:
            self._write("POST", f"{self._pull}/threads", {"comments": [_new(body)], "status": "closed"})
        else:
            self._edit(comment, body)

    def say(self, remarks: Sequence[Remark], given: Given, tally: Tally) -> None:
        """See Host."""
        for remark in remarks:
            body: dict[str, Json] = {
                "comments": [_new(marked(remark.about, remark.text))],
                "status": "active",
                "threadContext": self._place(remark),
                "pullRequestThreadContext": {
                    "changeTrackingId": self._tracked[remark.path],
                    # Both the same: what is to the left is where the two branches parted.
                    "iterationContext": {
                        "firstComparingIteration": self._iteration,
                        "secondComparingIteration": self._iteration,
                    },
                },
            }
            try:
                self._write("POST", f"{self._pull}/threads", body)
            except Refused as refusal:
                if refusal.status != 400:
                    raise
                tally.lacks(
                    remark, "Azure DevOps", refusal.message, "run it again: the diff may have changed"
                )
            else:
                tally.posted += 1

    def carry_out(self, steps: Sequence[ThreadStep], tally: Tally) -> None:
        """See Host."""
        change_in_turn(steps, tally, self._carried_out)

    def conclude(self, conclusion: Conclusion, tally: Tally) -> None:
        """See Host: the status of the pull request, which policies can wait for."""
        if not self._status:
            return
        status = status_of(conclusion.given, self._target)
        body: dict[str, Json] = {
            "state": "failed" if status.state == "failure" else "succeeded",
            "description": status.description,
            "context": {"name": status.context, "genre": GENRE},
            "iterationId": self._iteration,
        }
        there = [
            each
            for each in items(self._get(f"{self._pull}/statuses", VERSION), "value")
            if _context(each) == (status.context, GENRE)
        ]
        newest = max(there, key=lambda each: number(each, "id"), default=None)
        if newest is not None and not left_out(newest, "iterationId"):
            said = text(newest, "state"), text(newest, "description"), number(newest, "iterationId")
            if said == (body["state"], body["description"], body["iterationId"]):
                return
        self._write("POST", f"{self._pull}/statuses", body)
        tally.status = status.state

    def _carried_out(self, step: ThreadStep, part: Part, tally: Tally) -> bool:
        """One part of one step, whether the token may."""
        if part == "edit":
            self._edit(step.thread.comment, step.body)
        elif part == "delete":
            self._write("DELETE", self._comment(step.thread.comment), None)
        else:
            status = "closed" if part == "resolve" else "active"
            try:
                self._write("PATCH", f"{self._pull}/threads/{step.thread.thread}", {"status": status})
            except Refused as refusal:
                if refusal.status not in (401, 403):
                    raise
                tally.note("the token may not resolve threads (it needs to contribute to pull requests)")
                return False
        return True

    def _edit(self, comment: str, body: str) -> None:
        self._write("PATCH", self._comment(comment), {"content": body})

    def _comment(self, name: str) -> str:
        thread, _, comment = name.partition("/")
        return f"{self._pull}/threads/{thread}/comments/{comment}"

    def _get(self, path: str, version: str, /, **parameters: str) -> Json:
        return self._transport.get(path, **{"api-version": version, **parameters})

    def _write(self, method: str, path: str, body: Json) -> None:
        self._transport.write(method, f"{path}?api-version={VERSION}", body)

    def _changes(self) -> Iterator[tuple[str, int]]:
        """The files of head that the pull request changes, each with the name of its changes."""
        path, skip = f"{self._pull}/iterations/{self._iteration}/changes", 0
        for _ in range(MOST_PAGES):
            page = self._get(path, VERSION, **{"$top": str(PAGE), "$skip": str(skip), "$compareTo": "0"})
            for change in items(page, "changeEntries"):
                if "delete" not in text(change, "changeType"):
                    yield text(change, "item", "path").removeprefix("/"), number(change, "changeTrackingId")
            following = 0 if left_out(page, "nextSkip") else number(page, "nextSkip")
            if following == 0:
                return
            if following <= skip:
                raise NotUnderstood("`nextSkip` leads to the same page again")
            skip = following
        raise NotUnderstood(f"`{path}` has more than {MOST_PAGES} pages")

    def _content(self, path: str) -> dict[int, Line]:
        item = self._get(
            f"/{self._target.repository}/items",
            VERSION,
            **{
                "path": f"/{path}",
                "versionDescriptor.version": self._target.commit,
                "versionDescriptor.versionType": "commit",
                "includeContent": "true",
                "$format": "json",
            },
        )
        lines = text(item, "content").split("\n")
        return {
            place: Line(line, None, 1) for place, line in enumerate(lines[: -1 if not lines[-1] else None], 1)
        }

    def _place(self, remark: Remark) -> Json:
        first = remark.first or remark.line
        end = len(self._lines[remark.path][remark.line].text)
        return {
            "filePath": f"/{remark.path}",
            "rightFileStart": {"line": first, "offset": 1},
            "rightFileEnd": {"line": remark.line, "offset": end + 1},
        }

    def _thread(
        self, thread: Json, name: str, said: Sequence[Json], marker: CommentMarker, own: bool
    ) -> Thread:
        status = text(thread, "status")
        closed = status == "closed" and marker.state == "closed"
        resolver: Resolver = "" if status not in RESOLVED else "self" if own and closed else "other"
        context = within(thread, "threadContext")
        path = text(context, "filePath").removeprefix("/")
        # Where its line has changed it is followed to one nearby.
        start, line = (number(context, f"rightFile{each}", "line") for each in ("Start", "End"))
        is_there = still_said(marker, self._lines, path, start, line)
        return Thread(
            name, name.partition("/")[0], marker, text(said[0], "content"), path, line if is_there else None,
            status in RESOLVED, own=own, answered=len(said) > 1, resolver=resolver,
        )  # fmt: skip

    def _own(self, comment: Json) -> bool:
        return text(comment, "author", "id") == self._user

    def _ours(self, comment: Json) -> CommentMarker | None:
        """Others that are believed are services: of people it is not said who may write."""
        marker = marker_of(text(comment, "content"))
        if marker is None or marker.about.name != self._target.scope:
            return None
        author = within(comment, "author")
        is_service = not left_out(author, "descriptor") and text(author, "descriptor").startswith(SERVICE)
        return marker if self._own(comment) or is_service else None

    def _link(self, path: str, line: int) -> str:
        if not self._page.startswith(("https://", "http://")) or not self._page.isascii():
            return ""
        try:
            name = quote(f"/{path}")
        except UnicodeEncodeError:
            return ""
        at = f"&line={line}&lineEnd={line}&lineStartColumn=1&lineEndColumn=1" if line else ""
        return f"{quote(self._page, safe='/:%')}?path={name}&version=GC{self._target.commit}{at}"


def _vote(thread: Json) -> tuple[str, datetime, int] | None:
    """Who voted when for what, if a thread says so; None: it does not, or somebody else may have made it up.

    Whoever may comment can make threads that have such properties, but not in the name of the host.
    """
    if _property(thread, "CodeReviewThreadType") != "VoteUpdate":
        return None
    who, result = _property(thread, "CodeReviewVotedByTfId"), _property(thread, "CodeReviewVoteResult")
    key = _property(thread, "CodeReviewVotedByIdentity")
    if not who and key and not left_out(thread, "identities"):
        who = text(thread, "identities", key, "id")
    comment = next(items(thread, "comments"), None)
    if not who or comment is None or not re.fullmatch(r"-?\d{1,3}", result, re.ASCII):
        return None
    author = within(comment, "author")
    is_host = not left_out(author, "descriptor") and text(author, "descriptor").startswith(HOST)
    is_host = is_host or (not left_out(author, "isContainer") and flag(author, "isContainer"))
    is_own = _plain_id(text(author, "id")) == _plain_id(who)
    if text(comment, "commentType") != "system" or not (is_host or is_own):
        return None
    return _plain_id(who), moment(thread, "publishedDate"), int(result)


def _property(thread: Json, name: str) -> str:
    properties = None if left_out(thread, "properties") else within(thread, "properties")
    if properties is None or left_out(properties, name):
        return ""
    return text(properties, name, "$value")


def _plain_id(name: str) -> str:
    """It is written with hyphens, and in threads without them at times."""
    return name.replace("-", "").lower()


def _context(status: Json) -> tuple[str, str]:
    context = within(status, "context")
    return text(context, "name"), "" if left_out(context, "genre") else text(context, "genre")


def _new(body: str) -> Json:
    return {"parentCommentId": 0, "content": body, "commentType": "text"}


def _is_gone(comment: Json) -> bool:
    """Deleted, or no person's: a status that was changed is told as a comment, too."""
    return (not left_out(comment, "isDeleted") and flag(comment, "isDeleted")) or text(
        comment, "commentType"
    ) == "system"
