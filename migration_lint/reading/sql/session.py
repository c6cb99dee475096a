"""Statements about the session, and those that run something else: SET, USE, CALL, EXECUTE, PREPARE, DO."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.operations import ANY_TABLE, HOLE, Operation
from migration_lint.reading.sql import data, dynamic, routines
from migration_lint.reading.sql.blocks import read_do, read_tokens
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.schemas import read_path
from migration_lint.reading.sql.statements import Statement
from migration_lint.reading.sql.verbs import other_statement

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import Reading


def read_set(reading: Reading, at: Cursor) -> list[Operation]:
    """SET …: the search path, MySQL's session variables, and what changes nothing here."""
    if at.at("SET", "STATEMENT") and at.dialect in ("mysql", "mariadb"):  # MariaDB: … a = 1 FOR statement
        while not at.done and at.word != "FOR":
            at.skip()
        following = list(at.tokens[at.index + 1 :])
        return reading.read_statement(Statement(at.text, following)) if following else other_statement("set")
    if at.dialect in ("mysql", "mariadb") and at.ahead(1).kind == "parameter":
        at.skip()
        while at.token.kind == "parameter":
            name = at.token.value.lower()
            at.skip(2)
            start = at.index
            at.skip_item()
            reading.values[name] = dynamic.texts(at.tokens[start : at.index], reading.values, at.dialect)
            at.take(",")
        return other_statement("set")
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


def read_reset(reading: Reading, at: Cursor) -> list[Operation]:
    """RESET, which may take back the search path."""
    if at.ahead(1).word in ("SEARCH_PATH", "ALL"):
        reading.schema = None
    return data.read_harmless(at)


def read_use(reading: Reading, at: Cursor) -> list[Operation]:
    """USE database: what an unqualified name means from here on."""
    following = at.ahead(1)
    if following.kind in ("word", "name") and at.dialect in ("mysql", "mariadb"):
        reading.schema = HOLE if HOLE in following.value else following.value
    return data.read_harmless(at)


def read_psql(reading: Reading, at: Cursor) -> list[Operation]:
    """A command of the psql client."""
    line = at.token.value
    command = line[1:].split(None, 1)[0] if line[1:].strip() else ""
    if command in ("i", "ir", "include", "include_relative", "gexec", "!", "connect", "c"):
        raise Unreadable(f"psql's \\{command} cannot be read", (ANY_TABLE,))
    return other_statement(f"\\{command}")


def read_do_statement(reading: Reading, at: Cursor) -> list[Operation]:
    """PostgreSQL's DO block. Raises Unreadable."""
    if at.dialect != "postgresql":  # MySQL's DO works out an expression
        return _dml("do")
    return read_do(reading, at) or other_statement("do")


def read_begin(reading: Reading, at: Cursor) -> list[Operation]:
    """BEGIN and DECLARE: a block where the dialect has blocks, else a transaction. Raises Unreadable."""
    if at.dialect == "oracle":
        return read_tokens(reading, at.text, at.tokens) or _dml(at.word.lower())
    if at.at("BEGIN", "NOT", "ATOMIC"):  # MariaDB
        return read_tokens(reading, at.text, at.tokens[3:]) or _dml("begin")
    return data.read_harmless(at)


def _dml(action: str) -> list[Operation]:
    return [Operation(kind="dml", action=action)]


def read_call(reading: Reading, at: Cursor) -> list[Operation]:
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
    found = routines.called(reading, name, routines.arguments_of(reading, at, at.index))
    if found is not None:
        return found or _dml("call")
    raise Unreadable("what the procedure runs cannot be read", (ANY_TABLE,))


def read_execute(reading: Reading, at: Cursor) -> list[Operation]:
    """EXECUTE IMMEDIATE text, or a prepared statement."""
    if at.ahead(1).word == "IMMEDIATE":
        if at.dialect == "oracle":
            return read_tokens(reading, at.text, at.tokens)
        end = next((index for index in range(2, at.length) if at.tokens[index].word == "USING"), at.length)
        return reading.run(
            dynamic.texts(at.tokens[2:end], reading.values, at.dialect),
            at.text[at.tokens[0].start : at.tokens[-1].end],
        )
    # a prepared statement: what it does was read where it was prepared
    return _dml("execute")


def read_prepare(reading: Reading, at: Cursor) -> list[Operation]:
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
