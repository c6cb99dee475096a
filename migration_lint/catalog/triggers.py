"""What the triggers of a table do to the rows that an INSERT writes into it."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.catalog.model import Catalog, Hook, Key
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Trigger

#: Any column may be among those that are filled.
_ANY = "*"
#: What nothing comes of where the trigger fires after the row.
_OF_NEW = frozenset(("skips", "replaces"))


class Fired(NamedTuple):
    """A trigger that an INSERT fires."""

    hook: Hook
    fills: frozenset[str]  # folded names
    fills_any: bool  # which columns it fills is not known
    times: tuple[str, ...]  # before, after, insert, row, …
    raises: bool  # it may refuse the row
    nulls: frozenset[str]  # folded names of columns that it may set to NULL
    skips: bool  # it may leave the row out
    functions: tuple[str, ...]  # that it runs, folded
    when: str = ""  # the condition under which it fires
    acts: tuple[tuple[str, ...], ...] = ()  # as `reading.sql.row_acts` says


def fired_by_insert(catalog: Catalog, key: Key) -> Iterator[Fired]:
    """The triggers that fire for each row that is written into a table, or before."""
    for where in (key, *_partitioned(catalog, key)):
        for hook in catalog.hooks.get(where, ()):
            fires = hook.trigger.fires if hook.trigger is not None and hook.enabled else ()
            if hook.kind == "trigger" and hook.trigger is not None and "insert" in fires:
                fired = _fired(catalog, hook, hook.trigger)
                own = catalog.dialect in ("mysql", "mariadb") and where in _written(catalog, hook)
                if own:  # "Can't update table 't' in stored function/trigger"
                    fired = fired._replace(raises=True)
                yield fired._replace(skips=True) if _takes_the_place(catalog, hook, where) else fired


def _takes_the_place(catalog: Catalog, hook: Hook, key: Key) -> bool:
    """Whether SQL Server's INSTEAD OF INSERT of a table runs a body that writes no row into it."""
    instead = hook.trigger is not None and "instead" in hook.trigger.fires
    return instead and key in catalog.rows and key not in _written(catalog, hook, "insert")


def _written(catalog: Catalog, hook: Hook, *actions: str) -> set[Key]:
    """The tables into which the body of a trigger writes."""
    asked = actions or ("insert", "update", "delete", "replace")
    return {catalog.key_of(each) for done in hook.does if done.action in asked for each in done.tables[:1]}


def rules(catalog: Catalog, key: Key, *events: str) -> Iterator[tuple[str, Trigger]]:
    """PostgreSQL's rules of a table for one of these statements, by name."""
    for hook in catalog.hooks.get(key, ()):
        rule = hook.trigger if hook.kind == "rule" and hook.enabled else None
        if rule is not None and set(events).intersection(rule.fires):
            yield hook.name, rule


def _partitioned(catalog: Catalog, key: Key) -> Iterator[Key]:
    """The tables of which one is a partition: their triggers are its own, too."""
    for parent in catalog.parents.get(key, ()) if key in catalog.partitions else ():
        yield parent
        yield from _partitioned(catalog, parent)


def _fired(catalog: Catalog, hook: Hook, trigger: Trigger) -> Fired:
    names = tuple(dict.fromkeys(catalog.fold(name) for each in hook.does for name in each.calls))
    done = [trigger, *(routine.trigger for name in names for routine in catalog.routines.get(name, ()))]
    unread = any(each is None for each in done) or any(name not in catalog.routines for name in names)
    fills = {name for each in done if each is not None for name in each.fills}
    sets = "before" in trigger.fires
    of_server = not names and catalog.dialect == "postgresql"  # it fills columns that its arguments name
    return Fired(
        hook,
        frozenset(map(catalog.fold, fills - {_ANY})) if sets else frozenset(),
        sets and (unread or of_server or _ANY in fills),
        trigger.fires,
        unread or any(each is not None and each.raises for each in done),
        frozenset(catalog.fold(name) for each in done if each is not None and sets for name in each.nulls),
        sets and "row" in trigger.fires and any(each is not None and each.skips for each in done),
        names,
        trigger.when,
        tuple(act for each in done if each is not None for act in each.acts if sets or act[0] not in _OF_NEW),
    )
