"""GitLab on this machine: its merge request has state, and every request and answer is held against what
GitLab documents. Where a note may stand, and how it is refused elsewhere, is as GitLab does it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from .calendar import Calendar
from .described import Described, Operation, word
from .diffs import Change, moved
from .samples import HEAD
from .server import Answer, Asked, Server, page

HERE = Path(__file__).parent
TOKEN = "glpat-0123456789"
COMMITS = {"base_sha": "a" * 40, "start_sha": "b" * 40, "head_sha": HEAD}
LONGEST = 1_000_000
PROJECT = "shop%2Fback%20end"
REQUEST = f"/projects/{PROJECT}/merge_requests/7"

FORBIDDEN = (
    "The resource that you are attempting to access does not exist or you don't have permission to perform "
    "this action"
)

#: A line that GitLab may take for a command to it, of the one that wrote it: /merge, /approve.
QUICK_ACTION = re.compile(r"^/\w", re.MULTILINE)


@cache
def described() -> Described:
    return Described(yaml.safe_load((HERE / "gitlab.yaml").read_text(encoding="utf-8")))


@cache
def schema() -> GraphQLSchema:
    return build_schema((HERE / "gitlab.graphql").read_text(encoding="utf-8"))


@dataclass
class Note:
    id: int
    author: int
    body: str
    position: dict[str, Any] | None = None
    resolved: bool = False
    reply_to: int | None = None
    resolver: int | None = None


class GitLabHost:
    """One merge request, number 7 of the project `shop/back end`."""

    def __init__(self, files: dict[str, Change]) -> None:
        self.files = files
        self.head = HEAD
        self.state = "opened"
        self.viewer = 41
        self.notes: list[Note] = []
        self.drafts: list[Note] = []
        self.developers: set[int] = set()
        self.statuses: list[dict[str, Any]] = []
        self.calendar = Calendar()
        self.labels: list[str] = []
        self.labelled: list[tuple[str, int, str, str]] = []  # action, who, label, when
        self.versions: list[tuple[str, str]] = [(HEAD, self._now())]
        self.approvals: dict[int, str] = {}  # they stay over pushes
        self.published = 0  # how often: each is one notification
        self.locked = False
        self.may_resolve = True
        self.knows_graphql = True
        self.page = 100
        self._last = 100
        self.server = Server(self.respond)
        self.environ = {
            "CI_API_V4_URL": self.server.url,
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": "shop/back end",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD,
            "GITLAB_TOKEN": TOKEN,
        }

    def push(self, files: dict[str, Change], head: str) -> None:
        """Another head, however it came about. Notes follow their lines as far as these stay."""
        for each in self.notes:
            if not each.position or each.position["head_sha"] != self.head:
                continue
            path, line = each.position["new_path"], each.position["new_line"]
            before, after = self.files.get(path), files.get(path)
            if before is None or after is None:
                continue
            now = moved(before.after, after.after, line)
            if now is not None and any(now in hunk for hunk in after.hunks()):
                each.position = {**each.position, "head_sha": head, "new_line": now}
        self.files, self.head = files, head
        self.environ["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"] = head
        self.versions.append((head, self._now()))

    def approve(self, who: str) -> None:
        """Somebody approves what is the head."""
        self.approvals[_id(who)] = self._now()

    def withdraw(self, who: str) -> None:
        """Somebody revokes their approval."""
        del self.approvals[_id(who)]

    def set_label(self, who: str, label: str) -> None:
        """Somebody sets a label."""
        self.labels.append(label)
        self.labelled.append(("add", _id(who), label, self._now()))

    def remove_label(self, who: str, label: str) -> None:
        """Somebody takes one away."""
        self.labels.remove(label)
        self.labelled.append(("remove", _id(who), label, self._now()))

    def _now(self) -> str:
        return self.calendar.now().strftime("%Y-%m-%dT%H:%M:%S.123Z")

    def said(self) -> dict[str, Any]:
        """What people see, without the numbers that things have."""
        lines = [(n.position["new_path"], n.position["new_line"], n.author, n.body, n.resolved)
                 for n in self.notes if n.position and n.reply_to is None]  # fmt: skip
        return {
            "lines": sorted(lines),
            "drafts": [(n.author, n.body) for n in self.drafts],
            "notes": [(n.author, n.body) for n in self.notes if not n.position],
        }

    def respond(self, asked: Asked) -> Answer:
        """The answer to one request, which has to be right."""
        if asked.headers.get("private-token") != TOKEN:
            return Answer(401, {"message": "401 Unauthorized"})
        if asked.path == "/graphql":
            return self._graphql(asked) if self.knows_graphql else Answer(404, {"message": "404 Not Found"})
        return described().answered(asked, lambda operation: self._carried_out(asked, operation), 400)

    def _carried_out(self, asked: Asked, operation: Operation) -> Answer:
        names = dict(operation.names)
        assert names.pop("id", PROJECT) == PROJECT
        assert names.pop("iid", "7") == "7"
        for key in {"body", "note"} & set(asked.body or ()):
            assert not QUICK_ACTION.search(asked.body[key])
            if len(asked.body[key]) > LONGEST:
                return _refused({"note": [f"is too long (maximum is {LONGEST} characters)"]})
        template = operation.template.removeprefix("/projects/{id}/merge_requests/{iid}")
        method = f"_{asked.method.lower()}_{word(template, '') or 'request'}"
        answer = getattr(self, method)(asked, **names)
        assert isinstance(answer, Answer)
        return answer

    def _get_user(self, asked: Asked) -> Answer:
        return Answer(200, _user(self.viewer))

    def _get_request(self, asked: Asked) -> Answer:
        refs = {**COMMITS, "head_sha": self.head}
        return Answer(
            200,
            {
                "id": 1,
                "iid": 7,
                "state": self.state,
                "labels": self.labels,
                "discussion_locked": self.locked or None,
                "sha": self.head,
                "web_url": "https://gitlab.example/shop/back-end/-/merge_requests/7",
                "diff_refs": refs,
            },
        )

    def _get_approvals(self, asked: Asked) -> Answer:
        approved = [{"user": _user(who), "approved_at": when} for who, when in self.approvals.items()]
        return Answer(200, {"iid": 7, "approved_by": approved})

    def _get_versions(self, asked: Asked) -> Answer:
        made = [
            {"id": place, "head_commit_sha": head, "base_commit_sha": "a" * 40,
             "start_commit_sha": "b" * 40, "created_at": when}
            for place, (head, when) in enumerate(self.versions, 1)
        ]  # fmt: skip
        return self._listed(asked, made[::-1])

    def _get_resource_label_events(self, asked: Asked) -> Answer:
        made = [
            {"id": place, "user": _user(who), "created_at": when, "action": action,
             "label": {"id": 1, "name": label}}
            for place, (action, who, label, when) in enumerate(self.labelled, 1)
        ]  # fmt: skip
        return self._listed(asked, made)

    def _get_diffs(self, asked: Asked) -> Answer:
        files = [
            {
                "old_path": path,
                "new_path": path,
                "diff": change.diff() + "\n",
                "new_file": not change.before,
                "renamed_file": False,
                "deleted_file": not change.after,
            }
            for path, change in self.files.items()
        ]
        return self._listed(asked, files)

    def _get_discussions(self, asked: Asked) -> Answer:
        heads = [note for note in self.notes if note.reply_to is None]
        return self._listed(asked, [self._discussion(note) for note in heads])

    def _get_projects_id_members_all_user_id(self, asked: Asked, user_id: str) -> Answer:
        if int(user_id) not in self.developers:
            return Answer(404, {"message": "404 Not found"})
        return Answer(200, {**_user(int(user_id)), "access_level": 30})

    def _get_projects_id_repository_commits_sha_statuses(self, asked: Asked, sha: str) -> Answer:
        there = [each for each in self.statuses if each["sha"] == sha and each["name"] == asked.query["name"]]
        return self._listed(asked, there)

    def _post_projects_id_statuses_sha(self, asked: Asked, sha: str) -> Answer:
        made = {**asked.body, "sha": sha, "status": asked.body["state"], "id": 1}
        del made["state"]
        old = [each for each in self.statuses if (each["sha"], each["name"]) == (sha, made["name"])]
        if old and old[0]["status"] == made["status"]:
            old[0].update(made)
            event = {"failed": "drop", "success": "success"}[made["status"]]
            return Answer(400, {"message": f"Cannot transition status via :{event} from :{made['status']}"})
        self.statuses = [each for each in self.statuses if each not in old] + [made]
        return Answer(201, made)

    def _get_draft_notes(self, asked: Asked) -> Answer:
        return self._listed(asked, [_drafted(note) for note in self.drafts])

    def _post_draft_notes(self, asked: Asked) -> Answer:
        position = asked.body["position"]
        assert position["position_type"] == "text"
        assert {key: position[key] for key in COMMITS} == {**COMMITS, "head_sha": self.head}
        change = self.files.get(position["new_path"])
        line = position["new_line"]
        right = change is not None and any(line in hunk for hunk in change.hunks())
        if change is None or not right or position.get("old_line") != change.unchanged().get(line):
            return _refused({"line_code": ["can't be blank", "must be a valid line code"]})
        self.drafts.append(Note(self._number(), self.viewer, asked.body["note"], position))
        return Answer(201, _drafted(self.drafts[-1]))

    def _delete_draft_notes_draft_note_id(self, asked: Asked, draft_note_id: str) -> Answer:
        self.drafts = [each for each in self.drafts if str(each.id) != draft_note_id]
        return Answer(204)

    def _post_draft_notes_bulk_publish(self, asked: Asked) -> Answer:
        self._publish(list(self.drafts))
        return Answer(204)

    def _put_draft_notes_draft_note_id_publish(self, asked: Asked, draft_note_id: str) -> Answer:
        self._publish([each for each in self.drafts if str(each.id) == draft_note_id])
        return Answer(204)

    def _publish(self, drafts: list[Note]) -> None:
        for each in drafts:
            self.drafts.remove(each)
            self.notes.append(Note(self._number(), each.author, each.body, each.position))
        self.published += bool(drafts)

    def _delete_discussions_discussion_id_notes_note_id(
        self, asked: Asked, discussion_id: str, note_id: str
    ) -> Answer:
        note = self._note(note_id)
        assert discussion_id == f"d{note_id}"
        assert note.author == self.viewer, "the note of somebody else"
        assert not any(each.reply_to == note.id for each in self.notes), "people have answered"
        self.notes.remove(note)
        return Answer(204)

    def _put_discussions_discussion_id(self, asked: Asked, discussion_id: str) -> Answer:
        if not self.may_resolve:
            return Answer(403, {"message": "403 Forbidden"})
        note = self._note(discussion_id.removeprefix("d"))
        self._turn(note, asked.body["resolved"])
        return Answer(200, self._discussion(note))

    def _turn(self, note: Note, resolved: bool) -> None:
        note.resolved, note.resolver = resolved, self.viewer if resolved else None

    def _graphql(self, asked: Asked) -> Answer:
        def found(gid: str, kind: str) -> Note:
            prefix = f"gid://gitlab/{kind}/"
            assert gid.startswith(prefix)
            return self._note(gid.removeprefix(prefix).removeprefix("d"))

        def own(gid: str) -> Note:
            note = found(gid, "Note")
            assert note.author == self.viewer, "the note of somebody else"
            return note

        def update(info: Any, input: dict[str, Any]) -> dict[str, Any]:
            assert not QUICK_ACTION.search(input["body"])
            if len(input["body"]) > LONGEST:
                return {"errors": [f"Note is too long (maximum is {LONGEST} characters)"]}
            own(input["id"]).body = input["body"]
            return {"errors": []}

        def destroy(info: Any, input: dict[str, Any]) -> dict[str, Any]:
            note = own(input["id"])
            assert not any(each.reply_to == note.id for each in self.notes), "people have answered"
            self.notes.remove(note)
            return {"errors": []}

        def toggle(info: Any, input: dict[str, Any]) -> dict[str, Any]:
            if not self.may_resolve:
                raise GraphQLError(FORBIDDEN)
            self._turn(found(input["id"], "Discussion"), input["resolve"])
            return {"errors": []}

        assert set(asked.body) <= {"query", "variables"}
        assert asked.body["query"].count("input:") <= 20, "GitLab bounds the complexity of a request"
        root = {"updateNote": update, "destroyNote": destroy, "discussionToggleResolve": toggle}
        result = graphql_sync(schema(), asked.body["query"], root, variable_values=asked.body["variables"])
        made = result.formatted
        for error in made.get("errors", []):
            assert error["message"] == FORBIDDEN, error
        return Answer(200, made)

    def _put_discussions_discussion_id_notes_note_id(
        self, asked: Asked, discussion_id: str, note_id: str
    ) -> Answer:
        assert discussion_id == f"d{note_id}"
        return self._put_notes_note_id(asked, note_id)

    def _post_notes(self, asked: Asked) -> Answer:
        return Answer(201, _shown(self._add(asked.body["body"], None)))

    def _put_notes_note_id(self, asked: Asked, note_id: str) -> Answer:
        note = self._note(note_id)
        assert note.author == self.viewer, "the note of somebody else"
        note.body = asked.body["body"]
        return Answer(200, _shown(note))

    def _add(self, body: str, position: dict[str, Any] | None) -> Note:
        self.notes.append(Note(self._number(), self.viewer, body, position))
        return self.notes[-1]

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _discussion(self, note: Note) -> dict[str, Any]:
        replies = [each for each in self.notes if each.reply_to == note.id]
        whole = [_shown(note), *(_shown(each) for each in replies)]
        return {"id": f"d{note.id}", "individual_note": note.position is None, "notes": whole}

    def _note(self, number: str) -> Note:
        return next(each for each in self.notes if str(each.id) == number)

    def _listed(self, asked: Asked, items: list[Any]) -> Answer:
        part, headers = page(asked, self.server.url, items, self.page)
        return Answer(200, part, headers)


def _refused(errors: dict[str, list[str]]) -> Answer:
    return Answer(400, {"message": f"400 Bad request - Note {errors}"})


def _id(username: str) -> int:
    return int(username.removeprefix("user"))


def _user(number: int) -> dict[str, Any]:
    return {"id": number, "username": f"user{number}", "name": "A user"}


def _drafted(note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "author_id": note.author,
        "merge_request_id": 1,
        "resolve_discussion": False,
        "discussion_id": None,
        "note": note.body,
        "position": note.position,
    }


def _shown(note: Note) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": note.id,
        "type": "DiffNote" if note.position else None,
        "body": note.body,
        "author": _user(note.author),
        "system": False,
        "resolvable": note.position is not None,
    }
    if not note.position:
        return made
    resolver = None if note.resolver is None else _user(note.resolver)
    return made | {"resolved": note.resolved, "resolved_by": resolver, "position": note.position}
