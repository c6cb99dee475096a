"""Data statements, and the other statements that change no table's shape.

Calling a function is data: what PostgreSQL, MySQL and the like ship changes no table, with a few
exceptions that `_DDL_FUNCTIONS` names. A function of the project's own could run DDL. It is taken for
data unless its name says that it changes something (`drop_…`, `rename_…`) or SQL is handed to it.
"""

from __future__ import annotations

import re

from migration_lint.operations import ANY_TABLE, HOLE, Column, Operation
from migration_lint.reading.sql.cursor import Cursor, Name, Unreadable
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.queries import tables_read
from migration_lint.reading.sql.schemas import first_schema, path_in_string

#: First words of data statements.
DATA = words(
    """
    SELECT INSERT UPDATE DELETE MERGE REPLACE WITH VALUES TABLE COPY TRUNCATE LOAD EXPLAIN UPSERT (
    HANDLER FETCH DESCRIBE DESC SHOW
    """
)
#: First words of statements about the session, the server or storage: no name, column or type changes.
HARMLESS = words(
    """
    ABORT ANALYZE ANALYSE ATTACH AUDIT BEGIN CHANGE CHECK CHECKPOINT CHECKSUM CLOSE CLUSTER COMMIT
    CONNECT DBCC DEALLOCATE DENY DETACH DISCARD END FLUSH GET GO GRANT KILL LISTEN LOCK MOVE NOTIFY
    OPTIMIZE PRINT PURGE RAISE RAISERROR REASSIGN REFRESH REINDEX RELEASE REPAIR RESET RESIGNAL REVOKE
    ROLLBACK SAVE SAVEPOINT SECURITY SET SIGNAL START STOP THROW UNLISTEN UNLOCK USE VACUUM WAITFOR XA
    CACHE NOAUDIT RECONFIGURE BACKUP PRAGMA EXIT WHENEVER PROMPT SPOOL NULL
    """
)
_TWO_WORDS = {
    "LOCK": ("TABLE", "TABLES"),
    "REFRESH": ("MATERIALIZED",),
    "ANALYZE": ("TABLE",),
    "OPTIMIZE": ("TABLE",),
    "REPAIR": ("TABLE",),
    "CHECK": ("TABLE",),
    "UNLOCK": ("TABLES",),
    "REINDEX": ("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"),
}
_NAMES_TABLE = words(
    """
    LOCK VACUUM ANALYZE ANALYSE REFRESH CLUSTER OPTIMIZE REPAIR CHECK CHECKSUM TRUNCATE COPY REINDEX
    """
)
_SKIPPED = words(
    """
    TABLE TABLES FULL VERBOSE FREEZE MATERIALIZED VIEW CONCURRENTLY ONLY LOCAL NO_WRITE_TO_BINLOG IF
    EXISTS ANALYZE INDEX DATABASE SCHEMA SYSTEM
    """
)
_CHANGING = re.compile(
    r"(?:^|_)(?:drop|rename|alter|remove|delete_col|exec|execute|ddl|swap|migrate|upgrade|downgrade)"
)
_STARTS_DDL = re.compile(r"\s*(?:ALTER|DROP|RENAME|CREATE\s+TABLE|EXEC|DO\s*\$|CALL)\b", re.IGNORECASE)
#: A row written here makes, renames, retypes or drops a table or column.
_CATALOGS = words("sqlite_master sqlite_schema sqlite_temp_master pg_attribute pg_class pg_namespace")
_MOST_CALLS = 100
_LONGEST_CALL = 3_000  # tokens
_IDENTIFIER = re.compile(r"[\w.$\" ]{1,130}\Z")


def read_data(at: Cursor, makes: bool = True, sql: str | None = None) -> list[Operation]:
    """A data statement as one dml operation, or the table that SELECT … INTO makes. Never raises.

    `makes`: INTO names a new table; in a procedural block it names a variable.
    """
    action = at.word.lower() if at.word != "(" else "select"
    if action == "with":
        action = _main_verb(at)
    operations: list[Operation] = []
    if makes and action == "select":
        operations += _select_into(at)
    start = at.index
    if at.word in _NAMES_TABLE:
        at.skip()
        tables = _list(at)
    else:
        tables = tables_read(at)
    at.index = start
    if action in ("insert", "update", "delete", "merge", "replace"):
        targets = tables if at.word == "WITH" else tables[:1]
        written = next((name for name in targets if name.lower().rsplit(".", 1)[-1] in _CATALOGS), None)
        if written is not None:
            return [
                Operation(
                    kind="opaque",
                    reason=f"it writes to the system's own table {written}",
                    tables=(ANY_TABLE,),
                )
            ]
    if not operations:
        operations.append(Operation(kind="dml", action=action, tables=tables, sql=sql))
    return operations


