"""What goes wrong on the way to a host, and runs that are cut off."""

from __future__ import annotations

import copy
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from migration_lint.errors import CannotJudge
from migration_lint.review.transport import Clock

from .benches import Bench, GitHubBench, sent
from .samples import AUDIT, DROPPED, ELSEWHERE, HEAD, PATCHES, RENAMED, many, report
from .server import CUT, CUT_AFTER, Answer, Asked, Fault, Server

pytestmark = pytest.mark.one_in(3)

SECONDARY = {
    "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
}
HTML = Answer(200, b"<html>Bad gateway</html>", {"Content-Type": "text/html"})

#: Everything once, as hosts do it: how often, and whether the request was carried out.
FAULTS = {
    "cut before": CUT,
    "cut after": CUT_AFTER,
    "502 before": Fault(Answer(502, b"<html>")),
    "502 after": Fault(Answer(502, b"<html>"), after=True),
    "no JSON after": Fault(HTML, after=True),
    "429": Fault(Answer(429, {"message": "Too many"}, {"Retry-After": "7"})),
    "secondary limit": Fault(Answer(403, SECONDARY)),
}

#: A review in which a run has something of every kind to do.
BEGUN = (
    report([DROPPED, RENAMED, AUDIT], PATCHES),
    report([DROPPED, AUDIT], PATCHES),
)


def begin(bench: Bench) -> None:
    """What earlier runs have said."""
    for each in BEGUN:
        bench.review(each)
    bench.host.server.log.clear()


def final(bench: Bench) -> bytes:
    """What the run has to say: on GitHub, more than one batch of annotations."""
    apart = [each._replace(path="other.py") for each in many(51)] if isinstance(bench, GitHubBench) else []
    return report([DROPPED._replace(fix="do it"), RENAMED, ELSEWHERE, *many(1), *apart[1:]], PATCHES[1:])


def options(bench: Bench) -> dict[str, Any]:
    return {"check_run": True, "event": "request-changes"} if isinstance(bench, GitHubBench) else {}


def whole(bench: Bench) -> tuple[Any, list[Asked]]:
    """What is there after a run that nothing happens to, and what it asked."""
    other = type(bench)()
    begin(other)
    other.review(final(other), **options(other))
    other.host.server.stop()
    assert not other.host.server.trouble
    return other.host.said(), other.host.server.log


def test_a_run_that_is_cut_off_anywhere_is_finished_by_the_next_one(bench: Bench) -> None:
    expected, log = whole(bench)
    begin(bench)
    state = copy.deepcopy(bench.host.__dict__ | {"server": None})
    for last in range(len(log)):
        bench.host.__dict__.update(copy.deepcopy(state) | {"server": bench.host.server})
        bench.host.server.log.clear()
        bench.host.server.faults = lambda number, asked, last=last: CUT if number >= last else None
        with pytest.raises(CannotJudge):
            bench.review(final(bench), **options(bench))
        bench.host.server.faults = lambda number, asked: None
        bench.review(final(bench), **options(bench))
        assert bench.host.said() == expected, f"cut off after {log[:last][-1:]}"


