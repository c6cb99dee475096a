"""What protects or passes on the rows of a table, and what a statement puts an end to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from migration_lint.catalog.attached import policies
from migration_lint.catalog.model import Catalog, Key
from migration_lint.operations import Operation


def stops(
    operation: Operation, later: Iterable[Operation], catalog: Catalog, label: Callable[[Key], str]
) -> str:
    """What a statement of PostgreSQL puts an end to, as a sentence without a full stop; "" if nothing.

    `later` are the operations of the change that follow: what they put right again is not said.
    """
    action, words = operation.action or "", " ".join((operation.sql or "").lower().split()).rstrip("; ")
    keys = [catalog.key_of(each) for each in operation.tables]
    key, following = keys[0] if keys else None, [each for each in later if each.kind == "other_ddl"]
    name = label(key) if key is not None else ""

    def again(*begins: str) -> bool:
        return any(
            (each.action or "").startswith(begins)
            and (key is None or key in [catalog.key_of(table) for table in each.tables])
            for each in following
        )

    if key is not None and action.startswith("alter table disable trigger"):
        if again("alter table enable"):
            return ""
        if re.search(r"disable trigger (all|user)\b", words) is None:
            return f"a trigger of {name} does not run any more"
        which = " and foreign keys" if words.endswith("all") else ""
        return f"the triggers{which} of {name} are not looked at any more"
    if key is not None and action == "alter table enable row level security":
        made = policies(catalog, key) or again("create policy", "alter table disable row level security")
        return "" if made else f"nobody but its owner finds a row in {name}: it has no policy"
    if key is not None and action == "alter table disable row level security":
        found = policies(catalog, key) and not again("alter table enable row level security")
        return (
            f"whoever may read {name} sees all of its rows: its policies are not looked at" if found else ""
        )
    if key is not None and action == "alter table replica identity" and words.endswith("nothing"):
        return f"UPDATE and DELETE of {name} cannot be replicated: nothing says which row is meant"
    if key is not None and action == "create rule" and re.search(r"\bdo instead nothing$", words):
        return f"what is written to {name} is thrown away, and nobody is told"
    return _stops_replication(operation, words, following)


def _stops_replication(operation: Operation, words: str, following: list[Operation]) -> str:
    action = operation.action or ""
    if (
        action == "set"
        and operation.name == "session_replication_role"
        and "replica" in words.split("role")[-1]
    ):
        back = any("session_replication_role" in (each.sql or "").lower() for each in following)
        return (
            ""
            if back or " local " in words
            else "triggers and foreign keys of all tables are not looked at any more"
        )
    if action == "drop publication" and not any(each.action == "create publication" for each in following):
        return f"whoever subscribes to publication {operation.name} gets no changes any more"
    if action == "alter publication" and re.search(r"\bdrop (table|tables)\b", words):
        return f"publication {operation.name} passes on less than before"
    if action == "drop subscription" or (action == "alter subscription" and words.endswith(" disable")):
        return f"subscription {operation.name} takes no changes any more"
    if action == "alter sequence" and re.search(r"\brestart\b", words):
        return f"sequence {operation.name} gives numbers again that it has given before"
    return ""
