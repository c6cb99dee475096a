"""How long a reading may take and how much memory, by the size of what is read."""

from __future__ import annotations

import faulthandler
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

#: Seconds for a small text, and for every further 100,000 characters.
SECONDS = 4.0
SECONDS_MORE = 8.0
#: Bytes that one reading may add to the most that the process has held.
BYTES = 400_000_000


class Failure(AssertionError):
    """Something that must hold does not."""


class _Late(BaseException):
    """Not an Exception, so that nothing in between takes it for its own."""


@contextmanager
def bounded(size: int, slack: float = 1.0) -> Iterator[None]:
    """Raises Failure when what runs inside takes too long or too much, for a text of `size` characters."""
    seconds = (SECONDS + SECONDS_MORE * size / 100_000) * slack
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    faulthandler.dump_traceback_later(seconds * 10 + 60, exit=True)  # where even a signal is not looked at
    signal.signal(signal.SIGPROF, _ring)
    signal.signal(signal.SIGALRM, _ring)
    # Time of this process, as other work on the machine must not fail a run; and of the clock, for a wait.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * 8)
    try:
        yield
    except _Late as late:
        raise Failure(f"more than {seconds:.1f} s for {size} characters") from late
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    if grown > BYTES + 3_000 * size:
        raise Failure(f"{grown:,} bytes more for {size} characters")


def _ring(number: int, frame: object) -> None:
    raise _Late