@pytest.mark.parametrize("name", FAULTS)
def test_one_run_gets_over_a_fault_wherever_it_happens(bench: Bench, name: str) -> None:
    expected, log = whole(bench)
    begin(bench)
    state = copy.deepcopy(bench.host.__dict__ | {"server": None})
    kinds = {
        (asked.method, re.sub(r"\d+", "", asked.path)): place
        for place, asked in enumerate(log)
        if asked.writes
    }
    places = [0, len(log) // 2, *kinds.values()]
    for place in places:
        bench.host.__dict__.update(copy.deepcopy(state) | {"server": bench.host.server})
        bench.host.server.log.clear()
        bench.host.server.faults = lambda number, asked, place=place: (
            FAULTS[name] if number == place else None
        )
        bench.review(final(bench), **options(bench))
        assert bench.host.said() == expected, f"{name} at {log[place]}"


def test_a_killed_process_is_gone_on_with(github: GitHubBench, tmp_path: Path) -> None:
    """As above, with nothing between the process and its end."""
    expected, _ = whole(github)
    begin(github)
    (tmp_path / "report.json").write_bytes(final(github))
    ran: list[subprocess.Popen[bytes]] = []

    def kill(number: int, asked: Asked) -> Fault | None:
        if asked.writes:
            ran[0].send_signal(signal.SIGKILL)
            ran[0].wait()
            return CUT_AFTER
        return None

    github.host.server.faults = kill
    command = [sys.executable, "-m", "migration_lint", "review", "github", "--report", "report.json",
               "--pull-request", "7", "--commit", HEAD]  # fmt: skip
    root = str(Path(__file__).parents[2])
    environ = {**os.environ, **github.host.environ, "PYTHONPATH": root}
    ran.append(subprocess.Popen(command, cwd=tmp_path, env=environ))
    assert ran[0].wait() == -signal.SIGKILL
    while not sent(github):  # the server's thread may be at it still
        sleep(0.01)
    assert len(sent(github)) == 1
    github.host.server.faults = lambda number, asked: None
    github.review(final(github), **options(github))
    assert github.host.said() == expected


@pytest.mark.parametrize(
    ("headers", "status", "body", "seconds"),
    [
        ({"Retry-After": "40"}, 403, SECONDARY, 41),
        ({"Retry-After": "40"}, 429, {}, 41),
        (
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000100"},
            403,
            {"message": "API rate limit"},
            101,
        ),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "1000100"}, 429, {}, 101),
        ({}, 403, SECONDARY, 60),
        ({}, 429, {}, 60),
    ],
)
def test_it_waits_as_long_as_the_host_says(
    bench: Bench, headers: dict[str, str], status: int, body: Any, seconds: float
) -> None:
    fault = Fault(Answer(status, body, headers))
    bench.host.server.faults = lambda number, asked: fault if number == 0 else None
    bench.review(report([DROPPED], []))
    assert bench.time.waits[0] == seconds
    assert len(bench.lines()) == 1


def test_a_graphql_limit_is_waited_for(github: GitHubBench) -> None:
    limited = Answer(200, {"errors": [{"type": "RATE_LIMITED", "message": "slow"}]}, {"Retry-After": "5"})
    github.host.server.faults = lambda number, asked: (
        Fault(limited) if asked.path == "/graphql" and not github.time.waits else None
    )
    github.review(report([DROPPED], []))
    assert github.time.waits[0] == 6


