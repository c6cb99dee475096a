"""The rules of a run, taken from the store where their files are what they were."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.change import Tree
from migration_lint.rulebook.files import RuleFile, digest, project_files, rule_files
from migration_lint.rulebook.rule import Rule, from_json, to_json
from migration_lint.rulebook.shipped import shipped_rules
from migration_lint.rulebook.verdict import Rulebook, check_levels
from migration_lint.settings import Settings
from migration_lint.store import Store


def load_rulebook(tree: Tree, project: str, settings: Settings, store: Store) -> Rulebook:
    """The rules that come with the package and those of the project's own folders, checked.

    Those that the configuration turns off, or leaves off, hang on no event. Raises CannotJudge with every
    problem of every rule file, and of the severities that the configuration gives.
    """
    shipped = shipped_rules()
    find = project_files if shipped else rule_files
    files = find(tree, project, settings.rules)
    held = _read(files, shipped, store) if files else shipped
    rulebook = Rulebook.of(
        held,
        lambda rule: settings.can_find(rule.name, rule.group, [choice.then for choice in rule.severity]),
    )
    check_levels(rulebook, settings.severity, settings.path, settings.lines)
    for pattern, levels in settings.per_path.items():
        check_levels(rulebook, levels, settings.path, settings.lines, f"per-path.{pattern}")
    return rulebook


def _read(files: Sequence[RuleFile], shipped: tuple[Rule, ...], store: Store) -> tuple[Rule, ...]:
    """The rules of the files beside those that are shipped."""
    key = digest(files)
    held = _held(store, key)
    if held is None:
        from migration_lint.rulebook.load import load

        held = load(files, shipped)
        store.put("rules", key, [to_json(rule) for rule in held])
    return held


def _held(store: Store, key: str) -> tuple[Rule, ...] | None:
    data = store.get("rules", key)
    if not isinstance(data, list):
        return None
    try:
        return tuple(from_json(each) for each in data)
    except (TypeError, ValueError):
        return None
