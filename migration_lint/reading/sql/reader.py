"""One statement → its operations, by its first words; and the state that one statement leaves the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from migration_lint.operations import ANY_TABLE, HOLE, Dialect, Operation
from migration_lint.reading.sql import data, dynamic, holes, routines
from migration_lint.reading.sql.alter_table import read_actions, read_alter_table
from migration_lint.reading.sql.blocks import read_do, read_tokens
from migration_lint.reading.sql.cursor import RESERVED, Cursor, Unreadable
from migration_lint.reading.sql.indexes import read_alter_index, read_create_index, read_drop_index
from migration_lint.reading.sql.objects import read_object
from migration_lint.reading.sql.routines import Routines
from migration_lint.reading.sql.schemas import read_alter_schema, read_drop_schema, read_path
from migration_lint.reading.sql.statements import Statement, split
from migration_lint.reading.sql.tables import (
    read_create_table,
    read_drop_table,
    read_rename_table,
    take_sorts,
)
from migration_lint.reading.sql.tokens import Token
from migration_lint.reading.sql.types import (
    read_alter_domain,
    read_alter_type,
    read_create_domain,
    read_create_type,
    read_drop_type,
)
from migration_lint.reading.sql.views import read_create_view, read_drop_view

#: More names than this in a statement that could not be read: it may touch anything.
_MOST_NAMES = 300


class Reading:
    """What is known while the statements of one text are read in order."""

    #: How deep SQL may stand inside SQL (DO blocks, EXECUTE '…', routines that are called).
    deepest = 6

    def __init__(
        self, dialect: Dialect, schema: str | None, routines: Routines | None = None, depth: int = 0
    ) -> None:
        self.dialect: Dialect = dialect
        self.routines: Routines = {} if routines is None else routines
        self.schema = schema  # what an unqualified name means
        self.depth = depth
        self.procedural = False  # inside a block, where SELECT … INTO sets a variable
        self.values: dict[str, list[str]] = {}  # MySQL's session variables: the texts that they may hold

    def read_text(self, text: str) -> list[Operation]:
        """All statements of a text. Never raises on any text."""
        operations: list[Operation] = []
        for statement in split(text, self.dialect):
            operations += self.read_statement(statement)
        return operations

    def read_statement(self, statement: Statement, batch: bool = True) -> list[Operation]:
        """One statement, or SQL Server's batch of them; every operation carries its statement's text."""
        sql = statement.sql
        if batch and self.dialect == "mssql" and statement.problem is None and statement.whole:
            from migration_lint.reading.sql.tsql import read_batch  # no other dialect needs it

            try:
                return read_batch(self, statement)
            except Unreadable as unreadable:
                at = Cursor(statement.text, statement.tokens, self.dialect, self.schema)
                return self.stamped([_opaque(at, unreadable.what, unreadable.tables)], sql)
        at = Cursor(statement.text, statement.tokens, self.dialect, self.schema)
        if statement.problem is None and self.dialect == "mssql" and not statement.whole:
            found = [_opaque(at, "the batch is too long to read", (ANY_TABLE,))]
        elif statement.problem is not None:
            found = [_opaque(at, statement.problem, (ANY_TABLE,))]
        else:
            found = self.read(at, statement.whole, sql)
        return self.stamped(found, sql)

    def read(self, at: Cursor, whole: bool = True, sql: str | None = None) -> list[Operation]:
        """The statement behind the cursor. Never raises."""
        word = at.word
        if word in data.DATA:
            return self._data(at, sql)
        if not whole:
            return [_opaque(at, "the statement is too long to read", (ANY_TABLE,))]
        reader = _READERS.get(word)
        try:
            if reader is not None:
                return reader(self, at)
            if word in data.HARMLESS:
                return data.read_harmless(at)
            return [_unknown(at)]
        except Unreadable as unreadable:
            at.index = 0
            return [_opaque(at, unreadable.what, unreadable.tables)]

    def _data(self, at: Cursor, sql: str | None) -> list[Operation]:
        operations = data.read_data(at, makes=not self.procedural, sql=sql)
        changed, schema = data.configured_path(at)
        if changed:
            self.schema = schema
        known = routines.calls_of(self.routines, at)
        try:
            for name in known:
                operations += routines.called(self, name) or []
            calls = [call for call in data.calls(at) if call.name not in known]
        except Unreadable as unreadable:
            return [*operations, _opaque(at, unreadable.what, unreadable.tables)]
        if calls:
            alone = at.word == "SELECT" and not any(token.word == "FROM" for token in at.tokens)
            for call in calls:
                done = data.called(call, alone)
                if isinstance(done, str):
                    operations += self.read_dynamic(done)
                elif done:
                    operations += done
        return operations

    def inner(self) -> Reading:
        """A reading of SQL that stands inside this one's."""
        return Reading(self.dialect, self.schema, self.routines, self.depth + 1)

    def read_batch(self, text: str, tokens: Sequence[Token]) -> list[Operation]:
        """The statements of SQL Server that stand in these tokens."""
        return self.read_statement(Statement(text, list(tokens))) if tokens else []

    def stamped(self, operations: list[Operation], sql: str) -> list[Operation]:
        """The operations with the statement that they come from, and no HOLE in a name."""
        settled = [holes.settle(operation) for operation in operations]
        return [
            operation if operation.sql is not None else replace(operation, sql=sql) for operation in settled
        ]

    def run(self, texts: list[str], sql: str) -> list[Operation]:
        """What a statement does that runs one of these texts."""
        operations: list[Operation] = []
        for number, text in enumerate(texts):
            if text.strip() == HOLE:
                found = [
                    Operation(
                        kind="opaque",
                        reason="it runs SQL that is put together and not known",
                        tables=(ANY_TABLE,),
                    )
                ]
            else:
                found = self.read_dynamic(text)
            if len(texts) > 1:
                found = [
                    replace(
                        operation,
                        conditional=True,
                        branch=operation.branch or f"text:{number}",
                        reason=operation.reason or "which of several texts is run is not known",
                    )
                    for operation in found
                ]
            operations += found
        return [
            replace(operation, sql=sql) if operation.sql is None else operation for operation in operations
        ]

    def read_dynamic(self, text: str) -> list[Operation]:
        """SQL in a string that a statement runs; the search path that it sets stays."""
        if self.depth >= self.deepest:
            return [Operation(kind="opaque", reason="SQL is nested too deep to read", tables=(ANY_TABLE,))]
        inner = self.inner()
        operations = inner.read_text(text)
        self.schema = inner.schema
        return operations


