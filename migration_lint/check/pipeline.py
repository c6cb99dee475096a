"""The whole of a check, in one function that can be read from top to bottom."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from migration_lint.catalog.outcome import TableName
from migration_lint.change import Change, Tree
from migration_lint.check.baseline import Entry, read_baseline, silence
from migration_lint.check.causes import Told, unsaid
from migration_lint.check.compatibility import interruption_events, value_events, view_events
from migration_lint.check.database_change import DatabaseChange
from migration_lint.check.databases import Part
from migration_lint.check.edited_models import model_events
from migration_lint.check.element import element_of
from migration_lint.check.events import (
    come_to_nothing,
    disagreement_events,
    gate_events,
    history_events,
    need_events,
    removal_events,
    shift_events,
    squashed,
    uncompared,
    unheard_of,
)
from migration_lint.check.finding import ContractPlace, Database, Finding, Judged, Report, bounded
from migration_lint.check.input import Input, read_input
from migration_lint.check.misspelt import misspelt
from migration_lint.check.named import about, named_scripts, unborne
from migration_lint.check.operations import operation_events
from migration_lint.check.orders import in_other_order, order_note
from migration_lint.check.placed import placed
from migration_lint.check.quiet import (
    Old,
    old_revisions,
    said_once,
    told_once,
    told_together,
    unsure,
    without_old,
)
from migration_lint.check.revisions import revision_events
from migration_lint.check.schema import Progress, Schema
from migration_lint.check.touched import touched_tables
from migration_lint.check.unowned import passed_over, unowned
from migration_lint.check.worlds import in_other_worlds, undecided
from migration_lint.errors import CannotJudge
from migration_lint.facts.build import disparity_occurrence
from migration_lint.facts.model import Occurrence
from migration_lint.parity.model import Disparity
from migration_lint.rulebook.verdict import Rulebook, verdicts
from migration_lint.settings import Settings
from migration_lint.severity import SEVERITIES, Severity
from migration_lint.store import Store, key_of, open_store

Maker = Callable[[DatabaseChange], Iterable[Occurrence]]


def insertion_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """What `inserts` makes of a change; it evaluates conditions, and is imported where a contract may ask."""
    if change.contracts.base.tables():
        from migration_lint.check import inserts

        yield from inserts.insertion_events(change)


#: Who makes occurrences of what contracts have to do with.
OF_CONTRACTS: tuple[Maker, ...] = (
    gate_events,
    shift_events,
    value_events,
    view_events,
    interruption_events,
    need_events,
    insertion_events,
    disagreement_events,
    removal_events,
)
#: Of these, who is asked too what is so where steps that may not run have not run. What becomes of tables and
#: columns the gate tells of such steps by itself.
OF_OTHER_WORLDS: tuple[Maker, ...] = (shift_events, value_events, view_events, need_events, insertion_events)
#: The same, where branches run the other way round.
OF_OTHER_ORDERS: tuple[Maker, ...] = (gate_events, *OF_OTHER_WORLDS, disagreement_events)
#: Who makes occurrences of a change, one after the other.
MAKERS: tuple[Maker, ...] = (*OF_CONTRACTS, history_events, operation_events, revision_events)
#: Those for whom a revision by itself is a change.
OF_A_REVISION: tuple[Maker, ...] = (gate_events, value_events, operation_events, revision_events)
#: Who has something to say of a change that no rule is about.
NOTES: tuple[Callable[[DatabaseChange], Iterable[str]], ...] = (
    come_to_nothing,
    unheard_of,
    uncompared,
    squashed,
    misspelt,
)


def run_check(
    project: Path,
    *,
    base: str | None = None,
    head: str | None = None,
    all_revisions: bool = False,
    scripts: Collection[str] = (),
    environ: Mapping[str, str],
    config: str | None = None,
    fail_on: Severity | None = None,
    use_cache: bool = True,
    may_fetch: bool = False,
    with_baseline: bool = True,
    edited: Mapping[str, bytes] | None = None,
    store: Store | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Judge a change, or every revision of one tree.

    `project` is the folder to judge; `base` and `head` are as on the command line, `may_fetch` is `--fetch`;
    `config` is `--config`, by its path from `project` on;
    with `scripts`, paths below `project`, only what these do is reported, of all revisions; without
    `with_baseline` what the baseline lists is reported too; `edited` are texts that are not saved, by their
    paths in the tree; `store` is one that several runs share. Raises CannotJudge with every problem of the
    input where no judgement is possible.
    """
    store = store or (open_store(environ) if use_cache else Store(None))
    given = read_input(
        project,
        base,
        head,
        all_revisions,
        environ,
        store,
        progress,
        config=config,
        may_fetch=may_fetch,
        edited=edited,
    )
    return judge_input(
        given,
        all_revisions=all_revisions,
        scripts=scripts,
        fail_on=fail_on,
        with_baseline=with_baseline,
        progress=progress,
    )


