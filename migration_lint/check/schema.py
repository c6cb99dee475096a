"""One Alembic environment at base and at head: its histories, what they do, and the difference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from migration_lint.catalog.difference import Difference, Rewritten, difference
from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog, Key
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay import replay
from migration_lint.catalog.stored import catalog_from_json, catalog_to_json
from migration_lint.check.edited import edited_revisions
from migration_lint.check.side import Side, same_surroundings
from migration_lint.check.timeline import Timeline
from migration_lint.errors import CannotJudge, Problem
from migration_lint.history import HistoryChange, Script, compare, env_script, without_upgrade
from migration_lint.history.source import said_once
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation
from migration_lint.settings import Settings
from migration_lint.store import Store, key_of

#: What is told of progress: what is being done, to how many scripts it is, of how many.
Progress = Callable[[str, int, int], None]

#: What is made of an uncertain operation of a revision: what runs, or None.
Decided = Callable[[str, Operation], "Operation | None"]


class Schema(NamedTuple):
    """What one environment's scripts make of the schema, before and after the change."""

    base: Side | None
    head: Side | None
    change: HistoryChange
    before: Catalog
    after: Catalog
    journal: Journal  # of what is judged, on the way to `after`
    timeline: Timeline  # what is judged, on top of what base has
    back: Timeline  # its downgrades, from `after`
    rewritten: tuple[Rewritten, ...] = ()
    edited: tuple[str, ...] = ()  # revisions of base that do something else at head
    beside: tuple[str, ...] = ()  # those that may, and whose known operations are the same
    unsure: frozenset[str] = frozenset()  # of these and those edited: which may do the same as before
    uncompared: tuple[tuple[Problem, tuple[str, ...]], ...] = ()  # as `check/edited` says
    fresh: tuple[Script, ...] = ()  # head's scripts that are judged, in order
    settings: Settings = Settings()  # for this database
    certain: bool = True  # False: head is as it would be if its uncertain steps ran so (`check/worlds.py`)
    shared: frozenset[Key] = frozenset()  # tables that another environment of this database makes

    @property
    def name(self) -> str:
        """What messages call the environment."""
        side = self.head or self.base
        return side.history.environment.name if side is not None else ""

    @property
    def engine(self) -> str | None:
        """Which of the databases it is that the environment's scripts are for; None: the only one."""
        side = self.head or self.base
        return side.history.environment.engine if side is not None else None

    @property
    def is_configured(self) -> bool:
        """Whether a configuration of head speaks of its folder."""
        return self.head is not None and bool(self.head.history.environment.config_path)

    def called(self, *, in_base: bool = False) -> tuple[str, ...]:
        """The names of the database in head, or in base; of one that is in one alone, its names there."""
        side = (self.base or self.head) if in_base else (self.head or self.base)
        if side is None:
            return ()
        environment = side.history.environment
        names = (environment.database, environment.name)
        return names if environment.engine is None else names[:1]

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The scripts of `fresh` that are revisions: the others are what an env.py does by itself."""
        history = self.head.history if self.head is not None else ()
        return tuple(script for script in self.fresh if script.revision in history)

    def difference(self, is_protected: Callable[[TableName], bool], named: Iterable[TableName]) -> Difference:
        """What the change does to protected tables."""
        return difference(
            self.before, self.after, self.journal, is_protected, named=named, rewritten=self.rewritten
        )

    def decided(self, decide: Decided) -> Schema:
        """The same with head as it is where the uncertain operations of what is judged ran as decided."""
        journal = Journal()
        if self.after is self.timeline.end:
            after = self.before.copy()
            for script in self.timeline.scripts:
                run = partial(decide, script.revision)
                replay(after, script.revision, self.timeline.read(script), journal, run)
        else:
            after, journal = _anew(self.head, self.fresh, self.settings, _untold, decide)
        return self._replace(after=after, journal=journal, certain=False)

    def squashed(self) -> Script | None:
        """The baseline that takes the place of removed revisions and makes the same schema, if one does."""
        baseline = next((script for script in self.fresh if not script.down_revisions), None)
        if baseline is None or not self.change.removed:
            return None
        for one, other in ((self.before, self.after), (self.after, self.before)):
            if any(difference(one, other, Journal(), lambda table: True)[:2]):
                return None
        return baseline


def schema(
    base: Side | None, head: Side | None, settings: Settings, store: Store, progress: Progress
) -> Schema:
    """Replay both histories of an environment, reading only what was not read before."""
    change = compare(base.history if base else None, head.history if head else None)
    every = _every_revision(base, settings, progress)
    compared = edited_revisions(base, head, change, settings.directions, every)
    edited = compared.revisions
    before = _catalog(base, every, settings, store, progress)
    new = {script.revision for script in change.new}
    fresh = tuple(
        script
        for script in (head.history.scripts if head else ())
        if script.revision in new or script.revision in edited
    )
    if head is not None:
        for script in fresh:
            head.reader.read(script)  # both directions of what is judged, in one go
    env = _env_of_the_change(base, head)
    if env is not None:
        fresh = (*fresh, env)
    timeline, after, journal = every, before, every.journal
    if base is not head:
        read = _nothing if head is None else head.operations
        timeline = Timeline(before, fresh, read, progress=partial(progress, "reading"))
        timeline.journal.foreign_keys = _enforces(head, settings)
        if _goes_on(base, head, fresh, edited):
            after, journal = timeline.end, timeline.journal
        else:
            after, journal = _anew(head, fresh, settings, progress)
    if head is not None:
        judged = head.history.scripts if base is head else fresh
        _refuse_newer(head, judged)
        _refuse_without_upgrade(head, judged)
    return Schema(
        base,
        head,
        change,
        before,
        after,
        journal,
        timeline,
        timeline.taken_back(_nothing if head is None else head.downgrade, after),
        _rewritten(base, head, change, edited),
        edited,
        compared.beside,
        compared.unsure,
        compared.uncompared,
        fresh,
        settings,
    )


def _refuse_newer(head: Side, judged: Iterable[Script]) -> None:
    """Raises CannotJudge, once for all, where judged scripts draw on modules that need a newer Python."""
    newer = [head.reader.newer.get(script.path, {}) for script in judged]
    found = {path: problem for each in newer for path, problem in each.items()}
    if found:
        raise CannotJudge.of(said_once([found[path] for path in sorted(found)]))


def _refuse_without_upgrade(head: Side, judged: Iterable[Script]) -> None:
    """Raises CannotJudge with every judged revision that Alembic has nothing to run of."""
    scripts = (script for script in judged if script.revision in head.history.parents)
    problems = [problem for script in scripts if (problem := without_upgrade(script)) is not None]
    if problems:
        raise CannotJudge.of(problems)


def _env_of_the_change(base: Side | None, head: Side | None) -> Script | None:
    """env.py, where it does something in head that it did not do in base: it is run with every migration."""
    if base is None or head is None or base.tree is head.tree:
        return None
    script = env_script(head.tree, head.history.environment)
    before = env_script(base.tree, base.history.environment)
    if script is None:
        return None
    if (
        before is not None
        and before.content_id == script.content_id
        and same_surroundings(base, head, script)
    ):
        return None
    from migration_lint.reading.env_script import new_operations

    earlier = base.operations(before) if before is not None else ()
    found = new_operations(earlier, head.operations(script))
    head.reader.adopt(script, found)
    return script if found else None


#: A listener of connections, most often, in env.py or in a module that it imports.
_SWITCHED_ON = r"(?i)\bforeign_keys\s*=\s*['\"]?(?:on|true|yes|1)\b"
_IMPORTED = r"(?m)^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))"


def _enforces(head: Side | None, settings: Settings) -> bool:
    """Whether connections to SQLite are told to enforce foreign keys, as far as env.py shows."""
    script = None if head is None else env_script(head.tree, head.history.environment)
    if head is None or script is None or settings.dialect != "sqlite":
        return False
    files = head.tree.files()
    text = head.tree.read(script.path).decode("utf-8", "replace")
    modules = {(one or other).replace(".", "/") for one, other in re.findall(_IMPORTED, text)}
    ends = tuple(f"{module}{end}" for module in modules for end in (".py", "/__init__.py"))
    imported = [
        path for path in files if path.endswith(ends) and f"/{path}".endswith(tuple(f"/{e}" for e in ends))
    ]
    texts = head.tree.read_many(imported).values() if ends else ()
    return any(re.search(_SWITCHED_ON, each.decode("utf-8", "replace")) for each in (text.encode(), *texts))


def no_schema(settings: Settings) -> Schema:
    """That of a project that has no Alembic environment."""
    return schema(None, None, settings, Store(None), _untold)


def _untold(stage: str, done: int, total: int) -> None:
    """Progress that nobody is told of."""


def _nothing(script: Script) -> tuple[Operation, ...]:
    return ()


def _every_revision(one: Side | None, settings: Settings, progress: Progress) -> Timeline:
    """All that the scripts of a tree do, from nothing, each judged by itself."""
    if one is None:
        return Timeline(Catalog.of(settings), (), _nothing)
    told = partial(progress, "replaying")
    return Timeline(Catalog.of(settings), one.history.scripts, one.operations, apart=True, progress=told)


def _catalog(
    one: Side | None, every: Timeline, settings: Settings, store: Store, progress: Progress
) -> Catalog:
    if one is None:
        return every.end
    key = _catalog_key(one, one.history.scripts, settings, progress)
    held = _held(store, key)
    if held is not None:
        return held
    store.put_texts("catalog", key, *catalog_to_json(every.end))
    return every.end


def _goes_on(base: Side | None, head: Side | None, fresh: Sequence[Script], edited: Sequence[str]) -> bool:
    """Whether what is judged stands on all that base has, so that head's catalog goes on from base's."""
    if head is None or edited:
        return False
    judged = {script.revision for script in fresh}
    scripts = head.history.scripts
    kept = [script for script in scripts if script.revision not in judged]
    earlier = base.history.scripts if base else ()
    return [s.revision for s in kept] == [s.revision for s in earlier] and scripts[: len(kept)] == tuple(kept)


def _anew(
    head: Side | None,
    fresh: Sequence[Script],
    settings: Settings,
    progress: Progress,
    decide: Decided | None = None,
) -> tuple[Catalog, Journal]:
    """What head's scripts make from nothing, and the journal of those that are judged and run as decided."""
    after, journal = Catalog.of(settings), Journal()
    journal.foreign_keys = _enforces(head, settings)
    if head is None:
        return after, journal
    judged = {script.revision for script in fresh}
    outside = [script for script in fresh if script.revision not in head.history.parents]  # what env.py does
    scripts = (*head.history.scripts, *outside)
    for number, script in enumerate(scripts, 1):
        is_judged = script.revision in judged
        own = journal if is_judged else None
        run = partial(decide, script.revision) if decide is not None and is_judged else None
        replay(after, script.revision, head.operations(script), own, run)
        progress("reading", number, len(scripts))
    return after, journal


