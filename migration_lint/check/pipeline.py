"""The whole of a check, in one function that can be read from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from migration_lint.catalog.difference import difference_by_revision
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.catalog.replay import replay
from migration_lint.change import Change, EmptyTree, Tree, resolve, resolve_tree
from migration_lint.check.events import (
    Contracts,
    Protection,
    contract_events,
    contract_facts,
    gate_events,
    history_events,
    operation_events,
    squash_notes,
    terms,
)
from migration_lint.check.finding import ContractPlace, Finding, Report
from migration_lint.check.rules import load_rulebook
from migration_lint.check.schema import Schema, schema, side
from migration_lint.contracts.judgement import judge
from migration_lint.contracts.load import load_contracts, out_of_sight
from migration_lint.contracts.model import ContractSet
from migration_lint.errors import CannotJudge, Problem
from migration_lint.facts.build import Background
from migration_lint.facts.model import DatabaseFacts, Occurrence, RevisionFacts
from migration_lint.history import Environment, History, Record, pair, read_history, survey
from migration_lint.operations import KINDS
from migration_lint.reading.reader import Bundle
from migration_lint.rulebook.verdict import Rulebook, check_levels, verdicts
from migration_lint.settings import Settings, judging_settings
from migration_lint.severity import SEVERITIES, Severity
from migration_lint.store import Store, key_of, open_store

Progress = Callable[[int, int], None]


def run_check(
    project: Path,
    *,
    base: str | None = None,
    head: str | None = None,
    all_revisions: bool = False,
    environ: Mapping[str, str],
    fail_on: Severity | None = None,
    use_cache: bool = True,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Judge a change, or every revision of one tree.

    `project` is the folder to judge; `base` and `head` are as on the command line. Raises CannotJudge with
    every problem of the input where no judgement is possible.
    """
    store = open_store(environ) if use_cache else Store(None)
    change = _change(project, base, head, all_revisions, environ)
    judging = judging_settings(change.base, change.head, change.project)
    settings = judging.head
    rules = load_rulebook(change.head, change.project, settings.rules, store)
    check_levels(rules, settings.severity, settings.path, settings.lines)

    contracts = _contracts(change, judging.base, settings, store)
    schemas, skipped = _schemas(change, judging.base, settings, store, progress)
    if not schemas:
        skipped.append(f"{change.head.name} has no Alembic environment: there is no migration to judge")
    background = _background(schemas, contracts, settings, all_revisions)
    protection = Protection(contracts, settings)

    happened = every_revision if all_revisions else one_change
    occurrences, notes = happened(schemas, contracts, settings, background, protection, rules)
    findings = _findings(occurrences, rules, settings)
    # What a loop or a helper does several times at one place is said once.
    findings = list(dict.fromkeys(findings))
    findings, suppressed = _suppressed(findings, schemas, rules, settings, change.head)
    judged = sum(len(s.fresh) + len(s.change.removed) for s in schemas)
    return Report(
        findings=tuple(_fingerprinted(sorted(findings, key=_order), change.head)),
        notes=(*change.notes, *judging.notes, *skipped, *notes),
        suppressed=suppressed,
        revisions=judged
        if not all_revisions
        else sum(len(s.head.history.scripts) for s in schemas if s.head),
        fail_on=fail_on or settings.fail_on,
        source=lambda path: _source(change, path),
    )


def one_change(
    schemas: Sequence[Schema],
    contracts: Contracts,
    settings: Settings,
    background: Background,
    protection: Protection,
    rules: Rulebook,
) -> tuple[list[Occurrence], list[str]]:
    """What happened between base and head."""
    occurrences, notes = contract_events(schemas, contracts, settings, background, protection)
    if "downgrade" in settings.directions:
        # What is left when everything is taken back again must not be less than what was there.
        back = [each.taken_back() for each in schemas]
        more, _ = contract_events(back, contracts, settings, background, protection)
        known = {(each.event, each.path, each.line) for each in occurrences}
        occurrences += [each for each in more if (each.event, each.path, each.line) not in known]
    for each in schemas:
        occurrences += history_events(each, background)
        notes += squash_notes(each)
        for script in each.fresh if any(map(rules.wants, KINDS)) else ():
            occurrences += operation_events(
                each, script, each.before, settings, background, protection, rules.wants
            )
    return occurrences, notes