def mentioned(at: Cursor) -> tuple[str, ...]:
    """Every name in a statement that could be a table's."""
    found: dict[str, None] = {}
    looking = Cursor(at.text, at.tokens, at.dialect, at.schema)
    while not looking.done:
        if looking.token.kind in ("name",) or (looking.token.kind == "word" and looking.word not in RESERVED):
            try:
                parts = looking.parts()
            except Unreadable:
                continue
            if len(parts) > 1:
                found[f"{parts[-2]}.{parts[-1]}"] = None
                if len(parts) == 2:
                    found[parts[0]] = None  # it may be `table.column`
            else:
                found[parts[0] if at.schema is None else f"{at.schema}.{parts[0]}"] = None
        else:
            looking.skip()
        if len(found) > _MOST_NAMES:
            return (ANY_TABLE,)
    return tuple(found)


def _opaque(at: Cursor, what: str, tables: tuple[str, ...] | None) -> Operation:
    head = " ".join(token.word or token.value for token in at.tokens[:2]).replace(HOLE, "…")[:60]
    return Operation(kind="opaque", reason=f"{head}: {what}", tables=tables or mentioned(at) or (ANY_TABLE,))


def _unknown(at: Cursor) -> Operation:
    if at.token.kind == "word" and HOLE in at.token.value:
        if len(at.tokens) > 1 and at.ahead(1).word in ("TABLE", "INDEX", "VIEW", "COLUMN"):
            at.skip(2)
            return Operation(
                kind="opaque", reason="which statement this is, is not known", tables=mentioned(at)
            )
        return Operation(kind="opaque", reason="the statement is not known", tables=(ANY_TABLE,))
    return _opaque(at, "this statement is not known", None)


