"""New revisions as a whole: what their downgrade leaves, where they stand, what their scripts import."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import replay
from migration_lint.check.schema import Schema
from migration_lint.check.side import Side
from migration_lint.facts.build import (
    Background,
    Place,
    code_imported_occurrence,
    revision_added_occurrence,
)
from migration_lint.facts.context import present
from migration_lint.facts.model import DowngradeFacts, DowngradeState, ImportFacts, Occurrence, OrderFacts
from migration_lint.history import Script
from migration_lint.operations import Operation

_STATES: Mapping[str, DowngradeState] = {"runs": "runs", "empty": "empty", "raises": "raises"}

#: What a downgrade has nothing to do about: rows, the session, and what could not be worked out.
_NOT_SHAPE = ("dml", "other_ddl", "opaque", "set_comment", "validate_constraint")


def revision_events(
    schema: Schema,
    scripts: Sequence[Script],
    before: Catalog,
    background: Background,
    wanted: Callable[[str], bool],
) -> Iterator[Occurrence]:
    """The scripts of head, in order, in a change that finds `before`."""
    if schema.head is None or not (wanted("revision_added") or wanted("code_imported")):
        return
    catalog = before.copy()
    above = _above(schema)
    for script in scripts:
        facts = background.revision(script.revision)
        if wanted("code_imported"):
            for module, place in imports(script, schema.head):
                yield code_imported_occurrence(facts, module, place)
        upgrade, downgrade, state = schema.head.reader.read(script)
        before = catalog.copy()
        replay(catalog, script.revision, upgrade)
        if wanted("revision_added") and facts.new:
            found = downgrade_facts(script.revision, before, catalog, upgrade, downgrade, state)
            order = OrderFacts(above.get(script.revision, ()))
            yield revision_added_occurrence(facts, found, order, background, script.line)


def downgrade_facts(
    revision: str,
    before: Catalog,
    after: Catalog,
    upgrade: Sequence[Operation],
    downgrade: Sequence[Operation],
    state: str,
) -> DowngradeFacts:
    """What a downgrade makes of the catalog that the upgrade leaves, beside the one that it found.

    `state` is as `Reader.read` gives it.
    """
    needed = any(each.kind not in _NOT_SHAPE for each in upgrade)
    facts = DowngradeFacts(_STATES.get(state, "missing"), needed)
    if facts.state != "runs" or not needed or not all(map(_is_sure, (*upgrade, *downgrade))):
        return facts
    back = after.copy()
    replay(back, revision, downgrade)
    was, made, now = present(before), present(after), present(back)
    return facts._replace(
        left=_only(now, was, made),
        lost=tuple(each for each in _only(was, now, was) if was[each] not in made.values()),
    )


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


def imports(script: Script, side: Side) -> Iterator[tuple[ImportFacts, Place]]:
    """The modules of the project that a script imports from outside its migrations, and where it does."""
    environment, files = side.history.environment, side.tree.files()
    folder = script.path.rpartition("/")[0]
    own = environment.script_location

    def path_of(module: str, root: str) -> str | None:
        stem = "/".join(part for part in (root, *module.split(".")) if part)
        return next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in files), None)

    def is_code(module: str, roots: Sequence[str]) -> bool:
        path = next(filter(None, (path_of(module, root) for root in roots)), None)
        return path is not None and not (own and path.startswith(f"{own}/"))

    for node in ast.walk(script.module()):
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        roots: Sequence[str] = environment.import_roots
        names = tuple(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = folder.split("/")
            roots = ["/".join(parts[: len(parts) - node.level + 1])]
        if isinstance(node, ast.ImportFrom) and node.module:
            found = [ImportFacts(node.module, names)]
        else:
            found = [ImportFacts(name) for name in names]
        for module in found:
            if is_code(module.name, roots):
                end, last = node.end_lineno or node.lineno, node.end_col_offset or 0
                yield module, Place(script.path, node.lineno, node.col_offset + 1, end, last + 1)
