"""CREATE, ALTER, DROP, RENAME and COMMENT: which reader the next words ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.operations import HOLE, Operation, altered
from migration_lint.reading.sql import calls
from migration_lint.reading.sql.alter_table import read_actions, read_alter_table
from migration_lint.reading.sql.altered import AlteredTable, column_renamed
from migration_lint.reading.sql.attached import carrying
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.indexes import read_alter_index, read_create_index, read_drop_index
from migration_lint.reading.sql.objects import read_object
from migration_lint.reading.sql.schemas import read_alter_schema, read_drop_schema
from migration_lint.reading.sql.tables import (
    read_create_table,
    read_drop_table,
    read_rename_table,
    renamed,
    replaced,
    take_sorts,
)
from migration_lint.reading.sql.types import (
    read_alter_domain,
    read_alter_type,
    read_create_domain,
    read_create_type,
    read_drop_type,
)
from migration_lint.reading.sql.views import read_create_view, read_drop_view

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import TextReading


def read_create(reading: TextReading, at: Cursor) -> list[Operation]:
    """From the word CREATE on. Raises Unreadable."""
    at.skip()
    _skip_holes(at)
    replacing = at.take("OR", "REPLACE") or at.take("OR", "ALTER")
    at.take_any(("EDITIONABLE", "NONEDITIONABLE"))
    _skip_holes(at)
    sorts_at = at.index
    sorts = take_sorts(at)
    if sorts & {"FOREIGN", "EXTERNAL"} and at.word != "TABLE":  # … DATA WRAPPER, … DATA SOURCE
        at.index = sorts_at
    if at.take("TABLE"):
        return _table(reading, at, sorts, replacing)
    if at.at("VIRTUAL", "TABLE"):
        at.skip(2)
        return read_create_table(at, sorts)
    if at.take("UNIQUE"):
        at.take_any(("CLUSTERED", "NONCLUSTERED"))
        _skip_holes(at)
        at.expect("INDEX")
        return read_create_index(at, unique=True)
    using = at.take_any(("FULLTEXT", "SPATIAL", "BITMAP")).lower() or None
    if using == "fulltext" and at.word in ("CATALOG", "STOPLIST"):
        return other_statement(f"create fulltext {at.word.lower()}")
    at.take_any(("CLUSTERED", "NONCLUSTERED"))
    at.take("COLUMNSTORE")
    if at.take("INDEX"):
        return read_create_index(at, using=using)
    if _at_view(at):
        return _view(reading, at, bool(sorts & {"TEMP", "TEMPORARY"}))
    if at.take("TYPE"):
        if at.word == "BODY":
            return other_statement("create type body")
        return [carrying(reading, at, "TYPE", each) for each in read_create_type(at)]
    if at.take("DOMAIN"):
        return [carrying(reading, at, "DOMAIN", each) for each in read_create_domain(at)]
    if replacing and at.dialect in ("mysql", "mariadb"):
        found = _replaced(at, bool(sorts & {"TEMP", "TEMPORARY"}))
        if found is not None:
            return found
    if at.take("SCHEMA"):
        return _create_schema(reading, at)
    _skip_definer(at)
    if _at_view(at):
        return _view(reading, at)
    while at.take_any(("CONSTRAINT", "TRUSTED", "PUBLIC", "SHARED")):
        pass
    if at.ahead(1).word == "FUNCTION":  # MySQL's CREATE AGGREGATE FUNCTION
        at.take("AGGREGATE")
    found = read_object(reading, at, "CREATE", replacing)
    if found is not None:
        return found
    raise Unreadable(f"CREATE {at.here()} is not known")


def _replaced(at: Cursor, temporary: bool) -> list[Operation] | None:
    """Behind MariaDB's CREATE OR REPLACE: a database with all its tables, or a sequence, which is a table.

    None: neither is made.
    """
    if at.take_any(("DATABASE", "SCHEMA")):
        name = at.identifier()
        at.skip_all()
        return [
            Operation(kind="drop_schema", name=name, if_exists=True, cascade=True),
            Operation(kind="other_ddl", action="create schema", name=name),
        ]
    if at.take("SEQUENCE"):
        name_of = at.table_name()
        at.skip_all()
        return [replaced(name_of, temporary), *other_statement("create sequence")]
    return None


def _table(reading: TextReading, at: Cursor, sorts: frozenset[str], replacing: bool) -> list[Operation]:
    """What is behind CREATE … TABLE, with what is called to fill it, and by the bounds of a partition."""
    made = read_create_table(at, sorts, replacing)
    tokens = at.tokens
    made = _partitioned(reading, at, made)
    depth = 0
    for index, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if depth == 0 and token.word in ("AS", "VALUES"):
            if tokens[index + 1 : index + 2] and tokens[index + 1].word == "EXECUTE":
                filling = Cursor(at.text, tokens[index + 1 :], at.dialect, at.schema)
                return [*made, *reading.read(filling)]
            end = next(
                (place for place in range(index, len(tokens)) if tokens[place].word == "PARTITION"),
                len(tokens),
            )
            query = Cursor(
                at.text, tokens[index : end if token.word == "VALUES" else None], at.dialect, at.schema
            )
            return [*reading.calling(made, query.tokens), *reading.called_by(query)]
    return made


def _partitioned(reading: TextReading, at: Cursor, made: list[Operation]) -> list[Operation]:
    """PARTITION BY …: its expressions are worked out for each row written. PARTITION OF: the bounds."""
    tokens = at.tokens
    start = next(
        (
            index
            for index in range(len(tokens) - 3)
            if tokens[index].word == "PARTITION" and tokens[index + 1].word == "BY"
        ),
        len(tokens),
    )
    names = calls.called_in(tokens[start + 3 :], reading.dialect)
    does: tuple[Operation, ...] = ()
    if reading.dialect == "postgresql":
        key, bounds = at.text_of(start + 2, at.length), _bounds(at, start)
        does += (Operation(kind="dml", action="partition by", sql=key, calls=names),) if key else ()
        does += (Operation(kind="dml", action="partition of", sql=bounds),) if bounds else ()
    elif names:
        does = (Operation(kind="dml", action="select", calls=names),)
    return [altered(made[0], {"does": does}), *made[1:]] if does else made


def _bounds(at: Cursor, end: int) -> str:
    """`DEFAULT` or `FOR VALUES …` of CREATE TABLE … PARTITION OF; "" where it is none."""
    words = [token.word for token in at.tokens[:end]]
    of = next((place for place in range(len(words)) if words[place : place + 2] == ["PARTITION", "OF"]), None)
    if of is None:
        return ""
    start = next((place for place in range(of, len(words)) if words[place] in ("DEFAULT", "FOR")), len(words))
    return at.text_of(start, min(end, at.length))


def _view(reading: TextReading, at: Cursor, temporary: bool = False) -> list[Operation]:
    """What is behind CREATE … VIEW: reading from it runs its query, and so does making a materialized one."""
    materialized = any(token.word == "MATERIALIZED" for token in at.tokens[: at.index])
    (view,) = read_create_view(at, temporary)
    start = next((index for index, token in enumerate(at.tokens) if token.word == "AS"), at.length)
    names = calls.called_in(at.tokens[start:], at.dialect)
    if names or view.like:
        does = Operation(kind="dml", action="select", tables=view.like, calls=names)
        view = altered(view, {"does": (does,)} if names else {})
    if not materialized:
        return [view]
    query = Cursor(at.text, at.tokens[start:], at.dialect, at.schema)
    filled = [token.word for token in at.tokens[-3:]] != ["WITH", "NO", "DATA"]
    return [*reading.calling([view], query.tokens), *reading.called_by(query)] if filled else [view]


def _at_view(at: Cursor) -> bool:
    """Takes the words in front of a view's name."""
    start = at.index
    while at.take_any(("ALGORITHM", "RECURSIVE", "MATERIALIZED", "NO", "FORCE", "SECURE", "EDITIONING")):
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