# By first word


def _create(reading: Reading, at: Cursor) -> list[Operation]:
    at.skip()
    _skip_holes(at)
    replacing = at.take("OR", "REPLACE") or at.take("OR", "ALTER")
    at.take_any(("EDITIONABLE", "NONEDITIONABLE"))
    _skip_holes(at)
    sorts = take_sorts(at)
    if at.take("TABLE"):
        return read_create_table(at, sorts, replacing)
    if at.at("VIRTUAL", "TABLE"):
        at.skip(2)
        return read_create_table(at, sorts)
    if at.take("UNIQUE"):
        at.take_any(("CLUSTERED", "NONCLUSTERED"))
        _skip_holes(at)
        at.expect("INDEX")
        return read_create_index(at, unique=True)
    using = at.take_any(("FULLTEXT", "SPATIAL", "BITMAP")).lower() or None
    if using == "fulltext" and at.word == "CATALOG":
        return _other("create fulltext catalog")
    at.take_any(("CLUSTERED", "NONCLUSTERED"))
    at.take("COLUMNSTORE")
    if at.take("INDEX"):
        return read_create_index(at, using=using)
    if _at_view(at):
        return read_create_view(at, bool(sorts & {"TEMP", "TEMPORARY"}))
    if at.take("TYPE"):
        return read_create_type(at) if at.word != "BODY" else _other("create type body")
    if at.take("DOMAIN"):
        return read_create_domain(at)
    if at.take("SCHEMA"):
        return _create_schema(reading, at)
    _skip_definer(at)
    if _at_view(at):
        return read_create_view(at)
    while at.take_any(("CONSTRAINT", "TRUSTED", "AGGREGATE", "PUBLIC", "SHARED")):
        pass
    if at.word in ("FUNCTION", "PROCEDURE", "PROC"):
        behind = Cursor(at.text, at.tokens, at.dialect, None, at.index + 1)
        routines.remember(reading.routines, behind)
    found = read_object(at, "CREATE")
    if found is not None:
        return found
    raise Unreadable(f"CREATE {at.here()} is not known")


def _at_view(at: Cursor) -> bool:
    """Takes the words in front of a view's name."""
    start = at.index
    while at.take_any(("ALGORITHM", "RECURSIVE", "MATERIALIZED", "FORCE", "SECURE")):
        if at.take("="):
            at.skip()
    if at.take("SQL", "SECURITY"):
        at.skip()
    if at.word == "VIEW" and at.ahead(1).word != "LOG":
        at.skip()
        return True
    at.index = start
    return False


def _skip_definer(at: Cursor) -> None:
    """MySQL: ALGORITHM = …, DEFINER = user@host, SQL SECURITY …"""
    while True:
        if at.word in ("ALGORITHM", "DEFINER") and at.ahead(1).word == "=":
            at.skip(3)
            while not at.done and (
                at.token.kind == "parameter" or at.tokens[at.index - 1].kind == "parameter"
            ):
                at.skip()
            at.skip_group()
        elif at.take("SQL", "SECURITY"):
            at.skip()
        else:
            return


def _create_schema(reading: Reading, at: Cursor) -> list[Operation]:
    if_exists = at.if_not_exists()
    name = at.name().name if at.word != "AUTHORIZATION" else None
    operations = [Operation(kind="other_ddl", action="create schema", name=name, if_exists=if_exists)]
    # CREATE SCHEMA s CREATE TABLE … CREATE VIEW …: what follows is made inside
    starts = [index for index in range(at.index, at.length) if at.tokens[index].word == "CREATE"]
    ends = [*starts[1:], at.length][: len(starts)]
    for start, end in zip(starts, ends, strict=True):
        inner = Cursor(at.text, at.tokens[start:end], at.dialect, name)
        operations += _create(reading, inner)
    return operations


