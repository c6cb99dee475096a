"""What is to be said on the lines of a request, held against what is there already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from migration_lint.named_tuple import NamedTuple
from migration_lint.review.marker import About, CommentMarker, marked, marker_of, text_of


class Remark(NamedTuple):
    """What is to be said of a line of the request's head. Its text has no marker."""

    about: About
    path: str
    line: int  # the last one, where it is about several; 0: the diff does not show it
    text: str
    first: int = 0  # the first line of several; 0: it is about one
    is_suggestion: bool = False  # one click applies it, so that it may stand on its own lines alone

    @property
    def where(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.line}"


#: "": it is not resolved, or the host does not say who did it.
Resolver = Literal["", "self", "other"]


class Thread(NamedTuple):
    """A comment of ours on a line, with what is said below it."""

    comment: str  # the host's number of our comment
    thread: str  # what the host takes to resolve it; "": it cannot be resolved, or opened again
    marker: CommentMarker
    body: str
    path: str
    line: int | None  # None: its line is not in the diff any more
    resolved: bool
    node: str = ""  # GitHub: the comment's name in GraphQL
    own: bool = True  # False: it was written with another token
    answered: bool = False  # somebody has said something below it
    resolver: Resolver = ""  # who has resolved it

    @property
    def ours_to_open(self) -> bool:
        """Whether it is resolved by this token's user, and by nobody who meant it to stay so."""
        return self.resolved and self.resolver == "self" and bool(self.thread)

    @property
    def open(self) -> bool:
        """Whether it still says that there is something to do."""
        return self.marker.state == "open"


StepKind = Literal["edit", "close", "reopen", "resolve", "unresolve", "delete"]


class ThreadStep(NamedTuple):
    """A change of one thread. To close is to edit and to resolve, to reopen the opposite.

    What people have resolved stays so, whatever is done to it.
    """

    kind: StepKind
    thread: Thread
    body: str = ""  # edit, close, reopen: what it says then

    @property
    def turns(self) -> bool | None:
        """Whether the thread is to be resolved (True), to be opened (False), or stays as it is."""
        if self.kind in ("close", "resolve") and not self.thread.resolved:
            return True
        if self.kind in ("reopen", "unresolve") and self.thread.resolved and self.thread.resolver != "other":
            return False
        return None


class Plan(NamedTuple):
    """What is missing on the host."""

    new: tuple[Remark, ...] = ()
    steps: tuple[ThreadStep, ...] = ()
    apart: frozenset[str] = frozenset()  # keys of findings that no thread is about, nor can be
    foreign: frozenset[str] = frozenset()  # comments of another token that stand open, about what has gone


def make_plan(name: str, remarks: Sequence[Remark], threads: Iterable[Thread], when: str) -> Plan:
    """How `threads` come to say what `remarks` say, and nothing else.

    A thread stays with its finding whatever becomes of its line, so that what people said below it, or that
    they resolved it, holds. Of several that say the same one stays: that with an answer, else the first.
    `when` ends the sentence about a finding that has gone.
    """
    ours = sorted((each for each in threads if each.marker.about.name == name), key=_precedence)
    taken, left = _assigned(remarks, ours)
    steps: list[ThreadStep] = []
    for remark in remarks:
        if remark.about.key in taken:
            steps += _brought_up(remark, taken[remark.about.key])
    wanted = {remark.about.key for remark in remarks}
    steps += [step for thread in left if thread.open for step in _gone(thread, wanted, when)]
    new = tuple(remark for remark in remarks if remark.line and remark.about.key not in taken)
    apart = frozenset(
        remark.about.key
        for remark in remarks
        if not remark.line and not remark.is_suggestion and remark.about.key not in taken
    )
    foreign = frozenset(each.comment for each in left if each.open and not each.own and not each.resolved)
    return Plan(new, tuple(steps), apart, foreign)


def _precedence(thread: Thread) -> tuple[bool, bool, int, str]:
    # Then the oldest: numbers only grow.
    return not thread.open, not thread.answered, len(thread.comment), thread.comment


def _assigned(remarks: Sequence[Remark], threads: Sequence[Thread]) -> tuple[dict[str, Thread], list[Thread]]:
    """Key of a remark → its thread, and the threads that are nobody's."""
    taken: dict[str, Thread] = {}
    left = list(threads)

    def take(remark: Remark, thread: Thread | None) -> None:
        if thread is not None:
            taken[remark.about.key] = thread
            left.remove(thread)

    for remark in remarks:
        take(remark, next((each for each in left if _same(each, remark)), None))
    rest = [remark for remark in remarks if remark.about.key not in taken and not remark.is_suggestion]
    for remark in rest:
        take(remark, next((each for each in left if each.open and _reworded(each, remark)), None))
    rest = [remark for remark in rest if remark.about.key not in taken]
    for remark in rest:
        kin = [each for each in left if each.open and each.marker.about.kin == remark.about.kin]
        # What people resolved must not swallow another finding: only what is surely the same one stays so.
        alone = len(kin) == 1 and sum(each.about.kin == remark.about.kin for each in rest) == 1
        take(remark, next((each for each in kin if alone or not each.resolved), None))
    return taken, left


def _same(thread: Thread, remark: Remark) -> bool:
    if thread.marker.about.key != remark.about.key:
        return False
    if remark.is_suggestion:
        return (thread.path, thread.line) == (remark.path, remark.line)
    if thread.open or not thread.own:
        return thread.open
    # One that was closed comes back where people have answered, or resolved it before: what they decided
    # holds. Else only where its line still is: there they see it.
    decided = thread.answered or (thread.resolved and thread.resolver == "other")
    return decided or (thread.line is not None and thread.path == remark.path)


def _reworded(thread: Thread, remark: Remark) -> bool:
    about = thread.marker.about
    return (about.kin, about.anchor) == (remark.about.kin, remark.about.anchor) and about.anchor != ""


def _brought_up(remark: Remark, thread: Thread) -> list[ThreadStep]:
    text = remark.text
    if remark.line and (thread.path, thread.line) != (remark.path, remark.line):
        text += f"\n\nNow in line {remark.line}" + (
            "." if thread.path == remark.path else f" of the file `{_quoted(remark.path)}`."
        )
    body = marked(remark.about, text)
    if not thread.own:
        return [ThreadStep("unresolve", thread)] if thread.ours_to_open else []
    if thread.ours_to_open or not thread.open:
        return [ThreadStep("reopen", thread, body)]
    return [] if marker_of(body) == thread.marker else [ThreadStep("edit", thread, body)]


def _quoted(path: str) -> str:
    from migration_lint.report.screen import visible

    return visible(path).replace("`", "'")


def _gone(thread: Thread, wanted: Collection[str], when: str) -> list[ThreadStep]:
    """What becomes of a thread whose finding is said elsewhere, or no more."""
    about = thread.marker.about
    if not thread.own:
        return [ThreadStep("resolve", thread)] if thread.thread and not thread.resolved else []
    if about.key in wanted:
        if not thread.answered:
            return [ThreadStep("delete", thread)]
        text = "**Said elsewhere:** another comment says this."
    elif _is_suggestion(about):
        text = "**Withdrawn:** this suggestion does not fit any more."
    else:
        text = f"**Fixed:** no longer found {when}."
    if not _is_suggestion(about):
        # What it was about stays to be read; a suggestion would stay one click away.
        text += f"\n\n{text_of(thread.body).partition(chr(10) * 2)[0].strip()}"
    return [ThreadStep("close", thread, marked(about, text, "closed"))]


def _is_suggestion(about: About) -> bool:
    return about.key.startswith("p")