def test_writes_keep_the_pace_that_the_host_asks_for(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    assert bench.time.waits == ([1.0] if bench.kind == "github" else [])  # between comment and summary


@pytest.mark.parametrize("way", ["silent", "a byte now and then"])
def test_the_time_is_kept_against_a_host_that_hangs(bench: Bench, way: str) -> None:
    """In real seconds: it is the connection that is waited for."""
    hanging = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def hang() -> None:
        connection, _ = hanging.accept()
        while not stop.wait(0.2):
            if way != "silent":
                with suppress(OSError):
                    connection.send(b"H")
        connection.close()

    thread = threading.Thread(target=hang, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{hanging.getsockname()[1]}"
    bench.host.environ |= dict.fromkeys(
        ("GITHUB_API_URL", "CI_API_V4_URL", "SYSTEM_COLLECTIONURI", "BITBUCKET"), address
    )
    begun = time.monotonic()
    with pytest.raises(CannotJudge, match="the time is over"):
        bench.review(report(), seconds=1.0, clock=Clock())
    assert time.monotonic() - begun < 5
    stop.set()
    thread.join()
    hanging.close()


@pytest.mark.parametrize(
    "fault",
    [CUT, Fault(Answer(503)), Fault(HTML), Fault(Answer(429, {}, {"Retry-After": "3600"}))],
    ids=["cut", "503", "html", "limit"],
)
def test_it_gives_up_in_bounded_time(bench: Bench, fault: Fault) -> None:
    bench.host.server.faults = lambda number, asked: fault
    begun = bench.time.seconds
    with pytest.raises(CannotJudge) as raised:
        bench.review(report(), seconds=120.0)
    assert bench.time.seconds - begun <= 120
    assert len(bench.host.server.log) <= 6
    assert "run it again later" in str(raised.value) or "6 times" in str(raised.value)


def test_it_gives_up_where_every_write_fails(bench: Bench) -> None:
    bench.host.server.faults = lambda number, asked: CUT if asked.writes else None
    with pytest.raises(CannotJudge, match="failed 5 times where something was written"):
        bench.review(report())
    assert len(sent(bench)) == 5


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    server = Server(lambda asked: Answer(200, {}))
    yield server
    server.stop()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["reads", "writes"])
def test_the_token_follows_no_redirect_to_another_host(
    bench: Bench, elsewhere: Server, status: int, where: str
) -> None:
    to = Fault(Answer(status, {}, {"Location": f"{elsewhere.url}/somewhere"}))
    bench.host.server.faults = lambda number, asked: to if asked.writes == (where == "writes") else None
    with pytest.raises(CannotJudge, match="another host|a redirect"):
        bench.review(report())
    assert elsewhere.log == []


@pytest.mark.hosts("github", "gitlab")  # Gitea names no next page
def test_nor_does_it_go_to_another_host_for_the_next_page(bench: Bench, elsewhere: Server) -> None:
    link = {"Link": f'<{elsewhere.url}/next>; rel="next"'}
    bench.host.server.faults = lambda number, asked: (
        Fault(Answer(200, [], link)) if "per_page" in asked.query else None
    )
    with pytest.raises(CannotJudge, match="another host"):
        bench.review(report())
    assert elsewhere.log == []


@pytest.mark.parametrize("there", ["http://[", "http://x:99999999/", "http://127.0.0.1:x/"])
def test_a_redirect_to_no_url_is_told(bench: Bench, there: str) -> None:
    answers = [
        Answer(302, {}, {"Location": there}),
        *([Answer(200, [], {"Link": f'<{there}>; rel="next"'})] if bench.kind != "gitea" else []),
    ]
    for answer in answers:
        bench.host.server.faults = lambda number, asked, answer=answer: Fault(answer) if asked.query else None
        with pytest.raises(CannotJudge, match="another host|no URL|redirects|failed connection"):
            bench.review(report())


def test_a_host_that_does_not_say_who_we_are_gets_no_comment(bench: Bench) -> None:
    bench.review(report())
    bench.host.server.log.clear()
    nobody = Answer(200, {"data": {"viewer": None}})
    bench.host.server.faults = lambda number, asked: (
        Fault(nobody) if asked.path.endswith(("/graphql", "/user", "/connectionData")) else None
    )
    with pytest.raises(CannotJudge, match="whom the token stands for"):
        bench.review(report())
    assert sent(bench) == []


@pytest.mark.hosts("github", "gitlab", "gitea", "bitbucket")  # Azure DevOps wants what it was asked
@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_within_the_host_is_followed(bench: Bench, status: int) -> None:
    def moved(number: int, asked: Asked) -> Fault | None:
        return Fault(Answer(status, {}, {"Location": asked.path})) if number in (0, 1) else None

    bench.host.server.faults = moved
    bench.review(report())
    assert len(bench.lines()) == 3 + bench.suggestions


def test_redirects_in_a_circle_end(bench: Bench) -> None:
    bench.host.server.faults = lambda number, asked: Fault(Answer(307, {}, {"Location": asked.path}))
    with pytest.raises(CannotJudge, match="redirects"):
        bench.review(report())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, {"message": "Bad credentials"}), "see that the token is valid"),
        (Answer(403, {"message": "Resource not accessible"}), "give the token the right"),
        (Answer(404, {"message": "Not Found"}), "see that the request exists"),
        (Answer(410, b"gone"), "no reason given"),
        (Answer(422, {"errors": [{"message": "x"}], "error": "y"}), "y"),
    ],
)
def test_a_refusal_is_passed_on_with_what_to_do(bench: Bench, answer: Answer, said: str) -> None:
    bench.host.server.faults = lambda number, asked: Fault(answer)
    with pytest.raises(CannotJudge) as raised:
        bench.review(report())
    assert said in str(raised.value)
    assert f"refuses with {answer.status}" in str(raised.value)


@pytest.mark.parametrize("body", [[], {}, None, 3, "x", [None], [{"id": "x"}], {"data": None}, {"head": []}])
def test_answers_of_another_shape_are_no_crash(bench: Bench, body: Any) -> None:
    for place in range(6):
        bench.host.server.log.clear()
        bench.host.server.faults = lambda number, asked, place=place: (
            Fault(Answer(200, body)) if number == place else None
        )
        with suppress(CannotJudge):
            bench.review(report())
