"""What a shell is told that completes a word: names of rules, contracts and formats."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from migration_lint.errors import CannotJudge


def rule_names(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The rules that a word may be the beginning of, with what each finds."""
    from migration_lint.cli.rules import known_rules

    try:
        rules = known_rules(context.params.get("config"))
    except CannotJudge:
        return []  # the command itself says why
    return [CompletionItem(each.name, help=each.summary) for each in rules if each.name.startswith(begun)]


def contract_ids(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The contracts of the project that a word may be the beginning of."""
    from migration_lint.cli.usage import from_project
    from migration_lint.writing.export import project_contracts

    project = context.params.get("project") or Path()
    try:
        config = from_project(context.params.get("config"), project)
        loaded, _ = project_contracts(project, os.environ, config)
    except CannotJudge:
        return []
    return beginning(begun, (contract.id for contract in loaded.contracts))


def beginning(begun: str, words: Iterable[str]) -> list[CompletionItem]:
    """The words that one may be the beginning of."""
    return [CompletionItem(word) for word in words if word.startswith(begun)]