def every_revision(
    schemas: Sequence[Schema],
    contracts: Contracts,
    settings: Settings,
    background: Background,
    protection: Protection,
    rules: Rulebook,
) -> tuple[list[Occurrence], list[str]]:
    """What every revision of head does, each judged as if it were new."""
    occurrences: list[Occurrence] = []
    agreed = terms(schemas, settings)
    # A contract could have acknowledged each of them, when it was new: what it says now counts for all.
    unspoken = ContractSet(
        tuple(
            contract._replace(tables=tuple(entry._replace(acknowledges=()) for entry in contract.tables))
            for contract in contracts.head.contracts
        ),
        contracts.head.default_schema,
        contracts.head.exact,
    )
    for each in schemas:
        if each.head is None:
            continue
        scripts = each.head.history.scripts
        catalog = Catalog(settings.dialect, settings.default_schema or None)
        revisions = [(script.revision, each.head.operations(script)) for script in scripts]
        found = difference_by_revision(catalog, revisions, protection, named=contracts.named())
        outcomes = [revision.difference.outcomes for revision in found]
        for one, called in zip(outcomes, _as_called_now(outcomes), strict=True):
            judged = judge(called, unspoken, contracts.head, agreed)
            occurrences += gate_events(one, judged, background)
        if any(map(rules.wants, KINDS)):
            running = Catalog(settings.dialect, settings.default_schema or None)
            for script, (revision, operations) in zip(scripts, revisions, strict=True):
                occurrences += operation_events(
                    each, script, running, settings, background, protection, rules.wants
                )
                replay(running, revision, operations)
    return occurrences, []


def _as_called_now(stages: Sequence[Sequence[Outcome]]) -> list[list[Outcome]]:
    """Each revision's outcomes with the names that their tables have in the end, which contracts know."""
    later: dict[TableName, TableName] = {}
    made: list[list[Outcome]] = []
    for outcomes in reversed(stages):
        made.append(
            [
                outcome._replace(table=later[outcome.table], new_table=later[outcome.table])
                if outcome.new_table == outcome.table and outcome.table in later
                else outcome
                for outcome in outcomes
            ]
        )
        for outcome in outcomes:
            if outcome.kind in ("table_renamed", "table_moved") and outcome.new_table is not None:
                later[outcome.table] = later.get(outcome.new_table, outcome.new_table)
    made.reverse()
    return made


def _change(
    project: Path, base: str | None, head: str | None, all_revisions: bool, environ: Mapping[str, str]
) -> Change:
    if not all_revisions:
        return resolve(project, base=base, head=head, environ=environ)
    tree, prefix = resolve_tree(project, head)
    return Change(tree, tree, prefix)


