"""Branches that a change adds beside each other: head as the other order leaves it.

Alembic follows one branch, then the next, by the order in which it has found the files, or as far as somebody
upgrades one first. What is there after all of them has to be right either way.
https://github.com/sqlalchemy/alembic/blob/main/alembic/script/revision.py (`_topological_sort`)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from migration_lint.check.database_change import DatabaseChange, judged
from migration_lint.check.schema import Schema
from migration_lint.check.timeline import Timeline
from migration_lint.history import Script
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation, kinds_of

#: A table, or a column of one, without schemas and cases.
Thing = tuple[str, str]

_OF_COLUMNS = kinds_of("column")
_MAKING = kinds_of("table", "column", "view", to=("made", "renamed"))
_TAKING = kinds_of("table", "column", to=("gone", "renamed", "moved"))


class Pair(NamedTuple):
    """Two revisions that name the same thing, and of which neither stands on the other."""

    first: str  # as they are judged
    then: str


def order_note(schema: Schema) -> list[str]:
    """What is told where something is found in the other order alone."""
    pair = beside(schema)
    if pair is None:
        return []
    return [
        f"{pair.first} and {pair.then} do not stand on one another, and either may run first: what comes of "
        f"both orders is told. To have one order, name {pair.first} in `depends_on` of {pair.then}"
    ]


def in_other_order(change: DatabaseChange) -> Iterator[DatabaseChange]:
    """The change as it is where branches run the other way round, if they name the same things."""
    if beside(change.schema) is not None:
        assert change.schema.head is not None
        schema = change.schema
        timeline = Timeline(schema.before, _other(schema), schema.timeline.read)
        timeline.journal.foreign_keys = schema.journal.foreign_keys
        yield judged(change, schema._replace(timeline=timeline, after=timeline.end, journal=timeline.journal))


def beside(schema: Schema) -> Pair | None:
    """Two revisions whose order is open and may tell, of those that are judged; None where there are none."""
    if schema.head is None or schema.after is not schema.timeline.end:
        return None
    judged = [*schema.timeline.scripts]
    if _the_other_way(judged, schema.head.history.parents) == judged:
        return None
    return _inverted(schema, _other(schema))


def _other(schema: Schema) -> list[Script]:
    parents: dict[str, Sequence[str]] = {}
    if schema.head is not None:
        known = schema.head.history.parents
        parents = {**known}
        for first, then in _refused_otherwise(schema):
            parents[then] = (*parents[then], first)
    return _the_other_way(schema.timeline.scripts, parents)


def _refused_otherwise(schema: Schema) -> Iterator[tuple[str, str]]:
    """Scripts that no server runs the other way round: the other makes or takes what the one needs."""
    known = schema.head.history.parents if schema.head else {}
    made: dict[Thing, str] = {}
    used: dict[Thing, dict[str, None]] = {}
    for script in schema.timeline.scripts:
        revision = script.revision
        for operation in schema.timeline.read(script) if revision in known else ():
            needed = set() if operation.if_exists or operation.conditional else {*_needed(operation)}
            yield from ((made[each], revision) for each in needed if made.get(each, revision) != revision)
            for each in _taken(operation):
                yield from ((user, revision) for user in used.get(each, ()) if user != revision)
            for each in needed:
                used.setdefault(each, {})[revision] = None
            for each in _made(operation):
                made.setdefault(each, revision)


def _the_other_way(scripts: Sequence[Script], parents: Mapping[str, Sequence[str]]) -> list[Script]:
    """An order in which whatever a script stands on comes before it, and branches the last one first."""
    places = {script.revision: place for place, script in enumerate(scripts)}
    waits = {each: [down for down in parents.get(each, ()) if down in places] for each in places}
    above: dict[str, list[str]] = {}
    for each, downs in waits.items():
        for down in downs:
            above.setdefault(down, []).append(each)
    left = {each: len(downs) for each, downs in waits.items()}
    ready = [each for each, count in left.items() if not count and each in parents]
    found: list[Script] = []
    while ready:
        revision = ready.pop()
        found.append(scripts[places[revision]])
        for each in above.get(revision, ()):
            left[each] -= 1
            if not left[each]:
                ready.append(each)
    return [*found, *(script for script in scripts if script.revision not in parents)]  # env.py's own


def _inverted(schema: Schema, other: Sequence[Script]) -> Pair | None:
    """Two scripts that name the same thing and come the other way round."""
    order = {script.revision: place for place, script in enumerate(other)}
    last: dict[
        str, str
    ] = {}  # name → of the scripts that name it, the one that comes last in the other order
    for script in schema.timeline.scripts:
        revision = script.revision
        for name in dict.fromkeys(name for each in schema.timeline.read(script) for name in _named(each)):
            if order[last.get(name, revision)] > order[revision]:
                return Pair(last[name], revision)
            last[name] = revision
    return None


def _needed(operation: Operation) -> Iterator[Thing]:
    """The tables and columns without which a server refuses an operation."""
    makes = {*_made(operation)}
    table = _last(operation.table)
    things = [(table, "") if table else None, *((_last(each), "") for each in operation.tables)]
    if table and operation.column:
        things.append((table, operation.column.casefold()))
    yield from (each for each in things if each is not None and each not in makes)


def _made(operation: Operation) -> Iterator[Thing]:
    if operation.kind not in _MAKING:
        return
    if operation.kind not in _OF_COLUMNS:
        yield _last(operation.new_name or operation.table or operation.name), ""
        return
    names = (operation.new_name or operation.column, *(each.name for each in operation.columns))
    yield from ((_last(operation.table), name.casefold()) for name in names if name)


def _taken(operation: Operation) -> Iterator[Thing]:
    if operation.kind in _TAKING:
        column = (operation.column or "").casefold() if operation.kind in _OF_COLUMNS else ""
        yield _last(operation.table), column


def _last(name: str | None) -> str:
    return (name or "").rpartition(".")[2].casefold()


def _named(operation: Operation) -> Iterator[str]:
    """What an operation names, without schemas and cases."""
    named = (operation.table, operation.name, operation.new_name, *operation.tables, *operation.like)
    for name in (*named, *operation.calls):
        if name:
            yield _last(name)
