"""A rule that is begun: a file that can be loaded, with an example that fires and one that is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from migration_lint.errors import CannotJudge, Problem
from migration_lint.rulebook.rule import Rule
from migration_lint.wording import listed

_TEXT = """\
# `migration-lint rules --facts` lists the events for `on`, and the facts for `when` and for {…} in texts.
summary: A column is called todo.
severity: warning
on: add_column
when: column.name == "todo"
message: "{table}.{column} says nothing of what is in it"
why: |
  Say what goes wrong in production, how the person notices, and since which version of the server.
fix: |
  say what to write instead, with the names that the migration has:
      op.add_column("{table}", sa.Column("due_at", …))
examples:
  - name: called todo
    upgrade: op.add_column("deployment_events", sa.Column("todo", sa.Text()))
    finds: 1
  - name: called by what is in it
    upgrade: op.add_column("deployment_events", sa.Column("due_at", sa.Text()))
    finds: 0
"""


def begun() -> str:
    """The text of a rule file, to be written over part by part."""
    return _TEXT


def group_of(name: str, rules: Iterable[Rule]) -> str:
    """The group in which rules of this package have the same first word. Raises CannotJudge for none."""
    words = Counter((rule.name.partition("-")[0], rule.group) for rule in rules if rule.builtin)
    groups = [group for (word, group), _ in words.most_common() if word == name.partition("-")[0]]
    if not groups:
        first = sorted({word for word, _ in words})
        fix = f"begin it with {listed(first, 'or')}, as the rules of a group are"
        raise CannotJudge(Problem(f"no group has rules called like {name}", fix=fix))
    return groups[0]
