"""Routines, and what is attached to tables and runs them: made, renamed and dropped."""

from __future__ import annotations

import re

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import AMBIENT, Hook, Key, Routine
from migration_lint.catalog.replay.columns import set_expression
from migration_lint.catalog.replay.composites import ALTERING, alter_composite, create_composite
from migration_lint.catalog.replay.domains import alter_domain, create_domain
from migration_lint.catalog.replay.inheritance import change_parents
from migration_lint.catalog.replay.replication import REPLICATION, change_replication
from migration_lint.catalog.replay.rows import ACCESS, change_access, take_rows
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.replay.sequences import alter_numbers, change_sequence
from migration_lint.operations import EVENT, LEAVING, Operation

_ROUTINES = frozenset({"function", "procedure", "routine", "aggregate", "proc"})
#: Runs whenever something of their kind is met, on whatever table.
_AMBIENT = frozenset(
    "event trigger|operator|operator class|operator family|cast|conversion|transform|language|type|domain"
    "|foreign data wrapper|access method|statistics|publication".split("|")
)
_NAME = r"(?:\"[^\"]+\"|\[[^\]]+\]|[\w$]+)"
_ENABLED = (
    r"(?i)\b(enable|disable)\s+(?:(replica)\s+|always\s+)?(trigger|rule)\s+"
    rf"((?:{_NAME}\.)?{_NAME}(?:\s*,\s*(?:{_NAME}\.)?{_NAME})*)"
)
_ENABLING = frozenset(
    [f"alter table {each}" for each in ("enable always", "enable replica")]
    + [f"alter table {each} {kind}" for each in ("enable", "disable") for kind in ("trigger", "rule")]
    + ["enable trigger", "disable trigger"]
)
_ATTACHED = frozenset({"trigger", "rule", "policy"})
_ENDING = frozenset(
    {"commit", "end", "rollback", "abort", "discard", "rollback to savepoint", "prepare transaction"}
)


_SWITCHED_ON = r"(?i)foreign_keys\s*(?:=|\()\s*['\"]?(?:on|true|yes|[1-9])"
#: What is said of the sequence of an identity.
_NUMBERS = tuple(
    f"alter table alter column {each}"
    for each in ("restart", "set restart", "set increment", "set maxvalue", "set cycle", "set no")
)
#: What says the character set of a table, or that of columns to come.
_CHARSETS = frozenset(
    {
        "alter table convert to",
        "alter table default character",
        "alter table default charset",
        "alter table default collate",
        "alter table character set",
        "alter table charset",
        "alter table collate",
    }
)


def _set_charset(run: Run, operation: Operation) -> None:
    """CONVERT TO changes all text; a default only that of columns to come, so one word no longer tells."""
    table = None if run.is_temporary(operation) else run.catalog.get(run.key(operation))
    if table is not None:
        run.put(table._replace(charset=operation.charset))


def other(run: Run, operation: Operation) -> None:
    """A statement that changes no table's shape may make or drop something that runs."""
    action = operation.action or ""
    if action in _ENDING:
        run.temporary.clear()
        return
    verb, _, kind = action.partition(" ")
    if action in ACCESS:
        change_access(run, operation)
    if action in REPLICATION and not operation.conditional:
        change_replication(run, operation)
    if action in LEAVING:
        take_rows(run, operation)
    if action == "create schema" and operation.name:
        run.catalog.schemas.add(run.catalog.key(operation.name, "")[0])
    if action == "create domain":
        create_domain(run, operation)
    elif action == "alter domain":
        alter_domain(run, operation)
    elif action == "create type" and operation.columns:
        create_composite(run, operation)
    elif action in ALTERING:
        alter_composite(run, operation)
    elif action == "pragma" and operation.name == "foreign_keys":
        said = re.search(_SWITCHED_ON, operation.sql or "")
        run.journal.foreign_keys = said is not None or (operation.conditional and run.journal.foreign_keys)
    elif kind == "sequence" and verb in ("create", "alter", "drop"):
        change_sequence(run, operation)
    elif action.startswith(_NUMBERS):
        alter_numbers(run, operation)
    if action in _CHARSETS:
        _set_charset(run, operation)
    elif action == "alter table alter column set expression":
        set_expression(run, operation)
    elif action in _ENABLING:
        _enable(run, operation)
    elif verb == "alter" and kind.startswith("table "):
        change_parents(run, operation, kind[6:])
    elif kind in _ROUTINES:
        _routine(run, operation, verb)
    elif kind == "event":
        _event(run, operation, verb)
    elif (
        verb in ("create", "alter")
        and (operation.does or operation.trigger or kind == "policy")
        and (kind in _AMBIENT or kind in _ATTACHED)
    ):
        _hook_made(run, operation, verb, kind)
    elif verb == "drop" and not operation.conditional and (kind in _ATTACHED or kind == "event trigger"):
        _hook_dropped(run, operation, kind)


def _hook_made(run: Run, operation: Operation, verb: str, kind: str) -> None:
    hook = Hook(kind, operation.name or "", operation.does, operation.trigger, operation.body)
    _note_trigger(run, operation, kind)
    for key in _keys(run, operation) if kind in _ATTACHED else [AMBIENT]:
        before = run.catalog.hooks.get(key, ())
        made = _policy(operation, hook, before) if kind == "policy" else hook
        replaced = kind == "rule" and verb == "create" and not operation.conditional
        if replaced or (kind == "policy" and verb == "alter"):  # it takes the place of the old one
            before = tuple(each for each in before if (each.kind, each.name) != (kind, hook.name))
        run.catalog.hooks[key] = (*before, made)


