"""A bar on a terminal, for a run that takes long enough to make one wonder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import IO

PATIENCE = 1.0  # seconds without a bar
PACE = 0.1  # seconds between two drawings
WIDTH = 24


class Progress:
    """Call it with what is being done, to how much, and of how much; leave its `with` block to wipe it away.

    It draws only on a terminal that is not a CI job's, and only after `PATIENCE` seconds.
    """

    def __init__(
        self,
        stream: IO[str],
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
        quiet: bool = False,
    ) -> None:
        self._stream = stream
        self._clock = clock  # seconds, from any point on
        self._shows = (
            not quiet and stream.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"
        )
        self._next = clock() + PATIENCE
        self._drawn = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        if not self._shows or (now := self._clock()) < self._next:
            return
        self._next = now + PACE
        self._drawn = True
        full = WIDTH * done // total if total else 0
        self._stream.write(f"\r[{'=' * full}{' ' * (WIDTH - full)}] {stage} {done} of {total}\x1b[K")
        self._stream.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
