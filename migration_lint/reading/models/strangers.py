"""Libraries that are not modelled, and values that could not be worked out, when they are called."""

from __future__ import annotations

from functools import partial

from migration_lint.reading.models import database, table
from migration_lint.reading.models.context import context
from migration_lint.reading.models.sqlalchemy_types import is_type
from migration_lint.reading.models.statements import CORE, as_statement
from migration_lint.reading.models.trust import CHANGING, denied, trusted
from migration_lint.reading.models.unfollowed import may_read_any, may_read_of
from migration_lint.reading.python.assignments import loosen, update
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import ENTRIES_A_STEP, Arguments
from migration_lint.reading.python.values import (
    Class,
    Connection,
    Data,
    Dict,
    Dotted,
    Element,
    Instance,
    List,
    Outside,
    SqlText,
    Super,
    Unknown,
    Value,
    alternatives,
    ancestors,
    join_all,
    reaches,
)

#: Libraries that scripts call and that do nothing to a database, even when given what they work on.
_HARMLESS = frozenset(
    "logging warnings json uuid datetime time math random re string enum typing decimal os sys hashlib "
    "secrets base64 collections dataclasses contextlib functools itertools operator pathlib textwrap copy "
    "abc tqdm pytz dateutil click rich loguru structlog numpy pandas yaml toml inspect io csv gc "
    "tempfile shutil traceback builtins typing_extensions zoneinfo importlib "
    "nest_asyncio packaging".split()
)
#: By these names whatever is called with a connection makes a session of it.
_SESSIONS = frozenset(
    ("Session", "sessionmaker", "scoped_session", "create_scoped_session", "create_session")
)
#: With these words begin statements that change the schema.
_DDL = frozenset("ALTER CREATE DROP RENAME TRUNCATE COMMENT".split())
#: Libraries whose objects write a log: nothing that they are given is run.
_LOGS = frozenset(("logging", "structlog", "loguru", "warnings"))
#: What opens a connection of its own.
_ENGINES = frozenset(
    ("create_engine", "engine_from_config", "create_async_engine", "eval", "exec", "__import__")
)
#: What starts another program.
_PROGRAMS = frozenset(
    "subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen "
    "subprocess.getoutput subprocess.getstatusoutput os.system os.popen os.execv os.execvp os.spawnv".split()
)
#: Libraries that work with SQLAlchemy, and are looked at when they are given something that reaches a
#: database.
_COMPANIONS = frozenset(
    "flask_appbuilder flask_migrate flask_security oslo_db postgresql_audit sqlalchemy_continuum snowflake "
    "sqlalchemy_enum34 "
    "sqlalchemy_i18n sqlalchemy_json sqlalchemy_searchable timescaledb clickhouse_sqlalchemy "
    "citext depot alembic_postgresql_enum peewee pandas asyncpg psycopg psycopg2 pymysql MySQLdb".split()
)


#: Drivers: what they connect to is taken to be the database of the script.
_DRIVERS = ("asyncpg", "psycopg", "psycopg.Connection", "psycopg2", "pymysql", "MySQLdb", "pg8000")

#: Why a library is never trusted that runs code from elsewhere, wherever it is called.
_CODE = frozenset(("module", "text", "makes-code", "runs-text"))


def unreadable(run: Interpreter, path: str) -> bool:
    """Whether something of a library, by its dotted name, is neither modelled nor trusted."""
    if path.startswith("builtins."):
        return False
    if denied(path) is not None:
        return True
    table.load(path)
    known = path in table.NAMES or path.startswith("<made>") or table.library_of(path) is not None
    modelled = known or path.partition(".")[0] in _COMPANIONS or is_type(path)
    return not modelled and trusted(path) is None