def _create_schema(reading: TextReading, at: Cursor) -> list[Operation]:
    if_exists = at.if_not_exists()
    name = at.name().name if at.word != "AUTHORIZATION" else None
    operations = [Operation(kind="other_ddl", action="create schema", name=name, if_exists=if_exists)]
    # CREATE SCHEMA s CREATE TABLE … CREATE VIEW …: what follows is made inside
    starts = [index for index in range(at.index, at.length) if at.tokens[index].word == "CREATE"]
    ends = [*starts[1:], at.length][: len(starts)]
    for start, end in zip(starts, ends, strict=True):
        inner = Cursor(at.text, at.tokens[start:end], at.dialect, name)
        operations += read_create(reading, inner)
    return operations


def read_alter(reading: TextReading, at: Cursor) -> list[Operation]:
    """From the word ALTER on. Raises Unreadable."""
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
        return [_domain(reading, at, each) for each in read_alter_domain(at)]
    if at.take("SCHEMA"):
        if at.dialect in ("mysql", "mariadb"):
            return other_statement("alter schema")
        return read_alter_schema(at)
    at.take("MATERIALIZED")
    if at.take("VIEW"):
        return _alter_view(at)
    _skip_definer(at)
    at.take_any(("PUBLIC", "SHARED"))
    at.take("PUBLIC")
    if at.dialect == "oracle" and at.at("SESSION", "SET", "CURRENT_SCHEMA"):
        at.skip(3)
        at.expect("=")
        reading.session = reading.session.with_schema(at.identifier())
        return other_statement("alter session")
    found = read_object(reading, at, "ALTER")
    if found is not None:
        return found
    # Of what is left: a word that was taken already would never come.
    if at.dialect in ("mysql", "mariadb") and any(
        token.word == "VIEW" for token in at.tokens[at.index : at.index + 12]
    ):
        while not at.take("VIEW"):
            at.skip()
        return _alter_view(at)
    raise Unreadable(f"ALTER {at.here()} is not known")


