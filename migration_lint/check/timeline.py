"""The scripts that are judged, replayed once on what was there before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.recording import Recording, Stage, record, stages
from migration_lint.history import Script
from migration_lint.operations import Operation

#: What a script does, in one direction.
Read = Callable[[Script], Sequence[Operation]]


class Timeline:
    """Scripts in the order in which they run, each operation with the catalog before and after it.

    They are replayed when the timeline is first looked at, and not again, however often it is walked.
    """

    def __init__(
        self,
        start: Catalog,
        scripts: Sequence[Script],
        read: Read,
        *,
        apart: bool = False,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """`start` is what is there before, and is not changed; `apart`: each is judged by itself."""
        self.start = start
        self.scripts = scripts
        self.read = read
        self.journal = Journal()  # of all of them; empty where they are judged apart
        self._apart = apart
        self._progress = progress

    @property
    def end(self) -> Catalog:
        """What is there after all of them."""
        return self._replayed[0]

    @property
    def recordings(self) -> Sequence[Recording]:
        """What each script did."""
        return self._replayed[1]

    @cached_property
    def _replayed(self) -> tuple[Catalog, Sequence[Recording]]:
        catalog, made = self.start.copy(), list[Recording]()
        for number, script in enumerate(self.scripts, 1):
            journal = None if self._apart else self.journal
            made.append(record(catalog, script.revision, self.read(script), journal))
            self._progress(number, len(self.scripts))
        return catalog, made

    def __iter__(self) -> Iterator[tuple[Script, Stage]]:
        """Each script, with the catalogs that it finds and leaves, and the operations between them."""
        yield from zip(self.scripts, stages(self.start, self.recordings), strict=True)

    def one_by_one(self) -> Iterator[Timeline]:
        """Each script as a timeline of its own."""
        for script, stage in self:
            yield _Part(self, script, stage)

    def taken_back(self, read: Read, after: Catalog | None = None) -> Timeline:
        """The way back, the newest first, from what the scripts leave, or from `after`."""
        return Timeline(self.end if after is None else after, tuple(reversed(self.scripts)), read)


class _Part(Timeline):
    """One script of a timeline, which has replayed it."""

    def __init__(self, whole: Timeline, script: Script, stage: Stage) -> None:
        super().__init__(stage.before, (script,), whole.read)
        self.journal = stage.recording.journal
        self._stage = stage

    @cached_property
    def _replayed(self) -> tuple[Catalog, Sequence[Recording]]:
        return self._stage.after, (self._stage.recording,)