def _main_verb(at: Cursor) -> str:
    """What a statement that starts with WITH does in the end."""
    depth = 0
    for index in range(at.index, at.length):
        word = at.tokens[index].word
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
        elif depth == 0 and word in ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES"):
            return word.lower()
    return "with"


def read_harmless(at: Cursor) -> list[Operation]:
    """A statement whose first word is in HARMLESS. Never raises."""
    first = at.word
    action = first.lower()
    following = at.ahead(1).word
    if following in _TWO_WORDS.get(first, ()):
        action += " " + following.lower()
        if following == "MATERIALIZED":
            action += " view"
    name: str | None = None
    tables: tuple[str, ...] = ()
    if first == "SET" or first == "PRAGMA":
        at.skip()
        at.take_any(("LOCAL", "SESSION", "GLOBAL"))
        if at.token.kind in ("word", "name"):
            name = at.token.value.lower()
            if HOLE in name:
                name = None
    elif first in _NAMES_TABLE and following not in ("INDEX", "SCHEMA", "DATABASE", "SYSTEM"):
        at.skip()
        tables = _list(at)
    return [Operation(kind="other_ddl", action=action, name=name, tables=tables)]


def _list(at: Cursor) -> tuple[str, ...]:
    found: dict[str, None] = {}
    at.skip_group()
    while at.word in _SKIPPED:
        at.skip()
    while at.token.kind in ("word", "name"):
        try:
            found[at.table_name().dotted] = None
        except Unreadable:
            break
        if at.word == "(":
            at.skip_group()
        if not at.take(","):
            break
        at.take("TABLE")
    return tuple(name for name in found if HOLE not in name)


def _select_into(at: Cursor) -> list[Operation]:
    """SELECT … INTO new_table, which makes a table in PostgreSQL and SQL Server."""
    if at.dialect not in ("postgresql", "mssql"):
        return []
    depth = 0
    selecting = False
    tokens = at.tokens
    for index in range(at.index, at.length):
        word = tokens[index].word
        if not word:
            continue
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
        elif depth == 0 and word == "SELECT":
            selecting = True
        elif depth > 0:
            continue
        elif word in ("INSERT", "MERGE") or (selecting and word in ("FROM", "WHERE")):
            return []
        elif selecting and word == "INTO":
            making = Cursor(at.text, tokens, at.dialect, at.schema, index + 1)
            temporary = bool(making.take_any(("TEMPORARY", "TEMP")))
            making.take("UNLOGGED")
            making.take("TABLE")
            if making.token.kind not in ("word", "name"):
                return []
            try:
                name = making.name()
            except Unreadable:
                return []
            temporary |= name.name.startswith("#")
            if not temporary and name.schema is None:
                name = Name(at.schema, name.name)
            like = tuple(table for table in tables_read(at) if table != name.dotted)
            return [
                Operation(
                    kind="create_table",
                    table=name.name,
                    schema=name.schema,
                    incomplete=True,
                    like=like,
                    temporary=temporary,
                )
            ]
    return []


# Functions


class Call:
    """A function call found in a statement: its name and the text of string arguments (None: no string)."""

    __slots__ = ("arguments", "name", "texts")

    def __init__(self, name: str, arguments: list[str | None], texts: list[str]) -> None:
        self.name = name
        self.arguments = arguments
        self.texts = texts


def calls(at: Cursor) -> list[Call]:
    """The calls in a statement of functions that may matter: known to change something, or handed SQL.

    Raises Unreadable if there are too many.
    """
    found: list[Call] = []
    tokens = at.tokens
    for index in range(at.index, at.length - 1):
        token = tokens[index]
        if tokens[index + 1].word == "(" and (token.kind == "word" or token.kind == "name"):
            name = token.value.lower()
            if name in DDL_FUNCTIONS or _CHANGING.search(name) or _handed_sql(at, index + 1):
                if len(found) >= _MOST_CALLS:
                    raise Unreadable("it calls more functions than can be read", (ANY_TABLE,))
                found.append(_call(at, index, name))
    return found


def _handed_sql(at: Cursor, index: int) -> bool:
    token = at.tokens[index + 1] if index + 1 < at.length else None
    return token is not None and token.kind == "string" and _STARTS_DDL.match(token.value) is not None


