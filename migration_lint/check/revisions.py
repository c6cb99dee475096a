"""New revisions as a whole: what their downgrade leaves, where they stand, what their scripts import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from migration_lint.check.database_change import DatabaseChange
from migration_lint.check.schema import Schema
from migration_lint.check.timeline import Timeline
from migration_lint.facts.build import (
    code_imported_occurrence,
    revision_added_occurrence,
)
from migration_lint.facts.model import DowngradeFacts, DowngradeState, Occurrence, OrderFacts
from migration_lint.facts.present import Changed
from migration_lint.operations import TRAITS, Operation

_STATES: Mapping[str, DowngradeState] = {"runs": "runs", "empty": "empty", "raises": "raises"}


def revision_events(change: DatabaseChange) -> Iterator[Occurrence]:
    """The scripts of head, in order."""
    head, wanted, background = change.schema.head, change.wanted, change.background
    if head is None or not (wanted("revision_added") or wanted("code_imported")):
        return
    above = _above(change.schema)
    for one in change.timeline.one_by_one():
        (script,) = one.scripts
        if script.revision not in head.history.parents:
            continue  # what env.py does by itself
        facts = background.revision(script.revision)
        if wanted("code_imported"):
            for module, place in change.around.imports(script):
                yield code_imported_occurrence(facts, module, place)
        if wanted("revision_added") and facts.new:
            _, downgrade, state = head.reader.read(script)
            found = downgrade_facts(one, one.taken_back(head.downgrade), state)
            order = OrderFacts(above.get(script.revision, ()))
            yield revision_added_occurrence(facts, found, order, background, script.line)


def downgrade_facts(way: Timeline, back: Timeline, state: str) -> DowngradeFacts:
    """What a script's downgrade makes of the catalog that its upgrade leaves, beside the one that it found.

    `state` is as `Reader.read` gives it.
    """
    (script,) = way.scripts
    upgrade, downgrade = way.read(script), back.read(script)
    needed = any(TRAITS[each.kind].shape for each in upgrade)
    facts = DowngradeFacts(_STATES.get(state, "missing"), needed)
    if facts.state != "runs" or not needed or not all(map(_is_sure, (*upgrade, *downgrade))):
        return facts
    changed = Changed(write for each in (*way.recordings, *back.recordings) for write in each.written())
    was, made, now = map(changed.present, (way.start, way.end, back.end))
    there = _types_there(upgrade)
    left = tuple(each for each in _only(now, was, made) if each not in there)
    lost = tuple(each for each in _only(was, now, was) if was[each] not in made.values())
    return facts._replace(
        left=changed.without_others(left, way.end), lost=changed.without_others(lost, way.end)
    )


def _types_there(upgrade: Sequence[Operation]) -> set[str]:
    """The types, as a message calls them, that were there before though no revision makes them.

    An upgrade renames, alters or drops them before it makes one of that name, or makes none.
    """
    found, made = set[str](), set[str]()
    for each in upgrade:
        label = f"type {'.'.join(filter(None, (each.schema, each.name)))}"
        if each.kind == "create_enum":
            made.add(label)
        elif each.kind in ("alter_enum", "drop_enum") and label not in made:
            found.add(label)
    return found


def _only(
    here: Mapping[str, object], not_there: Mapping[str, object], also: Mapping[str, object]
) -> tuple[str, ...]:
    missing, there = set(not_there.values()), set(also.values())
    return tuple(label for label, same in here.items() if same not in missing and same in there)


def _is_sure(operation: Operation) -> bool:
    return operation.kind != "opaque" and not operation.conditional and not operation.incomplete


def _above(schema: Schema) -> dict[str, tuple[str, ...]]:
    """Of each new revision the revisions of base that stand on it, directly or by other new ones."""
    if schema.head is None or schema.base is None:
        return {}
    new = {script.revision for script in schema.change.new}
    if not new or any(not script.down_revisions for script in schema.change.new if schema.change.removed):
        return {}  # a baseline in the place of what is removed: to stand below the rest is its purpose
    found: dict[str, dict[str, None]] = {}
    for script in reversed(schema.head.history.scripts):
        above = found.get(script.revision, {}) if script.revision in new else {script.revision: None}
        for parent in schema.head.history.parents[script.revision] if above else ():
            if parent in new:
                found.setdefault(parent, {}).update(above)
    return {revision: tuple(reversed(above)) for revision, above in found.items()}
