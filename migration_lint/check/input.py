"""What a run is given: the change, its contracts and its histories, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from migration_lint.change import Change, EmptyTree, Tree, resolve, resolve_whole, unsaved
from migration_lint.check.computed_order import taken_orders
from migration_lint.check.databases import Databases, Part, databases_of
from migration_lint.check.elsewhere import beginnings
from migration_lint.check.events import contract_facts
from migration_lint.check.protection import Contracts
from migration_lint.check.rules import load_rulebook
from migration_lint.check.schema import Progress, Schema, schema
from migration_lint.check.shared import shared
from migration_lint.check.side import side
from migration_lint.check.unowned import adrift
from migration_lint.contracts.load import load_contracts, out_of_sight
from migration_lint.contracts.model import ContractSet
from migration_lint.data_class import replace
from migration_lint.errors import CannotJudge, Problem
from migration_lint.facts.build import Background
from migration_lint.facts.model import DatabaseFacts, RevisionFacts
from migration_lint.facts.scale import Scale
from migration_lint.history import (
    Environment,
    History,
    Script,
    Spoken,
    for_each_engine,
    pair,
    read_history,
    spoken,
    survey,
    unknown_databases,
)
from migration_lint.named_tuple import NamedTuple
from migration_lint.reading.project.helpers import read_helpers
from migration_lint.reading.reader import Bundle
from migration_lint.rulebook.verdict import Rulebook
from migration_lint.settings import Settings, judging_settings
from migration_lint.sizes.found import read_sizes
from migration_lint.store import Store, key_of


class Input(NamedTuple):
    """All that is judged, and what it is judged by."""

    change: Change
    settings: Settings  # head's, or base's where that is stricter
    own: Settings  # head's, as it says
    rules: Rulebook
    contracts: Contracts
    schemas: Sequence[Schema]
    background: Background
    databases: Databases
    parts: tuple[Part, ...]  # each database with what is about it
    notes: tuple[str, ...]


def read_input(
    project: Path,
    base: str | None,
    head: str | None,
    all_revisions: bool,
    environ: Mapping[str, str],
    store: Store,
    progress: Progress,
    *,
    config: str | None = None,
    may_fetch: bool = False,
    edited: Mapping[str, bytes] | None = None,
) -> Input:
    """Read a change, or one tree. Raises CannotJudge with every problem of what cannot be read.

    `config` is a configuration in place of the project's own, by its path from `project` on.
    """
    change = read_change(project, base, head, all_revisions, environ, may_fetch=may_fetch, edited=edited)
    judging = judging_settings(change.base, change.head, change.project, config)
    settings = judging.head
    rules = load_rulebook(change.head, change.project, settings, store)
    contracts = read_contracts(change, judging.base, settings, store)
    before = judging.base if judging.held else settings
    schemas, skipped = read_schemas(change, judging.base, before, settings, store, progress, project)
    if not schemas:
        gated = bool(contracts.base.contracts or contracts.head.contracts)
        lost = adrift(change.head, change.project, contracts=gated)
        if lost is not None and (gated or all_revisions):
            raise CannotJudge(lost)
        if lost is None:
            skipped.append(f"{change.head.name} has no Alembic environment: there is no migration to judge")
        else:
            skipped.append(f"{lost.path}: {lost.message}; {lost.fix}")
    databases = databases_of(schemas, contracts)
    return Input(
        change,
        settings,
        judging.own,
        rules,
        contracts,
        schemas,
        background_of(change, schemas, contracts, settings, all_revisions),
        databases,
        tuple(_parts(change, databases, schemas, contracts, settings, all_revisions, rules.wants)),
        (*change.notes, *judging.notes, *skipped, *databases.notes()),
    )


def _parts(
    change: Change,
    databases: Databases,
    schemas: Sequence[Schema],
    contracts: Contracts,
    settings: Settings,
    all_revisions: bool,
    wanted: Callable[[str], bool],
) -> Iterator[Part]:
    """What is judged of each database; one without a schema where the project has none."""
    if not schemas:
        background = background_of(change, (), contracts, settings, all_revisions)
        yield Part(0, (), settings, contracts, background, wanted)
    for number, each in enumerate(schemas):
        own, mine = each.settings, databases.contracts_of(number)
        # Whose contract a finding is about is the same everywhere, and so are all their facts.
        background = background_of(change, (each,), contracts, own, all_revisions)
        yield Part(number, (each,), own, mine, background, wanted)


def read_change(
    project: Path,
    base: str | None,
    head: str | None,
    all_revisions: bool,
    environ: Mapping[str, str],
    *,
    may_fetch: bool = False,
    edited: Mapping[str, bytes] | None = None,
) -> Change:
    """The trees to judge; with `all_revisions` one tree, against itself."""
    if not all_revisions:
        return resolve(project, base=base, head=head, environ=environ, may_fetch=may_fetch, edited=edited)
    return resolve_whole(project, head=head, environ=environ)


def read_contracts(change: Change, before: Settings, settings: Settings, store: Store) -> Contracts:
    """Base's contracts by base's patterns, head's by those of either, so that none gets out of sight."""

    def load(tree: Tree, patterns: Sequence[str]) -> ContractSet:
        return load_contracts(
            tree,
            patterns,
            change.project,
            identifiers=settings.identifiers,
            default_schema=settings.default_schema,
            store=store,
        )

    head = load(change.head, settings.contracts)
    base = head
    if change.base is not change.head:
        with _In(change.base):
            base = load(change.base, before.contracts)
    if not head.contracts and not base.contracts:
        unseen = out_of_sight(change.head, change.project)
        if unseen is not None:
            # A contract that nobody looks at would protect nothing, and nobody would know.
            folder = unseen.rpartition("/contracts/")[0] or "."
            raise CannotJudge(
                Problem(
                    "this is a contract, and `contracts` in the configuration does not name it",
                    unseen,
                    fix=f"judge the project that it belongs to (`migration-lint check {_quoted(folder)}`), "
                    f'or set contracts = ["{folder}/contracts/**/*.yaml"]',
                )
            )
    return Contracts(base, head)


