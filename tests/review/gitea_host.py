"""Gitea on this machine: its pull request has state, and every request and answer is held against what Gitea
documents. What it does not say there (which lists have no pages, that a comment keeps its number) is as its
source has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .calendar import Calendar
from .described import Described, Operation, word
from .diffs import Change, moved, shows, whole_diff
from .samples import HEAD
from .server import Answer, Asked, Server

HERE = Path(__file__).parent
TOKEN = "0123456789abcdef"
BOT = "lint-bot"


@cache
def described() -> Described:
    return Described(yaml.safe_load((HERE / "gitea.yaml").read_text(encoding="utf-8")))


@dataclass
class Comment:
    id: int
    user: str
    body: str
    review: int = 0
    path: str = ""
    position: int = 0  # as it was when it was made
    hunk: str = ""
    line: int | None = None  # where people see it; None: outdated
    resolver: str = ""
    reply_to: int | None = None

    @property
    def resolved(self) -> bool:
        return bool(self.resolver)


@dataclass
class Review:
    id: int
    user: str
    body: str
    state: str
    commit: str = HEAD
    at: str = "2026-03-01T09:00:00+01:00"
    dismissed: bool = False
    stale: bool = False


class GiteaHost:
    """One pull request, number 7 of octo/shop."""

    def __init__(self, files: dict[str, Change]) -> None:
        self.files = files
        self.head = HEAD
        self.state = "open"
        self.viewer = BOT
        self.collaborators = {BOT}
        self.comments: list[Comment] = []
        self.issue: list[Comment] = []
        self.reviews: list[Review] = []
        self.statuses: list[dict[str, Any]] = []
        self.calendar = Calendar()
        self.labels: list[str] = []
        self.timeline: list[dict[str, Any]] = []
        self.locked = False
        self.may_resolve = True
        self.page = 50
        self._last = 100
        self.server = Server(self.respond)
        self.environ = {
            "GITHUB_API_URL": self.server.url,
            "GITHUB_REPOSITORY": "octo/shop",
            "GITEA_TOKEN": TOKEN,
        }

    def push(self, files: dict[str, Change], head: str) -> None:
        """Another head, however it came about. A comment is outdated where its line has changed."""
        for each in self.comments:
            before, after = self.files.get(each.path), files.get(each.path)
            if each.line is None or before is None:
                continue
            line = None if after is None else moved(before.after, after.after, each.line)
            # It stays at its number: where another line has that by now, it is outdated.
            each.line = line if line == each.position and after is not None and shows(after, line) else None
        if files != self.files:
            for review in self.reviews:
                review.stale = True
        self.files, self.head = files, head
        self._happens("pull_push", "mallory", '{"is_force_push":false,"commit_ids":[]}')

    def approve(self, who: str) -> None:
        """Somebody approves what is the head."""
        self.reviews.append(Review(self._number(), who, "", "APPROVED", self.head, self._now()))

    def withdraw(self, who: str) -> None:
        """Somebody's approvals are dismissed."""
        for each in self.reviews:
            each.dismissed = each.dismissed or (each.user, each.state) == (who, "APPROVED")

    def set_label(self, who: str, label: str) -> None:
        """Somebody sets a label."""
        self.labels.append(label)
        self._happens("label", who, "1", label)

    def remove_label(self, who: str, label: str) -> None:
        """Somebody takes one away."""
        self.labels.remove(label)
        self._happens("label", who, "", label)

    def _happens(self, kind: str, who: str, body: str, label: str = "") -> None:
        self.timeline.append({
            "id": self._number(), "type": kind, "user": _user(who), "body": body, "created_at": self._now(),
            "label": {"id": 1, "name": label} if label else None,
        })  # fmt: skip

    def _now(self) -> str:
        return self.calendar.now().strftime("%Y-%m-%dT%H:%M:%S+01:00")

    def said(self) -> dict[str, Any]:
        """What people see, without the numbers that things have."""
        return {
            "comments": sorted((c.path, c.position, c.user, c.body, c.resolved) for c in self.comments),
            "issue": [(c.user, c.body) for c in self.issue],
            "reviews": sorted({(r.user, r.body, r.state) for r in self.reviews}),
        }

    def respond(self, asked: Asked) -> Answer:
        """The answer to one request, which has to be right."""
        if asked.headers.get("authorization") != f"token {TOKEN}":
            return Answer(401, {"message": "invalid username, password or token"})
        if asked.path == "/repos/octo/shop/pulls/7.diff":
            return Answer(200, whole_diff(self.files).encode(), {"Content-Type": "text/plain;charset=utf-8"})
        return described().answered(asked, lambda operation: self._carried_out(asked, operation), 422)

    def _carried_out(self, asked: Asked, operation: Operation) -> Answer:
        names = dict(operation.names)
        if "owner" in names:
            assert (names.pop("owner"), names.pop("repo")) == ("octo", "shop")
        assert names.pop("index", "7") == "7"
        method = f"_{asked.method.lower()}_{word(operation.template, '/repos/{owner}/{repo}/')}"
        answer = getattr(self, method)(asked, **names)
        assert isinstance(answer, Answer)
        return answer

    def _get_user(self, asked: Asked) -> Answer:
        return Answer(200, _user(self.viewer))

    def _get_collaborators_collaborator(self, asked: Asked, collaborator: str) -> Answer:
        return Answer(204) if collaborator in self.collaborators else Answer(404, {"message": "not found"})

    def _get_pulls_index(self, asked: Asked) -> Answer:
        repository = {"html_url": "https://gitea.example/octo/shop"}
        return Answer(200, {
            "number": 7, "state": self.state, "is_locked": self.locked, "head": {"sha": self.head},
            "labels": [{"id": 1, "name": each} for each in self.labels],
            "base": {"repo": repository},
        })  # fmt: skip

    def _get_pulls_index_reviews(self, asked: Asked) -> Answer:
        seen = [each for each in self.reviews if each.state != "PENDING" or each.user == self.viewer]
        return self._listed(asked, [self._review(each) for each in seen])

    def _post_pulls_index_reviews(self, asked: Asked) -> Answer:
        body = asked.body
        assert body["event"] == "COMMENT", "a bot has nothing to approve"
        assert not any(r.state == "PENDING" and r.user == self.viewer for r in self.reviews), (
            "it goes out too"
        )
        review = Review(self._number(), self.viewer, body["body"], "COMMENT", body["commit_id"], self._now())
        for each in body["comments"]:
            change = self.files[each["path"]]
            line = each["new_position"]
            assert shows(change, line), "Gitea fails with status 500 there"
            text = change.after.split("\n")[line - 1]
            hunk = f"@@ -0,0 +{line},1 @@\n+{text}"
            self.comments.append(
                Comment(self._number(), self.viewer, each["body"], review.id, each["path"], line, hunk, line)
            )
        self.reviews.append(review)
        return Answer(200, self._review(review))

    def _get_pulls_index_reviews_id_comments(self, asked: Asked, id: str) -> Answer:
        there = [each for each in self.comments if str(each.review) == id]
        return Answer(200, [self._line_comment(each) for each in there])

    def _post_pulls_comments_id_resolve(self, asked: Asked, id: str) -> Answer:
        return self._turned(id, self.viewer)

    def _post_pulls_comments_id_unresolve(self, asked: Asked, id: str) -> Answer:
        return self._turned(id, "")

    def _turned(self, name: str, resolver: str) -> Answer:
        if not self.may_resolve:  # as Forgejo and older versions answer
            return Answer(405, {"message": "Method Not Allowed"})
        self._find(self.comments, name).resolver = resolver
        return Answer(204)

    def _get_issues_index_timeline(self, asked: Asked) -> Answer:
        return self._listed(asked, self.timeline)

    def _get_issues_index_comments(self, asked: Asked) -> Answer:
        return Answer(200, [_comment(each) for each in self.issue])  # all of them

    def _post_issues_index_comments(self, asked: Asked) -> Answer:
        self.issue.append(Comment(self._number(), self.viewer, asked.body["body"]))
        return Answer(201, _comment(self.issue[-1]))

    def _patch_issues_comments_id(self, asked: Asked, id: str) -> Answer:
        comment = self._find([*self.comments, *self.issue], id)
        assert comment.user == self.viewer, "the comment of somebody else"
        comment.body = asked.body["body"]
        return Answer(200, _comment(comment))

    def _delete_issues_comments_id(self, asked: Asked, id: str) -> Answer:
        comment = self._find(self.comments, id)
        assert comment.user == self.viewer, "the comment of somebody else"
        assert not any(each.reply_to == comment.id for each in self.comments), "people have answered"
        self.comments.remove(comment)
        return Answer(204)

    def _get_commits_ref_statuses(self, asked: Asked, ref: str) -> Answer:
        return self._listed(asked, [each for each in self.statuses if each["sha"] == ref], ("sha",))

    def _post_statuses_sha(self, asked: Asked, sha: str) -> Answer:
        made = {**asked.body, "id": self._number(), "status": asked.body["state"], "sha": sha}
        del made["state"]
        self.statuses.append(made)
        return Answer(201, {key: value for key, value in made.items() if key != "sha"})

    def _listed(self, asked: Asked, items: list[Any], without: tuple[str, ...] = ()) -> Answer:
        """One page of a list: what comes next is not said."""
        size = min(int(asked.query.get("limit", "30")), self.page)
        start = (int(asked.query.get("page", "1")) - 1) * size
        part = [{key: value for key, value in each.items() if key not in without} for each in items]
        return Answer(200, part[start : start + size])

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _find(self, comments: list[Comment], name: str) -> Comment:
        return next(each for each in comments if str(each.id) == name)

    def _review(self, review: Review) -> dict[str, Any]:
        number = sum(each.review == review.id for each in self.comments)
        return {
            "id": review.id, "user": _user(review.user), "state": review.state, "body": review.body,
            "comments_count": number, "commit_id": review.commit, "stale": review.stale, "official": False,
            "dismissed": review.dismissed, "submitted_at": review.at,
        }  # fmt: skip

    def _line_comment(self, comment: Comment) -> dict[str, Any]:
        return {
            **_comment(comment),
            "resolver": _user(comment.resolver) if comment.resolver else None,
            "path": comment.path,
            "position": comment.position,
            "original_position": 0,
            "diff_hunk": comment.hunk,
            "pull_request_review_id": comment.review,
        }


def _comment(comment: Comment) -> dict[str, Any]:
    return {"id": comment.id, "user": _user(comment.user), "body": comment.body}


def _user(login: str) -> dict[str, Any]:
    return {"id": sum(login.encode()), "login": login}
