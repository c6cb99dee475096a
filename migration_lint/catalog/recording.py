"""A replay kept, so that the catalog can be seen again as each revision, and each operation, found it.

To replay an operation is to work out what it does, and what that sets off; to see it again only writes to a
copy what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.parts import Write
from migration_lint.catalog.replay import steps
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation


class Moment(NamedTuple):
    """One operation, or what it sets off, between two catalogs, which are good until the next moment."""

    operation: Operation
    before: Catalog
    after: Catalog


class Recording(NamedTuple):
    """What a revision did: its operations and what follows from them, and what each of them wrote."""

    revision: str
    steps: Sequence[tuple[Operation, Sequence[Write]]]
    journal: Journal  # its own, or that of all revisions that were replayed with it

    def written(self) -> Iterator[Write]:
        """All that the revision wrote to a catalog, in order."""
        for _, writes in self.steps:
            yield from writes


class Stage(NamedTuple):
    """One revision of a replay, with the catalogs that it finds and leaves; nobody may write to them."""

    recording: Recording
    before: Catalog
    after: Catalog

    def moments(self) -> Iterator[Moment]:
        """Its operations, one after the other."""
        before, after = self.before.copy(), self.before.copy()
        for operation, writes in self.recording.steps:
            after.write(writes)
            yield Moment(operation, before, after)
            before.write(writes)


def record(
    catalog: Catalog, revision: str, operations: Iterable[Operation], journal: Journal | None = None
) -> Recording:
    """Replay a revision on a catalog, in place, and keep what it does; `journal` is as for `replay`."""
    journal = Journal() if journal is None else journal
    done: list[Operation] = []
    begun: list[int] = []  # how much was written when each of them began
    writes: list[Write] = []
    catalog.record(writes)
    for operation in steps(catalog, revision, operations, journal):
        done.append(operation)
        begun.append(len(writes))
    catalog.record(None)
    parts = [writes[one:other] for one, other in pairwise((*begun, len(writes)))]
    return Recording(revision, tuple(zip(done, parts, strict=True)), journal)


def stages(start: Catalog, recordings: Iterable[Recording]) -> Iterator[Stage]:
    """The revisions of a replay that began with a catalog equal to `start`."""
    before = start
    for each in recordings:
        after = before.copy()
        after.write(each.written())
        yield Stage(each, before, after)
        before = after