def _alter(reading: Reading, at: Cursor) -> list[Operation]:
    at.skip()
    _skip_holes(at)
    sorts_at = at.index
    while at.take_any(("ONLINE", "OFFLINE", "IGNORE", "FOREIGN", "TEMPORARY")):
        pass
    if at.take("TABLE"):
        return read_alter_table(at)
    at.index = sorts_at
    if at.take("INDEX"):
        return read_alter_index(at)
    if at.take("TYPE"):
        return read_alter_type(at)
    if at.take("DOMAIN"):
        return read_alter_domain(at)
    if at.take("SCHEMA"):
        if at.dialect in ("mysql", "mariadb"):
            return _other("alter schema")
        return read_alter_schema(at)
    at.take("MATERIALIZED")
    if at.take("VIEW"):
        return _alter_view(at)
    found = read_object(at, "ALTER")
    if found is not None:
        return found
    if at.dialect in ("mysql", "mariadb") and any(token.word == "VIEW" for token in at.tokens[:12]):
        while not at.take("VIEW"):
            at.skip()
        return _alter_view(at)
    raise Unreadable(f"ALTER {at.here()} is not known")


def _alter_view(at: Cursor) -> list[Operation]:
    if at.take("ALL", "IN", "TABLESPACE"):
        return _other("alter materialized view all in tablespace")
    if_exists = at.if_exists()
    name = at.table_name()
    if at.word in ("AS", "(", "WITH"):
        # MySQL and SQL Server: defines the view anew
        at.index = 0
        while not at.take("VIEW"):
            at.skip()
        return read_create_view(at)
    if at.word in ("COMPILE", "DEPENDS", "NO"):
        return [Operation(kind="other_ddl", action="alter view", tables=(name.dotted,))]
    return read_actions(at, name, if_exists)


def _drop(reading: Reading, at: Cursor) -> list[Operation]:
    at.skip()
    _skip_holes(at)
    start = at.index
    sorts = take_sorts(at)
    if at.take("TABLE") or at.take("TABLES"):
        return read_drop_table(at, bool(sorts & {"TEMPORARY", "TEMP"}))
    at.index = start
    at.take_any(("ONLINE", "OFFLINE"))
    if at.take("INDEX"):
        return read_drop_index(at)
    if at.take("TYPE"):
        if at.word == "BODY":
            return _other("drop type body")
        return read_drop_type(at)
    if at.take("DOMAIN"):
        return read_drop_type(at)
    if at.take("SCHEMA") or (at.dialect in ("mysql", "mariadb") and at.take("DATABASE")):
        return read_drop_schema(at)
    if at.at("MATERIALIZED", "VIEW"):
        at.skip()
    if at.take("VIEW"):
        return read_drop_view(at)
    at.take("PUBLIC")
    found = read_object(at, "DROP")
    if found is not None:
        return found
    raise Unreadable(f"DROP {at.here()} is not known")


def _rename(reading: Reading, at: Cursor) -> list[Operation]:
    at.skip()
    if at.at("USER"):
        return _other("rename user")
    if at.word in ("TABLE", "TABLES") and at.ahead(1).word != "TO":
        at.skip()
    return read_rename_table(at)


def _comment(reading: Reading, at: Cursor) -> list[Operation]:
    at.skip()
    at.expect("ON")
    if at.take("TABLE"):
        table = at.table_name()
        return [Operation(kind="set_comment", table=table.name, schema=table.schema)]
    if at.take("COLUMN"):
        parts = at.parts()
        if len(parts) > 1:
            schema = parts[-3] if len(parts) > 2 else at.schema
            return [Operation(kind="set_comment", table=parts[-2], schema=schema, column=parts[-1])]
    return _other("comment on")


def _set(reading: Reading, at: Cursor) -> list[Operation]:
    if at.dialect in ("mysql", "mariadb") and at.ahead(1).kind == "parameter":
        at.skip()
        while at.token.kind == "parameter":
            name = at.token.value.lower()
            at.skip(2)
            start = at.index
            at.skip_item()
            reading.values[name] = dynamic.texts(at.tokens[start : at.index], reading.values, at.dialect)
            at.take(",")
        return _other("set")
    looking = Cursor(at.text, at.tokens, at.dialect, at.schema, at.index + 1)
    looking.take_any(("LOCAL", "SESSION"))
    if looking.take("SEARCH_PATH"):
        looking.take("TO")
        looking.take("=")
        reading.schema = read_path(looking)
    elif looking.take("SCHEMA") and looking.token.kind == "string":
        schema = looking.token.value
        reading.schema = HOLE if HOLE in schema else schema or None
    elif at.dialect == "oracle" and looking.take("CURRENT_SCHEMA"):
        reading.schema = None
    return data.read_harmless(at)


