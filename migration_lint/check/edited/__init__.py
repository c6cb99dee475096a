"""Which revisions a change edits: those that do something else than they did, or stand elsewhere.

That two versions of a script do the same has to be shown. Their operations are the same as the server reads
them, and besides one of two holds: the code is the same, or each operation is fully told, and what none of
them holds is said alike. What only tells people, and how long a statement waits, counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from migration_lint.check.side import Side, same_surroundings
from migration_lint.errors import Problem
from migration_lint.history import HistoryChange, Script
from migration_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from migration_lint.catalog.recording import Stage
    from migration_lint.check.edited.helpers import ComparedSurroundings
    from migration_lint.check.timeline import Timeline


#: `may`: of its own text nothing is edited, and nothing shows what the modules do to it that it draws on;
#: `reads so`: the same, and what is known of it is the same.
_Verdict = Literal["alike", "reads so", "may", "other"]


class Edited(NamedTuple):
    """What a change edits, by revisions of base that head has otherwise, in head's order."""

    revisions: tuple[str, ...] = ()  # whose operations are others, as far as they are known
    beside: tuple[str, ...] = ()  # whose known operations are the same, and which may do something else
    unsure: frozenset[str] = frozenset()  # of all of these, those that may do the same as before
    uncompared: tuple[tuple[Problem, tuple[str, ...]], ...] = ()  # what cannot be read, and which draw on it


def edited_revisions(
    base: Side | None, head: Side | None, change: HistoryChange, directions: Sequence[str], every: Timeline
) -> Edited:
    """Which revisions of base do something else at head, or stand elsewhere.

    `directions`: those that count; that `downgrade()` alone is another does not where it is not judged.
    `every`: all revisions of base, one after the other.
    """
    if base is None or head is None:
        return Edited()
    written = {script.revision for script in change.edited}
    earlier = base.history.by_revision()
    versions = _Versions(base, head, directions, every)
    found: dict[str, _Verdict] = {}
    for script in head.history.scripts:
        before = earlier.get(script.revision)
        if before is not None:
            is_written = script.revision in written
            stands = _stands_alike(before, script)
            found[script.revision] = versions.verdict(before, script, is_written) if stands else "other"
    return Edited(
        tuple(revision for revision, verdict in found.items() if verdict in ("may", "other")),
        tuple(revision for revision, verdict in found.items() if verdict == "reads so"),
        frozenset(revision for revision, verdict in found.items() if verdict in ("may", "reads so")),
        tuple((problem, tuple(by)) for problem, by in versions.uncompared.items()),
    )


def _stands_alike(before: Script, after: Script) -> bool:
    """Whether both stand at the same place of the history."""
    return before is after or all(
        set(filter(None, getattr(before, name))) == set(filter(None, getattr(after, name)))  # "" names none
        for name in ("down_revisions", "depends_on", "branch_labels")
    )


class _Versions:
    """Compares what scripts do in two trees."""

    def __init__(self, base: Side, head: Side, directions: Sequence[str], every: Timeline) -> None:
        self._base = base
        self._head = head
        self._directions = directions
        self._every = every
        self._helpers: ComparedSurroundings | None = None
        self.uncompared: dict[Problem, list[str]] = {}  # the revisions that draw on what cannot be read

    def _stage(self, script: Script) -> Stage:
        """The replay of a script of base."""
        return next(stage for each, stage in self._every if each.revision == script.revision)

    def verdict(self, before: Script, after: Script, written: bool) -> _Verdict:
        """Whether both are shown to do the same; not `written`: their own code says the same."""
        around = same_surroundings(self._base, self._head, after)
        if around and not written and before.path == after.path:
            return "alike"
        try:
            return self._verdict(before, after, around, written)
        except RecursionError:  # code may nest as deep as the parser allows: then nothing is shown
            return "other"

    def _verdict(self, before: Script, after: Script, around: bool, written: bool) -> _Verdict:
        """The same of code that may differ; `around`: what it calls into is the same to the letter."""
        from migration_lint.check.edited.effects import effects, performed
        from migration_lint.check.edited.helpers import SAME, ComparedSurroundings
        from migration_lint.check.edited.loading import without_fetching
        from migration_lint.check.edited.renaming import settled
        from migration_lint.check.edited.telling import plain_code
        from migration_lint.check.edited.unheld import unheld
        from migration_lint.history.compare import same_code

        one = plain_code(before.module(), self._directions)
        other = plain_code(after.module(), self._directions)
        helpers = SAME
        if not around:
            self._helpers = self._helpers or ComparedSurroundings(self._base, self._head)
            helpers = self._helpers.used((before, one), (after, other))
        own_text = same_code(settled(one), settled(without_fetching(one, other)))
        same_text = own_text and not helpers.data and same_code(helpers.base, helpers.head)
        if same_text and helpers.unread:
            for each in helpers.unread:
                self.uncompared.setdefault(each, []).append(after.revision)
            return "alike"
        if same_text and helpers.unlike:
            return "alike"  # what is read of it differs, and not what runs
        performing = performed(self._base, before, self._directions)
        anew = performed(self._head, after, self._directions)
        old = effects(performing, self._base.reader.dialect)
        new = effects(anew, self._head.reader.dialect)
        if old.shown != new.shown and any(each.if_exists for each in anew):
            from migration_lint.check.edited.retrying import idle

            decided = idle(self._stage(before), performing, anew)
            new = effects(anew, self._head.reader.dialect, decided)
        told = old.told and new.told
        edited = (written and not own_text) or helpers.own
        if old.shown != new.shown:
            return "other" if told or edited else "may"
        said = unheld([*helpers.base, *one]) if told else None
        if same_text or (said is not None and said == unheld([*helpers.head, *other])):
            return "alike"
        return "other" if edited else "reads so"
