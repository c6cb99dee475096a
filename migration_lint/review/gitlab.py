"""Reviews on GitLab: docs.gitlab.com/api/discussions, draft_notes, notes, members and merge_requests.

New notes are written as drafts and then published together: one notification, and no limit on how many notes
a minute may have. Threads are changed by GraphQL, several in one request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from migration_lint.named_tuple import NamedTuple
from migration_lint.report.hunks import Line, shown_lines
from migration_lint.review.answers import (
    blob_link,
    flag,
    items,
    left_out,
    maybe_flag,
    maybe_number,
    maybe_text,
    moment,
    number,
    text,
    within,
)
from migration_lint.review.findings import Given
from migration_lint.review.host import Conclusion, RequestState, Summary, Tally, unknown_user
from migration_lint.review.marker import CommentMarker, marked, marker_of
from migration_lint.review.mutations import Part, Words, change, count, parts
from migration_lint.review.owners import Recorded
from migration_lint.review.plan import Remark, Resolver, Thread, ThreadStep
from migration_lint.review.status import stands, status_of
from migration_lint.review.target import ReviewTarget
from migration_lint.review.transport import Json, Refused, Transport

STEPS = 10  # changes of threads in one request: GitLab bounds how complex one may be
DEVELOPER = 30  # the access level from which on one may push


_WORDS = Words(
    {
        "edit": "updateNote(input: {id: $node%d, body: $body%d}) { errors }",
        "resolve": "discussionToggleResolve(input: {id: $thread%d, resolve: true}) { errors }",
        "unresolve": "discussionToggleResolve(input: {id: $thread%d, resolve: false}) { errors }",
        "delete": "destroyNote(input: {id: $node%d}) { errors }",
    },
    {"node": "NoteID!", "thread": "DiscussionID!", "body": "String!"},
    "gid://gitlab/Discussion/{}",
)


class _File(NamedTuple):
    old_path: str
    lines: Mapping[int, Line]


class GitLab:
    """One merge request. Never merges, approves, or touches what another user wrote."""

    longest = 1_000_000
    suggestion = "suggestion:-{above}+0"

    def __init__(self, target: ReviewTarget, transport: Transport, status: bool) -> None:
        self._target = target
        self._transport = transport
        self._status = status
        self._project = f"/projects/{target.repository}"
        self._request = f"{self._project}/merge_requests/{target.number}"
        self._files: dict[str, _File] = {}
        self._commits: dict[str, Json] = {}
        self.locked = False
        self._user = ""
        self._page = ""
        self._told: Json = None  # of the merge request
        self._members: dict[str, bool] = {}  # user → whether they may push

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """What every request says of itself."""
        return {"Accept": "application/json", "PRIVATE-TOKEN": token}

    def read(self) -> RequestState:
        """See Host."""
        stopped = self.stopped()
        if stopped:
            return RequestState(stopped)
        self._files = {
            text(file, "new_path"): _File(text(file, "old_path"), shown_lines(text(file, "diff")))
            for file in self._transport.pages(f"{self._request}/diffs")
            if not flag(file, "deleted_file")
        }
        user = self._transport.get("/user")
        self._user = "" if left_out(user, "id") else text(user, "id")
        if not self._user:
            raise unknown_user(self._target.api)
        threads: list[Thread] = []
        summaries: list[Summary] = []
        for discussion in self._transport.pages(f"{self._request}/discussions"):
            notes = [note for note in items(discussion, "notes") if not flag(note, "system")]
            marker = self._ours(notes[0]) if notes else None
            if marker is None:
                continue
            own = text(notes[0], "author", "id") == self._user
            if marker.about.key == "summary":
                summaries.append(Summary(text(notes[0], "id"), marker, own))
            else:
                threads.append(self._thread(discussion, notes, marker, own))
        shown = {path: file.lines for path, file in self._files.items()}
        return RequestState("", shown, tuple(threads), tuple(summaries), self._link)

    def stopped(self) -> str:
        """See Host."""
        self._told = request = self._transport.get(self._request)
        self.locked = maybe_flag(request, "discussion_locked")
        if text(request, "state") != "opened":
            return "the merge request is closed"
        if text(request, "sha") != self._target.commit:
            return f"the merge request's head is not {self._target.commit[:12]} any more"
        self._page = text(request, "web_url").partition("/-/")[0]
        self._commits = {
            name: maybe_text(request, "diff_refs", name) for name in ("base_sha", "start_sha", "head_sha")
        }
        if self._commits["head_sha"] != self._target.commit:
            return "GitLab has not made the diff of the merge request's head yet"
        return ""

    def recorded(self, labels: bool) -> Recorded:
        """See Host. GitLab keeps approvals over pushes where nobody told it otherwise: each has its time."""
        versions = self._transport.pages(f"{self._request}/versions")
        newest = max(versions, key=lambda each: number(each, "id"), default=None)
        if newest is None or text(newest, "head_commit_sha") != self._target.commit:
            return Recorded(unknown="no approval counts: GitLab does not say yet when the head was pushed")
        pushed = moment(newest, "created_at")
        told = self._transport.get(f"{self._request}/approvals")
        approved = (
            text(each, "user", "username").lower()
            for each in items(told, "approved_by")
            if moment(each, "approved_at") > pushed
        )
        return Recorded(frozenset(approved), self._labelled(pushed) if labels else frozenset())

    def _labelled(self, pushed: datetime) -> frozenset[tuple[str, str]]:
        there = {text(label).lower() for label in items(self._told, "labels")}
        last: dict[str, tuple[int, str, str, datetime]] = {}
        for event in self._transport.pages(f"{self._request}/resource_label_events"):
            name = maybe_text(event, "label", "name").lower()  # "": there is no such label any more
            who = maybe_text(event, "user", "username").lower()
            said = number(event, "id"), text(event, "action"), who, moment(event, "created_at")
            last[name] = max(said, last.get(name, said))
        return frozenset(
            (name, who)
            for name, (_, action, who, at) in last.items()
            if name in there and action == "add" and at > pushed
        )

    def write_summary(self, comment: str | None, body: str) -> None:
        """See Host."""
        if comment is None:
            self._transport.write("POST", f"{self._request}/notes", {"body": body})
        else:
            self._transport.write("PUT", f"{self._request}/notes/{comment}", {"body": body})

    def say(self, remarks: Sequence[Remark], given: Given, tally: Tally) -> None:
        """See Host. What a run that was cut off has left in drafts is used, or taken away."""
        wanted = {marked(remark.about, remark.text): remark for remark in remarks}
        drafts: list[str] = []
        foreign = False
        for draft in self._transport.pages(f"{self._request}/draft_notes"):
            body, name = text(draft, "note"), text(draft, "id")
            marker = marker_of(body)
            if marker is None or marker.about.name != self._target.scope:
                foreign = True  # a person's, or another review's: it is not ours to publish
            elif body in wanted and _is_at(draft, wanted[body]):
                drafts.append(name)
                del wanted[body]
                tally.posted += 1
            else:
                self._transport.write("DELETE", f"{self._request}/draft_notes/{name}", None)
        for body, remark in wanted.items():
            try:
                made = self._transport.write(
                    "POST",
                    f"{self._request}/draft_notes",
                    {"note": body, "position": self._position(remark)},
                )
            except Refused as refusal:
                if refusal.status not in (400, 422):
                    raise
                tally.lacks(remark, "GitLab", refusal.message, "run it again: the diff may have changed")
            else:
                drafts.append("{draft_note_id}" if self._transport.dry else text(made, "id"))
                tally.posted += 1
        if drafts and not foreign:
            self._transport.write("POST", f"{self._request}/draft_notes/bulk_publish", None)
            return
        for name in drafts:
            self._transport.write("PUT", f"{self._request}/draft_notes/{name}/publish", None)

    def carry_out(self, steps: Sequence[ThreadStep], tally: Tally) -> None:
        """See Host. What GraphQL refuses is asked for by REST too, which has other words for what may be."""
        for start in range(0, len(steps), STEPS):
            batch = steps[start : start + STEPS]
            try:
                refused = set(change(self._transport, self._target.graphql, _WORDS, batch))
            except Refused:
                refused = {f"{part}{place}" for place, step in enumerate(batch) for part in parts(step)}
            for place, step in enumerate(batch):
                lacking = [part for part in parts(step) if f"{part}{place}" in refused]
                count(step, {part for part in lacking if not self._carried_out(step, part, tally)}, tally)

    def _carried_out(self, step: ThreadStep, part: Part, tally: Tally) -> bool:
        """One part of one step, whether the token may."""
        thread = f"{self._request}/discussions/{step.thread.thread}"
        note = f"{thread}/notes/{step.thread.comment}"
        if part == "delete":
            self._transport.write("DELETE", note, None)
        elif part == "edit":
            self._transport.write("PUT", note, {"body": step.body})
        else:
            return self._turned(thread, part == "resolve", tally)
        return True

    def conclude(self, conclusion: Conclusion, tally: Tally) -> None:
        """See Host: the status."""
        if not self._status:
            return
        status = status_of(conclusion.given, self._target)
        state = "failed" if status.state == "failure" else "success"
        there = self._transport.pages(
            f"{self._project}/repository/commits/{self._target.commit}/statuses", name=status.context
        )
        # What it calls the state in a list is `status`; in a request it is `state`.
        if stands(status, there, "name", "status", state):
            return
        body: dict[str, Json] = {"state": state, "name": status.context, "description": status.description}
        try:
            self._transport.write("POST", f"{self._project}/statuses/{self._target.commit}", body)
        except Refused as refusal:
            # It has taken the description by then, and finds the state to be what it was.
            if refusal.status != 400 or "transition" not in refusal.message.lower():
                raise
            return
        tally.status = status.state

    def _turned(self, thread: str, resolved: bool, tally: Tally) -> bool:
        try:
            self._transport.write("PUT", thread, {"resolved": resolved})
        except Refused as refusal:
            if refusal.status not in (401, 403, 404):
                raise
            tally.note("the token may not resolve threads (GitLab lets Developers and the author do it)")
            return False
        return True

    def _ours(self, note: Json) -> CommentMarker | None:
        marker = marker_of(text(note, "body"))
        if marker is None or marker.about.name != self._target.scope:
            return None
        author = text(note, "author", "id")
        return marker if author == self._user or self._may_push(author) else None

    def _thread(self, discussion: Json, notes: Sequence[Json], marker: CommentMarker, own: bool) -> Thread:
        first = notes[0]
        # GitLab moves a note along with its line; one whose line is gone stays with the commit that had it.
        position = within(first, "position")  # what was said on a line always has one
        stands = text(position, "head_sha") == self._commits["head_sha"]
        return Thread(
            text(first, "id"),
            text(discussion, "id"),
            marker,
            text(first, "body"),
            text(position, "new_path"),
            maybe_number(position, "new_line") if stands else None,
            not left_out(first, "resolved") and flag(first, "resolved"),
            own=own,
            answered=len(notes) > 1,
            resolver=self._resolver(
                "" if left_out(first, "resolved_by") else text(first, "resolved_by", "id")
            ),
            node=f"gid://gitlab/Note/{text(first, 'id')}",
        )

    def _resolver(self, user: str) -> Resolver:
        return "" if not user else "self" if user == self._user else "other"

    def _may_push(self, user: str) -> bool:
        """Whether a note's author is no stranger: anybody can copy a marker."""
        if user not in self._members:
            try:
                member = self._transport.get(f"{self._project}/members/all/{quote(user, safe='')}")
                self._members[user] = number(member, "access_level") >= DEVELOPER
            except Refused as refusal:
                if refusal.status not in (403, 404):
                    raise
                self._members[user] = False
        return self._members[user]

    def _position(self, remark: Remark) -> dict[str, Json]:
        file = self._files[remark.path]
        position: dict[str, Json] = {
            **self._commits,
            "position_type": "text",
            "old_path": file.old_path,
            "new_path": remark.path,
            "new_line": remark.line,
        }
        old = file.lines[remark.line].old
        if old is not None:  # a line that has not changed is named by both of its numbers
            position["old_line"] = old
        return position

    def _link(self, path: str, line: int) -> str:
        return blob_link(f"{self._page}/-/blob/{self._target.commit}", path, line)


def _is_at(draft: Json, remark: Remark) -> bool:
    at = maybe_text(draft, "position", "new_path"), maybe_number(within(draft, "position"), "new_line")
    return at == (remark.path, remark.line)
