"""What a project does not want to hear of: revisions from before it began, and what a baseline lists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from migration_lint.check.causes import Told
from migration_lint.check.finding import Finding
from migration_lint.check.schema import Schema
from migration_lint.errors import CannotJudge, Problem
from migration_lint.facts.model import Occurrence, RevisionChange
from migration_lint.named_tuple import NamedTuple
from migration_lint.rulebook.rule import Rule
from migration_lint.rulebook.verdict import Rulebook
from migration_lint.settings import Settings
from migration_lint.wording import did_you_mean, listed, near

#: What happens to an old revision today, whatever stands in it.
_OF_TODAY = frozenset(("revision_edited", "revision_removed", "head_added"))


class Old(NamedTuple):
    """The revisions from before a project began. Of several databases each may have one of the same id."""

    paths: frozenset[str] = frozenset()  # of their scripts
    revisions: frozenset[str] = frozenset()  # their ids
    alone: frozenset[str] = frozenset()  # the ids that no other revision has

    def does(self, finding: Finding) -> bool:
        """Whether a finding is about what one of them does; it may be told at a module or a contract."""
        if finding.revision not in self.revisions:
            return False
        return finding.path in self.paths or finding.revision in self.alone


def old_revisions(schemas: Sequence[Schema], settings: Settings, all_revisions: bool) -> Old:
    """The revisions that `start-after` names, and all that they stand on in the same history.

    A revision that is new in the change is never among them: a change does not excuse itself. Raises
    CannotJudge for an id that no history of head has.
    """
    histories = [(schema, schema.head.history) for schema in schemas if schema.head is not None]
    parents = {revision for _, history in histories for revision in history.parents}
    _refuse_unknown([each for each in settings.start_after if each not in parents], parents, settings)
    paths, revisions, others = set[str](), set[str](), set[str]()
    for schema, history in histories:
        old = _below(settings.start_after, history.parents)
        if not all_revisions:
            old -= {script.revision for script in schema.change.new}
        paths.update(script.path for script in history.scripts if script.revision in old)
        revisions |= old
        others.update(revision for revision in history.parents if revision not in old)
    return Old(frozenset(paths), frozenset(revisions), frozenset(revisions - others))


def _below(starts: Iterable[str], parents: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Those of some revisions that a history has, with all that they stand on."""
    found: set[str] = set()
    waiting = [revision for revision in starts if revision in parents]
    while waiting:
        revision = waiting.pop()
        if revision not in found:
            found.add(revision)
            waiting += parents.get(revision, ())
    return found


def _refuse_unknown(unknown: Sequence[str], known: Collection[str], settings: Settings) -> None:
    """Raises CannotJudge where `start-after` names what is no revision."""
    problems = []
    for revision in unknown:
        fix = did_you_mean(near(revision, sorted(known)), "write the id as the script's `revision` has it")
        message = f"start-after names {revision}, which is no revision"
        problems.append(Problem(message, settings.path, settings.lines.get("start-after", 0), fix=fix))
    if problems:
        raise CannotJudge.of(problems)


def told_once(findings: Iterable[Finding], rules: Rulebook) -> list[Finding]:
    """The findings of all revisions, with one for each rule that is about the way of a project.

    It says how many revisions there are besides.
    """
    kept: list[Finding] = []
    places: dict[str, int] = {}
    others: dict[str, set[str]] = {}
    for each in findings:
        rule = rules.by_name.get(each.rule)
        if rule is None or not rule.once:
            kept.append(each)
        elif each.rule not in places:
            places[each.rule] = len(kept)
            kept.append(each)
        else:
            others.setdefault(each.rule, set()).add(each.revision or each.path)
    for name, revisions in others.items():
        first = kept[places[name]]
        number = len(revisions - {first.revision or first.path})
        if number:
            also = f"also: in {number:,} more revision{'' if number == 1 else 's'}, of which --all tells one"
            kept[places[name]] = first._replace(notes=(*first.notes, also))
    return kept


def said_once(findings: Iterable[Finding], apart: Callable[[Finding], bool]) -> list[Finding]:
    """The findings of all revisions, where one script says the same of one table at several lines: once.

    It says where it holds besides. `apart` says of a finding that it is told at each of its places.
    """
    kept: list[Finding] = []
    places: dict[tuple[object, ...], int] = {}
    others: dict[int, list[int]] = {}
    for each in findings:
        same = (each.rule, each.severity, each.message, each.path, each.revision, each.table)
        if each.contracts or not each.line or apart(each) or same not in places:
            places.setdefault(same, len(kept))
            kept.append(each)
        else:
            others.setdefault(places[same], []).append(each.line)
    for place, lines in others.items():
        told = sorted(set(lines) - {kept[place].line})
        if told:
            also = f"also: in line{'' if len(told) == 1 else 's'} {listed(map(str, told), 'and')}, for which"
            notes = (*kept[place].notes, f"{also} --all says the same")
            kept[place] = kept[place]._replace(notes=notes)
    return kept


def unsure(told: Iterable[Told]) -> Iterator[Told]:
    """Those about a revision of which only a run shows whether it does something else."""
    for each in told:
        facts = each.occurrence.facts
        if isinstance(facts, RevisionChange) and not facts.revision.certain:
            yield each


def told_together(
    findings: Sequence[Finding], unsure: Iterable[Told], find: Callable[[Occurrence], Iterable[Finding]]
) -> list[Finding]:
    """The findings, with one for all that are `unsure`: an edit of the application makes many such.

    `find` is what the rules find in an occurrence. One whose message does not name the others is left alone.
    """
    by_finding = {finding: each.occurrence for each in unsure for finding in each.findings}
    alike: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        if each in by_finding:
            alike.setdefault((each.rule, each.severity), []).append(each)
    instead: dict[Finding, Finding | None] = {}
    for (rule, _), (first, *others) in alike.items():
        occurrence = by_finding[first]
        assert isinstance(occurrence.facts, RevisionChange)
        also = tuple(dict.fromkeys(each.revision for each in others if each.revision))
        revision = occurrence.facts.revision._replace(also=also)
        for made in find(occurrence._replace(facts=RevisionChange(revision))):
            if made.rule == rule and made.message != first.message:
                instead |= {first: made, **dict.fromkeys(others)}
    return [kept for each in findings if (kept := instead.get(each, each)) is not None]


def without_old(findings: Iterable[Finding], old: Old, rules: Rulebook, all_revisions: bool) -> list[Finding]:
    """The findings that are not about what an old revision does.

    In a change the gate goes on: a contract is broken by an edited old revision as by a new one.
    """

    def stays(rule: Rule) -> bool:
        if all_revisions:
            return False
        return rule.group in ("contract", "suppression") or not _OF_TODAY.isdisjoint(rule.on)

    return [finding for finding in findings if not old.does(finding) or stays(rules.by_name[finding.rule])]
