"""The rules of a run, taken from the store where their files are what they were."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.change import Tree
from migration_lint.rulebook.files import digest, rule_files
from migration_lint.rulebook.rule import Rule, from_json, to_json
from migration_lint.rulebook.verdict import Rulebook
from migration_lint.store import Store


def load_rulebook(tree: Tree, project: str, folders: Sequence[str], store: Store) -> Rulebook:
    """The rules that come with the package and those of the project's own folders, checked.

    Raises CannotJudge with every problem of every rule file.
    """
    files = rule_files(tree, project, folders)
    key = digest(files)
    held = _held(store, key)
    if held is None:
        from migration_lint.rulebook.load import load

        held = load(files)
        store.put("rules", key, [to_json(rule) for rule in held])
    return Rulebook.of(held)


def _held(store: Store, key: str) -> tuple[Rule, ...] | None:
    data = store.get("rules", key)
    if not isinstance(data, list):
        return None
    try:
        return tuple(from_json(each) for each in data)
    except (TypeError, ValueError):
        return None
