"""Models that a change edits, or leaves behind: where they differ from the migrations by the change.

Models are read only where a changed file declares some, or where a rule that is switched on asks for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from migration_lint.change import Change
from migration_lint.check.schema import Schema
from migration_lint.facts.build import Background
from migration_lint.facts.model import Occurrence
from migration_lint.lazy_pattern import lazy_pattern

#: What a file has in it that declares tables or columns, whatever it imports them from.
_DECLARES = lazy_pattern(
    rb"\b(?:__tablename__|__table__|mapped_column|map_imperatively|Mapped\s*\[|table\s*=\s*True"
    rb"|(?:Column|Table|relationship)\s*\()|\(\s*(?:\w+\.)?(?:SQLModel|Model)\s*[,)]"
)
#: What makes a file a migration, whose columns are no model's.
_MIGRATION = lazy_pattern(rb"(?m)^(?:down_)?revision\b\s*[:=]")


def model_events(
    change: Change, schemas: Sequence[Schema], background: Background, wanted: Callable[[str], bool]
) -> tuple[list[Occurrence], list[str]]:
    """Differences between models and migrations that a change brings about, each once, and notes."""
    of_all = wanted("model_behind") and any(each.fresh for each in schemas)
    if not of_all and not wanted("model_changed"):
        return [], []
    if not any(each.head is not None for each in schemas):
        return [], []
    paths = frozenset(_declaring(change))
    if not paths and not of_all:
        return [], []
    from migration_lint.check.new_differences import new_differences  # which reads the models of both trees

    try:
        found = list(new_differences(change, schemas, paths, background))
    except RecursionError:
        return [], ["models were not held against the migrations: their code is nested too deeply to be read"]
    return [each for each in found if wanted(each.event)], []


def _declaring(change: Change) -> Iterator[str]:
    """The changed files of the project that declare tables or columns, before the change or after it."""
    base, head = change.base.files(), change.head.files()
    prefix = f"{change.project}/" if change.project else ""
    for path in sorted(base.keys() | head.keys()):
        if not path.endswith(".py") or not path.startswith(prefix) or base.get(path) == head.get(path):
            continue
        texts = [tree.read(path) for tree in (change.base, change.head) if path in tree.files()]
        if any(not _MIGRATION.search(text) and _DECLARES.search(text) for text in texts):
            yield path
