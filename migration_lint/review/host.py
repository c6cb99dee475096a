"""What a code host has to be able to do, and what it tells of a request for review."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from migration_lint.check.finding import Finding, gravest_first
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.report.hunks import Line
from migration_lint.review.findings import Given
from migration_lint.review.marker import CommentMarker
from migration_lint.review.owners import Recorded
from migration_lint.review.plan import Remark, Thread, ThreadStep

#: The page that shows a line of the request's head: path, line (0: the file) → its address.
Link = Callable[[str, int], str]


class Summary(NamedTuple):
    """A summary of ours that stands there."""

    comment: str
    marker: CommentMarker
    own: bool = True  # False: it was written with another token


class RequestState(NamedTuple):
    """A request for review as it stands. Threads and summaries are ours alone.

    Ours is what this token's user wrote, and what another one with the right to write to the repository
    wrote with our marker: a bot whose token was exchanged.
    """

    stopped: str  # why nothing is to be written: "the request is merged"; "": nothing speaks against it
    shown: Mapping[str, Mapping[int, Line]] = {}  # path → the lines of head that the diff shows
    threads: tuple[Thread, ...] = ()
    summaries: tuple[Summary, ...] = ()  # the oldest first
    link: Link = lambda path, line: ""
    notes: tuple[str, ...] = ()  # what was not looked at, for people to know


class Conclusion(NamedTuple):
    """What the host is to be told when the comments are there."""

    given: Given
    findings: Sequence[Finding]  # with the lines of head, as far as they are known
    summary: str

    def annotated(self, most: int) -> tuple[list[Finding], str]:
        """The gravest findings that stand in files, at most so many; and how many are left out, in words."""
        placed = gravest_first(each for each in self.findings if each.path)
        left_out = len(placed) - most
        findings = "finding has" if left_out == 1 else "findings have"
        return placed[:most], f"{left_out} less severe {findings} no annotation" if left_out > 0 else ""


@dataclass
class Tally:
    """What a run has done, and what it could not do."""

    posted: int = 0
    updated: int = 0
    resolved: int = 0
    closed: int = 0  # without being resolved
    deleted: int = 0
    summary: str = ""  # "posted", "updated"
    check_run: bool = False
    status: str = ""  # of the commit, where this run has set it
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)  # what is missing on the host: exit status 2
    stuck: set[str] = field(default_factory=set)  # comments of another token that it may not resolve
    refused: set[str] = field(default_factory=set)  # keys of remarks that the host would not take
    unchangeable: set[str] = field(default_factory=set)  # comments that it would not let us change

    def note(self, sentence: str) -> None:
        """Something for people to know, said once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def lacks(self, remark: Remark, host: str, reason: str, fix: str = "") -> None:
        """A comment that the host would not take."""
        self.refused.add(remark.about.key)
        self.lack(f"{host} takes no comment on {remark.where}: {reason}", fix)

    def lacks_all(self, remarks: Sequence[Remark], host: str, user: str) -> None:
        """A user has one review in the making, and while there is one nothing else can be said."""
        self.refused.update(remark.about.key for remark in remarks)
        self.lack(
            f"{host} takes none of {len(remarks)} comments: {user} has a review that is not submitted",
            "submit or discard it, or use a token of a user of its own, and run it again",
        )

    def lacks_change(self, comment: str, sentence: str) -> None:
        """A comment that the host would not let us change: it is not tried again."""
        self.unchangeable.add(comment)
        self.lack(sentence)

    def lack(self, sentence: str, fix: str = "") -> None:
        """Something that could not be written, said once."""
        problem = Problem(sentence, fix=fix)
        if problem not in self.problems:
            self.problems.append(problem)


def unknown_user(api: str, fix: str = "see what the token is allowed to") -> CannotJudge:
    """Without a name, none of the comments that are there could be told for ours, and all were said again."""
    return CannotJudge(Problem(f"{api} does not say whom the token stands for", fix=fix))


class Host(Protocol):
    """What a host can do. Everything that asks it raises Refused and CannotJudge; what writes, Unsure too."""

    locked: bool  # whether the conversation was, when it was last asked
    longest: int  # characters of a comment
    suggestion: (
        str  # a suggestion's fence, with `{above}` for the lines above the comment's; "": there is none
    )

    def read(self) -> RequestState:
        """The request as it stands now."""

    def stopped(self) -> str:
        """Whether anything has come to speak against writing, as in `RequestState`."""

    def recorded(self, labels: bool) -> Recorded:
        """Who has approved the head that `read` saw; with `labels`, who has set which one since its push."""

    def write_summary(self, comment: str | None, body: str) -> None:
        """Post a summary, or change the one that `comment` is."""

    def say(self, remarks: Sequence[Remark], given: Given, tally: Tally) -> None:
        """Post new remarks, with as few notifications as can be; `tally` learns what was refused."""

    def carry_out(self, steps: Sequence[ThreadStep], tally: Tally) -> None:
        """Change threads; `tally` learns what became of each."""

    def conclude(self, conclusion: Conclusion, tally: Tally) -> None:
        """What the host has besides comments."""
