"""What the rules say about an occurrence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.rulebook.rule import Alternative, Rule
from migration_lint.settings.model import LEVELS, Level
from migration_lint.severity import Severity

if TYPE_CHECKING:
    from migration_lint.facts.model import Occurrence

#: How severe a finding is, by configuration: the rule, the severity that its own file gives, its group, and
#: the path of the script.
Levels: TypeAlias = "Callable[[str, Level, str, str], Level]"


class RuleVerdict(NamedTuple):
    """One rule's word on one occurrence."""

    rule: Rule
    severity: Severity
    message: str
    fix: str
    notes: tuple[str, ...]  # each `label: text`


class Rulebook(NamedTuple):
    """All rules of a run."""

    rules: tuple[Rule, ...]
    by_event: Mapping[str, tuple[Rule, ...]]
    by_name: Mapping[str, Rule]

    @classmethod
    def of(cls, rules: Iterable[Rule], can_find: Callable[[Rule], bool] = lambda rule: True) -> Rulebook:
        """All `rules`, of which those that `can_find` nothing hang on no event."""
        rules = tuple(rules)
        by_event: dict[str, list[Rule]] = {}
        for rule in filter(can_find, rules):
            for event in rule.on:
                by_event.setdefault(event, []).append(rule)
        return cls(
            rules,
            {event: tuple(found) for event, found in by_event.items()},
            {rule.name: rule for rule in rules},
        )

    def wants(self, event: str) -> bool:
        """Whether any rule hangs on the event; if none does, its facts need not be built."""
        return event in self.by_event


def verdicts(rulebook: Rulebook, occurrence: Occurrence, level: Levels) -> Iterator[RuleVerdict]:
    """Every rule that finds something in the occurrence, and what it says."""
    # Only here: a run in which nothing occurs has no use for either.
    from migration_lint.rulebook.condition import compiled as condition
    from migration_lint.rulebook.template import compiled as template

    facts = occurrence.facts
    for rule in rulebook.by_event.get(occurrence.event, ()):
        if not condition(rule.when)(facts):
            continue
        own = next(each for each in LEVELS if each == _first(rule.severity, facts))
        severity = level(rule.name, own, rule.group, occurrence.path)
        if severity == "off":
            continue
        notes = (template(note.then)(facts) for note in rule.notes if condition(note.when)(facts))
        yield RuleVerdict(
            rule,
            severity,
            template(_first(rule.message, facts))(facts),
            template(_first(rule.fix, facts))(facts),
            tuple(notes),
        )


def _first(choices: tuple[Alternative, ...], facts: object) -> str:
    from migration_lint.rulebook.condition import compiled as condition

    return next((choice.then for choice in choices if condition(choice.when)(facts)), "")


def check_levels(
    rulebook: Rulebook,
    severity: Mapping[str, str],
    path: str,
    lines: Mapping[str, int] | None = None,
    key: str = "severity",
) -> None:
    """Every rule or group that the configuration gives a severity exists.

    `path` is the configuration's file; `lines` holds the line of each `<key>.<rule>`. Raises CannotJudge with
    all that do not exist.
    """
    problems: list[Problem] = []
    groups = {rule.group for rule in rulebook.rules}
    for name in severity:
        if name not in rulebook.by_name and name not in groups:
            from migration_lint.rulebook.explain import nearest_rules

            fix = nearest_rules(name, (*rulebook.by_name, *sorted(groups)))
            line = (lines or {}).get(f"{key}.{name}", 0)
            problems.append(
                Problem(f"{key} is given to {name}, and there is no such rule or group", path, line, fix=fix)
            )
    if problems:
        raise CannotJudge.of(problems)
