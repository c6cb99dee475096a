"""Hosts that answer something else than they document: never taken for "nothing there"."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest

from migration_lint.check.finding import Finding
from migration_lint.errors import CannotJudge
from migration_lint.review.owners import Owners

from ..documented import ROOT
from .azure_devops_host import AzureDevOpsHost
from .benches import Bench, sent
from .bitbucket_host import BitbucketHost
from .samples import AUDIT, DROPPED, RENAMED, report
from .server import Answer, Asked, Fault

pytestmark = pytest.mark.one_in(2)

#: What is read of answers, by name: what else they hold changes nothing.
READ = frozenset(
    name
    for path in (ROOT / "migration_lint/review").glob("*.py")
    for name in re.findall(r'"(\w+)"', path.read_text(encoding="utf-8"))
)

BEN = "user14"  # he sets labels
Place = tuple[str | int, ...]
GONE = object()


def kind(asked: Asked) -> str:
    """Requests of one kind ask for the same thing."""
    return f"{asked.method} {re.sub('[0-9]+', 'N', asked.path)}"


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Where what is read stands in an answer; of a list, in the last entry of each form."""
    yield above
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in READ:
                yield from places(inner, (*above, key))
    elif isinstance(value, list):
        forms = {
            frozenset(each) if isinstance(each, dict) else frozenset(): at for at, each in enumerate(value)
        }
        for at, each in enumerate(value):
            if at in forms.values():
                yield from places(each, (*above, at))


def at(value: Any, place: Place) -> Any:
    for key in place:
        value = value[key]
    return value


def put(value: Any, place: Place, other: Any) -> Any:
    """A copy with something else at a place, or with nothing there."""
    if not place:
        return other
    made = copy.deepcopy(value)
    inner: Any = made
    try:
        inner = at(made, place[:-1])
        if other is GONE:
            del inner[place[-1]]
        else:
            inner[place[-1]] = other
    except LookupError:  # another answer of its kind
        pass
    return made


def run(bench: Bench, findings: Sequence[Finding] = (DROPPED, RENAMED)) -> None:
    owners = {"api.consumer": (bench.ann,), "worker.producer": (BEN,)}
    labels = {"worker.producer": "agreed"} if hasattr(bench.host, "labels") else {}
    bench.review(report(findings), status=True, owners=Owners(owners, labels))


def said(bench: Bench) -> None:
    """A review with an open thread, one that was closed, one that a person resolved, and a summary.

    An owner has approved it, and another one has set a label, where hosts say who did.
    """
    bench.host.approve(bench.ann)
    if not isinstance(bench.host, (BitbucketHost, AzureDevOpsHost)):
        bench.host.set_label(BEN, "agreed")
    run(bench, [DROPPED, RENAMED, AUDIT])
    bench.resolve(1)
    run(bench)


def answers(bench: Bench) -> dict[str, Any]:
    """What a run reads, one answer of each kind."""
    found: dict[str, Any] = {}

    def keep(asked: Asked, answer: Answer) -> Answer:
        if answer.status == 200 and not isinstance(answer.body, bytes):
            found.setdefault(kind(asked), answer.body)
        return answer

    bench.host.server.alter = keep
    asked = len(bench.host.server.log)
    run(bench)
    assert sent(bench, asked) == []
    return found


def altered(bench: Bench, of: str, place: Place, other: Any) -> str:
    """A run that gets one answer altered: what it says. It may only give up, or write nothing."""

    def alter(asked: Asked, answer: Answer) -> Answer:
        if kind(asked) != of or answer.status != 200:
            return answer
        return Answer(200, put(answer.body, place, other), answer.headers)

    bench.host.server.alter = alter
    asked = len(bench.host.server.log)
    what = f"{of}: {json.dumps(place)} is {'gone' if other is GONE else json.dumps(other)}"
    try:
        run(bench)
    except CannotJudge as error:
        [problem] = error.problems
        assert "\n" not in problem.message
        assert sent(bench, asked) == [], what
        return problem.message
    assert sent(bench, asked) == [], what
    return ""


def test_what_is_of_another_type_is_never_taken_for_nothing(bench: Bench) -> None:
    said(bench)
    told = {
        altered(bench, of, place, other)
        for of, answer in answers(bench).items()
        for place in places(answer)
        for other in (["x"] if isinstance(at(answer, place), dict) else {"x": 1},)
    }
    assert any("answers what is not understood: `" in each for each in told)


def test_what_is_missing_is_never_taken_for_nothing(bench: Bench) -> None:
    said(bench)
    for of, answer in answers(bench).items():
        for place in places(answer):
            if place and isinstance(place[-1], str) and place[-1] not in bench.optional:
                altered(bench, of, place, GONE)


@pytest.mark.hosts("github", "bitbucket")
def test_null_stands_for_what_need_not_be_there(bench: Bench) -> None:
    """A comment that is no reply to another, whichever way the host says so."""

    def nulls(value: Any) -> Any:
        if isinstance(value, list):
            return [nulls(each) for each in value]
        if not isinstance(value, dict):
            return value
        said = {"in_reply_to_id": None, "parent": None} if {"id", "user"} <= value.keys() else {}
        return {**said, **{key: nulls(inner) for key, inner in value.items()}}

    said(bench)
    bench.host.server.alter = lambda asked, answer: (
        answer if isinstance(answer.body, bytes) else answer._replace(body=nulls(answer.body))
    )
    before, asked = bench.lines(), len(bench.host.server.log)
    run(bench)
    assert sent(bench, asked) == []
    assert bench.lines() == before


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"", b"{}"])
def test_a_page_in_the_place_of_an_answer_is_told_in_one_sentence(bench: Bench, body: bytes) -> None:
    """Whatever is asked, a proxy answers it with status 200."""
    said(bench)
    reads = [asked for asked in _log(bench) if not asked.writes]
    for place in range(len(reads)):
        asked = len(bench.host.server.log)
        bench.host.server.faults = lambda number, asked, start=asked + place: (
            Fault(Answer(200, body, {"Content-Type": "text/html"})) if number >= start else None
        )
        with suppress(CannotJudge):  # what is plain text may be anything
            run(bench)
        assert sent(bench, asked) == [], reads[place]


def _log(bench: Bench) -> list[Asked]:
    start = len(bench.host.server.log)
    run(bench)
    return bench.host.server.log[start:]
