"""Connections, engines, sessions and cursors, and Alembic's migration context."""

from __future__ import annotations

import re
from collections.abc import Callable

from migration_lint.operations import HOLE, Dialect
from migration_lint.reading.models import alembic, sessions, table
from migration_lint.reading.models.conditions import bound
from migration_lint.reading.models.context import context
from migration_lint.reading.models.database import EXECUTE, execute
from migration_lint.reading.models.dotted import URL
from migration_lint.reading.models.each_row import fetched, keep_rows, repeats, rows_of, together
from migration_lint.reading.models.internals import MODELS
from migration_lint.reading.models.rows import of_data
from migration_lint.reading.project import environment
from migration_lint.reading.python.escapes import may_commit
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Autocommit,
    BoundFunction,
    Choice,
    Connection,
    Data,
    DialectModel,
    Dict,
    Dotted,
    Driven,
    Element,
    Implementation,
    List,
    Method,
    MigrationContext,
    SqlText,
    Unknown,
    Value,
    alternatives,
    join_all,
)
from migration_lint.reading.sql.state import SqlSession

#: Methods and attributes that give a connection again.
AGAIN = frozenset(
    "connect begin begin_nested connection raw_connection cursor driver_connection dbapi_connection "
    "execution_options engine bind get_bind get_engine options sync_engine sync_connection __enter__ "
    "__aenter__ session unsafe_driver_connection raw_cursor no_autoflush begin_twophase session_factory "
    "autocommit_block".split()
)


#: Methods by which a transaction begins or ends, and what that leaves of a session's settings. Which of
#: several it is, one within the other, is not known.
_TRANSACTION: dict[str, Callable[[SqlSession], SqlSession]] = {
    "begin_nested": SqlSession.saved_once,
    "commit": lambda session: session.join(session.committed()),
    "__exit__": lambda session: session.join(session.committed()),
    "rollback": SqlSession.rolled_back_somewhere,
}
#: Methods that call a function with the connection.
_HAND_OVER = frozenset("run_sync run_callable transaction".split())


@table.method(Connection)
def _of_connection(run: Interpreter, of: Connection, name: str, a: Arguments) -> Value:
    dialect = context(run).dialect
    if name in EXECUTE:
        options = a.kwargs.get("execution_options")
        if isinstance(options, Dict):
            translated(run, Arguments([], options.plain(), options.open))
        if a.args or a.kwargs:
            said = a.args[0] if a.args else next(iter(a.kwargs.values()))
            values = _parameters(a)
            position = run.recorder.position()
            execute(run, dialect, bound(run, said, values, dialect))
            together(run, position, values)
            return keep_rows(run, rows_of(run, said))
        if a.more:
            execute(run, dialect, Unknown("it is spread from a value that is not known"))
        return Data()
    if name in sessions.METHODS and not _is_statement(run, a):
        return sessions.METHODS[name](run, a)
    if name in _HAND_OVER and a.args:
        return run.call(a.args[0], Arguments([of, *a.args[1:]], a.kwargs, a.more))
    if name in _TRANSACTION:
        run.sql_session = _TRANSACTION[name](run.sql_session)
    if name == "execution_options":
        translated(run, a)
        if "isolation_level" in a.kwargs or a.more:
            may_commit(run)
    if name in AGAIN:
        return of
    if name in _FETCHING:
        return fetched(run, whole=name == "fetchall" or repeats(run))
    if name.startswith("_") and not name.startswith("__"):
        run.recorder.unread(f"`{name}` of a connection is called, which may do anything")
    if name == "callproc":
        run.recorder.opaque("a stored procedure is called, and what it does is not known")
    elif name not in _QUIET or (name != "mogrify" and _is_statement(run, a)):
        _of_a_driver(run, name, a)
        return Driven()
    return Data()


@table.method(Driven)
def _of_driven(run: Interpreter, of: Driven, name: str, a: Arguments) -> Value:
    if name in EXECUTE:
        return _of_connection(run, Connection(), name, a)
    if _is_statement(run, a):
        _of_a_driver(run, name, a)
        return of
    return of_data(run, of, name, a) if a.values() else of


def _is_statement(run: Interpreter, a: Arguments) -> bool:
    """Whether a method is given the text of a statement first, and not a name or a row."""
    given = map(_text_of, alternatives(run.resolve(next(iter(a.values()), None))))
    return any(isinstance(each, str) and re.match(_BEGINNING, each) for each in given)