def judge_input(
    given: Input,
    *,
    all_revisions: bool = False,
    scripts: Collection[str] = (),
    fail_on: Severity | None = None,
    with_baseline: bool = True,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Judge what was read, as `run_check` does, which has the same parameters."""
    change, settings, rules = given.change, given.settings, given.rules
    contracts, schemas, background = given.contracts, given.schemas, given.background
    named = named_scripts(scripts, change, schemas)
    old = old_revisions(schemas, settings, all_revisions) if not named else Old()
    known = read_baseline(change.head, change.project, settings) if with_baseline else ()
    meant = unborne(change, given.own, given.parts, all_revisions)
    lost = [] if all_revisions else unowned(change, settings, contracts, schemas)
    if problems := [*meant.problems, *lost]:
        raise CannotJudge.of(problems)

    notes = list(passed_over(change, settings, schemas, all_revisions))
    findings = _findings(
        [disparity_occurrence(each, background) for each in _vendored(given)], rules, settings
    )
    if not all_revisions:
        models, more = model_events(change, schemas, background, rules.wants)
        notes += more
        findings += (placed(each, schemas) for each in _findings(models, rules, settings))
    gates: list[Told] = []
    for part in given.parts:
        found, of_gates, said = _of_a_part(given, part, all_revisions, progress)
        findings += (placed(each, part.schemas) for each in found)
        gates += of_gates
        notes += said
    # What a loop or a helper does several times at one place is said once.
    findings = list(dict.fromkeys(findings))
    findings, suppressed = _suppressed(findings, schemas, rules, settings, change.head)
    if old.revisions:
        findings = without_old(findings, old, rules, all_revisions)
    if named:
        findings = about(findings, named, schemas)
    findings = told_together(findings, gates, lambda each: _findings([each], rules, settings))
    silenced = silence(_fingerprinted(sorted(findings, key=_order)), known)
    told = list(silenced.findings)
    if all_revisions and not named and with_baseline:
        told = said_once(told_once(told, rules), lambda finding: _is_protected(finding, given.parts))
    if all_revisions and not named:
        notes += _stale(silenced.stale, settings)
    heads = [head for s in schemas if s.head for head in s.head.history.heads]
    return Report(
        findings=tuple(told),
        notes=(*given.notes, *meant.notes, *dict.fromkeys(notes)),
        suppressed=suppressed,
        baselined=silenced.listed,
        revisions=len(named) or len(_judged_scripts(schemas, all_revisions)),
        advice=_advice(told, settings, heads) if all_revisions and not named and with_baseline else (),
        fail_on=fail_on or settings.fail_on,
        source=lambda path: _source(change, path),
        rule=rules.by_name.get,
        judged=lambda: _judged(given, compared=not all_revisions),
    )


def _advice(findings: Sequence[Finding], settings: Settings, heads: Sequence[str]) -> tuple[str, ...]:
    from migration_lint.check.adoption import next_steps  # that only --all asks for

    return next_steps(findings, settings, heads)


def _of_a_part(
    given: Input, part: Part, all_revisions: bool, progress: Progress
) -> tuple[list[Finding], list[Told], list[str]]:
    """What is found in one database, what gates say there without being sure, and what no rule is about."""
    happened = every_revision if all_revisions else one_change
    occurrences, notes = happened(part, progress)
    gate = _told(occurrences, given.rules, given.settings)
    found = [finding for each in gate for finding in each.findings]
    if not all_revisions and part.contracts.head.contracts:
        apart, left_out = _parity_in_each_order(given.change, part)
        held = _told(apart, given.rules, given.settings)
        beside = unsaid(held, gate, part.contracts.head, given.settings.require)
        found += beside.findings
        notes = [*notes, *left_out, *beside.notes]
    return found, [*unsure(gate)], notes


def run_parity(
    project: Path,
    *,
    head: str | None = None,
    database_url: str | None = None,
    environ: Mapping[str, str],
    config: str | None = None,
    fail_on: Severity | None = None,
    use_cache: bool = True,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Hold the contracts of one tree against each other, the schema and the code, or a live database.

    With `database_url`, a URL as SQLAlchemy takes it, the database stands in for the migrations. Raises
    CannotJudge as `run_check` does, and where the database cannot be asked.
    """
    from migration_lint.check.parity import State, disparities, head_state

    store = open_store(environ) if use_cache else Store(None)
    given = read_input(project, None, head, True, environ, store, progress, config=config)
    notes, project_folder = list(given.notes), given.change.project
    occurrences: list[Occurrence] = []
    if database_url is not None:
        from migration_lint.database import read_database

        live = read_database(database_url, given.contracts.head, given.settings)
        state = State(given.change.head, given.contracts.head, live.schema)
        notes += live.notes
        found = disparities(state, project_folder, given.settings)
        occurrences += [disparity_occurrence(each, given.background) for each in found]
    else:
        for part in given.parts:
            state = head_state(given.change.head, part.contracts.head, part.schemas)
            found = disparities(state, project_folder, part.settings)
            occurrences += [disparity_occurrence(each, part.background) for each in found]
    if not given.contracts.head.contracts:
        notes.append("there is no contract: there is nothing to hold against anything")
    occurrences += [disparity_occurrence(each, given.background) for each in _vendored(given)]
    told = _findings(occurrences, given.rules, given.settings)
    findings = list(dict.fromkeys(placed(each, given.schemas) for each in told))
    return Report(
        findings=tuple(_fingerprinted(sorted(findings, key=_order))),
        notes=tuple(notes),
        contracts=len(given.contracts.head.contracts),
        fail_on=fail_on or given.settings.fail_on,
        source=lambda path: _source(given.change, path),
        rule=given.rules.by_name.get,
        judged=lambda: _judged(given, compared=False),
    )


def _is_protected(finding: Finding, parts: Iterable[Part]) -> bool:
    """Whether a finding is about a protected table of one of the databases."""
    schema, _, name = (finding.table or "").rpartition(".")
    return bool(name) and any(
        part.change.protection(TableName(schema or part.background.default_schema, name)) for part in parts
    )


def _parity_in_each_order(change: Change, part: Part) -> tuple[list[Occurrence], list[str]]:
    """What no longer agrees by this change, whatever the gate makes of it, and in whatever order it runs."""
    found, notes = _parity(change, part, part.schemas)
    for other in in_other_order(part.change):
        more = [each for each in _parity(change, part, (other.schema,))[0] if each not in found]
        notes += order_note(part.change.schema) if more else []
        found += more
    return found, notes


def _parity(change: Change, part: Part, schemas: Sequence[Schema]) -> tuple[list[Occurrence], list[str]]:
    """The same, with the schemas as they are given."""
    tables = touched_tables(change, part.contracts, schemas)
    if not tables:
        return [], []
    from migration_lint.check.parity import base_state, head_state, new_disparities

    found, notes = new_disparities(
        base_state(change.base, part.contracts.base, part.schemas),
        head_state(change.head, part.contracts.head, schemas),
        tables,
        change.project,
        part.settings,
    )
    return [disparity_occurrence(each, part.background) for each in found], notes


def _vendored(given: Input) -> list[Disparity]:
    """Vendored files that are not what the lock pins; a check tells all of them, whoever changed them."""
    tree, project = given.change.head, given.change.project
    if posixpath.join(project, "contracts.lock") not in tree.files():
        return []
    from migration_lint.parity.vendored import disowned_disparities, vendored_disparities, vendored_paths
    from migration_lint.vendoring import read_lock

    lock = read_lock(tree, project)
    if lock is None:
        return []
    contracts, earlier = given.contracts, vendored_paths(given.change.base, project)
    return [
        *vendored_disparities(lock, contracts.head, tree, project),
        *disowned_disparities(lock, contracts.head, tree, project, contracts.base, earlier),
    ]


def one_change(part: Part, progress: Progress) -> tuple[list[Occurrence], list[str]]:
    """What happened to a database between base and head."""
    change = part.change
    occurrences = [each for make in MAKERS for each in make(change)]
    if "downgrade" in part.settings.directions:
        # What is left when everything is taken back again must not be less than what was there.
        known = {(each.event, each.path, each.line) for each in occurrences}
        back = change.taken_back()
        more = (each for make in OF_CONTRACTS for each in make(back))
        occurrences += [each for each in more if (each.event, each.path, each.line) not in known]
    occurrences += in_other_worlds(change, OF_OTHER_WORLDS, occurrences, undecided)
    reversed_ = list(in_other_worlds(change, OF_OTHER_ORDERS, occurrences, in_other_order))
    notes = [note for make in NOTES for note in make(change)]
    return occurrences + reversed_, notes + (order_note(change.schema) if reversed_ else [])


def every_revision(part: Part, progress: Progress) -> tuple[list[Occurrence], list[str]]:
    """What every revision of a database's head does, each judged as if it were new."""
    from migration_lint.check.each_revision import each_as_new  # that only --all asks for

    occurrences: list[Occurrence] = []
    if part.schemas and part.schemas[0].head is not None:
        count = len(part.schemas[0].timeline.scripts)
        for number, change in enumerate(each_as_new(part.change), 1):
            progress("judging", number, count)
            occurrences += [each for make in OF_A_REVISION for each in make(change)]
    return occurrences, []


def _told(occurrences: Iterable[Occurrence], rules: Rulebook, settings: Settings) -> list[Told]:
    return [Told(each, _findings([each], rules, settings)) for each in occurrences]


def _findings(occurrences: Iterable[Occurrence], rules: Rulebook, settings: Settings) -> list[Finding]:
    return [
        bounded(
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
                element=element_of(each.facts),
                contracts=tuple(ContractPlace(*line) for line in each.contracts),
                fix=verdict.fix,
                notes=verdict.notes,
            )
        )
        for each in occurrences
        for verdict in verdicts(rules, each, settings.level)
    ]