def _reset(reading: Reading, at: Cursor) -> list[Operation]:
    if at.ahead(1).word in ("SEARCH_PATH", "ALL"):
        reading.schema = None
    return data.read_harmless(at)


def _use(reading: Reading, at: Cursor) -> list[Operation]:
    following = at.ahead(1)
    if following.kind in ("word", "name") and at.dialect in ("mysql", "mariadb"):
        reading.schema = HOLE if HOLE in following.value else following.value
    return data.read_harmless(at)


def _psql(reading: Reading, at: Cursor) -> list[Operation]:
    """A command of the psql client."""
    line = at.token.value
    command = line[1:].split(None, 1)[0] if line[1:].strip() else ""
    if command in ("i", "ir", "include", "include_relative", "gexec", "!", "g", "gset", "connect", "c"):
        raise Unreadable(f"psql's \\{command} cannot be read", (ANY_TABLE,))
    return _other(f"\\{command}")


def _other(action: str) -> list[Operation]:
    return [Operation(kind="other_ddl", action=action)]


def _skip_holes(at: Cursor) -> None:
    """An unknown word before the kind of object is OR REPLACE, UNIQUE, IF EXISTS and the like."""
    while at.word == HOLE and at.ahead(1).kind == "word":
        at.skip()


def _do(reading: Reading, at: Cursor) -> list[Operation]:
    if at.dialect != "postgresql":  # MySQL's DO works out an expression
        return _dml("do")
    return read_do(reading, at) or _other("do")


def _begin(reading: Reading, at: Cursor) -> list[Operation]:
    if at.dialect == "oracle":
        return read_tokens(reading, at.text, at.tokens) or _dml(at.word.lower())
    return data.read_harmless(at)


def _dml(action: str) -> list[Operation]:
    return [Operation(kind="dml", action=action)]


def _call(reading: Reading, at: Cursor) -> list[Operation]:
    """A stored procedure is called."""
    at.skip()
    name = at.name().name.lower() if at.at_name() else "…"
    if name.startswith(_HARMLESS_PROCEDURES):
        return _dml("call")
    found = routines.called(reading, name)
    if found is not None:
        return found or _dml("call")
    raise Unreadable("what the procedure runs cannot be read", (ANY_TABLE,))


def _execute(reading: Reading, at: Cursor) -> list[Operation]:
    if at.dialect == "oracle" and at.ahead(1).word == "IMMEDIATE":
        return read_tokens(reading, at.text, at.tokens)
    # a prepared statement: what it does was read where it was prepared
    return _dml("execute")


def _prepare(reading: Reading, at: Cursor) -> list[Operation]:
    """PREPARE name FROM text (MySQL) is read as if it were executed at once; PostgreSQL's is data."""
    if at.dialect not in ("mysql", "mariadb"):
        return _dml("prepare")
    at.skip()
    at.identifier()
    at.expect("FROM")
    return reading.run(
        dynamic.texts(at.tokens[at.index :], reading.values, at.dialect),
        at.text[at.tokens[0].start : at.tokens[-1].end],
    )


#: Procedures that databases and their extensions ship and that change no table's shape.
_HARMLESS_PROCEDURES = (
    "refresh_continuous_aggregate",
    "run_job",
    "add_columnstore_policy",
    "add_compression_policy",
    "remove_columnstore_policy",
    "convert_to_columnstore",
    "compress_chunk",
    "dbms_",
    "rds_",
)


_READERS: dict[str, Callable[[Reading, Cursor], list[Operation]]] = {
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": _drop,
    "RENAME": _rename,
    "COMMENT": _comment,
    "SET": _set,
    "RESET": _reset,
    "USE": _use,
    "\\": _psql,
    "DO": _do,
    "BEGIN": _begin,
    "DECLARE": _begin,
    "CALL": _call,
    "EXEC": _call,
    "EXECUTE": _execute,
    "PREPARE": _prepare,
}