def call_stranger(run: Interpreter, path: str, a: Arguments) -> Value:
    """A library that cannot be read is called."""
    top = path.partition(".")[0]
    if unreadable(run, path):
        known = may_read_of(run, *a.values())
        if not known and (denied(path) == "module" or any(isinstance(each, Unknown) for each in a.values())):
            may_read_any(run)
        if _executes(run, a) and denied(path) is None:
            database.execute(run, context(run).dialect, a.args[0])
            return Data()
        if not run.recorder.application:  # whose frameworks keep what they are given for later
            for value in a.values():
                database.call_back(run, value)
        why = denied(path)
        said = "it can do anything" if why is not None else "its code cannot be read, so it may do anything"
        # Of an application that is imported: its decorators make functions, its settings are texts.
        if why in _CODE and (why == "module" or not run.recorder.application):
            run.recorder.opaque(f"`{path}` is called, and {said}")
        else:
            unread(run, a, f"`{path}` is called, and {said}")
        return Data()
    may_read_of(run, *a.values())  # as `configparser` does, and whatever else is given a path
    if top in CHANGING:
        _havoc(run, a)
    given = False
    for value in a.values():
        given = database.call_back(run, value) or given
        run.spend(len(value) // ENTRIES_A_STEP if isinstance(value, (list, tuple, dict)) else 0)
    if _executes(run, a):
        database.execute(run, context(run).dialect, a.args[0])
        return Data()
    if top in _LOGS:
        return Dotted(f"{top}.made")
    handed = [value for value in a.values() if reaches(value)]
    if handed and run.called_as in _SESSIONS:
        return Connection(session=True)
    owner, _, method = path.rpartition(".")
    if method == "__init__" and is_type(owner):
        return None  # of a class that is derived from it: what the type is made of is kept
    if handed and top not in _HARMLESS:
        unread(run, a, f"`{path}` is given the connection or `op`, and its code cannot be read")
        # That much is said once; what comes back is followed as far as it is given SQL.
        return Data()
    # It may be what it was given, or hold it.
    return Unknown(f"what `{path}` gives is not known", reach=given or bool(handed))


def _havoc(run: Interpreter, a: Arguments) -> None:
    """Make unknown what unmodelled code may change: the containers and objects that it is given."""
    unknown = Unknown("a library may have changed it", reach=any(map(reaches, a.values())))
    for value in a.values():
        for each in alternatives(value):
            each = each.names if isinstance(each, Instance) else each
            if isinstance(each, List):
                with run.store.change(each):
                    loosen(each, (unknown, *a.values()))
            elif isinstance(each, Dict):
                with run.store.change(each):
                    update(each, Dict(rest=join_all((unknown, *a.values()))))


def harmless(path: str) -> bool:
    """Whether something of a library, by its dotted name, cannot reach a database by itself."""
    last = path.rpartition(".")[2]
    return not (path.startswith("alembic") or path in _PROGRAMS or last in _ENGINES or "connect" in last)


def unread_base(run: Interpreter, of: Value) -> str | None:
    """The class whose code cannot be read from which an object's or class's own code derives."""
    made = of.of if isinstance(of, Instance) else of.after if isinstance(of, Super) else of
    for each in ancestors(made, run.resolve) if isinstance(made, Class) else ():
        if isinstance(each, Dotted) and unreadable(run, each.path):
            return each.path
    return None


def _executes(run: Interpreter, a: Arguments) -> bool:
    """Whether SQL is given to something that executes it, whatever that is: an engine of a library, say."""
    if run.called_as not in database.EXECUTE or not a.args:
        return False
    given = a.args[0]
    return isinstance(given, (SqlText, Element)) or (
        isinstance(given, str) and given.lstrip().partition(" ")[0].upper() in _DDL
    )


def unread(run: Interpreter, a: Arguments, reason: str) -> None:
    """Code that cannot be read is called with some arguments.

    The frameworks of an application are given its connections as a matter of course.
    """
    connection = not run.recorder.application
    handed = any(reaches(value, unknown=False, connection=connection) for value in a.values())
    (run.recorder.opaque if handed else run.recorder.unread)(reason)


@table.called(Unknown)
def call_unknown(run: Interpreter, of: Unknown, a: Arguments) -> Value:
    """Call something that could not be worked out."""
    given = any(map(reaches, a.values()))
    if run.called_as in _SESSIONS and given:
        return Connection(session=True)
    may_read_of(run, *a.values())
    made = [database.call_back(run, value) for value in a.values()]
    if not of.reach and _executes(run, a):
        database.execute(run, context(run).dialect, a.args[0])
        return Data()
    if run.called_as in CORE and not of.reach and not given and not isinstance(of, database.Failed):
        return as_statement(run.called_as, (), every_row=False)
    if of.reach or given:
        said = (
            f"something is called that could not be worked out ({of.reason}), and it can reach the database"
        )
        unread(run, a, said)
        return Data()
    return (Unknown if isinstance(of, Outside) else type(of))(of.reason, reach=any(made))


def call_something(run: Interpreter, of: Value, a: Arguments) -> Value:
    """Call a value of which nothing is known."""
    if any(reaches(value) for value in a.values()):
        said = "something is called that could not be worked out, and it is given the connection"
        unread(run, a, said)
    return Unknown("what is called could not be worked out")


def call_method(run: Interpreter, of: Value, name: str, a: Arguments) -> Value:
    """Call a method of a value of which nothing is known."""
    base = unread_base(run, of)
    if base is not None:
        return call_stranger(run, f"{base}.{name}", a)
    return call_unknown(run, Unknown("it could not be worked out", reach=reaches(of)), a)


def _start(run: Interpreter, a: Arguments, *, path: str) -> Value:
    may_read_of(run, *a.values())
    run.recorder.unread(f"`{path}` starts a program, which may do anything")
    return Unknown(f"what `{path}` gives is not known")


def _load_yaml(run: Interpreter, a: Arguments) -> Value:
    """`yaml.load`: with a loader that makes nothing but data it runs nothing."""
    loaders = [run.resolve(each) for each in alternatives(a.get(1, "Loader"))]
    if all(isinstance(each, Dotted) and each.path.rpartition(".")[2] in _SAFE_LOADERS for each in loaders):
        return Unknown("what a text of YAML holds is not known")
    return call_stranger(run, "yaml.load", a)


_SAFE_LOADERS = frozenset(("BaseLoader", "CBaseLoader", "CSafeLoader", "SafeLoader"))

table.names({"yaml.load": _load_yaml})
table.names({path: partial(_start, path=path) for path in _PROGRAMS})
table.names({f"{driver}.connect": lambda run, a: Connection() for driver in _DRIVERS})