def _text_of(value: Value) -> Value:
    """What a driver reads in the bytes that it is given."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


#: Methods by which a cursor gives out rows of what it has run.
_FETCHING = frozenset(("fetchall", "fetchmany", "fetchone"))

#: What a call that executes may be told beside a statement and its parameters, by name.
_TOLD = frozenset("statement object_ sql query execution_options bind_arguments clause".split())


def _parameters(a: Arguments) -> Value:
    """What a statement is given to be run with: one set of values, or a list of such.

    SQLAlchemy 1 takes several as arguments, and one set as keywords.
    """
    given = a.get(1, "parameters", a.kwargs.get("params"))
    if a.more and len(a.args) > 1:
        return List(rest=join_all(a.args[1:]))
    named = {name: value for name, value in a.kwargs.items() if name not in _TOLD}
    return Dict(named) if given is None and named else given


def _of_a_driver(run: Interpreter, name: str, a: Arguments) -> None:
    """A method is called that is not known: it may execute what it is given first, as `cursor.copy` does."""
    said = next(iter(a.values()), None)
    for each in map(_text_of, alternatives(run.resolve(said))):
        if isinstance(each, (SqlText, Element)) or (isinstance(each, str) and _may_be_sql(each)):
            execute(run, context(run).dialect, each)
        elif type(each) is Unknown:
            run.recorder.unread(f"`{name}` of a connection is given what is not known, and may execute it")


def _may_be_sql(text: str) -> bool:
    """Whether a text may be a statement that matters: one of a single word changes no table."""
    return HOLE in text or len(text.split()) > 1


#: What a text begins with that changes something.
_BEGINNING = (
    r"(?i)\s*(?:alter|call|comment|copy|create|delete|do|drop|insert|merge|rename|replace|truncate|update|with)"
    r"\s+\S"
)

#: Methods of connections, cursors and sessions, of SQLAlchemy and of drivers, that execute nothing of what
#: they are given.
_QUIET = frozenset(
    """
    __exit__ __aexit__ add_all add bulk_save_objects cancel clear close close_all commit contains_eager
    copy_from copy_to create_function create_aggregate create_collation detach dispose enable_load_extension
    enable_relationship_loading expire expire_all expunge expunge_all fetchall fetchmany fetchone flush
    get_execution_options get_isolation_level get_nested_transaction get_transaction has_table identity_key
    in_nested_transaction in_transaction invalidate is_modified iterate merge mogrify nextset object_session
    partitions prepare query refresh register_adapter rollback scroll set_autocommit set_client_encoding
    set_isolation_level set_session set_trace_callback setinputsizes setoutputsize set_charset ping
    select_db show_warnings set_type_codec remove_listener add_listener remove bind_mapper
    bind_table update_execution_options
    """.split()
)


@table.attribute(Connection)
def _attribute(run: Interpreter, of: Connection, name: str) -> Value:
    if name == "dialect":
        return DialectModel()
    if name == "name":
        return dialect_name(context(run).dialect)
    if name in ("engine", "bind", "sync_engine", "sync_connection", "no_autoflush"):
        return of
    if name in ("new", "dirty", "deleted", "identity_map", "info"):
        return Data()  # a session's rows
    if name == "url":
        return Dotted(URL)
    if name in _SAYING:
        return Unknown(f"the `{name}` of a connection is not known before it runs")
    return Method(of, name)


#: Attributes of connections, engines and sessions that say something of them, and lead back to none.
_SAYING = frozenset(
    """
    driver closed invalidated is_active is_valid echo logging_name default_isolation_level autocommit
    autoflush expire_on_commit server_version row_factory isolation_level dsn notices encoding readonly
    """.split()
)


def translated(run: Interpreter, options: Arguments) -> None:
    """Options of what executes: with a `schema_translate_map`, all names that follow are of other schemas."""
    given = options.kwargs.get("schema_translate_map")
    if options.more or (given is not None and run.truth(given) is not False):
        reason = "a `schema_translate_map` may put the names that follow in other schemas"
        run.recorder.unread(reason)


@table.called(Connection)
def _call(run: Interpreter, of: Connection, a: Arguments) -> Value:
    return of  # sessionmaker()(), engine()


@table.attribute(MigrationContext)
def _context_attribute(run: Interpreter, of: MigrationContext, name: str) -> Value:
    if name == "impl":
        return Implementation()
    if name == "script":
        return Dotted("<made>.script")
    if name == "version_table_schema":
        return environment.version_table_schema(context(run).files, run.script.path)
    if name in ("bind", "connection"):
        return Connection()
    if name == "dialect":
        return DialectModel()
    if name in ("as_sql", "opts", "config", "environment_context", "heads_tracker"):
        return Unknown("how Alembic is called is not known before it runs")
    return Method(of, name)


@table.method(MigrationContext)
def _context_method(run: Interpreter, of: MigrationContext, name: str, a: Arguments) -> Value:
    if name == "autocommit_block":
        return Autocommit()
    if name in ("execute", "_exec"):
        execute(run, context(run).dialect, a.get(0, "sql", a.kwargs.get("construct")))
        return Data()
    if name not in _TELLING:
        run.recorder.unread(f"`{name}` of Alembic's context is called, which may do anything")
    return Unknown("how Alembic is called is not known before it runs")


#: Methods of the migration context that change nothing by themselves.
_TELLING = frozenset("begin_transaction configure get_current_heads get_current_revision".split())


@table.method(Implementation)
def _of_implementation(run: Interpreter, of: Implementation, name: str, a: Arguments) -> Value:
    alembic.implementation(run, context(run).dialect, name, a)
    return Data() if name in EXECUTE else Unknown("what Alembic's implementation gives is not known")


@table.called(Autocommit)
def _call_autocommit(run: Interpreter, of: Autocommit, a: Arguments) -> Value:
    return of


@table.method(Autocommit)
def _of_autocommit(run: Interpreter, of: Autocommit, name: str, a: Arguments) -> Value:
    """It is entered or left, which ends the transaction either way."""
    if name not in ("__enter__", "__exit__"):
        may_commit(run)
        return Unknown("what a block that commits by itself gives is not known")
    run.sql_session = run.sql_session.in_autocommit(name == "__enter__")
    return None


#: What a dialect calls its driver: what that connects to is taken to be the database of the script.
_DRIVER = Dotted("psycopg")


@table.attribute(DialectModel)
def _of_dialect(run: Interpreter, of: DialectModel, name: str) -> Value:
    if name in ("dbapi", "loaded_dbapi"):
        return _DRIVER
    return dialect_name(context(run).dialect) if name in ("name", "driver") else Method(of, name)


@table.method(DialectModel)
def _dialect_method(run: Interpreter, of: DialectModel, name: str, a: Arguments) -> Value:
    if name == "type_descriptor" and a.args:
        return a.args[0]
    if name == "connect":
        return Connection()
    if name in ("dbapi", "import_dbapi"):
        return _DRIVER
    if name.startswith("do_"):
        execute(run, context(run).dialect, a.get(1, "statement"))
    return Data()


@table.altered(DialectModel, MigrationContext, Implementation)
def _alter(of: Value, name: str, value: Value, perhaps: bool) -> bool:
    return False


@table.altered(Method)
def _alter_part(of: Method, name: str, value: Value, perhaps: bool) -> bool:
    """`connection.dialect.identifier_preparer.quote = …`."""
    whole_of: Value = of.of
    while isinstance(whole_of, Method):
        whole_of = whole_of.of
    return isinstance(whole_of, Connection) or not isinstance(whole_of, MODELS)


def dialect_name(dialect: Dialect) -> Value:
    """What the name of the configured dialect is to a script.

    MariaDB answers to `mysql` where it is reached under a `mysql://` address, as it mostly is.
    """
    return Choice(("mysql", "mariadb")) if dialect == "mariadb" else dialect


def _engine(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    options = a.kwargs.get("execution_options")
    if isinstance(options, Dict):
        translated(run, Arguments([], options.plain(), options.open))
    return Connection()


table.names({
    f"{URL}.get_dialect": lambda run, a: Dotted(f"{URL}.dialect"),
    f"{URL}.dialect": lambda run, a: DialectModel(),
    f"{URL}.dialect.import_dbapi": lambda run, a: _DRIVER,
    f"{URL}.dialect.dbapi": lambda run, a: _DRIVER,
})  # fmt: skip
table.SQLALCHEMY.update({
    "make_url": lambda run, dialect, a: Dotted(URL),
    "create_engine": _engine,
    "Session": lambda run, dialect, a: Connection(session=True),
    "sessionmaker": lambda run, dialect, a: BoundFunction(Dotted("sqlalchemy.orm.Session")),
    "create_session": lambda run, dialect, a: Connection(session=True),
    "scoped_session": lambda run, dialect, a: Connection(session=True),
    "AsyncSession": lambda run, dialect, a: Connection(session=True),
    "async_sessionmaker": lambda run, dialect, a: BoundFunction(Dotted("sqlalchemy.orm.Session")),
})  # fmt: skip
