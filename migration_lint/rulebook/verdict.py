"""What the rules say about an occurrence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from migration_lint.errors import CannotJudge, Problem
from migration_lint.rulebook.rule import Choice, Rule
from migration_lint.severity import Severity

if TYPE_CHECKING:
    from migration_lint.facts.model import Occurrence
    from migration_lint.settings.model import Level

#: How severe a rule is, by configuration: its name, and the severity that its own file gives.
Levels: TypeAlias = "Callable[[str, Severity], Level]"


class Verdict(NamedTuple):
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
    def of(cls, rules: Iterable[Rule]) -> Rulebook:
        rules = tuple(rules)
        by_event: dict[str, list[Rule]] = {}
        for rule in rules:
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


def verdicts(rulebook: Rulebook, occurrence: Occurrence, level: Levels) -> Iterator[Verdict]:
    """Every rule that finds something in the occurrence, and what it says."""
    # Only here: a run in which nothing occurs has no use for either.
    from migration_lint.rulebook.condition import compiled as condition
    from migration_lint.rulebook.template import compiled as template

    facts = occurrence.facts
    for rule in rulebook.by_event.get(occurrence.event, ()):
        if not condition(rule.when)(facts):
            continue
        own = _first(rule.severity, facts)
        severity = level(rule.name, "error" if own == "error" else "warning" if own == "warning" else "info")
        if severity == "off":
            continue
        notes = (template(note.then)(facts) for note in rule.notes if condition(note.when)(facts))
        yield Verdict(
            rule,
            severity,
            template(_first(rule.message, facts))(facts),
            template(_first(rule.fix, facts))(facts),
            tuple(notes),
        )


def _first(choices: tuple[Choice, ...], facts: object) -> str:
    from migration_lint.rulebook.condition import compiled as condition

    return next((choice.then for choice in choices if condition(choice.when)(facts)), "")


def check_levels(
    rulebook: Rulebook, severity: Mapping[str, str], path: str, lines: Mapping[str, int] | None = None
) -> None:
    """Every rule that the configuration gives a severity exists. Raises CannotJudge with all that do not.

    `path` is the configuration's file; `lines` holds the line of the key `severity.<rule>`.
    """
    problems: list[Problem] = []
    for name in severity:
        if name not in rulebook.by_name:
            from migration_lint.rulebook.explain import nearest_rules

            fix = nearest_rules(name, rulebook.by_name)
            line = (lines or {}).get(f"severity.{name}", 0)
            problems.append(
                Problem(f"severity is given to {name}, and there is no such rule", path, line, fix=fix)
            )
    if problems:
        raise CannotJudge.of(problems)
