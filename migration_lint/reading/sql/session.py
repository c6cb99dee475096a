"""Statements about the session, and those that run something else: SET, USE, CALL, EXECUTE, PREPARE, DO."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.operations import ANY_TABLE, HOLE, Operation
from migration_lint.reading.sql import data, dynamic, routines
from migration_lint.reading.sql.blocks import read_do, read_tokens
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.modes import assigned
from migration_lint.reading.sql.schemas import read_path
from migration_lint.reading.sql.state import SessionSettings
from migration_lint.reading.sql.statements import SqlStatement
from migration_lint.reading.sql.tokens import PLAIN
from migration_lint.reading.sql.verbs import other_statement

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import TextReading


def read_set(reading: TextReading, at: Cursor) -> list[Operation]:
    """SET …: the search path, MySQL's session variables, and what changes nothing here."""
    if at.at("SET", "STATEMENT") and at.dialect in ("mysql", "mariadb"):  # MariaDB: … a = 1 FOR statement
        return _set_for(reading, at)
    if at.dialect in ("mysql", "mariadb"):
        assigned(reading, Cursor(at.text, at.tokens, at.dialect, None, at.index + 1))
        called = [*reading.called_by(at)]
        tokens = at.tokens[at.index :]
        found = other_statement("set") if at.ahead(1).kind == "parameter" else data.read_harmless(at)
        return [*reading.calling(found, tokens), *called]
    looking = Cursor(at.text, at.tokens, at.dialect, None, at.index + 1)
    local = looking.take_any(("LOCAL", "SESSION", "GLOBAL"))
    name = looking.token.value.lower()
    if looking.token.kind in ("word", "name"):
        looking.skip()
        value = Cursor(at.text, at.tokens, at.dialect, None, looking.index)
        value.take_any(("TO", "="))
        _set(reading, name, value, local)
    return data.read_harmless(at)


def _set_for(reading: TextReading, at: Cursor) -> list[Operation]:
    """MariaDB's SET STATEMENT a = 1 FOR statement."""
    while not at.done and at.word != "FOR":
        at.skip()
    following = list(at.tokens[at.index + 1 :])
    if not following:
        return other_statement("set")
    before, values = reading.session.now, dict(reading.values)
    assigned(reading, Cursor(at.text, at.tokens[: at.index], at.dialect, None, 2))
    found = reading.read_statement(SqlStatement(at.text, following))
    after = reading.session.now._replace(quoting=before.quoting, modes=before.modes)
    reading.session, reading.values = reading.session.set(after), values
    return found


def _set(reading: TextReading, name: str, value: Cursor, local: str) -> None:
    """What SET name TO value does to the session."""
    session = reading.session
    if HOLE in name:
        settings = session.now._replace(path=(HOLE,), quoting=session.now.quoting._replace(turned=None))
        reading.session = session.join(session.set(settings))
    elif name == "search_path":
        reading.session = session.with_path(read_path(value), local == "LOCAL")
    elif name == "schema" and value.token.kind == "string":
        schema = value.token.value
        path = (HOLE,) if HOLE in schema else (schema,) if schema else None
        reading.session = session.with_path(path, local == "LOCAL")
    elif name == "current_schema" and value.dialect == "oracle":
        reading.session = session.with_schema(None)
    elif name == "standard_conforming_strings":
        said = (value.token.value if value.token.kind != "mark" else HOLE).lower()
        turned = {"on": False, "true": False, "1": False, "yes": False, "default": False}.get(said)
        if said in ("off", "false", "0", "no"):
            turned = True
        quoting = session.now.quoting._replace(turned=turned)
        reading.session = session.set(session.now._replace(quoting=quoting), local == "LOCAL")


def read_reset(reading: TextReading, at: Cursor) -> list[Operation]:
    """RESET and DISCARD, which may take back the search path and how strings are read."""
    following = at.ahead(1)
    session = reading.session
    if following.word == "ALL":
        reading.session = session.set(SessionSettings())
    elif following.value.lower() == "search_path":
        reading.session = session.with_path(None)
    elif following.value.lower() == "standard_conforming_strings":
        reading.session = session.set(session.now._replace(quoting=PLAIN))
    return data.read_harmless(at)


