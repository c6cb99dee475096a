"""`explain` and `rules`: what the rules say of themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migration_lint.cli.completion import rule_names
from migration_lint.cli.output import as_json, print_text
from migration_lint.cli.usage import CONFIG, Choice, from_project

if TYPE_CHECKING:
    from migration_lint.rulebook.rule import Rule
    from migration_lint.settings import Settings


@click.command()
@click.argument("rule", shell_complete=rule_names)
@click.option("--format", "form", type=Choice(["text", "json"]), default="text", show_default=True)
@CONFIG
def explain(rule: str, form: str, config: Path | None) -> int:
    """Say what a rule finds, why, and what to do about it."""
    from migration_lint.rulebook.explain import explain as in_text
    from migration_lint.rulebook.explain import explain_json, find

    found = find(rule, {each.name: each for each in known_rules(config)})
    print_text(as_json(explain_json(found)) if form == "json" else in_text(found))
    return 0


@click.command()
@click.option(
    "--format", "form", type=Choice(["text", "json", "markdown"]), default="text", show_default=True
)
@click.option("--facts", is_flag=True, help="Show what a rule's condition may ask, for writing rules.")
@CONFIG
def rules(form: str, facts: bool, config: Path | None) -> int:
    """List the rules, each with its severity and what it finds."""
    from migration_lint.rulebook.explain import facts_text, rules_json, rules_text

    if facts:
        print_text(facts_text())
        return 0
    if form == "markdown":
        from migration_lint.rulebook.explain import rules_markdown
        from migration_lint.rulebook.files import builtin_files
        from migration_lint.rulebook.load import load

        print_text(rules_markdown(load(builtin_files())))
        return 0
    known = known_rules(config)
    levels = folder_settings(config).severity
    print_text(as_json(rules_json(known, levels)) if form == "json" else rules_text(known, levels))
    return 0


def folder_settings(config: Path | None = None) -> Settings:
    """The configuration of the folder that the command is run in."""
    from migration_lint.settings import load_folder

    return load_folder(Path(), from_project(config, Path()))


def known_rules(config: Path | None = None) -> tuple[Rule, ...]:
    """The rules that come with the package, and those of the project in the current folder."""
    from migration_lint.rulebook.files import builtin_files, project_files
    from migration_lint.rulebook.load import load

    settings = folder_settings(config)
    files = builtin_files()
    if settings.rules:
        from migration_lint.change import resolve_tree

        tree, project = resolve_tree(Path(), None, os.environ)
        files += project_files(tree, project, settings.rules)
    return load(files)
