"""A rule, as its file says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migration_lint.named_tuple import NamedTuple

#: What an example does to one contract: a patch for its entry of the table (see `example`), a whole new
#: text, or None, which deletes the file.
Patch = Mapping[str, Any] | str | None


class Alternative(NamedTuple):
    """One of several texts for a place of the rule: it is taken if its condition holds."""

    when: str  # a condition; "": always
    then: str


class ExampleState(NamedTuple):
    """What one side of an example sets apart from the table and contracts that all examples share."""

    upgrade: str  # statements of a revision's upgrade(); "": none
    contracts: Mapping[str, Patch]
    files: Mapping[str, str | None]


class Example(NamedTuple):
    """A small change, and how many findings the rule makes of it. `example.expand` makes files of it."""

    name: str
    finds: int
    before: ExampleState
    change: ExampleState


class Rule(NamedTuple):
    """One rule. A tuple of choices is a text that depends: the first that applies is taken."""

    name: str
    group: str
    path: str  # of its file, as messages name it
    builtin: bool
    summary: str
    severity: tuple[Alternative, ...]  # each a Level
    on: tuple[str, ...]  # keys of facts.model.EVENTS
    when: str  # a condition; "": always
    message: tuple[Alternative, ...]
    fix: tuple[Alternative, ...]
    notes: tuple[Alternative, ...]  # not the first but every one that applies
    why: str
    steps: tuple[str, ...]
    once: bool  # what it finds is a project's way, not a revision's: of all revisions it is told once
    examples: tuple[Example, ...]

    @property
    def page(self) -> str:
        """Where its page is, below the folder of the rules that come with the package."""
        return f"{self.group}/{self.name}.md"

    @property
    def inline(self) -> bool:
        """Whether a comment in a script can silence it.

        A contract rule cannot be: acknowledging in the contract is the way, where its owner sees it.
        Nor can a rule about suppressions, or they could silence themselves.
        """
        return not (self.builtin and self.group in ("contract", "suppression"))


#: What a store may keep of a rule: all but its examples, which no check asks for.
STORED = len(Rule._fields) - 1


def to_json(rule: Rule) -> list[Any]:
    """The rule without its examples, as JSON data."""
    return list(rule[:STORED])


def from_json(data: list[Any]) -> Rule:
    """The reverse of `to_json`. Raises TypeError or ValueError on anything that `to_json` cannot write."""
    if len(data) != STORED:
        raise ValueError("not a rule of this version")
    made: dict[str, Any] = {"examples": ()}
    for field, value in zip(Rule._fields, data, strict=False):
        if field in ("severity", "message", "fix", "notes"):
            made[field] = tuple(Alternative(*choice) for choice in value)
        else:
            made[field] = tuple(value) if isinstance(value, list) else value
    return Rule(**made)
