"""Reading a repository's objects: hundreds of files at the price of one process."""

from __future__ import annotations

import contextlib
import re
import weakref
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, ClassVar, TypeAlias

from migration_lint.change.git import Git
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from subprocess import Popen

#: Requests written before an answer is read: at most what git takes in at one go, so neither side
#: ever waits for the other with a full pipe.
_BATCH_BYTES = 4096
#: Processes of git that wait for requests at a time, in one that judges again and again: an editor's server.
_MOST_OPEN = 8


def is_full_id(name: str) -> bool:
    """Whether it is an object's whole id, of either hash."""
    return len(name) in (40, 64) and not name.strip("0123456789abcdef")


class Object(NamedTuple):
    """One object of a repository's store."""

    id: str
    kind: str  # commit | tree | blob | tag
    data: bytes


Folder: TypeAlias = "list[tuple[bytes, str, str]]"  # mode, name, object id of each entry of a tree


def parse_folder(data: bytes, size: int) -> Folder:
    """The entries of a tree object, whose ids have `size` bytes."""
    return [
        (mode, name.decode("utf-8", "surrogateescape"), object_id.hex())
        for mode, name, object_id in re.findall(rb"(?s)(\d+) ([^\0]+)\0(.{%d})" % size, data)
    ]


class Objects:
    """The objects of one repository, through one `git cat-file`.

    It ends when this does, or when others have begun since; then the next request begins another one.
    """

    _open_ones: ClassVar[list[weakref.ref[Objects]]] = []  # the oldest first

    def __init__(self, git: Git) -> None:
        self.folders: dict[str, Folder] = {}  # those that were read already, by the name they were asked by
        #: Gets objects that the clone lacks, by id; whether it could. Only a person who asks for it sets one.
        self.get_missing: Callable[[Sequence[str]], bool] | None = None
        self._git = git
        self._pipes: tuple[IO[bytes], IO[bytes]] | None = None
        self._stop: Callable[[], object] = lambda: None  # what ends the process

    def get(self, name: str) -> Object | None:
        """The object of a name that git understands; None where it has none."""
        return self.get_many((name,))[0]

    def get_many(self, names: Sequence[str]) -> list[Object | None]:
        """The object of each name that git understands, None where it has none; in the same order.

        Names go through a pipe, a line each, so none of them can be taken for an option.
        """
        answers = self._get_many(names)
        lost = [
            name for name, answer in zip(names, answers, strict=True) if answer is None and is_full_id(name)
        ]
        if lost and self.get_missing and self.get_missing(lost):
            answers = self._get_many(names)
        return answers

    def _get_many(self, names: Sequence[str]) -> list[Object | None]:
        requests = [name.encode("utf-8", "surrogateescape") + b"\n" for name in names]
        answers: list[Object | None] = []
        start = 0
        while start < len(requests):
            end, size = start, 0
            while end < len(requests) and (end == start or size + len(requests[end]) <= _BATCH_BYTES):
                size += len(requests[end])
                end += 1
            answers += self._exchange(requests[start:end])
            start = end
        return answers

    def _exchange(self, requests: list[bytes]) -> list[Object | None]:
        send, receive = self._pipes or self._open()
        try:
            send.write(b"".join(requests))
            send.flush()
            return [self._answer(receive, request) for request in requests]
        except (BrokenPipeError, EOFError):
            self._pipes = None
            raise self._why(requests[0]) from None

    def _answer(self, receive: IO[bytes], request: bytes) -> Object | None:
        header = receive.readline()
        if not header.endswith(b"\n"):
            raise EOFError
        if header[:-1] in (request[:-1] + b" missing", request[:-1] + b" ambiguous"):
            return None
        fields = header.split()
        if len(fields) != 3 or not fields[2].isdigit():
            return None  # such as `<id> submodule`: a thing of another repository
        size = int(fields[2])
        data = receive.read(size + 1)
        if len(data) != size + 1:
            raise EOFError
        return Object(fields[0].decode(), fields[1].decode(), data[:-1])

    def _open(self) -> tuple[IO[bytes], IO[bytes]]:
        process = self._git.start("cat-file", "--batch")
        send, receive = process.stdin, process.stdout
        if send is None or receive is None:
            raise EOFError  # cannot be: both were asked for
        self._stop = weakref.finalize(self, _stop, process)
        self._pipes = send, receive
        there = [each for known in self._open_ones if (each := known()) is not None and each._pipes]
        while len(there) >= _MOST_OPEN:
            there.pop(0).close()
        self._open_ones[:] = [weakref.ref(each) for each in (*there, self)]
        return self._pipes

    def close(self) -> None:
        """End the process; another one is started when something is asked again."""
        self._pipes = None
        self._stop()

    def _why(self, request: bytes) -> CannotJudge:
        """git died over a request; ask again in a process whose complaint can be read."""
        name = request.decode("utf-8", "surrogateescape").strip()
        try:
            self._git.run(f"read {name}", "cat-file", "-e", "--end-of-options", name)
        except CannotJudge as reason:
            return reason
        return CannotJudge(Problem(f"git stopped while it was reading {name}", fix="run it again"))


def close_all() -> None:
    """End every process that reads objects, for who goes on when a run is over."""
    for known in Objects._open_ones:
        each = known()
        if each is not None:
            each.close()
    Objects._open_ones.clear()


def _stop(process: Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()
