"""Requests to a code host: limits honoured, failures tried again, the token kept with one host.

What only reads is tried again after any failure. What writes is tried again only where the host said that it
did nothing; else nobody knows, and `Unsure` tells the caller to look what is there before it goes on.
"""

from __future__ import annotations

import json
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Thread
from urllib.parse import urlsplit

import httpx

from migration_lint import __version__
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.review.limits import limit_wait

ATTEMPTS = 6  # at one request
LONGEST_BACK_OFF = 30.0  # seconds
LONGEST_SILENCE = 30.0  # seconds in which a host may say nothing
LARGEST_ANSWER = 50_000_000  # bytes
MOST_PAGES = 200  # of one list
REDIRECTS = 5

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


class Refused(Exception):
    """The host says no, and that asking again does not help."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Unsure(Exception):
    """A request that writes failed, and may have been carried out all the same."""


class Clock(NamedTuple):
    """What tells the time, waits, and draws the jitter of a back-off (from 0 to 1)."""

    now: Callable[[], float] = time.time  # seconds since the epoch, as the hosts' limits count
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


class Request(NamedTuple):
    """A request that writes, as it is sent. The token is in no part of it."""

    method: str
    url: str
    body: Json


class _Answer(NamedTuple):
    status: int
    headers: httpx.Headers
    body: bytes


@dataclass
class Transport:
    """One host, one token, one bounded time.

    `headers` carry the token. With `dry`, requests that write are handed to it and not sent, and None is
    what they answer. Raises CannotJudge where the time is over or the host cannot be used.
    """

    base: str  # the URL that paths are added to, without a slash at its end
    headers: Mapping[str, str] = field(repr=False)
    seconds: float
    clock: Clock = Clock()
    dry: Callable[[Request], None] | None = None
    between: float = 0.0  # seconds between two requests that write: the pace that the host asks for
    _client: httpx.Client = field(init=False, repr=False)
    _end: float = field(init=False)
    _written: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._end = self.clock.now() + self.seconds
        self._client = httpx.Client(
            headers={"User-Agent": f"migration-lint/{__version__}", **self.headers},
            timeout=httpx.Timeout(LONGEST_SILENCE, connect=10.0),
            follow_redirects=False,
            verify=_certificates(),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def get(self, path: str, /, **parameters: str) -> Json:
        """The JSON at a path. Raises Refused."""
        return self._read(self._url(path, parameters))[0]

    def get_text(self, path: str) -> str:
        """The text at a path, whatever it is. Raises Refused."""
        return self._send("GET", self._url(path, {}), None, True, plain=True).body.decode("utf-8", "replace")

    def pages(self, path: str, key: str = "", **parameters: str) -> Iterator[Json]:
        """The items of every page of a list; `key` names the list where a page is an object."""
        url: str | None = self._url(path, {"per_page": "100", **parameters})
        for _ in range(MOST_PAGES):
            if url is None:
                return
            page, url = self._read(url)
            if key and isinstance(page, dict):
                page = page.get(key)
            if not isinstance(page, list):
                raise self._unusable(f"no list at {path}")
            yield from page
        raise self._unusable(f"more than {MOST_PAGES} pages at {path}")

    def linked_pages(self, path: str, **parameters: str) -> Iterator[Json]:
        """The items of every page of a list, where a page is an object that names the next one."""
        url: str | None = self._url(path, parameters)
        for _ in range(MOST_PAGES):
            if url is None:
                return
            page = self._read(url)[0]
            values = page.get("values") if isinstance(page, dict) else None
            following = page.get("next") if isinstance(page, dict) else None
            if not isinstance(values, list) or not (following is None or isinstance(following, str)):
                raise self._unusable(f"no list at {path}")
            yield from values
            url = None if following is None else self._joined(url, following)
        raise self._unusable(f"more than {MOST_PAGES} pages at {path}")

    def query(self, url: str, document: str, variables: Mapping[str, Json]) -> dict[str, Json]:
        """The data that a GraphQL query gives. Raises Refused."""
        return self._data(self._send("POST", url, {"query": document, "variables": dict(variables)}, True))

    def mutate(self, url: str, document: str, variables: Mapping[str, Json]) -> dict[str, str]:
        """Carry out a GraphQL mutation of several fields; gives those that were refused, and why.

        Raises Refused where that is the whole of it, and Unsure.
        """
        answer = self._write("POST", url, {"query": document, "variables": dict(variables)})
        if answer is None:
            return {}
        found = _decoded(answer)
        errors = found.get("errors") if isinstance(found, dict) else None
        refused: dict[str, str] = {}
        data = found.get("data") if isinstance(found, dict) else None
        for name, made in data.items() if isinstance(data, dict) else ():
            said = _listed(made.get("errors")) if isinstance(made, dict) else []  # GitLab says it there
            if said:
                refused[name] = str(said[0])
        for error in errors if isinstance(errors, list) else ():
            path = error.get("path") if isinstance(error, dict) else None
            if not isinstance(error, dict) or not isinstance(path, list) or not path:
                self._data(answer)  # it is about no field
                continue
            refused[str(path[0])] = str(error.get("message", "no reason given"))
        return refused

    def write(self, method: str, path: str, body: Json) -> Json:
        """What the host answers to a request that writes. Raises Refused and Unsure."""
        answer = self._write(method, self.base + path, body)
        return None if answer is None else _decoded(answer)

    def _url(self, path: str, parameters: Mapping[str, str]) -> str:
        return str(httpx.URL(self.base + path, params=dict(parameters)) if parameters else self.base + path)

    def _read(self, url: str) -> tuple[Json, str | None]:
        """The JSON at a URL, and the URL of the next page of it."""
        answer = self._send("GET", url, None, True)
        links = httpx.Response(200, headers=answer.headers).links
        following = links.get("next", {}).get("url")
        if following is not None:
            following = self._joined(url, following)
        return _decoded(answer), following

    def _write(self, method: str, url: str, body: Json) -> _Answer | None:
        if self.dry is not None:
            self.dry(Request(method, url, body))
            return None
        pause = self._written + self.between - self.clock.now()
        if pause > 0:
            self._wait(pause, "to write at the pace that the host asks for")
        try:
            return self._send(method, url, body, False)
        finally:
            self._written = self.clock.now()

    def _send(self, method: str, url: str, body: Json, safe: bool, plain: bool = False) -> _Answer:
        """One request, until it is answered. A `safe` one changes nothing; a `plain` answer is any text."""
        content = None if body is None else json.dumps(body).encode()
        for attempt in range(ATTEMPTS):
            if self.clock.now() > self._end:
                raise self._over("to be answered")
            sent = True
            wait = self._back_off(attempt)
            try:
                answer = self._followed(method, url, content, safe)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                trouble, sent = f"a failed connection ({type(error).__name__})", False
            except httpx.RequestError as error:
                trouble = f"a failed connection ({type(error).__name__})"
            except httpx.InvalidURL:
                raise self._unusable("the address is no URL") from None
            else:
                limit = limit_wait(answer.status, answer.headers, answer.body, self.clock.now(), attempt)
                if limit is not None:
                    trouble, sent, wait = "the host's rate limit", False, limit
                elif answer.status >= 500:
                    trouble = f"status {answer.status}"
                elif answer.status >= 300:
                    raise Refused(answer.status, _message(answer))
                elif not plain and not _is_json(answer):
                    trouble = "an answer that is no JSON"
                else:
                    return answer
            self._wait(wait, f"after {trouble}")
            if sent and not safe:
                raise Unsure(trouble)
        raise self._unusable(f"{trouble}, {ATTEMPTS} times")

    def _followed(self, method: str, url: str, content: bytes | None, safe: bool) -> _Answer:
        """The answer at the end of redirects, none of which leads to another host."""
        for _ in range(REDIRECTS):
            answer = self._once(method, url, content)
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            if not safe and answer.status < 307:
                raise self._unusable(f"a redirect ({answer.status}) where something is written")
            url = self._joined(url, answer.headers.get("location", ""))
        raise self._unusable(f"more than {REDIRECTS} redirects")

    def _once(self, method: str, url: str, content: bytes | None) -> _Answer:
        """One request, in a thread of its own: a host that hangs, or sends a byte now and then, keeps it."""
        made: list[_Answer | Exception] = []

        def ask() -> None:
            try:
                made.append(self._streamed(method, url, content))
            except Exception as error:
                made.append(error)

        thread = Thread(target=ask, daemon=True)
        thread.start()
        thread.join(max(self._end - self.clock.now(), 0.0))
        if not made:
            raise self._over("for the end of an answer")
        if isinstance(made[0], Exception):
            raise made[0]
        return made[0]

    def _streamed(self, method: str, url: str, content: bytes | None) -> _Answer:
        headers = {"Content-Type": "application/json"} if content is not None else {}
        with self._client.stream(method, url, content=content, headers=headers) as response:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > LARGEST_ANSWER:
                    raise self._unusable(f"an answer of more than {LARGEST_ANSWER} bytes")
            return _Answer(response.status_code, response.headers, bytes(body))

    def _data(self, answer: _Answer) -> dict[str, Json]:
        found = _decoded(answer)
        if not isinstance(found, dict):
            raise self._unusable("a GraphQL answer that is no object")
        errors = found.get("errors")
        if isinstance(errors, list) and errors:
            first = errors[0] if isinstance(errors[0], dict) else {}
            status = 403 if first.get("type") in ("FORBIDDEN", "INSUFFICIENT_SCOPES") else 422
            raise Refused(status, str(first.get("message", "GraphQL error")))
        data = found.get("data")
        return data if isinstance(data, dict) else {}

    def _back_off(self, attempt: int) -> float:
        return min(LONGEST_BACK_OFF, 2.0**attempt) * (0.5 + self.clock.jitter() / 2)

    def _wait(self, seconds: float, why: str) -> None:
        if self.clock.now() + seconds > self._end:
            raise self._over(f"{seconds:.0f} seconds {why}")
        self.clock.sleep(seconds)

    def _over(self, what: str) -> CannotJudge:
        problem = Problem(
            f"{self.base}: the time is over, and there was still to wait {what}",
            fix="run it again later, it goes on where it stopped; --timeout gives it more time",
        )
        return CannotJudge(problem)

    def _joined(self, here: str, there: str) -> str:
        """Where a host leads us: the token goes to no other one than the one it was given for."""
        try:
            joined = str(httpx.URL(here).join(there))
            stays = _origin(here) == _origin(joined)
        except (httpx.InvalidURL, ValueError):
            raise self._unusable("it sends us to what is no URL") from None
        if not stays:
            raise self._unusable(f"it sends us to another host, {urlsplit(joined).hostname}")
        return joined

    def _unusable(self, why: str) -> CannotJudge:
        return CannotJudge(Problem(f"{self.base}: {why}", fix="see that this is the address of the API"))


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # takes longer than a request


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _is_json(answer: _Answer) -> bool:
    try:
        _decoded(answer)
    except (ValueError, RecursionError):
        return False
    return True


def _decoded(answer: _Answer) -> Json:
    found: Json = json.loads(answer.body) if answer.body else None
    return found


def _message(answer: _Answer) -> str:
    """What the host says about a refusal: GitHub `message` and `errors`, GitLab `message` or `error`."""
    try:
        found = _decoded(answer)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return "no reason given"
    error = found.get("error")  # Bitbucket: an object with a message
    inner = error.get("message") if isinstance(error, dict) else error
    said = [found.get("message"), inner, *_listed(found.get("errors"))]
    return ", ".join(each if isinstance(each, str) else json.dumps(each) for each in said if each)[:500]


def _listed(value: Json | None) -> list[Json]:
    return value if isinstance(value, list) else []
