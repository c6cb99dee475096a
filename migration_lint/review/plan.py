"""What is to be said on the lines of a request, held against what is there already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

from migration_lint.review.marker import Marker, marked, marker_of, text_of


class Remark(NamedTuple):
    """What is to stand on a line of the diff. Its text has no marker."""

    key: str
    kin: str
    path: str
    line: int  # the last one, where it is about several
    text: str
    first: int = 0  # the first line of several; 0: it is about one


class Thread(NamedTuple):
    """A comment of ours on a line, with what is said below it."""

    comment: str  # the host's number of our comment
    thread: str  # what the host takes to resolve it; "": it cannot be resolved
    marker: Marker
    body: str
    path: str
    line: int | None  # None: its line is not in the diff any more
    resolved: bool

    @property
    def open(self) -> bool:
        """Whether it still says that there is something to do."""
        return self.marker.state == "open"


class Step(NamedTuple):
    """A change of one thread. In this order, so that a run which stops between two is gone on with."""

    kind: Literal["resolve", "reopen", "edit"]
    thread: Thread
    body: str = ""  # edit: what it says then


class Plan(NamedTuple):
    """What is missing on the host."""

    new: tuple[Remark, ...] = ()
    steps: tuple[Step, ...] = ()


def make_plan(
    name: str, remarks: Sequence[Remark], threads: Iterable[Thread], apart: Collection[str], when: str
) -> Plan:
    """How `threads` come to say what `remarks` say, and nothing else.

    A thread is taken for a remark if its key is the same, else if both are kin and on one line. Of several
    that say the same, the first one stays. A thread that people resolved stays resolved. `apart` are the
    keys of what is said in the summary, because its line is not in the diff; `when` ends the sentence about
    a finding that has gone.
    """
    ours = sorted((each for each in threads if each.marker.name == name), key=_precedence)
    wanted = {remark.key: remark for remark in remarks}
    taken: dict[str, Thread] = {}
    left: list[Thread] = []
    for thread in ours:
        remark = wanted.get(thread.marker.key)
        if remark is not None and remark.key not in taken and thread.path == remark.path and _stands(thread):
            taken[remark.key] = thread
        else:
            left.append(thread)
    for remark in remarks:
        if remark.key in taken:
            continue
        same = next((each for each in left if each.open and _kin(each, remark)), None)
        if same is not None:
            taken[remark.key] = same
            left.remove(same)
    steps: list[Step] = []
    for remark in remarks:
        if remark.key in taken:
            steps += _brought_up(name, remark, taken[remark.key])
    for thread in left:
        if thread.open:
            steps += _closed(name, thread, _reason(thread.marker.key, wanted, apart, when))
    return Plan(tuple(remark for remark in remarks if remark.key not in taken), tuple(steps))


def _precedence(thread: Thread) -> tuple[bool, int, str]:
    return not thread.open, len(thread.comment), thread.comment  # then the oldest: numbers only grow


def _stands(thread: Thread) -> bool:
    """Whether it is seen where the diff is; one that we closed comes back where its line still is."""
    return thread.line is not None


def _kin(thread: Thread, remark: Remark) -> bool:
    return (thread.marker.kin, thread.path, thread.line) == (remark.kin, remark.path, remark.line)


def _brought_up(name: str, remark: Remark, thread: Thread) -> list[Step]:
    body = marked(name, remark.key, remark.kin, remark.text)
    if marker_of(body) == thread.marker:
        return []
    steps = [Step("edit", thread, body)]
    if not thread.open and thread.resolved and thread.thread:
        steps.insert(0, Step("reopen", thread))
    return steps


def _closed(name: str, thread: Thread, reason: str) -> list[Step]:
    text = f"{reason}\n\n{text_of(thread.body)}"
    body = marked(name, thread.marker.key, thread.marker.kin, text, "closed")
    steps = [Step("edit", thread, body)]
    if thread.thread and not thread.resolved:
        steps.insert(0, Step("resolve", thread))
    return steps


def _reason(key: str, wanted: Collection[str], apart: Collection[str], when: str) -> str:
    if key in wanted:
        return "**Said elsewhere:** another comment says this, where the line is now."
    if key in apart:
        return "**Not in the diff any more:** the summary says this."
    return f"**Fixed:** no longer found {when}."
