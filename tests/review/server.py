"""A code host on this machine: it answers, keeps a log, and fails in the ways that hosts fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Asked(NamedTuple):
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # by their names in lower case
    body: Any  # None: it has none

    @property
    def writes(self) -> bool:
        """Whether it may change something; a GraphQL query is a POST too."""
        return self.method != "GET" and not (
            self.path.endswith("/graphql") and "mutation" not in self.body["query"]
        )


class Answer(NamedTuple):
    """An answer: JSON, or bytes as they are."""

    status: int
    body: Any = None
    headers: dict[str, str] = {}


class Fault(NamedTuple):
    """What goes wrong with a request: before it is carried out, or `after`."""

    answer: Answer | None  # None: the connection is cut
    after: bool = False


CUT = Fault(None)
CUT_AFTER = Fault(None, after=True)


class Server:
    """Answers by `respond`. `faults` says what goes wrong with the n-th request (from 0)."""

    def __init__(self, respond: Callable[[Asked], Answer]) -> None:
        self._respond = respond
        self.log: list[Asked] = []
        self.faults: Callable[[int, Asked], Fault | None] = lambda number, asked: None
        self.alter: Callable[[Asked, Answer], Answer] = lambda asked, answer: answer  # what is sent instead
        self.trouble: list[Exception] = []  # defects of the server itself
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # an answer in one packet: the end of one in two waits for the client's nod
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                server._handle(self)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def stop(self) -> None:
        """End it; it is no use any more."""
        self._http.shutdown()
        self._http.server_close()

    def written(self) -> list[Asked]:
        """The requests so far that may have changed something."""
        return [asked for asked in self.log if asked.writes]

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        content = handler.rfile.read(length)
        parts = urlsplit(handler.path)
        asked = Asked(
            handler.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            {name.lower(): value for name, value in handler.headers.items()},
            json.loads(content) if content else None,
        )
        fault = self.faults(len(self.log), asked)
        self.log.append(asked)
        try:
            answer = None if fault is not None and not fault.after else self._respond(asked)
            answer = answer and self.alter(asked, answer)
        except Exception as error:  # it would be lost in this thread
            self.trouble.append(error)
            answer = Answer(599)
        if fault is not None:
            answer = fault.answer
        if answer is None:
            handler.close_connection = True
            return
        made = (
            answer.body
            if isinstance(answer.body, bytes)
            else b""
            if answer.status == 204
            else json.dumps(answer.body).encode()
        )
        handler.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(made)))
        handler.end_headers()
        handler.wfile.write(made)


def page(asked: Asked, url: str, items: list[Any], largest: int) -> tuple[list[Any], dict[str, str]]:
    """One page of a list, and the header that leads to the next one."""
    size = min(int(asked.query.get("per_page", "30")), largest)
    number = int(asked.query.get("page", "1"))
    part = items[(number - 1) * size : number * size]
    if number * size >= len(items):
        return part, {}
    query = "&".join(f"{key}={value}" for key, value in {**asked.query, "page": str(number + 1)}.items())
    return part, {"Link": f'<{url}{asked.path}?{query}>; rel="next"'}
