"""`explain` and `rules`: what the rules say of themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migration_lint.cli.completion import rule_names
from migration_lint.cli.output import as_bytes, as_json, print_text
from migration_lint.cli.usage import CONFIG, OneOf, from_project

if TYPE_CHECKING:
    from migration_lint.rulebook.rule import Rule
    from migration_lint.settings import Settings


@click.command()
@click.argument("rule", shell_complete=rule_names)
@click.option("--format", "form", type=OneOf(["text", "json"]), default="text", show_default=True)
@CONFIG
def explain(rule: str, form: str, config: Path | None) -> int:
    """Say what a rule finds, why, and what to do about it."""
    from migration_lint.rulebook.explain import explain as in_text
    from migration_lint.rulebook.explain import explain_json, find

    found = find(rule, {each.name: each for each in known_rules(config)})
    print_text(as_json(explain_json(found)) if form == "json" else in_text(found))
    return 0


@click.command()
@click.option("--format", "form", type=OneOf(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--facts", is_flag=True, help="Show what a rule's condition may ask, for writing rules.")
@click.option("--new", metavar="NAME", help="Begin a rule file, with its examples.")
@click.option(
    "--pages",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write the page of each rule of this program, and their index.",
)
@CONFIG
def rules(form: str, facts: bool, new: str | None, pages: Path | None, config: Path | None) -> int:
    """List the rules, each with its severity and what it finds."""
    from migration_lint.rulebook.explain import facts_text, rules_json, rules_text

    if facts:
        print_text(facts_text())
        return 0
    if new is not None:
        return begin(new, config)
    if form == "markdown" or pages is not None:
        made = pages_of_builtin_rules()
        return print_pages(made) if pages is None else write_pages(made, pages)
    known = known_rules(config)
    levels = folder_settings(config).severity
    print_text(as_json(rules_json(known, levels)) if form == "json" else rules_text(known, levels))
    return 0


def pages_of_builtin_rules() -> Mapping[str, str]:
    """The pages of the rules that come with the package, by their paths below the folder of the rules."""
    from migration_lint.rulebook.files import builtin_files
    from migration_lint.rulebook.load import load
    from migration_lint.rulebook.pages import pages

    return pages(load(builtin_files()))


def print_pages(made: Mapping[str, str]) -> int:
    """Print their index."""
    from migration_lint.rulebook.pages import INDEX

    print_text(made[INDEX])
    return 0


def write_pages(made: Mapping[str, str], folder: Path) -> int:
    """Write them all, as far as they are not there already."""
    from migration_lint import disk

    files = [disk.File(folder, path, as_bytes(text)) for path, text in made.items()]
    fresh = [file for file in files if disk.held(folder, file.name) != file.data]
    disk.save(fresh, make_folders=True, fix="name another folder with --pages")
    print_text("".join(f"wrote {file.said}\n" for file in fresh) or "all pages are as they should be\n")
    return 0


#: Where a project's first rule goes.
OWN_RULES = "lint-rules"


def begin(name: str, config: Path | None) -> int:
    """Write a rule file, among the project's own, or among those of this program where it is worked on."""
    from migration_lint import disk
    from migration_lint.rulebook.files import RuleFile
    from migration_lint.rulebook.load import load
    from migration_lint.rulebook.new import begun, group_of

    known = known_rules(config)
    own = folder_settings(config).rules
    if not own and Path("rules/contract").is_dir():
        folder = f"rules/{group_of(name, known)}"
    else:
        folder = own[0].rstrip("/") if own else OWN_RULES
    path, data = f"{folder}/{name}.yaml", as_bytes(begun())
    load([RuleFile(path, data, False)], known)  # the name may be none, or be taken
    disk.save([disk.File(Path(), path, data, new=True)], make_folders=True, fix="choose another name")
    print_text(f"wrote {path}\n")
    if not own and folder == OWN_RULES:
        print_text(f'now name its folder in the configuration: rules = ["{OWN_RULES}"]\n')
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
