"""Data statements, and the other statements that change no table's shape."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.operations import ANY_TABLE, HOLE, Operation
from migration_lint.reading.sql.cursor import Cursor, QualifiedName, Unreadable
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.queries import references, tables_read

#: First words of data statements.
DATA = words(
    """
    SELECT INSERT UPDATE DELETE MERGE REPLACE WITH VALUES TABLE COPY TRUNCATE EXPLAIN UPSERT (
    HANDLER FETCH DESCRIBE DESC SHOW BULK
    """
)
#: First words of statements about the session, the server or storage: no name, column or type changes.
HARMLESS = words(
    """
    ABORT ANALYZE ANALYSE ATTACH AUDIT BEGIN CHANGE CHECK CHECKPOINT CHECKSUM CLOSE CLUSTER COMMIT
    CONNECT DBCC DEALLOCATE DENY DETACH DISCARD END FLUSH GET GO GRANT KILL LISTEN LOCK MOVE NOTIFY
    OPTIMIZE PRINT PURGE RAISE RAISERROR REASSIGN REFRESH REINDEX RELEASE REPAIR RESET RESIGNAL REVOKE
    ROLLBACK SAVE SAVEPOINT SECURITY SET SIGNAL START STOP THROW UNLISTEN UNLOCK USE VACUUM WAITFOR XA
    CACHE NOAUDIT RECONFIGURE BACKUP PRAGMA EXIT WHENEVER PROMPT SPOOL NULL HELP INSTALL UNINSTALL
    SHUTDOWN IMPORT ENABLE DISABLE REVERT ASSOCIATE DISASSOCIATE ITERATE LEAVE
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
#: A row written here makes, renames, retypes or drops a table or column.
_CATALOGS = words("sqlite_master sqlite_schema sqlite_temp_master sqlite_temp_schema")
_CATALOG_SCHEMAS = frozenset({"pg_catalog", "information_schema", "pg_toast"})
_QUERIES = words("SELECT VALUES WITH TABLE")
_WRITING = words("INSERT UPDATE DELETE MERGE TRUNCATE COPY REPLACE")
_BEFORE_EMPTIED = words("FROM TABLE ONLY LOW_PRIORITY QUICK IGNORE").union(("(",))
_CONSTANT = words("WHERE TRUE FALSE NOT AND OR IS NULL")


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
    elif action == "delete" and at.dialect in ("mysql", "mariadb"):
        tables = tables_read(at, references(at.tokens, at.index))
    elif action == "delete" and at.dialect in ("mssql", "oracle"):
        read = tables_read(at, _named_first(at))
        tables = tuple(dict.fromkeys((*_deleted_without_from(at), *read)))
    else:
        tables = tables_read(at)
    at.index = start
    written = _catalog_written(at)
    if written is not None:
        return [
            Operation(
                kind="opaque", reason=f"it writes to the system's own table {written}", tables=(ANY_TABLE,)
            )
        ]
    if at.word == "COPY" and at.dialect == "postgresql" and any(t.word == "PROGRAM" for t in at.tokens):
        return [Operation(kind="opaque", reason="COPY … PROGRAM runs a program", tables=(ANY_TABLE,))]
    unnamed = tuple(_emptied_unnamed(at))
    if unnamed:
        reason = "rows are deleted, and the table's name is not fully known"
        operations.append(Operation(kind="opaque", reason=reason, tables=unnamed))
    if not operations or (operations[0].kind == "create_table" and writes_inside(at)):
        operations.append(Operation(kind="dml", action=action, tables=tables, sql=sql))
    return operations


def _named_first(at: Cursor) -> int:
    """Where the tables of SQL Server's `DELETE FROM e FROM t e` begin: behind the alias of what goes."""
    return references(at.tokens, at.index) if at.dialect == "mssql" and at.word == "DELETE" else at.index


def _deleted_without_from(at: Cursor) -> Iterator[str]:
    """The table of `DELETE [TOP (n)] t`; not an alias of `DELETE a FROM t a`. What WITH defines stays."""
    start = next(
        (index for index in range(at.index, at.length) if at.tokens[index].word == "DELETE"), at.length
    )
    target = Cursor(at.text, at.tokens, at.dialect, at.schema, start + 1)
    if target.take("TOP"):
        target.skip_group()
        target.take("PERCENT")
    if target.token.kind not in ("word", "name") or target.word == "FROM":
        return
    try:
        name = target.name(default=at.schema)
    except Unreadable:
        return
    if target.word == "WITH":
        target.skip()
        target.skip_group()
    defined = at.word == "WITH" and _is_defined(at, name.name)
    if target.word != "FROM" and HOLE not in name.dotted and not defined:
        yield name.dotted


def _is_defined(at: Cursor, name: str) -> bool:
    """Whether a WITH in front names a query so."""
    named = [token.value.lower() for token in at.tokens]
    return any(
        each == name.lower() and any(token.word == "AS" for token in at.tokens[place + 1 : place + 40])
        for place, each in enumerate(named)
        if place and at.tokens[place - 1].word in ("WITH", ",")
    )


def _emptied_unnamed(at: Cursor) -> Iterator[str]:
    """The names, with HOLE in them, of tables that a statement empties, at its top or in a WITH."""
    tokens, before = at.tokens, ""
    for index in range(at.index, at.length):
        word = tokens[index].word
        if word in ("DELETE", "TRUNCATE") and (index == at.index or before in ("(", ")")):
            target = Cursor(at.text, tokens, at.dialect, None, index + 1)
            while target.take_any(_BEFORE_EMPTIED):
                pass
            while target.token.kind in ("word", "name"):
                try:
                    name = target.name().dotted
                except Unreadable:
                    break
                if HOLE in name and (word == "TRUNCATE" or not _narrows(target)):
                    yield name
                if word == "DELETE" or not target.take(","):
                    break
        before = word


def _narrows(at: Cursor) -> bool:
    """Whether a DELETE says which rows it means, behind the name of its table: by a name or a text."""
    depth, where = 0, False
    for index in range(at.index, at.length):
        token = at.tokens[index]
        depth += (token.word == "(") - (token.word == ")")
        if depth < 0 or (depth == 0 and token.word in ("RETURNING", ";")):
            return False
        if token.word in ("LIMIT", "FETCH"):
            return True
        where = where or token.word == "WHERE"
        if where and token.word not in _CONSTANT and token.kind in ("word", "name", "string", "parameter"):
            return True
    return False


def writes_inside(at: Cursor) -> bool:
    """Whether a query changes rows in a WITH."""
    return any(
        at.tokens[index].word in _WRITING and at.tokens[index - 1].word == "("
        for index in range(at.index + 1, at.length)
    )


def _catalog_written(at: Cursor) -> str | None:
    """The table of the system's own that a statement writes to, at its top or in a WITH."""
    if not (at.dialect == "sqlite" or at.dialect == "postgresql"):
        return None
    tokens = at.tokens
    for index in range(at.index, at.length):
        word = tokens[index].word
        if word not in _WRITING or (word == "UPDATE" and tokens[index - 1].word in ("FOR", "DO", "KEY")):
            continue
        target = Cursor(at.text, tokens, at.dialect, None, index + 1)
        while target.take_any(
            ("INTO", "FROM", "ONLY", "OR", "IGNORE", "REPLACE", "ABORT", "FAIL", "ROLLBACK", "TABLE")
        ):
            pass
        if target.token.kind not in ("word", "name"):
            continue
        try:
            name = target.name()
        except Unreadable:
            continue
        if name.name.lower() in _CATALOGS:
            return name.name
        if at.dialect == "postgresql" and (
            name.schema in _CATALOG_SCHEMAS or (name.schema is None and name.name.startswith("pg_"))
        ):
            return name.name
    return None


def runs_explained(at: Cursor) -> bool:
    """EXPLAIN ANALYZE, which runs the statement that it explains: takes all in front of that."""
    start = at.index
    at.skip()
    analyzes = False
    if at.word == "(":
        analyzes = any(
            t.word in ("ANALYZE", "ANALYSE") for t in at.tokens[at.index : at.after_group(at.index)]
        )
        analyzes = analyzes and at.ahead(1).word not in _QUERIES
        at.skip_group() if analyzes else None
    while at.take_any(("ANALYZE", "ANALYSE")):
        analyzes = True
        at.take("VERBOSE")
    if not analyzes:
        at.index = start
    return analyzes


def copied_query(at: Cursor) -> Cursor | None:
    """The statement of COPY (…) TO, which may write; None where it is none, or starts a program."""
    if at.dialect != "postgresql" or at.word != "COPY" or at.ahead(1).word != "(":
        return None
    end = at.after_group(at.index + 1)
    if any(each.word == "PROGRAM" for each in at.tokens[end:]) or end - at.index < 4:
        return None
    return Cursor(at.text, at.tokens[: end - 1], at.dialect, at.schema, at.index + 2)


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
    elif first in ("ENABLE", "DISABLE") and following == "TRIGGER":  # SQL Server's, with ON and a table
        action += " trigger"
        while not at.done and not at.take("ON"):
            at.skip()
        if at.at_name() and at.word not in ("DATABASE", "ALL"):
            tables = (at.table_name().dotted,)
    elif first in _NAMES_TABLE and following not in ("INDEX", "SCHEMA", "DATABASE", "SYSTEM"):
        at.skip()
        tables = _list(at)
    return [Operation(kind="other_ddl", action=action, name=name, tables=tables)]


def _list(at: Cursor) -> tuple[str, ...]:
    found: dict[str, None] = {}
    at.skip_group()
    while at.word in _SKIPPED:
        at.skip()
    while at.token.kind in ("word", "name") and at.word != "INTO":
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
                name = QualifiedName(at.schema, name.name)
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
