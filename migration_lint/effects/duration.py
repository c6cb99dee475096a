"""How long a statement takes on tables that somebody has measured.

A statement reads a table, writes it anew, or builds indexes of it, each at a rate: megabytes of table a
second. The rates stand on what `tests/benchmarks/durations.py` shows of the slowest statement of each kind;
of what was measured in memory a quarter, because a large table comes from a disk, and others work at the
same time. A configuration can say its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.effects.model import Effect
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.settings.model import Durations
from migration_lint.sizes.model import TableSize

MEGABYTE = 1_000_000  # bytes


class Rates(NamedTuple):
    """Megabytes of table a second."""

    read: float
    write: float
    build: float  # of each index


#: PostgreSQL 15, 16 and 18, in memory: 1,000, 77 and 109 were measured.
POSTGRESQL = Rates(read=250, write=20, build=25)
#: MariaDB 10.11, whose memory did not hold the table: 274, 9 and 15 were measured, and are taken as they are.
MYSQL = Rates(read=250, write=10, build=15)


class Estimate(NamedTuple):
    """How long, and why."""

    seconds: float
    basis: str  # "61 GB read at 300 MB/s"

    @property
    def text(self) -> str:
        """`about 4 min (61 GB read at 300 MB/s)`"""
        return f"about {spoken(self.seconds)} ({self.basis})"


def rates(durations: Durations, dialect: Dialect) -> Rates:
    """What the configuration says, and the dialect's own rates for the rest."""
    usual = MYSQL if dialect in ("mysql", "mariadb") else POSTGRESQL
    return Rates(durations.read or usual.read, durations.write or usual.write, durations.build or usual.build)


def estimate(effect: Effect, sizes: Iterable[TableSize], at: Rates) -> Estimate | None:
    """How long a statement goes through tables of these sizes; None where that makes no difference."""
    sizes = tuple(sizes)
    total = sum(each.bytes for each in sizes)
    indexed = sum(each.bytes * _built(effect, each) for each in sizes)
    number = sum(_built(effect, each) for each in sizes)
    parts: list[tuple[float, str]] = []
    if effect.rewrites:
        parts.append((total / MEGABYTE / at.write, f"{amount(total)} written at {at.write:g} MB/s"))
    if number:
        noun = "1 index" if number == 1 else f"{number} indexes"
        of = "" if parts else f" from {amount(total)}"
        parts.append((indexed / MEGABYTE / at.build, f"{noun} built{of} at {at.build:g} MB/s"))
    elif effect.scans and not parts:
        parts.append((total / MEGABYTE / at.read, f"{amount(total)} read at {at.read:g} MB/s"))
    if not parts:
        return None
    return Estimate(sum(seconds for seconds, _ in parts), ", ".join(basis for _, basis in parts))


def whole(size: TableSize, at: Rates) -> float:
    """The seconds that it takes to write a table anew with all its indexes: nothing takes longer."""
    found = estimate(Effect(rewrites=True), (size,), at)
    return found.seconds if found is not None else 0.0


def _built(effect: Effect, size: TableSize) -> int:
    """How many indexes of the table it builds."""
    if effect.rewrites or effect.builds_all:
        return size.indexes
    return len(effect.rebuilds) or int(effect.builds)


def spoken(seconds: float) -> str:
    """A duration as people say it: `40 s`, `4 min`, `3 h`."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else "a second"


def amount(number: float) -> str:
    """Bytes as people say them: `61 GB`, `3.5 MB`."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number / 1e3:.3g} kB"