def _catalog_key(one: Side, scripts: Sequence[Script], settings: Settings, progress: Progress) -> str:
    parts = [settings.dialect, settings.default_schema, str(settings.identifiers.tables_by_case)]
    parts.append(str(one.history.environment.engine))
    parts += (*map("=".join, sorted(settings.environment.items())), *settings.helpers)
    known: dict[int, tuple[dict[str, str], str]] = {}  # scripts share what they asked for
    for number, script in enumerate(scripts):
        asked = one.reader.asked(script)  # which reads what was not read before: most of a long run
        progress("reading", number + 1, len(scripts))
        if id(asked) not in known:
            known[id(asked)] = asked, key_of(*(part for each in sorted(asked.items()) for part in each))
        parts += (script.revision, script.path, script.content_id, known[id(asked)][1])
    return key_of(*parts)


def _held(store: Store, key: str) -> Catalog | None:
    data, texts = store.get_texts("catalog", key)
    if not isinstance(data, dict):
        return None
    try:
        return catalog_from_json(data, texts)
    except (KeyError, TypeError, ValueError):
        return None


def _rewritten(
    base: Side | None, head: Side | None, change: HistoryChange, edited: Sequence[str]
) -> tuple[Rewritten, ...]:
    found: list[Rewritten] = []
    if base is None:
        return ()
    earlier = base.history.by_revision()
    later = head.history.by_revision() if head else {}
    for revision in edited:
        script = later[revision]
        assert head is not None
        found.append(
            Rewritten(revision, script.path, base.operations(earlier[revision]), head.operations(script))
        )
    for script in change.removed:
        found.append(Rewritten(script.revision, script.path, base.operations(script), None))
    return tuple(found)