def _contracts(change: Change, before: Settings, settings: Settings, store: Store) -> Contracts:
    """Base's contracts by base's patterns, head's by those of either, so that none gets out of sight."""

    def load(tree: Tree, patterns: Sequence[str]) -> ContractSet:
        return load_contracts(
            tree,
            patterns,
            change.project,
            dialect=settings.dialect,
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


def _schemas(
    change: Change, before: Settings, settings: Settings, store: Store, progress: Progress
) -> tuple[list[Schema], list[str]]:
    """Every Alembic environment of base and head, and why some configurations were passed over."""
    records = Records(store)
    head, skipped = _histories(change.head, change.project, settings.alembic, True, records)
    if change.base is change.head:
        base: list[History] = head
    else:
        with _In(change.base):
            base, _ = _histories(change.base, change.project, before.alembic, False, records)
    made: list[Schema] = []
    for earlier, later in pair(base, head):
        known = later or earlier
        name = known.environment.name if known else ""
        bundle = Bundle(store, key_of(name, change.project, settings.dialect))
        one = side(change.base, earlier, settings, bundle)
        other = one if change.base is change.head else side(change.head, later, settings, bundle)
        made.append(schema(one, other, settings, store, progress))
        bundle.save()
    return made, skipped


def _histories(
    tree: Tree, project: str, named: Sequence[str], required: bool, records: Records
) -> tuple[list[History], list[str]]:
    if isinstance(tree, EmptyTree):
        return [], []
    found = survey(tree, project, named, required=required)
    histories: list[History] = []
    problems: list[Problem] = []
    for environment in found.environments:
        try:
            histories.append(_history(tree, environment, project, records))
        except CannotJudge as error:
            problems += error.problems
    if problems:
        raise CannotJudge.of(problems)
    return histories, [f"{each.path}: {each.message}" for each in found.skipped]


def _history(tree: Tree, environment: Environment, project: str, records: Records) -> History:
    known = records.of(key_of(environment.name, project))
    history = read_history(tree, environment, known)
    records.add(key_of(environment.name, project), history)
    return history


class Records:
    """What scripts say of themselves, by content; head's serve base too, and are kept for the next run."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, dict[str, Record]] = {}

    def of(self, key: str) -> dict[str, Record]:
        if key not in self._known:
            held = self._store.get("history", key)
            self._known[key] = held if isinstance(held, dict) else {}
        return self._known[key]

    def add(self, key: str, history: History) -> None:
        known = self._known[key]
        scripts = [script for script in history.scripts if not script.named_by_file]
        if all(script.content_id in known for script in scripts):
            return
        fresh = {script.content_id: script.record() for script in scripts}
        merged = {**known, **fresh}
        self._known[key] = merged if len(merged) < 3 * len(fresh) + 100 else fresh
        self._store.put("history", key, self._known[key])


def _background(
    schemas: Sequence[Schema], contracts: Contracts, settings: Settings, all_revisions: bool
) -> Background:
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
    )


def _findings(occurrences: Iterable[Occurrence], rules: Rulebook, settings: Settings) -> list[Finding]:
    return [
        Finding(
            rule=verdict.rule.name,
            severity=verdict.severity,
            message=verdict.message,
            path=each.path,
            line=each.line,
            column=each.column,
            end_line=each.end_line,
            end_column=each.end_column,
            revision=each.revision,
            table=each.table,
            contracts=tuple(ContractPlace(*line) for line in each.contracts),
            fix=verdict.fix,
            notes=verdict.notes,
        )
        for each in occurrences
        for verdict in verdicts(rules, each, settings.level)
    ]


def _suppressed(
    findings: Sequence[Finding], schemas: Sequence[Schema], rules: Rulebook, settings: Settings, head: Tree
) -> tuple[list[Finding], int]:
    """The findings that no comment silences, with what is wrong about the comments."""
    paths = dict.fromkeys(script.path for each in schemas for script in each.fresh)
    paths.update(dict.fromkeys(finding.path for finding in findings if finding.path.endswith(".py")))
    files = head.files()
    texts = {path: head.read(path) for path in paths if path in files}
    if not any(b"lint" in text.lower() for text in texts.values()):
        return list(findings), 0  # almost always, so that what reads the comments is not even imported
    from migration_lint.rulebook.suppression import apply, read_suppressions

    comments = [comment for path, text in texts.items() for comment in read_suppressions(path, text)]
    if not comments:
        return list(findings), 0
    applied = apply(findings, comments, rules.by_name)
    return [*applied.kept, *_findings(applied.occurrences, rules, settings)], len(applied.suppressed)


def _order(finding: Finding) -> tuple[object, ...]:
    return finding.path, finding.line, finding.column, SEVERITIES.index(finding.severity), finding.rule


def _fingerprinted(findings: Iterable[Finding], head: Tree) -> Iterator[Finding]:
    """Each finding with a name that stays when lines move: what it says of which element, not where."""
    seen: dict[str, int] = {}
    for finding in findings:
        made = key_of(
            finding.rule, finding.path, finding.revision or "", finding.table or "", finding.message
        )
        number = seen[made] = seen.get(made, 0) + 1
        yield finding._replace(fingerprint=made[:32] if number == 1 else key_of(made, str(number))[:32])


def _source(change: Change, path: str) -> str | None:
    for tree in (change.head, change.base):
        if path in tree.files():
            from migration_lint.history.source import decode

            try:
                return decode(path, tree.read(path))
            except CannotJudge:
                return None
    return None
