"""Schemas: what makes, renames and drops one, and what changes the meaning of an unqualified name."""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.operations import HOLE, Operation
from migration_lint.reading.sql.cursor import Cursor, Unreadable

#: Parts of a search path that hold no lasting tables.
_NO_SCHEMA = frozenset({"$user", "pg_catalog", ""})
_PATH_PART = lazy_pattern(r'\s*(?:"((?:[^"]|"")*)"|([^,\s"]*))\s*(?:,|$)')


def read_drop_schema(at: Cursor) -> list[Operation]:
    """Behind DROP SCHEMA, or DROP DATABASE where that is the same. Raises Unreadable."""
    if_exists = at.if_exists()
    names = [at.name().name]
    while at.take(","):
        names.append(at.name().name)
    cascade = at.take("CASCADE") or at.dialect in ("mysql", "mariadb")
    at.take("RESTRICT")
    if not at.done:
        raise Unreadable(f"the end of DROP SCHEMA expected, not {at.here()}")
    return [Operation(kind="drop_schema", name=name, if_exists=if_exists, cascade=cascade) for name in names]


def read_alter_schema(at: Cursor) -> list[Operation]:
    """Behind ALTER SCHEMA. Raises Unreadable."""
    name = at.name().name
    if at.take("RENAME", "TO"):
        return [Operation(kind="rename_schema", name=name, new_name=at.identifier())]
    if at.take("TRANSFER"):  # SQL Server: moves a table here
        sort = at.take_any(("OBJECT", "TYPE", "XML")) or "OBJECT"
        at.take("SCHEMA", "COLLECTION")
        while at.take_any((":", "::")):
            pass
        table = at.name()
        if sort != "OBJECT":
            return [Operation(kind="other_ddl", action="alter schema", name=name)]
        return [Operation(kind="move_table", table=table.name, schema=table.schema, new_schema=name)]
    return [Operation(kind="other_ddl", action="alter schema", name=name)]


def path_in_string(text: str) -> list[str]:
    """The schemas of a search path given as one string, as set_config takes it."""
    if len(text) > 10_000 or HOLE in text:
        return [HOLE]
    return _holding_tables(
        found[1].replace('""', '"') if found[1] is not None else found[2].lower()
        for found in _PATH_PART.finditer(text)
    )


def read_path(at: Cursor) -> tuple[str, ...] | None:
    """The list behind SET search_path TO; None: the default."""
    if at.word == "DEFAULT":
        return None
    if at.at("FROM", "CURRENT"):
        return (HOLE,)
    path: list[str] = []
    while not at.done:
        if at.token.kind == "string":
            path.append(at.token.value)
            at.skip()
        else:
            path.append(at.identifier())
        if not at.take(","):
            break
    return tuple(_holding_tables(path)) or None


def path_of_sessions(at: Cursor) -> tuple[str, ...]:
    """The search path that ALTER ROLE, DATABASE or SYSTEM gives to new sessions; (): the default one."""
    for index in range(at.index, at.length - 3):
        name = at.tokens[index + 1]
        if at.tokens[index].word == "SET" and name.value.lower() == "search_path":
            behind = index + 2 + (at.tokens[index + 2].word in ("TO", "="))
            return read_path(Cursor(at.text, at.tokens, at.dialect, None, behind)) or ()
    return ()


def _holding_tables(names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in _NO_SCHEMA]
