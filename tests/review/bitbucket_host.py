"""Bitbucket Cloud on this machine: its pull request has state, and every request and answer is held against
what Atlassian documents. A commit is named by its first twelve digits, and a diff is behind a redirect.
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
from .diffs import Change, moved, shows, whole_diff
from .samples import HEAD
from .server import Answer, Asked, Server

HERE = Path(__file__).parent
TOKEN = "ATCTT3xFfGN0123456789"
BOT = "{00000000-0000-0000-0000-000000000041}"


@cache
def described() -> Described:
    return Described(yaml.safe_load((HERE / "bitbucket.yaml").read_text(encoding="utf-8")))


@dataclass
class Comment:
    id: int
    user: str
    body: str
    path: str = ""
    to: int = 0  # as it was when it was made
    start_to: int = 0
    line: int | None = None  # where people see it; None: outdated
    resolver: str = ""
    reply_to: int | None = None

    @property
    def resolved(self) -> bool:
        return bool(self.resolver)


class BitbucketHost:
    """One pull request, number 7 of octo/shop."""

    def __init__(self, files: dict[str, Change]) -> None:
        self.files = files
        self.head = HEAD
        self.state = "OPEN"
        self.viewer = BOT
        self.members = {BOT}
        self.comments: list[Comment] = []
        self.statuses: list[dict[str, Any]] = []
        self.calendar = Calendar()
        self.approved: set[str] = set()  # it stays over pushes
        self.activity: list[dict[str, Any]] = []
        self._updated()
        self.reports: dict[str, dict[str, Any]] = {}
        self.annotations: dict[str, list[dict[str, Any]]] = {}
        self.locked = False
        self.may_resolve = True
        self.may_read_user = True
        self.page = 100
        self._last = 100
        self.server = Server(self.respond)
        self.environ = {
            "BITBUCKET_WORKSPACE": "octo",
            "BITBUCKET_REPO_SLUG": "shop",
            "BITBUCKET_PR_ID": "7",
            "BITBUCKET_TOKEN": TOKEN,
        }

    def push(self, files: dict[str, Change], head: str) -> None:
        """Another head, however it came about. A comment is outdated where its line has changed."""
        for each in self.comments:
            before, after = self.files.get(each.path), files.get(each.path)
            if each.line is None or before is None:
                continue
            line = None if after is None else moved(before.after, after.after, each.line)
            each.line = line if line == each.to and after is not None and shows(after, line) else None
        self.files, self.head = files, head
        self._updated()

    def approve(self, who: str) -> None:
        """Somebody approves what is the head."""
        self.approved.add(who)
        self.activity.append({"approval": {"date": self._now(), "user": _user(who)}})

    def withdraw(self, who: str) -> None:
        """Somebody takes their approval back: what happened stays in the log."""
        self.approved.remove(who)

    def _updated(self) -> None:
        links = {"links": {"html": {"href": "https://bitbucket.example/octo/shop"}}}
        source = {"commit": {"hash": self.head[:12]}, "repository": links}
        self.activity.append({"update": {"date": self._now(), "source": source}})

    def _now(self) -> str:
        return self.calendar.now().strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")

    def said(self) -> dict[str, Any]:
        """What people see, without the numbers that things have."""
        return {
            "comments": sorted((c.path, c.to, c.user, c.body, c.resolved) for c in self.comments if c.path),
            "issue": [(c.user, c.body) for c in self.comments if not c.path],
            "reports": self.reports,
            "annotations": self.annotations,
        }

    def respond(self, asked: Asked) -> Answer:
        """The answer to one request, which has to be right."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(401, {"type": "error", "error": {"message": "Token is invalid"}})
        spec = f"/repositories/octo/shop/diff/octo/shop:{self.head[:12]}"
        if asked.path == "/repositories/octo/shop/pullrequests/7/diff":
            return Answer(302, {}, {"Location": spec})
        if asked.path == spec:
            return Answer(200, whole_diff(self.files).encode(), {"Content-Type": "text/plain"})
        return described().answered(asked, lambda operation: self._carried_out(asked, operation), 400)

    def _carried_out(self, asked: Asked, operation: Operation) -> Answer:
        names = {key: unquote(value) for key, value in operation.names.items()}
        assert names.pop("workspace", "octo") == "octo"
        assert names.pop("repo_slug", "shop") == "shop"
        assert names.pop("pull_request_id", "7") == "7"
        method = (
            f"_{asked.method.lower()}_{word(operation.template, '/repositories/{workspace}/{repo_slug}/')}"
        )
        answer = getattr(self, method)(asked, **names)
        assert isinstance(answer, Answer)
        return answer

    def _get_user(self, asked: Asked) -> Answer:
        return Answer(200, _user(self.viewer)) if self.may_read_user else Answer(403, {"type": "error"})

    def _get_workspaces_workspace_members_member(self, asked: Asked, member: str) -> Answer:
        return Answer(200, {"type": "workspace_membership"}) if member in self.members else Answer(404, {})

    def _get_pullrequests_pull_request_id(self, asked: Asked) -> Answer:
        links = {"links": {"html": {"href": "https://bitbucket.example/octo/shop"}}}
        return Answer(200, {
            "type": "pullrequest", "id": 7, "state": self.state,
            "source": {"commit": {"hash": self.head[:12]}, "repository": links},
            "destination": {"commit": {"hash": "c" * 12}, "repository": links},
            "participants": [
                {"type": "participant", "user": _user(who), "approved": who in self.approved}
                for who in sorted({BOT, *self.approved})
            ],
        })  # fmt: skip

    def _get_pullrequests_pull_request_id_activity(self, asked: Asked) -> Answer:
        """The newest first."""
        size, start = int(asked.query["pagelen"]), int(asked.query.get("ctx", "0"))
        made: dict[str, Any] = {"values": self.activity[::-1][start : start + size]}
        if start + size < len(self.activity):
            made["next"] = f"{self.server.url}{asked.path}?pagelen={size}&ctx={start + size}"
        return Answer(200, made)

    def _get_pullrequests_pull_request_id_comments(self, asked: Asked) -> Answer:
        number = int(asked.query.get("page", "1"))
        size = min(int(asked.query.get("pagelen", "10")), self.page)
        part = self.comments[(number - 1) * size : number * size]
        made: dict[str, Any] = {"values": [self._comment(each) for each in part]}
        if number * size < len(self.comments):
            made["next"] = f"{self.server.url}{asked.path}?pagelen={size}&page={number + 1}"
        return Answer(200, made)

    def _post_pullrequests_pull_request_id_comments(self, asked: Asked) -> Answer:
        made = Comment(self._number(), self.viewer, asked.body["content"]["raw"])
        inline = asked.body.get("inline")
        if inline is not None:
            made.path, made.to = inline["path"], inline["to"]
            made.start_to, made.line = inline.get("start_to", 0), made.to
            assert shows(self.files[made.path], made.to)
        self.comments.append(made)
        return Answer(201, self._comment(made))

    def _put_pullrequests_pull_request_id_comments_comment_id(self, asked: Asked, comment_id: str) -> Answer:
        comment = self._find(comment_id)
        assert comment.user == self.viewer, "the comment of somebody else"
        comment.body = asked.body["content"]["raw"]
        return Answer(200, self._comment(comment))

    def _delete_pullrequests_pull_request_id_comments_comment_id(
        self, asked: Asked, comment_id: str
    ) -> Answer:
        comment = self._find(comment_id)
        assert comment.user == self.viewer, "the comment of somebody else"
        assert not any(each.reply_to == comment.id for each in self.comments), "people have answered"
        self.comments.remove(comment)
        return Answer(204)

    def _post_pullrequests_pull_request_id_comments_comment_id_resolve(
        self, asked: Asked, comment_id: str
    ) -> Answer:
        return self._turned(comment_id, self.viewer, Answer(200, {"type": "comment_resolution"}))

    def _delete_pullrequests_pull_request_id_comments_comment_id_resolve(
        self, asked: Asked, comment_id: str
    ) -> Answer:
        return self._turned(comment_id, "", Answer(204))

    def _turned(self, name: str, resolver: str, answer: Answer) -> Answer:
        if not self.may_resolve:
            return Answer(403, {"type": "error", "error": {"message": "no access"}})
        comment = self._find(name)
        if comment.resolved == bool(resolver):
            return Answer(409, {"type": "error"})
        comment.resolver = resolver
        return answer

    def _post_commit_commit_statuses_build(self, asked: Asked, commit: str) -> Answer:
        self.statuses.append({**asked.body, "commit": commit})
        return Answer(201, asked.body)

    def _get_commit_commit_statuses_build_key(self, asked: Asked, commit: str, key: str) -> Answer:
        there = [each for each in self.statuses if (each["commit"], each["key"]) == (commit, key)]
        made = {key: value for key, value in there[-1].items() if key != "commit"} if there else {}
        return Answer(200, made) if there else Answer(404, {"type": "error"})

    def _get_commit_commit_reports_reportId(self, asked: Asked, commit: str, reportId: str) -> Answer:
        found = self.reports.get(f"{commit}/{reportId}")
        return Answer(404, {"type": "error"}) if found is None else Answer(200, found)

    def _put_commit_commit_reports_reportId(self, asked: Asked, commit: str, reportId: str) -> Answer:
        self.reports[f"{commit}/{reportId}"] = asked.body
        return Answer(200, asked.body)

    def _delete_commit_commit_reports_reportId(self, asked: Asked, commit: str, reportId: str) -> Answer:
        del self.reports[f"{commit}/{reportId}"]
        self.annotations.pop(f"{commit}/{reportId}", None)
        return Answer(204)

    def _post_commit_commit_reports_reportId_annotations(
        self, asked: Asked, commit: str, reportId: str
    ) -> Answer:
        there = self.annotations.setdefault(f"{commit}/{reportId}", [])
        names = {each["external_id"] for each in asked.body}
        there[:] = [*(each for each in there if each["external_id"] not in names), *asked.body]
        assert len(there) <= 1_000
        return Answer(200, asked.body)

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _find(self, name: str) -> Comment:
        return next(each for each in self.comments if str(each.id) == name)

    def _comment(self, comment: Comment) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": comment.id, "user": _user(comment.user), "content": {"raw": comment.body}, "deleted": False,
        }  # fmt: skip
        if comment.path:
            made["inline"] = {"path": comment.path, "from": None, "to": comment.to}
            if comment.start_to:
                made["inline"]["start_to"] = comment.start_to
        if comment.reply_to is not None:
            made["parent"] = {"id": comment.reply_to}
        if comment.resolver:
            made["resolution"] = {"type": "comment_resolution", "user": _user(comment.resolver)}
        return made


def _user(uuid: str) -> dict[str, Any]:
    return {"type": "user", "uuid": uuid, "nickname": uuid[-3:-1]}
