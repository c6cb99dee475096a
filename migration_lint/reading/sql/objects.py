"""Objects other than tables, columns, indexes, types and views: what making and dropping them can touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from migration_lint.data_class import replace
from migration_lint.operations import ANY_TABLE, DEFINING, EVENT, STATEMENTS, Operation, altered
from migration_lint.reading.sql import routines
from migration_lint.reading.sql.attached import carrying, routine_altered, routine_made, routines_dropped
from migration_lint.reading.sql.blocks import read_tokens
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.keywords import phrases
from migration_lint.reading.sql.schemas import path_of_sessions
from migration_lint.reading.sql.shipped import extension

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import TextReading

#: The words that follow CREATE, ALTER and DROP. The longer come first.
_OBJECTS = phrases(
    """
    ACCESS METHOD | AGGREGATE | CAST | COLLATION | CONVERSION | DATABASE | DEFAULT PRIVILEGES | EVENT
    TRIGGER | EVENT | EXTENSION | FOREIGN DATA WRAPPER | FUNCTION | GROUP | LANGUAGE | LARGE OBJECT |
    LOGIN | OPERATOR CLASS | OPERATOR FAMILY | OPERATOR | OWNED | PACKAGE BODY | PACKAGE | PARTITION
    FUNCTION | PARTITION SCHEME | POLICY | PROCEDURE | PROC | PROCEDURAL LANGUAGE | PROFILE |
    PUBLICATION | ROLE | ROUTINE | RULE | SEQUENCE | SERVER | SESSION | STATISTICS | SUBSCRIPTION |
    SYNONYM | SYSTEM | TABLESPACE | TEXT SEARCH CONFIGURATION | TEXT SEARCH DICTIONARY | TEXT SEARCH
    PARSER | TEXT SEARCH TEMPLATE | TRANSFORM | TRIGGER | USER MAPPING | USER | CREDENTIAL | CERTIFICATE
    | ASSEMBLY | QUEUE | SERVICE | FULLTEXT CATALOG | FULLTEXT INDEX | SECURITY POLICY | DIRECTORY |
    CONTEXT | RESOURCE GROUP | LOGFILE GROUP | INSTANCE | AUTHORIZATION | DATABASE LINK | MATERIALIZED
    VIEW LOG | XML SCHEMA COLLECTION | XML INDEX | SPATIAL REFERENCE SYSTEM | APPLICATION ROLE |
    STATISTIC | OUTLINE | LIBRARY | DIMENSION | CLUSTER | EXTERNAL DATA SOURCE | EXTERNAL FILE FORMAT |
    DEFAULT | PREPARE | ATTRIBUTE DIMENSION | HIERARCHY | ROLLBACK SEGMENT | DISKGROUP | MASTER KEY |
    ASYMMETRIC KEY | SYMMETRIC KEY | AVAILABILITY GROUP | BROKER PRIORITY | FULLTEXT STOPLIST | WORKLOAD
    GROUP | RESOURCE POOL | ENDPOINT | ROUTE | MESSAGE TYPE | CONTRACT | COLUMN ENCRYPTION KEY | COLUMN
    MASTER KEY | SEARCH PROPERTY LIST | REMOTE SERVICE BINDING | EXTERNAL LIBRARY | EXTERNAL LANGUAGE
    """
)
_ROUTINES = frozenset({"FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE", "PROC"})
#: What goes with these when they are dropped with CASCADE: no column of a table, or what a replay finds.
_CALM_CASCADE = frozenset(
    " ".join(phrase)
    for found in phrases(
        """
    AGGREGATE | CONVERSION | EVENT TRIGGER | FUNCTION | POLICY | PROCEDURE | PUBLICATION | ROUTINE | RULE
    | SEQUENCE | STATISTICS | SUBSCRIPTION | TRIGGER | USER MAPPING | TRANSFORM | USER | PROFILE
    """
    ).values()
    for phrase in found
)
#: What says how new sessions begin.
_OF_SESSIONS = frozenset({"DATABASE", "ROLE", "USER", "SYSTEM"})
_ON_TABLE = frozenset({"TRIGGER", "POLICY", "RULE", "STATISTICS", "PUBLICATION"})


def read_object(
    reading: TextReading, at: Cursor, verb: str, replacing: bool = False
) -> list[Operation] | None:
    """Behind CREATE, ALTER or DROP; None: not an object known here. Raises Unreadable."""
    found = next((words for words in _OBJECTS.get(at.word, ()) if at.at(*words)), None)
    if found is None:
        return None
    kind = " ".join(found)
    at.skip(len(found))
    behind = at.index
    if_exists = at.if_exists() or at.if_not_exists()
    name: str | None = None
    schema: str | None = None
    cascade = verb == "DROP" and any(token.word == "CASCADE" for token in at.tokens[at.index :])
    dropped = _dropped(reading, at, kind, if_exists, cascade) if verb == "DROP" else None
    if dropped is not None:
        return dropped
    if kind == "SYNONYM" and verb in ("CREATE", "DROP") and at.at_name():
        return _synonym(at, verb, if_exists)
    if kind == "SEQUENCE" and at.at_name():
        return [_sequence(at, verb, if_exists)]
    if verb == "ALTER" and kind in _OF_SESSIONS and at.dialect == "postgresql":
        path = path_of_sessions(at)
        if path:
            reason = f"new sessions look for a table without a schema in {', '.join(path)}"
            return [Operation(kind="opaque", reason=reason, tables=(ANY_TABLE,), search_path=path)]
    if kind == "DEFAULT PRIVILEGES" or kind == "SYSTEM":
        at.skip_all()
    elif at.at_name() and kind != "OPERATOR":  # whose name is made of marks
        found_name = at.name()
        name = found_name.name
        schema = found_name.schema if kind in _ROUTINES else None
    if kind == "EXTENSION" and verb == "ALTER" and at.word == "ADD":
        raise Unreadable("what ALTER EXTENSION … ADD names goes with the extension", (ANY_TABLE,))
    tables: tuple[str, ...] = ()
    if kind in _ON_TABLE:
        before = ("TO",) if kind == "RULE" and verb == "CREATE" else ("ON", "TABLE", "FROM")
        at.skip_until(before)
        while kind == "TRIGGER" and at.word == ",":  # UPDATE OF a, b ON t
            at.skip()
            at.skip_until(before)
        if at.word:
            at.skip()
        if at.at_name() and at.word not in ("DATABASE", "ALL"):
            tables = (at.table_name().dotted,)
    operation = Operation(
        kind="other_ddl",
        action=f"{verb} {kind}".lower(),
        name=name,
        schema=schema,
        tables=tables,
        if_exists=if_exists,
        cascade=cascade,
    )
    if verb == "CREATE" and kind in _ROUTINES and kind != "AGGREGATE":
        made = Cursor(at.text, at.tokens, at.dialect, None, behind)
        return [routine_made(reading, made, replacing, operation)]
    if kind == "EVENT" and verb != "DROP" and at.dialect in ("mysql", "mariadb"):
        return _event(reading, at, operation)
    if verb == "ALTER" and kind in _ROUTINES:
        return [routine_altered(reading, at, operation)]
    return [operation if verb == "DROP" else carrying(reading, at, kind, operation)]


def _dropped(
    reading: TextReading, at: Cursor, kind: str, if_exists: bool, cascade: bool
) -> list[Operation] | None:
    """DROP of what takes more with it than its name says; None: it is no such thing. Raises Unreadable."""
    if kind == "USER" and cascade and at.dialect == "oracle":  # a user and a schema are one
        return [Operation(kind="drop_schema", name=at.name().name, if_exists=if_exists, cascade=True)]
    if kind in ("DATABASE", "OWNED", "INSTANCE") and at.word != "SCOPED":
        raise Unreadable(f"DROP {kind} drops every table of it", (ANY_TABLE,))
    if kind in ("CLUSTER", "TABLESPACE") and any(token.word == "INCLUDING" for token in at.tokens):
        raise Unreadable(f"DROP {kind} … INCLUDING drops the tables in it", (ANY_TABLE,))
    if kind == "EXTENSION" and at.at_name():
        return _extensions_dropped(at, if_exists, cascade)
    if cascade and kind not in _CALM_CASCADE:
        # e.g. DROP LANGUAGE plperl CASCADE drops every function in it
        raise Unreadable(f"DROP {kind} … CASCADE drops whatever depends on it", (ANY_TABLE,))
    if kind == "SEQUENCE" and at.at_name():
        return _sequences_dropped(at, if_exists, cascade)
    if kind in _ROUTINES and at.at_name():
        return routines_dropped(reading, at, if_exists, cascade, kind)
    return None


def _extensions_dropped(at: Cursor, if_exists: bool, cascade: bool) -> list[Operation]:
    """DROP EXTENSION a, b: an operation each. Raises Unreadable."""
    names = [at.name().name]
    while at.take(","):
        names.append(at.name().name)
    if cascade and any(extension(name) is None for name in names):
        raise Unreadable("DROP EXTENSION … CASCADE drops whatever depends on it", (ANY_TABLE,))
    return [
        Operation(kind="other_ddl", action="drop extension", name=name, if_exists=if_exists, cascade=cascade)
        for name in names
    ]


def _sequences_dropped(at: Cursor, if_exists: bool, cascade: bool) -> list[Operation]:
    """DROP SEQUENCE a, b: an operation each."""
    names = [at.name(default=at.schema)]
    while at.take(","):
        names.append(at.name(default=at.schema))
    return [
        Operation(
            kind="other_ddl",
            action="drop sequence",
            name=name.name,
            schema=name.schema,
            if_exists=if_exists,
            cascade=cascade,
        )
        for name in names
    ]


def _sequence(at: Cursor, verb: str, if_exists: bool) -> Operation:
    """CREATE and ALTER SEQUENCE: its new name or schema, and the column with which it goes."""
    name = at.name(default=at.schema)
    said: dict[str, Any] = {}
    while not at.done:
        if at.take("RENAME", "TO"):
            said["new_name"] = at.identifier()
        elif at.take("SET", "SCHEMA"):
            said["new_schema"] = at.identifier()
        elif at.take("OWNED", "BY", "NONE"):
            said["values"] = ("owned by none",)
        elif at.take("OWNED", "BY"):
            *table, said["column"] = at.parts()
            said["tables"] = (".".join(table),)
        else:
            at.skip()
    return Operation(
        kind="other_ddl",
        action=f"{verb} sequence".lower(),
        name=name.name,
        schema=name.schema,
        if_exists=if_exists,
        **said,
    )


def _synonym(at: Cursor, verb: str, if_exists: bool) -> list[Operation]:
    """SQL Server's and Oracle's: another name for a table, as a view of all of it is."""
    name = at.table_name()
    if verb == "DROP":
        return [Operation(kind="drop_view", table=name.name, schema=name.schema, if_exists=if_exists)]
    of = (at.table_name().dotted,) if at.take("FOR") and at.at_name() else ()
    return [
        Operation(
            kind="create_view",
            table=name.name,
            schema=name.schema,
            like=of,
            values=("*",),
            using=f"SELECT * FROM {of[0]}" if of else None,
            if_exists=if_exists,
        )
    ]


def _event(reading: TextReading, at: Cursor, operation: Operation) -> list[Operation]:
    """CREATE and ALTER of MySQL's events, with what one does when its time comes: unless it is disabled."""
    start = next((index for index, token in enumerate(at.tokens) if token.word == "DO"), at.length)
    said = [token.word for token in at.tokens[:start]]
    if "RENAME" in said[:-2]:
        new = Cursor(at.text, at.tokens, at.dialect, None, said.index("RENAME") + 2).name().name
        operation = altered(operation, {"new_name": new})
    if start == at.length:
        enabled = operation.action == "alter event" and "ENABLE" in said
        calls = (f"{EVENT}{(operation.name or '').lower()}",) if enabled else ()
        return [altered(operation, {"calls": calls})]
    inner = reading.inner()
    inner.later = True
    does = routines.consequential(read_tokens(inner, at.text, at.tokens[start + 1 :]))
    made = altered(operation, {"does": does})
    return [made] if "DISABLE" in said else [made, *_scheduled(does)]


def _scheduled(does: Sequence[Operation]) -> list[Operation]:
    """What an event does, which may be at once."""
    return [
        replace(
            each,
            conditional=True,
            branch=each.branch or "event",
            reason=each.reason or "an event runs it when its time comes",
        )
        for each in does
        if each.kind not in STATEMENTS
        or (each.action or "").startswith(DEFINING)
        or each.sql is not None
        or each.calls
    ]