def _judged_scripts(schemas: Sequence[Schema], all_revisions: bool) -> set[str]:
    """The paths of the scripts that a run judges, those that a change removes among them."""
    seen = (s.head.history.scripts if all_revisions and s.head else s.scripts for s in schemas)
    removed = () if all_revisions else (script.path for s in schemas for script in s.change.removed)
    return {script.path for each in seen for script in each}.union(removed)


def _judged(given: Input, compared: bool) -> Judged:
    """What the run was about, for a report that says so."""
    databases = tuple(
        Database(
            each.name if each.engine is None else f"{each.name} [{each.engine}]",
            each.settings.dialect,
            ".".join(map(str, each.settings.server_version)),
            len(each.head.history.scripts) if each.head is not None else 0,
        )
        for each in given.schemas
    )
    from migration_lint.change.identity import identity  # that some reports ask for

    base = identity(given.change.base) if compared else None
    return Judged(given.change.project, identity(given.change.head), base, databases)


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


def _stale(entries: Iterable[Entry], settings: Settings) -> Iterator[str]:
    for each in entries:
        yield f"{settings.baseline}: {each.rule} in {each.path} is no longer found; take the line out"


def _order(finding: Finding) -> tuple[object, ...]:
    return finding.path, finding.line, finding.column, SEVERITIES.index(finding.severity), finding.rule


def _fingerprinted(findings: Iterable[Finding]) -> Iterator[Finding]:
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
