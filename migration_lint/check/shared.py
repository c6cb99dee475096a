"""Environments that share a database: what the one does to tables that the other makes.

Alembic keeps the revision that a database is at in a table of it. Who gives that table another name for each
environment has several in one database, and a revision of the one may drop a column of the other's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog, Key, is_implied
from migration_lint.catalog.replay import replay
from migration_lint.check.schema import Schema
from migration_lint.history import Script, env_script
from migration_lint.operations import ANY_TABLE, HOLE, Operation, kinds_of

_TABLE = r"\bversion_table(?:_schema)?\s*=\s*([^,\n)]+)"
_OF_TYPES = kinds_of("enum")


def shared(schemas: Sequence[Schema]) -> list[Schema]:
    """The databases, each with what the others do to its tables, and without those that it only mentions."""
    found = list(schemas)
    if len(schemas) < 2:
        return found
    named = [_version_table(each) for each in schemas]
    for number, host in enumerate(schemas):
        for other, guest in enumerate(schemas):
            if (
                number != other
                and named[number] != named[other]
                and host.settings.dialect == guest.settings.dialect
            ):
                found[number] = _with_guest(found[number], guest)
                found[other] = _without_implied(found[other], host)
    return found


def _version_table(schema: Schema) -> str:
    """What env.py says of the table with the revision, as it is written; "": nothing."""
    side = schema.head or schema.base
    script = None if side is None else env_script(side.tree, side.history.environment)
    if side is None or script is None:
        return ""
    text = side.tree.read(script.path).decode("utf-8", "replace")
    return " ".join(sorted(each.strip() for each in re.findall(_TABLE, text)))


def _with_guest(host: Schema, guest: Schema) -> Schema:
    """A database with what the new revisions of another environment do to what it has made."""
    side = guest.head
    made = [] if side is None else [(each, [*_about(host, guest, each)]) for each in guest.scripts]
    if not any(operations for _, operations in made):
        return host
    after, journal = host.after.copy(), Journal()
    journal.entries += host.journal.entries
    journal.ghost_tables |= host.journal.ghost_tables
    journal.ghost_columns |= host.journal.ghost_columns
    for script, operations in made:
        replay(after, script.revision, operations, journal)
    return host._replace(after=after, journal=journal)


def _about(host: Schema, guest: Schema, script: Script) -> Iterator[Operation]:
    for each in guest.head.operations(script) if guest.head is not None else ():
        if each.kind == "opaque" or any(
            _made(host.before, key) and not _made(guest.before, key) and not _made(guest.after, key)
            for key in _keys(each, host.before)
        ):
            yield each


def _keys(operation: Operation, catalog: Catalog) -> Iterator[Key]:
    """What an operation names."""
    if operation.table:
        yield catalog.key(operation.schema, operation.table)
    if operation.name and (operation.kind in _OF_TYPES or operation.kind == "other_ddl"):
        yield catalog.key(operation.schema, operation.name)
    for written in operation.tables:
        if written != ANY_TABLE and HOLE not in written:
            yield catalog.key_of(written)


def _made(catalog: Catalog, key: Key) -> bool:
    """Whether a revision made what has this name."""
    identity = catalog.identity_at(key)
    if identity is not None:
        return not is_implied(identity)
    parts = (catalog.views, catalog.enums, catalog.domains, catalog.composites, catalog.sequences)
    return any(key in part for part in parts) or key[1] in catalog.routines


def _without_implied(guest: Schema, host: Schema) -> Schema:
    """A database without the tables that it only mentions, and that another environment makes."""
    made = {key for key in (*host.before.rows, *host.before.views) if _made(host.before, key)}
    shared = frozenset(key for key in made if not _made(guest.before, key) and not _made(guest.after, key))

    def without(catalog: Catalog) -> Catalog:
        mentioned = [key for key in catalog.rows if key in shared]
        if not mentioned:
            return catalog
        left = catalog.copy()
        for key in mentioned:
            del left.rows[key]
        return left

    before, after = without(guest.before), without(guest.after)
    return guest._replace(before=before, after=after, shared=guest.shared | shared)
