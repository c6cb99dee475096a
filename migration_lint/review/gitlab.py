"""Reviews on GitLab: docs.gitlab.com/api/discussions, notes and merge_requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from migration_lint.report.hunks import Line, shown_lines
from migration_lint.review.answers import items, number, text, within
from migration_lint.review.findings import Given
from migration_lint.review.host import State, Summary, Tally, unknown_user
from migration_lint.review.marker import marked, marker_of
from migration_lint.review.plan import Remark, Step, Thread
from migration_lint.review.target import Target
from migration_lint.review.transport import Json, Refused, Transport


class _File(NamedTuple):
    old_path: str
    lines: Mapping[int, Line]


class GitLab:
    """One merge request. Never merges, approves, or touches what another user wrote."""

    longest = 1_000_000
    suggestion = "suggestion:-{above}+0"

    def __init__(self, target: Target, transport: Transport) -> None:
        self._target = target
        self._transport = transport
        self._request = f"/projects/{target.repository}/merge_requests/{target.number}"
        self._files: dict[str, _File] = {}
        self._commits: dict[str, Json] = {}

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """What every request says of itself."""
        return {"Accept": "application/json", "PRIVATE-TOKEN": token}

    def read(self) -> State:
        """See Host."""
        stopped = self.stopped()
        if stopped:
            return State(stopped)
        self._files = {
            text(file, "new_path"): _File(text(file, "old_path"), shown_lines(text(file, "diff")))
            for file in self._transport.pages(f"{self._request}/diffs")
            if within(file, "deleted_file") is not True
        }
        user = text(self._transport.get("/user"), "id")
        if not user:
            raise unknown_user(self._target.api)
        threads: list[Thread] = []
        summaries: list[Summary] = []
        for discussion in self._transport.pages(f"{self._request}/discussions"):
            note = next(items(discussion, "notes"), None)
            marker = marker_of(text(note, "body"))
            if marker is None or marker.name != self._target.name or text(note, "author", "id") != user:
                continue
            if marker.key == "summary":
                summaries.append(Summary(text(note, "id"), marker))
            else:
                threads.append(
                    Thread(
                        text(note, "id"),
                        text(discussion, "id"),
                        marker,
                        text(note, "body"),
                        text(note, "position", "new_path"),
                        number(note, "position", "new_line"),
                        within(note, "resolved") is True,
                    )
                )
        shown = {path: file.lines for path, file in self._files.items()}
        return State("", shown, tuple(threads), tuple(summaries))

    def stopped(self) -> str:
        """See Host."""
        request = self._transport.get(self._request)
        if text(request, "state") != "opened":
            return "the merge request is closed"
        if text(request, "sha") != self._target.commit:
            return f"the merge request's head is not {self._target.commit[:12]} any more"
        self._commits = {
            name: text(request, "diff_refs", name) for name in ("base_sha", "start_sha", "head_sha")
        }
        if self._commits["head_sha"] != self._target.commit:
            return "GitLab has not made the diff of the merge request's head yet"
        return ""

    def write_summary(self, comment: str | None, body: str) -> None:
        """See Host."""
        if comment is None:
            self._transport.write("POST", f"{self._request}/notes", {"body": body})
        else:
            self._transport.write("PUT", f"{self._request}/notes/{comment}", {"body": body})

    def say(self, remarks: Sequence[Remark], given: Given, tally: Tally) -> None:
        """See Host."""
        for remark in remarks:
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
            body = marked(self._target.name, remark.key, remark.kin, remark.text)
            try:
                self._transport.write(
                    "POST", f"{self._request}/discussions", {"body": body, "position": position}
                )
            except Refused as refusal:
                if refusal.status not in (400, 422):
                    raise
                tally.note(f"GitLab takes no comment on {remark.path}:{remark.line}: {refusal.message}")
            else:
                tally.posted += 1

    def carry_out(self, step: Step, tally: Tally) -> None:
        """See Host."""
        path = f"{self._request}/discussions/{step.thread.thread}"
        if step.kind == "edit":
            self._transport.write("PUT", f"{path}/notes/{step.thread.comment}", {"body": step.body})
            return
        try:
            self._transport.write("PUT", path, {"resolved": step.kind == "resolve"})
        except Refused:
            tally.note("the token may not resolve threads: their notes say what is fixed")

    def conclude(self, given: Given, summary: str, tally: Tally) -> None:
        """See Host: there is nothing besides."""
