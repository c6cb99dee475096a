"""Who finds and writes the rows of a table: privileges, policies and owners, as a change leaves them.

Which role a service comes as is nowhere said. What shuts every role out is certain, whichever it is; what
shuts out one, or the rows that a condition does not let through, may concern it or not.

Sources: PostgreSQL's manual, "Row Security Policies", CREATE POLICY, REVOKE.
"""

from __future__ import annotations

import re
from typing import Literal

from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.difference.outcomes import add_table
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Catalog, Table
from migration_lint.catalog.privileges import PUBLIC, privileges
from migration_lint.catalog.publications import is_refused
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint
from migration_lint.wording import listed

#: How many of the rows a role may reach that is not the owner.
Reach = Literal["all", "some", "none"]
#: What the services of a contract do to rows, and how that is called.
_COMMANDS = {"select": "is read", "insert": "is written", "update": "is updated"}
_REPLICATION = ("alter table replica identity", "create publication", "alter publication")
# Texts, which `re` compiles when they are first needed.
_USING = r"(?is)\busing\s*\((.*?)\)(?=\s*(?:with\s+check\b|;|$))"
_CHECK = r"(?is)\bwith\s+check\s*\((.*?)\)(?=\s*(?:using\b|;|$))"
_CONDITIONS = r"(?i)\busing\b|\bwith\s+check\b"


class Policy(NamedTuple):
    """What of a table's rows a policy lets through, or, a restrictive one, does not hold back."""

    restrictive: bool
    command: str  # select, insert, …, all
    roles: str | None  # None: all of them
    using: str | None
    check: str | None

    def concerns(self, command: str) -> bool:
        return self.command in ("all", command)

    def rows(self, command: str) -> Reach:
        """What its condition lets through."""
        condition = self.using if command != "insert" or self.check is None else self.check
        word = "true" if condition is None else condition.strip().lower()
        return "all" if word == "true" else "none" if word == "false" else "some"


def judge_access(comparison: Comparison, table: Table, same: Table, entries: list[Entry]) -> None:
    """What of the rows, and of the rights to them, is taken from roles that had them in base."""
    changed = [
        entry for entry in entries if entry.effect == "access_changed" and not comparison.was_in_base(entry)
    ]
    if changed:
        _judge_rows(comparison, table, same, changed)
        _judge_rights(comparison, table, same, changed)
        _judge_owner(comparison, table, same, changed)
    unkeyed = [each for each in entries if _drops_key(each) and not comparison.was_in_base(each)]
    if changed or unkeyed:
        _judge_updates(comparison, table, same, [*changed, *unkeyed])


def _judge_rows(comparison: Comparison, table: Table, same: Table, entries: list[Entry]) -> None:
    switches = [entry for entry in entries if _action(entry).endswith("row level security")]
    policies = [entry for entry in entries if _action(entry).endswith(" policy")]
    if not switches and not policies:
        return
    before, after = _policies(comparison.base, table), _policies(comparison.head, same)
    switched = [_action(entry) for entry in switches]
    on = [each for each in switched if "force" not in each]
    # Where base has policies, they are taken to be looked at, unless the change is what switches them on.
    was_on = bool(before) and "alter table enable row level security" not in on
    is_on = was_on if not on else on[-1] == "alter table enable row level security"
    if not is_on:
        return
    decisive = policies or switches
    shut, narrowed = [], []
    for command, called in _COMMANDS.items():
        now = _reach(after, command)
        was = _reach(before, command) if was_on else "all"
        if now == "none" and was != "none":
            shut.append(called)
        elif now == "some" and (was == "all" or _is_narrower(before, after, command)):
            narrowed.append(called)
    forced = bool(switched) and switched[-1] == "alter table force row level security"
    name = same.full_name.name
    if shut:
        why = f"no policy lets a row of {name} through: no role but {_exempt(forced)} may do what it did"
        add_table(comparison, "access_narrowed", table, same.full_name, decisive, reason=why)
    elif narrowed or (forced and any(_reach(after, each) != "all" for each in _COMMANDS)):
        whom = (
            "its owner, too, reaches" if forced and not narrowed else "a role that is not its owner reaches"
        )
        why = f"{whom} only those rows of {name} that its policies let through"
        add_table(comparison, "access_narrowed", table, same.full_name, decisive, partial=True, reason=why)


def _exempt(forced: bool) -> str:
    return "a superuser" if forced else "its owner"


def _policies(catalog: Catalog, table: Table) -> dict[str, Policy]:
    hooks = catalog.hooks.get(catalog.key(table.schema, table.name), ())
    return {each.name: _policy(each.made) for each in hooks if each.kind == "policy"}


