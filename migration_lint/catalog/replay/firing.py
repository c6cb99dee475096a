"""Whether a statement sets off a trigger, and of which rows what that runs speaks."""

from __future__ import annotations

import re

from migration_lint.catalog.emptying import is_every_row
from migration_lint.catalog.model import Catalog, Hook
from migration_lint.operations import Operation, altered

_EVENTS = frozenset(("insert", "update", "delete", "truncate"))
#: What fires for a data statement in a body, of which only the first word is kept.
_EVENTS_OF = {
    "insert": frozenset(("insert", "update")),  # ON CONFLICT, ON DUPLICATE KEY
    "update": frozenset(("update",)),
    "delete": frozenset(("delete",)),
    "truncate": frozenset(("truncate",)),
    "copy": frozenset(("insert",)),
}
# Texts, which `re` compiles when they are first needed.
_SET = r"\bset\b(.*)"
_OF_ROW = r"\b(?:old|new)\s*\."


def fires(hook: Hook, operation: Operation, catalog: Catalog, named: bool) -> bool:
    """Whether a statement may set off a trigger or a rule; `named`: of a table that it names itself."""
    trigger = hook.trigger
    if hook.kind not in ("trigger", "rule") or trigger is None:
        return True
    if hook.enabled and trigger.when and _never(trigger.when, catalog):
        return False
    if not named or operation.kind != "dml":
        return hook.enabled
    if operation.sql is None:
        events = set(_EVENTS_OF.get(operation.action or "", _EVENTS))
    else:  # whatever word of it may be one; REPLACE, COPY and LOAD DATA need not say what they do
        lowered = operation.sql.lower()
        events = {each for each in _EVENTS if each in lowered}
        events.update(("insert",) if any(each in lowered for each in ("copy", "load", "replace")) else ())
        events.update(("update",) if "conflict" in lowered or "duplicate" in lowered else ())
        events.update(("delete",) if "replace" in lowered else ())
        if not _sets_one(operation.sql, [each[3:] for each in trigger.fires if each.startswith("of ")]):
            events.discard("update")
    said = _EVENTS.intersection(trigger.fires)
    return hook.enabled and (not said or not events.isdisjoint(said))


def _never(condition: str, catalog: Catalog) -> bool:
    """Whether it holds for no row at all."""
    from migration_lint.catalog.condition import never_holds
    from migration_lint.catalog.inserted import row_over

    return never_holds(condition, row_over({}, catalog))


def _sets_one(sql: str, columns: list[str]) -> bool:
    """Whether an UPDATE may set one of the columns of UPDATE OF; there are none: of any."""
    found = re.search(_SET, sql, re.I | re.S)
    if not columns or found is None:
        return True
    behind = found[1] if "(" in found[1] else re.split(r"(?i)\b(?:where|from|returning)\b", found[1])[0]
    return any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", behind, re.I) for each in columns)


def means_some_rows(operation: Operation, catalog: Catalog) -> bool:
    """Whether a data statement is known not to mean all rows of its table."""
    if operation.kind != "dml" or operation.action not in ("insert", "update", "delete"):
        return False
    if operation.action == "insert":
        return operation.sql is not None and not re.search(r"(?i)\b(?:select|table|merge)\b", operation.sql)
    return not is_every_row(operation, catalog) and len(operation.tables) == 1


def hangs_on_rows(operation: Operation, transitions: tuple[str, ...]) -> bool:
    """Whether what a trigger runs names the rows that set it off."""
    names = "|".join(map(re.escape, transitions))
    sql = operation.sql or ""
    return bool(re.search(_OF_ROW, sql, re.I) or (names and re.search(rf"(?i)\b(?:{names})\b", sql)))


def of_every_row(operation: Operation, transitions: tuple[str, ...]) -> Operation:
    """What a trigger runs, for all the rows that set it off together."""
    sql = operation.sql or ""
    made = sql
    for name in map(re.escape, transitions):
        made = re.sub(
            rf"(?i)\(\s*select\s+([\w.\"]+)\s+from\s+{name}(?:\s+(?:as\s+)?\w+)?\s*\)", r"(OLD.\1)", made
        )
        made = re.sub(rf"(?i)\busing\s+{name}\b(?!\s*\.)(?=\s+where\b)", "", made)
        made = re.sub(rf"(?i)(?<![\w.]){name}\s*\.", "OLD.", made)
    if made == sql:
        return operation
    tables = tuple(each for each in operation.tables if each not in transitions)
    return altered(operation, {"sql": made, "tables": tables})
