"""GitHub on this machine: its pull request has state, and every request and answer is held against
GitHub's own description of its API. What that description does not say (lines outside the diff, the
longest comment, limits) is refused with the words that GitHub uses.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from .calendar import Calendar
from .described import Described, Operation, word
from .diffs import Change, moved
from .samples import HEAD
from .server import Answer, Asked, Server, page

HERE = Path(__file__).parent
TOKEN = "ghs_0123456789abcdef"
BOT = "github-actions[bot]"
LONGEST = 65_536


@cache
def described() -> Described:
    return Described(json.loads((HERE / "github.json").read_text(encoding="utf-8")))


@cache
def schema() -> GraphQLSchema:
    return build_schema((HERE / "github.graphql").read_text(encoding="utf-8"))


@dataclass
class Comment:
    id: int
    user: str
    body: str
    path: str = ""
    line: int | None = None
    start_line: int | None = None
    commit: str = ""
    resolved: bool = False
    reply_to: int | None = None
    association: str = "NONE"
    resolver: str = ""


@dataclass
class Review:
    id: int
    user: str
    body: str
    state: str
    commit: str | None = None


@dataclass
class CheckRun:
    id: int
    name: str
    sha: str
    external_id: str
    status: str
    conclusion: str | None = None
    title: str = ""
    summary: str = ""
    annotations: list[dict[str, Any]] = field(default_factory=list)


class GitHubHost:
    """One pull request, number 7 of octo/shop."""

    def __init__(self, files: dict[str, Change]) -> None:
        self.files = files  # what the pull request changes, by path
        self.head = HEAD
        self.state = "open"
        self.viewer = BOT
        self.comments: list[Comment] = []  # on lines
        self.issue: list[Comment] = []  # on the pull request as a whole
        self.reviews: list[Review] = []
        self.checks: list[CheckRun] = []
        self.statuses: list[dict[str, Any]] = []
        self.calendar = Calendar()
        self.labels: list[str] = []
        self.labelled: list[tuple[str, str, str, str]] = []  # event, who, label, when
        self.pushes: list[tuple[str, str]] = [(HEAD, self._now())]
        self.may_see_pushes = True
        self.may_resolve = True
        self.may_check = True
        self.may_edit = True
        self.locked = False
        self.pending = False  # whom the token stands for has a review that is not submitted
        self.own_pull = False  # it was opened by whom the token stands for
        self.page = 100
        self._last = 5_000_000_000  # numbers do not fit into 32 bits any more
        self.server = Server(self.respond)
        self.environ = {
            "GITHUB_API_URL": self.server.url,
            "GITHUB_REPOSITORY": "octo/shop",
            "GITHUB_TOKEN": TOKEN,
        }

    def push(self, files: dict[str, Change], head: str) -> None:
        """Another head, however it came about. Comments follow their lines as far as these stay."""
        for each in self.comments:
            before, after = self.files.get(each.path), files.get(each.path)
            if each.line is None or before is None:
                continue
            line = None if after is None else moved(before.after, after.after, each.line)
            shown = after is not None and any(line in hunk for hunk in after.hunks())
            each.line = line if shown else None
        self.files, self.head = files, head
        self.pushes.append((head, self._now()))

    def approve(self, who: str) -> None:
        """Somebody approves what is the head."""
        self.reviews.append(Review(self._number(), who, "", "APPROVED", self.head))

    def withdraw(self, who: str) -> None:
        """Somebody's approvals are dismissed."""
        for each in self.reviews:
            if (each.user, each.state) == (who, "APPROVED"):
                each.state = "DISMISSED"

    def set_label(self, who: str, label: str) -> None:
        """Somebody sets a label."""
        self.labels.append(label)
        self.labelled.append(("labeled", who, label, self._now()))

    def remove_label(self, who: str, label: str) -> None:
        """Somebody takes one away."""
        self.labels.remove(label)
        self.labelled.append(("unlabeled", who, label, self._now()))

    def _now(self) -> str:
        return self.calendar.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def said(self) -> dict[str, Any]:
        """What people see, without the numbers that things have."""
        return {
            "comments": sorted((c.path, c.line, c.user, c.body, c.resolved) for c in self.comments),
            "issue": [(c.user, c.body) for c in self.issue],
            "reviews": sorted({(r.user, r.body, r.state) for r in self.reviews}),
            "checks": [
                (c.name, c.sha, c.status, c.conclusion, c.title, c.summary, c.annotations)
                for c in self.checks
            ],
        }

    def respond(self, asked: Asked) -> Answer:
        """The answer to one request, which has to be right."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(401, {"message": "Bad credentials"})
        if asked.path == "/graphql":
            return self._graphql(asked)
        return described().answered(asked, lambda operation: self._carried_out(asked, operation), 422)

    def _carried_out(self, asked: Asked, operation: Operation) -> Answer:
        names = dict(operation.names)
        assert (names.pop("owner"), names.pop("repo")) == ("octo", "shop")
        assert names.pop("pull_number", "7") == names.pop("issue_number", "7") == "7"
        method = f"_{asked.method.lower()}_{word(operation.template, '/repos/{owner}/{repo}/')}"
        answer = getattr(self, method)(asked, **names)
        assert isinstance(answer, Answer)
        return answer

    def _number(self) -> int:
        self._last += 1
        return self._last

    # What each path does. A made-up thing is GitHub's own example with what the state says laid over it.

    def _get_pulls_pull_number(self, asked: Asked) -> Answer:
        made = example("get /repos/{owner}/{repo}/pulls/{pull_number}")
        made["head"]["sha"] = self.head
        made["base"]["repo"]["html_url"] = "https://github.example/octo/shop"
        made["head"]["repo"]["full_name"] = "octo/shop"
        [label] = made["labels"]
        made["labels"] = [{**label, "name": each} for each in self.labels]
        said = {"number": 7, "state": self.state, "locked": self.locked, "requested_teams": []}
        return Answer(200, {**made, **said})

    def _get_pulls_pull_number_files(self, asked: Asked) -> Answer:
        template = example("get /repos/{owner}/{repo}/pulls/{pull_number}/files")[0]
        files = [
            {**template, "filename": path, "patch": change.diff()} for path, change in self.files.items()
        ]
        return self._listed(asked, files)

    def _get_pulls_pull_number_comments(self, asked: Asked) -> Answer:
        return self._listed(asked, [self._comment(each) for each in self.comments])

    def _post_pulls_pull_number_comments(self, asked: Asked) -> Answer:
        trouble = self._misplaced(asked.body)
        if trouble:
            name = f"pull_request_review_thread.{trouble}"
            errors = [
                {
                    "resource": "PullRequestReviewComment",
                    "code": "custom",
                    "field": name,
                    "message": f"{name} must be part of the diff",
                }
            ]
            return Answer(422, {"message": "Validation Failed", "errors": errors})
        return Answer(201, self._comment(self._add(asked.body, asked.body["commit_id"])))

    def _get_pulls_pull_number_reviews(self, asked: Asked) -> Answer:
        return self._listed(asked, [self._review(each) for each in self.reviews])

    def _post_pulls_pull_number_reviews(self, asked: Asked) -> Answer:
        body = asked.body
        assert body["event"] in ("COMMENT", "REQUEST_CHANGES"), "a bot has nothing to approve"
        if len(body["body"]) > LONGEST:
            return _too_long()
        if body["event"] == "REQUEST_CHANGES" and self.own_pull:
            errors = ["Review Can not request changes on your own pull request"]
            return Answer(422, {"message": "Unprocessable Entity", "errors": errors})
        if self.pending:
            errors = ["User can only have one pending review per pull request"]
            return Answer(422, {"message": "Unprocessable Entity", "errors": errors})
        if any(self._misplaced(each) for each in body.get("comments", [])):
            return Answer(422, {"message": "Unprocessable Entity", "errors": ["Line could not be resolved"]})
        for each in body.get("comments", []):
            self._add(each, body["commit_id"])
        state = {"COMMENT": "COMMENTED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}[body["event"]]
        self.reviews.append(Review(self._number(), self.viewer, body["body"], state, body["commit_id"]))
        return Answer(200, self._review(self.reviews[-1]))

    def _put_pulls_pull_number_reviews_review_id_dismissals(self, asked: Asked, review_id: str) -> Answer:
        review = next(each for each in self.reviews if str(each.id) == review_id)
        assert review.user == self.viewer
        review.state = "DISMISSED"
        return Answer(200, self._review(review))

    def _get_issues_issue_number_events(self, asked: Asked) -> Answer:
        template = example("get /repos/{owner}/{repo}/issues/{issue_number}/events")[0]
        events = [
            {**template, "id": place, "event": event, "actor": {**template["actor"], "login": who},
             "label": {"name": label, "color": "f29513"}, "created_at": when}
            for place, (event, who, label, when) in enumerate(self.labelled, 1)
        ]  # fmt: skip
        return self._listed(asked, events)

    def _get_activity(self, asked: Asked) -> Answer:
        if not self.may_see_pushes:
            return Answer(403, {"message": "Resource not accessible by integration"})
        assert asked.query["ref"] == "refs/heads/new-topic"
        pushes = [
            {"id": place, "node_id": f"PSH_{place}", "before": "0" * 40, "after": after,
             "ref": "refs/heads/new-topic", "timestamp": when, "activity_type": "push", "actor": None}
            for place, (after, when) in enumerate(self.pushes, 1)
        ]  # fmt: skip
        return self._listed(asked, pushes[::-1])

    def _get_issues_issue_number_comments(self, asked: Asked) -> Answer:
        return self._listed(asked, [self._issue_comment(each) for each in self.issue])

    def _post_issues_issue_number_comments(self, asked: Asked) -> Answer:
        if len(asked.body["body"]) > LONGEST:
            return _too_long()
        self.issue.append(Comment(self._number(), self.viewer, asked.body["body"]))
        return Answer(201, self._issue_comment(self.issue[-1]))

    def _patch_issues_comments_comment_id(self, asked: Asked, comment_id: str) -> Answer:
        return self._edited(self.issue, comment_id, asked.body["body"], self._issue_comment)

    def _get_commits_ref_check_runs(self, asked: Asked, ref: str) -> Answer:
        runs = [c for c in self.checks if c.sha == ref and c.name == asked.query["check_name"]]
        part, headers = page(asked, self.server.url, [self._check(each) for each in runs], self.page)
        return Answer(200, {"total_count": len(runs), "check_runs": part}, headers)

    def _get_commits_ref_statuses(self, asked: Asked, ref: str) -> Answer:
        there = [each for each in reversed(self.statuses) if each["sha"] == ref]
        return self._listed(asked, [self._status(each) for each in there])

    def _post_statuses_sha(self, asked: Asked, sha: str) -> Answer:
        if len(asked.body["description"]) > 140:
            return Answer(422, {"message": "Validation Failed", "errors": ["description is too long"]})
        self.statuses.append({**asked.body, "sha": sha})
        return Answer(201, self._status(self.statuses[-1]))

    def _status(self, status: dict[str, Any]) -> dict[str, Any]:
        made = example("post /repos/{owner}/{repo}/statuses/{sha}")
        return {**made, **{key: status[key] for key in ("state", "context", "description")}}

    def _post_check_runs(self, asked: Asked) -> Answer:
        if not self.may_check:
            return Answer(403, {"message": "Resource not accessible by integration"})
        body = asked.body
        run = CheckRun(self._number(), body["name"], body["head_sha"], body["external_id"], body["status"])
        self.checks.append(run)
        self._put_out(run, body)
        return Answer(201, self._check(run))

    def _patch_check_runs_check_run_id(self, asked: Asked, check_run_id: str) -> Answer:
        run = next(each for each in self.checks if str(each.id) == check_run_id)
        self._put_out(run, asked.body)
        return Answer(200, self._check(run))

    def _put_out(self, run: CheckRun, body: dict[str, Any]) -> None:
        run.status = body.get("status", run.status)
        run.conclusion = body.get("conclusion", run.conclusion)
        output = body.get("output", {})
        run.title = output.get("title", run.title)
        run.summary = output.get("summary", run.summary)
        run.annotations += output.get("annotations", [])  # they are added, never replaced

    def _misplaced(self, comment: dict[str, Any]) -> str:
        """The name of what does not stand in the diff."""
        assert comment["side"] == "RIGHT"
        hunks = self.files[comment["path"]].hunks() if comment["path"] in self.files else []
        hunk = next((lines for lines in hunks if comment["line"] in lines), ())
        if not hunk:
            return "line"
        start = comment.get("start_line")
        return "start_line" if start is not None and start not in hunk[: hunk.index(comment["line"])] else ""

    def _add(self, comment: dict[str, Any], commit: str) -> Comment:
        assert len(comment["body"]) <= LONGEST
        made = Comment(
            self._number(),
            self.viewer,
            comment["body"],
            comment["path"],
            comment["line"],
            comment.get("start_line"),
            commit,
        )
        self.comments.append(made)
        return made

    def _find(self, name: str, prefix: str) -> Comment:
        return next(each for each in self.comments if name == f"{prefix}_{each.id}")

    def _edited(self, comments: list[Comment], number: str, body: str, shown: Any) -> Answer:
        if len(body) > LONGEST:
            return _too_long()
        comment = next(each for each in comments if str(each.id) == number)
        assert comment.user == self.viewer, "the comment of somebody else"
        comment.body = body
        return Answer(200, shown(comment))

    def _listed(self, asked: Asked, items: list[Any]) -> Answer:
        part, headers = page(asked, self.server.url, items, self.page)
        return Answer(200, part, headers)

    def _comment(self, comment: Comment) -> dict[str, Any]:
        made = example("get /repos/{owner}/{repo}/pulls/{pull_number}/comments")[0]
        for key in ("in_reply_to_id", "start_line", "original_start_line", "line"):
            made.pop(key, None)
        made |= {
            "id": comment.id,
            "user": _author(made["user"], comment.user),
            "author_association": comment.association,
            "body": comment.body,
            "path": comment.path,
            "commit_id": comment.commit,
        }
        if comment.reply_to is not None:
            made["in_reply_to_id"] = comment.reply_to
        if comment.line is not None:  # GitHub says null, which its description does not know
            made["line"] = comment.line
        return made

    def _issue_comment(self, comment: Comment) -> dict[str, Any]:
        made = example("get /repos/{owner}/{repo}/issues/{issue_number}/comments")[0]
        about = {"user": _author(made["user"], comment.user), "author_association": comment.association}
        return {**made, "id": comment.id, "body": comment.body, **about}

    def _review(self, review: Review) -> dict[str, Any]:
        made = example("get /repos/{owner}/{repo}/pulls/{pull_number}/reviews")[0]
        user = {**made["user"], "login": review.user}
        said = {"body": review.body, "state": review.state, "commit_id": review.commit}
        return {**made, "id": review.id, "user": user, **said}

    def _check(self, run: CheckRun) -> dict[str, Any]:
        made = example("post /repos/{owner}/{repo}/check-runs")
        output = {
            **made["output"],
            "title": run.title,
            "summary": run.summary,
            "annotations_count": len(run.annotations),
        }
        return {
            **made,
            "id": run.id,
            "name": run.name,
            "head_sha": run.sha,
            "external_id": run.external_id,
            "status": run.status,
            "conclusion": run.conclusion,
            "output": output,
            "app": {**made["app"], "slug": "github-actions"},
        }

    def _graphql(self, asked: Asked) -> Answer:
        def threads(info: Any, first: int, after: str | None = None) -> dict[str, Any]:
            heads = [each for each in self.comments if each.reply_to is None]
            start = int(after or 0)
            size = min(first, self.page)
            return {
                "pageInfo": {"hasNextPage": start + size < len(heads), "endCursor": str(start + size)},
                "nodes": [self._thread(each) for each in heads[start : start + size]],
            }

        def pull(info: Any, number: int) -> dict[str, Any] | None:
            return {"reviewThreads": threads} if number == 7 else None

        def repository(info: Any, owner: str, name: str, **_: Any) -> dict[str, Any] | None:
            return {"pullRequest": pull} if (owner, name) == ("octo", "shop") else None

        def turned(resolved: bool) -> Any:
            def turn(info: Any, input: dict[str, Any]) -> dict[str, Any]:
                if not self.may_resolve:
                    raise GraphQLError("Resource not accessible by integration")
                comment = self._find(input["threadId"], "PRRT")
                comment.resolved, comment.resolver = resolved, self.viewer if resolved else ""
                return {"thread": self._thread(comment)}

            return turn

        def edit(info: Any, input: dict[str, Any]) -> dict[str, Any]:
            if not self.may_edit:
                raise GraphQLError("Resource not accessible by integration")
            comment = self._find(input["pullRequestReviewCommentId"], "PRRC")
            assert comment.user == self.viewer, "the comment of somebody else"
            assert len(input["body"]) <= LONGEST
            comment.body = input["body"]
            return {}

        def delete(info: Any, input: dict[str, Any]) -> dict[str, Any]:
            comment = self._find(input["id"], "PRRC")
            assert comment.user == self.viewer, "the comment of somebody else"
            assert not any(each.reply_to == comment.id for each in self.comments), "people have answered"
            self.comments.remove(comment)
            return {}

        root = {
            "viewer": {"login": self.viewer},
            "repository": repository,
            "resolveReviewThread": turned(True),
            "unresolveReviewThread": turned(False),
            "updatePullRequestReviewComment": edit,
            "deletePullRequestReviewComment": delete,
        }
        assert set(asked.body) <= {"query", "variables"}
        result = graphql_sync(schema(), asked.body["query"], root, variable_values=asked.body["variables"])
        made = result.formatted
        for error in made.get("errors", []):
            error["type"] = "FORBIDDEN"
            assert error["message"] == "Resource not accessible by integration", error
        return Answer(200, made)

    def _thread(self, comment: Comment) -> dict[str, Any]:
        return {
            "id": f"PRRT_{comment.id}",
            "isResolved": comment.resolved,
            # GraphQL calls a bot by its name alone.
            "resolvedBy": {"login": comment.resolver.removesuffix("[bot]")} if comment.resolver else None,
            "viewerCanResolve": not comment.resolved,
            "viewerCanUnresolve": comment.resolved,
            "comments": lambda info, first: {
                "totalCount": 1 + sum(each.reply_to == comment.id for each in self.comments),
                "nodes": [{"id": f"PRRC_{comment.id}", "fullDatabaseId": comment.id}],
            },
        }


def example(name: str) -> Any:
    return copy.deepcopy(described().document["x-examples"][name])


def _author(user: dict[str, Any], login: str) -> dict[str, Any]:
    return {**user, "login": login, "type": "Bot" if login.endswith("[bot]") else "User"}


def _too_long() -> Answer:
    return Answer(
        422,
        {
            "message": "Validation Failed",
            "errors": [{"message": f"body is too long (maximum is {LONGEST} characters)"}],
        },
    )