def read_end(reading: TextReading, at: Cursor) -> list[Operation]:
    """COMMIT, END, ROLLBACK and ABORT: what SET LOCAL said is over, or what SET said since a savepoint."""
    words = [token.word for token in at.tokens[at.index : at.index + 5]]
    session = reading.session
    if words[:1] in (["COMMIT"], ["END"]):
        reading.session = session.committed() if words[1:2] != ["PREPARED"] else session
    elif "TO" in words[1:4]:
        reading.session = session.rolled_back_to(at.tokens[-1].value.lower())
        return other_statement("rollback to savepoint")
    elif words[1:2] != ["PREPARED"]:
        reading.session = session.rolled_back()
    return data.read_harmless(at)


def read_savepoint(reading: TextReading, at: Cursor) -> list[Operation]:
    """SAVEPOINT name."""
    reading.session = reading.session.saved(at.tokens[-1].value.lower())
    return data.read_harmless(at)


def read_load(reading: TextReading, at: Cursor) -> list[Operation]:
    """LOAD: a library, with code that nobody can read here; elsewhere it is data. Raises Unreadable."""
    if at.dialect == "postgresql":
        raise Unreadable("it loads a library, and what that does cannot be read", (ANY_TABLE,))
    return reading.data(at)


def read_use(reading: TextReading, at: Cursor) -> list[Operation]:
    """USE database: what an unqualified name means from here on."""
    following = at.ahead(1)
    if following.kind in ("word", "name") and at.dialect in ("mysql", "mariadb"):
        reading.session = reading.session.with_schema(HOLE if HOLE in following.value else following.value)
    return data.read_harmless(at)


def read_psql(reading: TextReading, at: Cursor) -> list[Operation]:
    """A command of the psql client."""
    line = at.token.value
    command = line[1:].split(None, 1)[0] if line[1:].strip() else ""
    if command in ("i", "ir", "include", "include_relative", "gexec", "!", "connect", "c"):
        raise Unreadable(f"psql's \\{command} cannot be read", (ANY_TABLE,))
    return other_statement(f"\\{command}")


def read_do_statement(reading: TextReading, at: Cursor) -> list[Operation]:
    """PostgreSQL's DO block; MySQL's works out expressions. Raises Unreadable."""
    if at.dialect != "postgresql":
        called = reading.called_by(at)
        return [*reading.calling(_dml("do"), at.tokens[at.index :]), *called]
    return read_do(reading, at) or other_statement("do")


def read_analyze(reading: TextReading, at: Cursor) -> list[Operation]:
    """ANALYZE [TABLE], which counts rows; MariaDB's ANALYZE [FORMAT = JSON] runs the statement behind it."""
    looking = Cursor(at.text, at.tokens, at.dialect, at.schema, at.index + 1)
    if looking.take("FORMAT"):
        looking.skip(2)
    if at.dialect == "mariadb" and looking.word in data.DATA:
        at.index = looking.index
        return reading.read(at, sql=at.text[at.token.start :])
    return data.read_harmless(at)


def read_begin(reading: TextReading, at: Cursor) -> list[Operation]:
    """BEGIN and DECLARE: a block where the dialect has blocks, else a transaction. Raises Unreadable."""
    if at.dialect == "oracle":
        return read_tokens(reading, at.text, at.tokens) or _dml(at.word.lower())
    if at.at("BEGIN", "NOT", "ATOMIC"):  # MariaDB
        return read_tokens(reading, at.text, at.tokens[3:]) or _dml("begin")
    if at.word == "DECLARE" and at.dialect == "postgresql":  # a cursor runs its query, a row at a time
        return reading.data(at)
    return data.read_harmless(at)


def _dml(action: str) -> list[Operation]:
    return [Operation(kind="dml", action=action)]


