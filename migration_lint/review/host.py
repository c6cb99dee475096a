"""What a code host has to be able to do, and what it tells of a request for review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from migration_lint.errors import CannotJudge, Problem
from migration_lint.report.hunks import Line
from migration_lint.review.findings import Given
from migration_lint.review.marker import Marker
from migration_lint.review.plan import Remark, Step, Thread


class Summary(NamedTuple):
    """A summary of ours that stands there."""

    comment: str
    marker: Marker


class State(NamedTuple):
    """A request for review as it stands. Threads and summaries are ours alone: written by this user."""

    stopped: str  # why nothing is to be written: "the request is merged"; "": nothing speaks against it
    shown: Mapping[str, Mapping[int, Line]] = {}  # path → the lines of head that the diff shows
    threads: tuple[Thread, ...] = ()
    summaries: tuple[Summary, ...] = ()  # the oldest first


@dataclass
class Tally:
    """What a run has done, and what it could not do."""

    posted: int = 0
    updated: int = 0
    resolved: int = 0
    summary: str = ""  # "posted", "updated"
    check_run: bool = False
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Something for people to know, said once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


def unknown_user(api: str) -> CannotJudge:
    """Without a name, none of the comments that are there could be told for ours, and all were said again."""
    problem = Problem(f"{api} does not say whom the token stands for", fix="see what the token is allowed to")
    return CannotJudge(problem)


class Host(Protocol):
    """GitHub or GitLab. Everything that asks it raises Refused and CannotJudge; what writes, Unsure too."""

    longest: int  # characters of a comment
    suggestion: str  # the word of a suggestion's fence, with `{above}` for the lines above the comment's

    def read(self) -> State:
        """The request as it stands now."""

    def stopped(self) -> str:
        """Whether anything has come to speak against writing, as in `State`."""

    def write_summary(self, comment: str | None, body: str) -> None:
        """Post a summary, or change the one that `comment` is."""

    def say(self, remarks: Sequence[Remark], given: Given, tally: Tally) -> None:
        """Post new remarks; one that the host will not have on its line is left to the summary."""

    def carry_out(self, step: Step, tally: Tally) -> None:
        """Change a thread."""

    def conclude(self, given: Given, summary: str, tally: Tally) -> None:
        """What the host has besides comments."""