def _hook_dropped(run: Run, operation: Operation, kind: str) -> None:
    _note_trigger(run, operation, kind)
    for key in _keys(run, operation) if kind in _ATTACHED else [AMBIENT]:
        kept = tuple(
            hook
            for hook in run.catalog.hooks.get(key, ())
            if hook.kind != kind or hook.name != operation.name
        )
        run.catalog.hooks[key] = kept
        if not kept:
            del run.catalog.hooks[key]


# A text, which `re` compiles when it is first needed.
_RENAMED = r"(?i)\brename\s+to\s+([^\s;]+)"


def _policy(operation: Operation, hook: Hook, before: tuple[Hook, ...]) -> Hook:
    """A policy with what made it; one that is altered keeps what is not said again."""
    old = [each for each in before if (each.kind, each.name) == (hook.kind, hook.name)]
    if not old or operation.action == "create policy":
        return hook._replace(made=operation.sql or "")
    renamed = re.search(_RENAMED, operation.sql or "")
    if renamed is not None:
        name = renamed[1]
        return old[-1]._replace(name=name.strip('"') if name.startswith('"') else name.lower())
    return hook._replace(does=hook.does or old[-1].does, made=f"{old[-1].made};\n{operation.sql or ''}")


def _enable(run: Run, operation: Operation) -> None:
    """ENABLE and DISABLE of triggers and rules: names, or ALL, or USER."""
    found = re.search(_ENABLED, operation.sql or "")
    if found is None or operation.conditional:
        return
    enabled, kind = found[1].lower() != "disable" and found[2] is None, found[3].lower()
    names = {re.findall(_NAME, each)[-1].strip('"[]').lower() for each in found[4].split(",")}
    every = kind == "trigger" and not names.isdisjoint(("all", "user"))
    for key in _keys(run, operation):
        run.catalog.hooks[key] = tuple(
            hook._replace(enabled=enabled)
            if hook.kind == kind and (every or hook.name.lower() in names)
            else hook
            for hook in run.catalog.hooks.get(key, ())
        )
    _note_trigger(run, operation, kind)


def _note_trigger(run: Run, operation: Operation, kind: str) -> None:
    for key in _keys(run, operation) if kind in ("trigger", "rule") else ():
        table = run.catalog.get(key)
        if table is not None:
            run.note(operation, "trigger_changed", table)


def _keys(run: Run, operation: Operation) -> list[Key]:
    """The tables that a trigger hangs on: where the search path has several, those that are there."""
    keys = [run.catalog.key_of(written) for written in operation.tables]
    there = [key for key in keys if key in run.catalog.rows or key in run.catalog.views]
    return there or keys[:1] or [AMBIENT]


def _routine(run: Run, operation: Operation, verb: str) -> None:
    routines, name = run.catalog.routines, run.catalog.fold(operation.name or "")
    known = routines.get(name, ())
    if verb == "create":
        signature = operation.values[0] if operation.values else ""
        schema = _schema_of(run, operation.schema)
        same = [
            each
            for each in known
            if (each.signature, _schema_of(run, each.schema)) == (signature, schema)
            and not operation.conditional
        ]
        kept = tuple(each for each in known if each not in same)
        made = Routine(operation.schema, signature, operation.does, operation.trigger, operation.body)
        routines[name] = (*kept, made)
    elif verb == "alter" and operation.new_name:
        new = run.catalog.fold(operation.new_name)
        routines[new] = (*routines.get(new, ()), *known)
    elif verb == "drop" and not operation.conditional:
        left = tuple(each for each in known if operation.values and each.signature != operation.values[0])
        if left:
            routines[name] = left
        else:
            routines.take(name)
            schema = _schema_of(run, operation.schema)
            if [_schema_of(run, each.schema) for each in known] == [schema]:  # else it may be another one's
                _lose_ambient(run, name)
    run.forget_own_of_shipped()
    run.journal.entries.append(Entry(run.revision, operation, "routine_changed", old=name))


def _event(run: Run, operation: Operation, verb: str) -> None:
    """An event of MySQL's, which is called by its name where it is enabled."""
    routines, name = run.catalog.routines, f"{EVENT}{(operation.name or '').lower()}"
    known = routines.get(name, ())
    if verb == "drop":
        if not operation.conditional:
            routines.take(name)
        return
    if operation.does:
        made = Routine(operation.schema, "", operation.does)
        known = (*known, made) if operation.conditional else (made,)
    if operation.new_name and not operation.conditional:
        routines.take(name)
        name = f"{EVENT}{operation.new_name.lower()}"
    if known:
        routines[name] = known


def _lose_ambient(run: Run, name: str) -> None:
    """Operators, casts and the like go with the last function of a name: PostgreSQL drops none under them."""
    hooks = run.catalog.hooks.get(AMBIENT, ())
    kept = tuple(hook for hook in hooks if not any(name in map(str.lower, each.calls) for each in hook.does))
    if kept:
        run.catalog.hooks[AMBIENT] = kept
    elif hooks:
        del run.catalog.hooks[AMBIENT]


def _schema_of(run: Run, written: str | None) -> str:
    return run.catalog.key(written, "")[0]


def lose_routines(run: Run, schema: str) -> None:
    """A schema goes, and the routines in it."""
    routines = run.catalog.routines
    for name, known in list(routines.items()):
        left = tuple(each for each in known if _schema_of(run, each.schema) != schema)
        if left and left != known:
            routines[name] = left
        elif not left:
            routines.take(name)
    run.forget_own_of_shipped()