def read_call(reading: TextReading, at: Cursor) -> list[Operation]:
    """A stored procedure is called."""
    at.skip()
    parts = at.parts() if at.at_name() else ["…"]
    name = parts[-1].lower()
    package = parts[-2].lower() if len(parts) > 1 else ""
    if name.startswith(_HARMLESS_PROCEDURES) or package in _HARMLESS_PACKAGES:
        return _dml("call")
    if package == "dbms_utility" and name == "exec_ddl_statement":
        return reading.run(dynamic.texts(at.tokens[at.index :], reading.values, at.dialect), at.text)
    for token in at.tokens:
        if token.kind == "parameter":  # it may be set by the procedure
            reading.values.pop(token.value.lower(), None)
    arguments = at.tokens[at.index :]
    also = reading.called_by(at)
    found = routines.called(reading, name, routines.arguments_of(reading, at, at.index))
    if found is not None and routines.is_certain(reading, name):
        return reading.calling([*also, *(found or _dml("call"))], arguments)
    opaque = Operation(
        kind="opaque",
        reason=f"{at.tokens[0].value} {name}: what the procedure runs cannot be read".replace(HOLE, "…"),
        tables=(ANY_TABLE,),
        calls=(parts[-1],),
    )
    return reading.calling([*also, *(found or ()), opaque], arguments)


def read_execute(reading: TextReading, at: Cursor) -> list[Operation]:
    """EXECUTE IMMEDIATE text, or a prepared statement."""
    if at.ahead(1).word == "IMMEDIATE":
        if at.dialect == "oracle":
            return read_tokens(reading, at.text, at.tokens)
        end = next((index for index in range(2, at.length) if at.tokens[index].word == "USING"), at.length)
        return reading.run(
            dynamic.texts(at.tokens[2:end], reading.values, at.dialect),
            at.text[at.tokens[0].start : at.tokens[-1].end],
        )
    if at.dialect not in _PREPARING:
        return _dml("execute")
    name = at.ahead(1).value if at.dialect == "postgresql" else at.ahead(1).value.lower()
    prepared = reading.session.statement_of(name)
    if not prepared:
        raise Unreadable("which statement was prepared under this name is not known", (ANY_TABLE,))
    text = at.text[at.tokens[0].start : at.tokens[-1].end]
    at.skip(2)
    also = reading.called_by(at)
    return reading.calling([*also, *reading.run(list(prepared), text)], at.tokens[at.index :])


def read_prepare(reading: TextReading, at: Cursor) -> list[Operation]:
    """PREPARE: what the statement does, it does where it is executed. Raises Unreadable."""
    if at.dialect not in ("mysql", "mariadb"):
        return _prepared(reading, at)
    at.skip()
    name = at.identifier().lower()
    at.expect("FROM")
    texts = dynamic.texts(at.tokens[at.index :], reading.values, at.dialect)
    reading.session = reading.session.with_prepared(name, tuple(texts))
    return _dml("prepare")


def _prepared(reading: TextReading, at: Cursor) -> list[Operation]:
    """PostgreSQL's PREPARE name [(types)] AS statement, and PREPARE TRANSACTION."""
    if at.at("PREPARE", "TRANSACTION"):
        reading.session = reading.session.committed()
        return other_statement("prepare transaction")
    at.skip()
    name = at.identifier()
    at.skip_group()
    at.expect("AS")
    if at.done:
        raise Unreadable("a statement expected, not the end")
    statement = at.text[at.token.start : at.tokens[-1].end]
    reading.session = reading.session.with_prepared(name, (statement,))
    return _dml("prepare")


#: Where a text is prepared in one statement and executed in another.
_PREPARING = ("postgresql", "mysql", "mariadb")

#: Packages of Oracle that change no table's shape.
_HARMLESS_PACKAGES = words(
    """
    dbms_output dbms_stats dbms_lock dbms_session dbms_application_info dbms_random dbms_lob
    dbms_transaction dbms_metadata dbms_alert dbms_pipe dbms_crypto utl_file utl_raw
    """
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
    "rds_",
)