def _quoted(folder: str) -> str:
    from shlex import quote

    return quote(folder)


class _In:
    """Says of every problem inside which tree it is."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, CannotJudge):
            raise CannotJudge.of(
                each._replace(
                    message=f"{each.message} (in base: {self._tree.name})",
                    fix=f"{each.fix or 'mend it'}; a change that only mends base is judged with --all",
                )
                for each in error.problems
            ) from None


def read_schemas(
    change: Change,
    before: Settings,
    held: Settings,
    settings: Settings,
    store: Store,
    progress: Progress,
    project: Path,
) -> tuple[list[Schema], list[str]]:
    """Every Alembic environment of base and head, and why some configurations were passed over.

    `before` is base's configuration; what `held` says of a database that base has holds for it: that is
    `before` or, where base holds nothing yet, `settings`, which calls the databases as head does.
    """
    helpers = read_helpers(settings.helpers, project, change.head, change.project)
    earlier_helpers = helpers
    if change.base is not change.head:
        earlier_helpers = read_helpers(settings.helpers, project, change.base, change.project)
    records = Records(store)
    head, skipped = _histories(change.head, change.project, settings, True, records)
    if change.base is change.head:
        base: list[History] = head
        skipped += beginnings(head, settings, None)
    else:
        with _In(change.base):
            earlier_settings = replace(before, depends_on=settings.depends_on)
            base, _ = _histories(change.base, change.project, earlier_settings, False, records)
        skipped += beginnings(head, settings, base)
    made: list[Schema] = []
    for earlier, later in pair(base, head):
        by_head = held is not before and later is not None
        own, found = _for_database(change, settings, held, None if by_head else earlier, later)
        known = later or earlier
        name = known.environment.name if known else ""
        if found is not None and found.dialect != settings.dialect:
            skipped.append(f"{name}: read as {found.dialect}, as {found.source} says")
        engine = known.environment.engine if known else None
        bundle = Bundle(store, key_of(name, change.project, own.dialect, engine or ""))
        alone = change.base is change.head
        one = side(change.base, earlier, own, bundle, earlier_helpers, whole=alone)
        other = one if alone else side(change.head, later, own, bundle, helpers)
        made.append(schema(one, other, own, store, progress))
        bundle.save()
    changed = {script.path for each in made for script in (*each.change.new, *each.change.edited)}
    skipped += taken_orders(head, changed if change.base is not change.head else (), settings)
    return shared(made), skipped


def _for_database(
    change: Change, settings: Settings, held: Settings, earlier: History | None, later: History | None
) -> tuple[Settings, Spoken | None]:
    """The settings for one database, and what says its dialect where the configuration does not.

    Of a database that base has, what it speaks and its default schema stay as they are there.
    """
    if earlier is None:
        return _said(settings, change.head, later) if later is not None else (settings, None)
    before, found = _said(held, change.base, earlier)
    after = _said(settings, change.head, later)[0] if later is not None else before
    return replace(
        settings,
        dialect=before.dialect,
        default_schema=before.default_schema,
        server_version=after.server_version,
        sizes=after.sizes,
    ), found


def _said(settings: Settings, tree: Tree, history: History) -> tuple[Settings, Spoken | None]:
    environment = history.environment
    found = spoken(tree, history) if environment.dialect or "dialect" not in settings.lines else None
    names = (environment.database, environment.name)
    said = any(settings.databases[name].dialect for name in names if name in settings.databases)
    found = None if said else found
    return settings.of(*names, spoken=found.dialect if found is not None else None), found


def _histories(
    tree: Tree, project: str, settings: Settings, required: bool, records: Records
) -> tuple[list[History], list[str]]:
    if isinstance(tree, EmptyTree):
        return [], []
    places = {name: each.alembic for name, each in settings.databases.items()}
    found = survey(tree, project, settings.alembic, databases=places, required=required)
    histories: list[History] = []
    problems: list[Problem] = []
    for environment in found.environments:
        try:
            histories += for_each_engine(_history(tree, environment, project, settings, records))
        except CannotJudge as error:
            problems += error.problems
    if required and not problems:
        here = [history.environment for history in histories]
        problems += unknown_databases(here, places, settings.path, settings.lines)
    if problems:
        raise CannotJudge.of(problems)
    return histories, [f"{each.path}: {each.message}" for each in found.skipped]


def _history(
    tree: Tree, environment: Environment, project: str, settings: Settings, records: Records
) -> History:
    key = key_of(environment.name, project)
    history = read_history(
        tree,
        environment,
        records.of(key),
        whole=False,
        depends_on=settings.depends_on,
        beside=records.scripts(key),
    )
    records.add(key, history, unsaved(tree))
    return history


def _records(held: object) -> dict[str, list[Any]]:
    return held if isinstance(held, dict) else {}


class Records:
    """What scripts say of themselves, by content; head's serve base too, and are kept for the next run."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, dict[str, list[Any]]] = {}
        self._scripts: dict[str, dict[str, Script]] = {}

    def of(self, key: str) -> dict[str, list[Any]]:
        if key not in self._known:
            self._known[key] = self._store.get_shaped("history", key, _records)
        return self._known[key]

    def scripts(self, key: str) -> dict[str, Script]:
        """Those of the tree that was read before this one, by path."""
        return self._scripts.get(key, {})

    def add(self, key: str, history: History, without: frozenset[str]) -> None:
        """Keep those of a history, `without` what some paths hold."""
        self._scripts[key] = {script.path: script for script in history.scripts}
        known = self._known[key]
        scripts = [
            script for script in history.scripts if not script.named_by_file and script.path not in without
        ]
        if all(script.content_id in known for script in scripts):
            return
        fresh = {script.content_id: script.record.to_json() for script in scripts}
        merged = {**known, **fresh}
        self._known[key] = merged if len(merged) < 3 * len(fresh) + 100 else fresh
        self._store.put("history", key, self._known[key])


def background_of(
    change: Change,
    schemas: Sequence[Schema],
    contracts: Contracts,
    settings: Settings,
    all_revisions: bool,
) -> Background:
    """What the facts of a run have in common. Raises CannotJudge with what is wrong in a file of sizes."""
    revisions: dict[str, RevisionFacts] = {}
    for each in schemas:
        for one in (each.base, each.head):
            for script in one.history.scripts if one else ():
                revisions[script.revision] = RevisionFacts(script.revision, script.path)
        new = {script.revision for script in each.change.new}
        for script in each.fresh:
            edited = script.revision in each.edited
            revisions[script.revision] = RevisionFacts(
                script.revision, script.path, new=script.revision in new, edited=edited
            )
    if all_revisions:
        revisions = {revision: facts._replace(new=True) for revision, facts in revisions.items()}
    return Background(
        DatabaseFacts(settings.dialect, settings.server_version),
        settings.default_schema,
        revisions,
        contract_facts(contracts),
        Scale(settings, read_sizes(change.head, change.project, settings)),
    )