def _call(at: Cursor, index: int, name: str) -> Call:
    """The call whose name stands at `index`."""
    reading = Cursor(at.text, at.tokens, at.dialect, at.schema, index + 2)
    reading.length = min(at.length, index + _LONGEST_CALL)
    end = reading.after_group(index + 1)
    arguments: list[str | None] = []
    texts: list[str] = []
    while reading.index < end - 1:
        start = reading.index
        reading.skip_item()
        argument = at.tokens[start : reading.index]
        if len(argument) >= 3 and argument[1].word in ("=>", ":="):
            argument = argument[2:]
        text = argument[0].value if argument and argument[0].kind == "string" else None
        if text is not None and len(argument) > 1 and argument[1].word != "::":
            text += HOLE
        if argument and argument[0].kind == "parameter":
            text = HOLE
        arguments.append(text)
        texts.append(at.text_of(start, reading.index))
        if reading.index == start and reading.word != ",":
            break
        reading.take(",")
    return Call(name, arguments, texts)


def called(call: Call, alone: bool) -> list[Operation] | str | None:
    """What a call does: operations, a text of SQL that it runs, or None: nothing but data.

    `alone`: the statement has no FROM, so the call is made for what it does.
    """
    reader = DDL_FUNCTIONS.get(call.name)
    if reader == "add_geometry":
        return _geometry_added(call)
    if reader == "drop_geometry":
        return _geometry_dropped(call)
    if reader == "drop_geometry_table":
        names = [HOLE if name is None else name for name in call.arguments][-2:]
        schema = names[0] if len(names) > 1 else None
        return [Operation(kind="drop_table", table=names[-1].lower() if names else HOLE, schema=schema)]
    if reader == "harmless":
        return None
    for argument in call.arguments:
        if argument is not None and _STARTS_DDL.match(argument):
            return argument
    if not alone or not _CHANGING.search(call.name):
        return None
    named = tuple(
        argument
        for argument in call.arguments
        if argument is not None and _IDENTIFIER.match(argument) is not None
    )
    return [
        Operation(
            kind="opaque",
            reason=f"the function {call.name} is called; what it runs cannot be read",
            tables=named or (ANY_TABLE,),
        )
    ]


def _geometry_added(call: Call) -> list[Operation]:
    """PostGIS: AddGeometryColumn([[catalog,] schema,] table, column, srid, type, dimension)."""
    names: list[str] = []
    for argument, text in zip(call.arguments, call.texts, strict=True):
        if argument is None and text.lstrip("-").isdigit():
            break
        names.append(HOLE if argument is None else argument)
    if len(names) < 2 or len(names) > 4:
        return [Operation(kind="other_ddl", action="addgeometrycolumn")]
    rest = call.arguments[len(names) + 1 :]
    kind = rest[0] if rest and rest[0] else "geometry"
    srid = call.texts[len(names)] if len(names) < len(call.texts) else ""
    column = Column(names[-1], f"geometry({kind},{srid})" if srid else "geometry")
    return [
        Operation(
            kind="add_column",
            table=names[-2],
            schema=names[-3] if len(names) > 2 else None,
            column=column.name,
            columns=(column,),
        )
    ]


def _geometry_dropped(call: Call) -> list[Operation]:
    names = [HOLE if name is None else name for name in call.arguments]
    if len(names) < 2:
        return [Operation(kind="opaque", reason="a call of DropGeometryColumn", tables=(ANY_TABLE,))]
    return [
        Operation(
            kind="drop_column",
            table=names[-2],
            schema=names[-3] if len(names) > 2 else None,
            column=names[-1],
        )
    ]


def configured_path(at: Cursor) -> tuple[bool, str | None]:
    """Whether a query calls set_config('search_path', …), and what unqualified names then mean."""
    tokens = at.tokens
    left = _MOST_CALLS
    for index in range(at.index, at.length - 3):
        if tokens[index].word == "SET_CONFIG" and tokens[index + 1].word == "(" and left:
            left -= 1
            call = _call(at, index, "set_config")
            if len(call.arguments) > 1 and (call.arguments[0] or "").lower() == "search_path":
                path = call.arguments[1]
                return True, HOLE if path is None else first_schema(path_in_string(path))
    return False, None


#: Functions that databases and their extensions ship and whose name says more than they do, or less.
DDL_FUNCTIONS = {
    "addgeometrycolumn": "add_geometry",
    "dropgeometrycolumn": "drop_geometry",
    "dropgeometrytable": "drop_geometry_table",
    "pg_replication_slot_advance": "harmless",
    "pg_drop_replication_slot": "harmless",
    "replace": "harmless",
    "remove_retention_policy": "harmless",
    "remove_compression_policy": "harmless",
    "remove_continuous_aggregate_policy": "harmless",
    "remove_columnstore_policy": "harmless",
    "remove_reorder_policy": "harmless",
    "drop_chunks": "harmless",
    "array_remove": "harmless",
    "jsonb_set": "harmless",
    "json_remove": "harmless",
    "alter_job": "harmless",
    "xpath_exists": "harmless",
    "set_config": "harmless",
    "format": "harmless",
    "concat": "harmless",
}