def _policy(said: str) -> Policy:
    """A policy as the statements say that make and alter it: what the last of them says of a part holds."""
    statements = said.split(";\n")
    heads = [re.split(_CONDITIONS, each)[0] for each in statements]
    command = _last(r"(?i)\bfor\s+(all|select|insert|update|delete)\b", heads)
    roles = _last(r"(?is)\bto\s+(.*?)[\s;]*$", heads)
    return Policy(
        restrictive=_last(r"(?i)\bas\s+(restrictive)\b", heads) is not None,
        command="all" if command is None else command.lower(),
        roles=None if roles is None or "public" in re.findall(r"\w+", roles.lower()) else roles,
        using=_last(_USING, statements),
        check=_last(_CHECK, statements),
    )


def _last(pattern: str, statements: list[str]) -> str | None:
    found = [each for statement in statements for each in re.findall(pattern, statement)]
    return found[-1] if found else None


def _reach(policies: dict[str, Policy], command: str) -> Reach:
    """How many rows the policies let through together."""
    meant = [each for each in policies.values() if each.concerns(command)]
    allowing = [each for each in meant if not each.restrictive and each.rows(command) != "none"]
    holding = [each for each in meant if each.restrictive and each.rows(command) != "all"]
    if not allowing or any(each.roles is None and each.rows(command) == "none" for each in holding):
        return "none"
    is_open = any(each.roles is None and each.rows(command) == "all" for each in allowing)
    return "all" if is_open and not holding else "some"


def _is_narrower(before: dict[str, Policy], after: dict[str, Policy], command: str) -> bool:
    """Whether a policy that lets rows through is gone, one that holds them back is new, or one is another."""
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if (new is None and old in after.values()) or (old is None and new in before.values()):
            continue  # renamed
        if new is None or not new.concerns(command):
            if old is not None and old.concerns(command) and not old.restrictive:
                return True
        elif old is None:
            if new.restrictive and new.rows(command) != "all":
                return True
        elif old != new and (new.roles is not None or new.rows(command) != "all"):
            return True
    return False


def _judge_rights(comparison: Comparison, table: Table, same: Table, entries: list[Entry]) -> None:
    """What is revoked and not granted again, role by role."""
    said = [(entry, privileges(entry.operation.sql or "")) for entry in entries]
    left: dict[tuple[str, str], Entry] = {}
    for entry, each in said:
        if each is None:
            continue
        for role in each.roles:
            for right in each.rights:
                if each.grants:
                    left.pop((role, right), None)
                else:
                    left[role, right] = entry
        if each.grants:  # what everybody might is now what some may
            left = {
                key: entry for key, entry in left.items() if key[0] != PUBLIC or key[1] not in each.rights
            }
    if not left:
        return
    roles = [role.upper() if role == PUBLIC else role for role in dict.fromkeys(role for role, _ in left)]
    rights = [right.upper() for right in dict.fromkeys(right for _, right in left)]
    told = [each for entry, each in said if each is not None and entry in left.values()]
    on = listed(list(dict.fromkeys(name for each in told for name in each.called)), "and")
    add_table(
        comparison,
        "access_narrowed",
        table,
        same.full_name,
        list(dict.fromkeys(left.values())),
        partial=True,
        reason=f"{listed(rights, 'and')} on {on or same.full_name.name} is taken from {listed(roles, 'and')}",
    )


def _judge_owner(comparison: Comparison, table: Table, same: Table, entries: list[Entry]) -> None:
    moved = [entry for entry in entries if _action(entry) == "alter table owner to"]
    if moved:
        owner = (moved[-1].operation.sql or "").rstrip("; \n").split()[-1]
        why = f"{same.full_name.name} belongs to {owner}: who came as its owner has only what is granted"
        add_table(comparison, "access_narrowed", table, same.full_name, moved, partial=True, reason=why)


def _judge_updates(comparison: Comparison, table: Table, same: Table, entries: list[Entry]) -> None:
    base, head = comparison.base, comparison.head
    decisive = [entry for entry in entries if _action(entry) in _REPLICATION or _drops_key(entry)]
    before, after = base.key(table.schema, table.name), head.key(same.schema, same.name)
    if decisive and is_refused(head, after) and not is_refused(base, before):
        name = same.full_name.name
        why = f"UPDATE and ON CONFLICT DO UPDATE of {name} are refused: it is published without an identity"
        add_table(comparison, "access_narrowed", table, same.full_name, decisive, reason=why)


def _drops_key(entry: Entry) -> bool:
    dropped = entry.before if entry.effect == "constraint_dropped" else None
    return isinstance(dropped, Constraint) and dropped.kind == "primary_key"


def _action(entry: Entry) -> str:
    return entry.operation.action or ""
