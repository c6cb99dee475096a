"""What a project does not want to hear of: revisions from before it began, and what a baseline lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migration_lint.check.finding import Finding
from migration_lint.check.schema import Schema
from migration_lint.errors import CannotJudge, Problem
from migration_lint.rulebook.rule import Rule
from migration_lint.rulebook.verdict import Rulebook
from migration_lint.settings import Settings
from migration_lint.wording import did_you_mean, nearest

#: What happens to an old revision today, whatever stands in it.
_OF_TODAY = frozenset(("revision_edited", "revision_removed", "head_added"))


def old_revisions(schemas: Sequence[Schema], settings: Settings, all_revisions: bool) -> frozenset[str]:
    """The revisions that `start-after` names, and all that they stand on.

    A revision that is new in the change is never among them: a change does not excuse itself. Raises
    CannotJudge for an id that no history of head has.
    """
    old: set[str] = set()
    parents: dict[str, tuple[str, ...]] = {}
    for schema in schemas:
        parents.update(schema.head.history.parents if schema.head is not None else {})
    unknown = [revision for revision in settings.start_after if revision not in parents]
    if unknown:
        problems = []
        for revision in unknown:
            meant = nearest(revision, parents)
            fix = did_you_mean(meant, "write the id as the script's `revision` has it")
            line = settings.lines.get("start-after", 0)
            message = f"start-after names {revision}, which is no revision"
            problems.append(Problem(message, settings.path, line, fix=fix))
        raise CannotJudge.of(problems)
    waiting = list(settings.start_after)
    while waiting:
        revision = waiting.pop()
        if revision not in old:
            old.add(revision)
            waiting += parents.get(revision, ())
    if not all_revisions:
        old.difference_update(script.revision for schema in schemas for script in schema.change.new)
    return frozenset(old)


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


def without_old(
    findings: Iterable[Finding], old: frozenset[str], rules: Rulebook, all_revisions: bool
) -> list[Finding]:
    """The findings that are not about what an old revision does.

    In a change the gate goes on: a contract is broken by an edited old revision as by a new one.
    """

    def stays(rule: Rule) -> bool:
        if all_revisions:
            return False
        return rule.group in ("contract", "suppression") or not _OF_TODAY.isdisjoint(rule.on)

    return [
        finding for finding in findings if finding.revision not in old or stays(rules.by_name[finding.rule])
    ]
