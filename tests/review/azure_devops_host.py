"""Azure Repos on this machine: its pull request has state, and every request and answer is held against what
Microsoft documents. Threads are followed from push to push, to the nearest line where theirs has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from .calendar import Calendar
from .described import Described, Operation, word
from .diffs import Change, moved
from .samples import HEAD
from .server import Answer, Asked, Server

HERE = Path(__file__).parent
TOKEN = "eyJ0eXAiOiJKV1QifQ"
BOT = "00000000-0000-0000-0000-000000000041"
SYSTEM = "00000002-0000-8888-8000-000000000000"
ROOT = "/{project}/_apis/git/repositories/{repositoryId}/"


@cache
def described() -> Described:
    return Described(yaml.safe_load((HERE / "azure_devops.yaml").read_text(encoding="utf-8")))


@dataclass
class Comment:
    """One that begins a thread, or answers it."""

    id: int
    user: str
    body: str
    path: str = ""
    start: int = 0
    line: int | None = None
    status: str = "active"
    closer: str = ""
    reply_to: int | None = None

    @property
    def resolved(self) -> bool:
        return self.status != "active"


def guid(who: str) -> str:
    """The name of a person among programs."""
    return f"00000000-0000-0000-0000-{sum(who.encode()):012}"


class AzureDevOpsHost:
    """One pull request, number 7 of the repository `shop` in the project `Back End`."""

    def __init__(self, files: dict[str, Change]) -> None:
        self.files = files
        self.head = HEAD
        self.iteration = 1
        self.state = "active"
        self.viewer = BOT
        self.services = {BOT}
        self.comments: list[Comment] = []
        self.statuses: list[dict[str, Any]] = []
        self.calendar = Calendar()
        self.pushed = [self._now()]
        self.votes: dict[str, int] = {}  # they stay over pushes
        self.happened: list[dict[str, Any]] = []  # threads of the host itself
        self.locked = False
        self.may_resolve = True
        self.page = 2_000
        self._last = 100
        self.server = Server(self.respond)
        self.environ = {
            "SYSTEM_COLLECTIONURI": f"{self.server.url}/",
            "SYSTEM_TEAMPROJECT": "Back End",
            "BUILD_REPOSITORY_ID": "shop",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
            "SYSTEM_ACCESSTOKEN": TOKEN,
        }

    def push(self, files: dict[str, Change], head: str) -> None:
        """Another head, however it came about."""
        for each in self.comments:
            before, after = self.files.get(each.path), files.get(each.path)
            if each.line is None or before is None or after is None:
                continue
            followed = moved(before.after, after.after, each.line)
            each.line = followed or min(each.line, max(after.after.count("\n"), 1))
        self.files, self.head = files, head
        self.iteration += 1
        self.pushed.append(self._now())

    def approve(self, who: str) -> None:
        """Somebody approves what is the head."""
        self._vote(who, 10)

    def withdraw(self, who: str) -> None:
        """Somebody resets their vote."""
        self._vote(who, 0)

    def _vote(self, who: str, vote: int) -> None:
        self.votes[who] = vote
        self.happened.append(self.voted(who, vote, {"id": SYSTEM, "descriptor": f"s2s.{SYSTEM}"}))

    def voted(self, who: str, vote: int, author: dict[str, Any]) -> dict[str, Any]:
        """A thread that says so."""
        said = {"CodeReviewThreadType": "VoteUpdate", "CodeReviewVotedByIdentity": "1",
                "CodeReviewVoteResult": str(vote)}  # fmt: skip
        return {
            "id": 2 + len(self.happened), "isDeleted": False, "threadContext": None,
            "publishedDate": self._now(),
            "properties": {key: {"$type": "System.String", "$value": each} for key, each in said.items()},
            "identities": {"1": {"id": guid(who), "uniqueName": who}},
            "comments": [{"id": 1, "parentCommentId": 0, "author": author, "commentType": "system",
                          "content": f"{who} voted {vote}"}],
        }  # fmt: skip

    def _now(self) -> str:
        return self.calendar.now().strftime("%Y-%m-%dT%H:%M:%S.1234567Z")

    def said(self) -> dict[str, Any]:
        """What people see, without the numbers that things have."""
        return {
            "comments": sorted(
                (c.path, c.line or 0, c.user, c.body, c.resolved) for c in self.comments if c.path
            ),
            "issue": [(c.user, c.body) for c in self.comments if not c.path],
        }

    def respond(self, asked: Asked) -> Answer:
        """The answer to one request, which has to be right."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(401, {"message": "TF400813: The user is not authorized"})
        return described().answered(asked, lambda operation: self._carried_out(asked, operation), 400)

    def _carried_out(self, asked: Asked, operation: Operation) -> Answer:
        names = {key: unquote(value) for key, value in operation.names.items()}
        assert names.pop("project", "Back End") == "Back End"
        assert names.pop("repositoryId", "shop") == "shop"
        assert names.pop("pullRequestId", "7") == "7"
        answer = getattr(self, f"_{asked.method.lower()}_{word(operation.template, ROOT)}")(asked, **names)
        assert isinstance(answer, Answer)
        return answer

    def _get__apis_connectionData(self, asked: Asked) -> Answer:
        return Answer(200, {"authenticatedUser": {"id": self.viewer}})

    _get_apis_connectionData = _get__apis_connectionData

    def _get_items(self, asked: Asked) -> Answer:
        path = asked.query["path"]
        return Answer(200, {"path": path, "content": self.files[path.removeprefix("/")].after})

    def _get_pullRequests_pullRequestId(self, asked: Asked) -> Answer:
        return Answer(200, {
            "pullRequestId": 7, "status": self.state, "lastMergeSourceCommit": {"commitId": self.head},
            "repository": {"webUrl": "https://azure.example/octo/Back%20End/_git/shop"},
            "reviewers": [
                {"id": guid(who), "uniqueName": who, "vote": vote} for who, vote in self.votes.items()
            ],
        })  # fmt: skip

    def _get_pullRequests_pullRequestId_iterations(self, asked: Asked) -> Answer:
        made = [
            {"id": each, "sourceRefCommit": {"commitId": self.head if each == self.iteration else "0" * 40},
             "createdDate": self.pushed[each - 1]}
            for each in range(1, self.iteration + 1)
        ]  # fmt: skip
        return Answer(200, {"value": made})

    def _get_pullRequests_pullRequestId_iterations_iterationId_changes(
        self, asked: Asked, iterationId: str
    ) -> Answer:
        assert int(iterationId) == self.iteration
        entries = [
            {
                "changeTrackingId": place,
                "changeType": "edit" if change.before else "add",
                "item": {"path": f"/{path}"},
            }
            for place, (path, change) in enumerate(self.files.items(), 1)
        ]
        skip, top = int(asked.query["$skip"]), min(int(asked.query["$top"]), self.page)
        more = skip + top < len(entries)
        return Answer(200, {
            "changeEntries": entries[skip : skip + top], "nextSkip": skip + top if more else 0,
            "nextTop": top if more else 0,
        })  # fmt: skip

    def _get_pullRequests_pullRequestId_threads(self, asked: Asked) -> Answer:
        assert int(asked.query["$iteration"]) == self.iteration
        system = {
            "id": 1, "isDeleted": False, "threadContext": None,
            "comments": [{"id": 1, "parentCommentId": 0, "author": {"id": "0"}, "commentType": "system"}],
        }  # fmt: skip
        heads = [each for each in self.comments if each.reply_to is None]
        return Answer(200, {"value": [system, *self.happened, *map(self._thread, heads)]})

    def _post_pullRequests_pullRequestId_threads(self, asked: Asked) -> Answer:
        [said] = asked.body["comments"]
        made = Comment(self._number(), self.viewer, said["content"], status=asked.body["status"])
        context = asked.body.get("threadContext")
        if context is not None:
            made.path = context["filePath"].removeprefix("/")
            made.start, made.line = context["rightFileStart"]["line"], context["rightFileEnd"]["line"]
            lines = self.files[made.path].after.split("\n")
            assert context["rightFileEnd"]["offset"] == len(lines[made.line - 1]) + 1
            told = asked.body["pullRequestThreadContext"]
            assert told["changeTrackingId"] == list(self.files).index(made.path) + 1
            assert set(told["iterationContext"].values()) == {self.iteration}
        self.comments.append(made)
        return Answer(200, self._thread(made))

    def _patch_pullRequests_pullRequestId_threads_threadId(self, asked: Asked, threadId: str) -> Answer:
        if not self.may_resolve:
            return Answer(403, {"message": "TF401027: You need the Git 'PullRequestContribute' permission"})
        comment = self._find(threadId)
        comment.status = asked.body["status"]
        return Answer(200, self._thread(comment))

    def _patch_pullRequests_pullRequestId_threads_threadId_comments_commentId(
        self, asked: Asked, threadId: str, commentId: str
    ) -> Answer:
        assert commentId == "1"
        comment = self._find(threadId)
        assert comment.user == self.viewer, "the comment of somebody else"
        comment.body = asked.body["content"]
        return Answer(200, self._comment(comment, 1))

    def _delete_pullRequests_pullRequestId_threads_threadId_comments_commentId(
        self, asked: Asked, threadId: str, commentId: str
    ) -> Answer:
        comment = self._find(threadId)
        assert comment.user == self.viewer, "the comment of somebody else"
        assert not any(each.reply_to == comment.id for each in self.comments), "people have answered"
        self.comments.remove(comment)
        return Answer(204)

    def _get_pullRequests_pullRequestId_statuses(self, asked: Asked) -> Answer:
        return Answer(200, {"value": self.statuses})

    def _post_pullRequests_pullRequestId_statuses(self, asked: Asked) -> Answer:
        self.statuses.append({**asked.body, "id": self._number()})
        return Answer(200, self.statuses[-1])

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _find(self, thread: str) -> Comment:
        return next(each for each in self.comments if str(each.id) == thread)

    def _thread(self, head: Comment) -> dict[str, Any]:
        answers = [each for each in self.comments if each.reply_to == head.id]
        at = {"line": head.line, "offset": 1}
        context = {"filePath": f"/{head.path}", "rightFileStart": at, "rightFileEnd": at}
        return {
            "id": head.id, "isDeleted": False, "status": head.status,
            "comments": [self._comment(each, place) for place, each in enumerate([head, *answers], 1)],
            "threadContext": context if head.path else None,
        }  # fmt: skip

    def _comment(self, comment: Comment, number: int) -> dict[str, Any]:
        author = {"id": comment.user}
        if comment.user in self.services:
            author["descriptor"] = f"svc.{comment.user}"
        return {
            "id": number, "parentCommentId": min(number - 1, 1), "author": author, "content": comment.body,
            "commentType": "text", "isDeleted": False,
        }  # fmt: skip
