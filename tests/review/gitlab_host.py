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

from .described import Described, Operation, word
from .diffs import Change
from .server import Answer, Asked, Server, page

HERE = Path(__file__).parent
TOKEN = "glpat-0123456789"
HEAD = "2" * 40
COMMITS = {"base_sha": "a" * 40, "start_sha": "b" * 40, "head_sha": HEAD}
LONGEST = 1_000_000
PROJECT = "shop%2Fback%20end"
REQUEST = f"/projects/{PROJECT}/merge_requests/7"

#: A line that GitLab may take for a command to it, of the one that wrote it: /merge, /approve.
QUICK_ACTION = re.compile(r"^/\w", re.MULTILINE)


@cache
def described() -> Described:
    return Described(yaml.safe_load((HERE / "gitlab.yaml").read_text(encoding="utf-8")))


@dataclass
class Note:
    id: int
    author: int
    body: str
    position: dict[str, Any] | None = None
    resolved: bool = False


class GitLabHost:
    """One merge request, number 7 of the project `shop/back end`."""

    def __init__(self, files: dict[str, Change]) -> None:
        self.files = files
        self.head = HEAD
        self.state = "opened"
        self.viewer = 41
        self.notes: list[Note] = []  # each begins a discussion of its own
        self.may_resolve = True
        self.page = 100
        self.server = Server(self.respond)
        self.environ = {
            "CI_API_V4_URL": self.server.url,
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": "shop/back end",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD,
            "GITLAB_TOKEN": TOKEN,
        }

    def said(self) -> dict[str, Any]:
        """What people see, without the numbers that things have."""
        lines = [(n.position["new_path"], n.position["new_line"], n.author, n.body, n.resolved)
                 for n in self.notes if n.position]  # fmt: skip
        return {
            "lines": sorted(lines),
            "notes": [(n.author, n.body) for n in self.notes if not n.position],
        }

    def respond(self, asked: Asked) -> Answer:
        """The answer to one request, which has to be right."""
        if asked.headers.get("private-token") != TOKEN:
            return Answer(401, {"message": "401 Unauthorized"})
        return described().answered(asked, lambda operation: self._carried_out(asked, operation), 400)

    def _carried_out(self, asked: Asked, operation: Operation) -> Answer:
        names = dict(operation.names)
        assert names.pop("id", PROJECT) == PROJECT
        assert names.pop("iid", "7") == "7"
        if asked.body and "body" in asked.body:
            assert not QUICK_ACTION.search(asked.body["body"])
            if len(asked.body["body"]) > LONGEST:
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
        return Answer(200, {"id": 1, "iid": 7, "state": self.state, "sha": self.head, "diff_refs": refs})

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
        return self._listed(asked, [_discussion(note) for note in self.notes])

    def _post_discussions(self, asked: Asked) -> Answer:
        position = asked.body["position"]
        assert position["position_type"] == "text"
        assert {key: position[key] for key in COMMITS} == COMMITS
        change = self.files[position["new_path"]]
        line = position["new_line"]
        right = any(line in hunk for hunk in change.hunks())
        if not right or position.get("old_line") != change.unchanged().get(line):
            return _refused({"line_code": ["can't be blank", "must be a valid line code"]})
        return Answer(201, _discussion(self._add(asked.body["body"], position)))

    def _put_discussions_discussion_id(self, asked: Asked, discussion_id: str) -> Answer:
        if not self.may_resolve:
            return Answer(403, {"message": "403 Forbidden"})
        note = self._note(discussion_id.removeprefix("d"))
        note.resolved = asked.body["resolved"]
        return Answer(200, _discussion(note))

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
        self.notes.append(Note(100 + len(self.notes), self.viewer, body, position))
        return self.notes[-1]

    def _note(self, number: str) -> Note:
        return next(each for each in self.notes if str(each.id) == number)

    def _listed(self, asked: Asked, items: list[Any]) -> Answer:
        part, headers = page(asked, self.server.url, items, self.page)
        return Answer(200, part, headers)


def _refused(errors: dict[str, list[str]]) -> Answer:
    return Answer(400, {"message": f"400 Bad request - Note {errors}"})


def _user(number: int) -> dict[str, Any]:
    return {"id": number, "username": f"user{number}", "name": "A user"}


def _discussion(note: Note) -> dict[str, Any]:
    return {"id": f"d{note.id}", "individual_note": note.position is None, "notes": [_shown(note)]}


def _shown(note: Note) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": note.id,
        "type": "DiffNote" if note.position else None,
        "body": note.body,
        "author": _user(note.author),
        "system": False,
        "resolvable": note.position is not None,
    }
    return made | ({"resolved": note.resolved, "position": note.position} if note.position else {})