def _domain(reading: TextReading, at: Cursor, operation: Operation) -> Operation:
    """ALTER DOMAIN: a new constraint is checked on the columns that there are, a default is for later."""
    if operation.action != "alter domain":
        return operation
    made = carrying(reading, at, "DOMAIN", operation)
    words = [token.word for token in at.tokens]
    if not made.does or not ({"ADD", "VALIDATE"} & set(words)) or words[-2:] == ["NOT", "VALID"]:
        return made
    return altered(made, {"calls": made.does[0].calls})


def _alter_view(at: Cursor) -> list[Operation]:
    if at.take("ALL", "IN", "TABLESPACE"):
        return other_statement("alter materialized view all in tablespace")
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


def read_drop(reading: TextReading, at: Cursor) -> list[Operation]:
    """From the word DROP on. Raises Unreadable."""
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
            return other_statement("drop type body")
        return read_drop_type(at)
    if at.take("DOMAIN"):
        return read_drop_type(at, "drop domain")
    if at.take("SCHEMA") or (at.dialect in ("mysql", "mariadb") and at.take("DATABASE")):
        return read_drop_schema(at)
    if at.at("MATERIALIZED", "VIEW"):
        at.skip()
    if at.take("VIEW"):
        return read_drop_view(at)
    at.take("PUBLIC")
    found = read_object(reading, at, "DROP")
    if found is not None:
        return found
    raise Unreadable(f"DROP {at.here()} is not known")


def read_rename(reading: TextReading, at: Cursor) -> list[Operation]:
    """From the word RENAME on. Raises Unreadable."""
    at.skip()
    if at.at("USER"):
        return other_statement("rename user")
    if at.dialect == "mssql" and at.take("OBJECT"):  # Azure Synapse
        while at.take_any((":", "::")):
            pass
        table = at.table_name()
        if at.take("COLUMN"):
            old = at.identifier()
            at.expect("TO")
            return [column_renamed(AlteredTable(table.name, table.schema, False), old, at.identifier())]
        at.expect("TO")
        return renamed(at, table)
    if at.word in ("TABLE", "TABLES") and at.ahead(1).word != "TO":
        at.skip()
    return read_rename_table(at)


def read_comment(reading: TextReading, at: Cursor) -> list[Operation]:
    """From COMMENT ON on. Raises Unreadable."""
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
    return other_statement("comment on")


def other_statement(action: str) -> list[Operation]:
    """A statement that touches no table's shape."""
    return [Operation(kind="other_ddl", action=action)]


def _skip_holes(at: Cursor) -> None:
    """An unknown word before the kind of object is OR REPLACE, UNIQUE, IF EXISTS and the like."""
    while at.word == HOLE and at.ahead(1).kind == "word":
        at.skip()
