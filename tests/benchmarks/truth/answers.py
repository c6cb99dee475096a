"""A database that is none: a DBAPI that notes what it is sent, and answers what it is told to.

`Answers("empty")` says that nothing is there. `Answers("everything")` says that everything is: every
table, column, index and type that is asked for; lists of them hold every name that the script writes
anywhere; queries have one row. A query that is asked for the third time is out of rows, so that loops over
batches end.
"""

from __future__ import annotations

import datetime
import decimal
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy
from sqlalchemy import event, pool
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite
from sqlalchemy.engine import create_engine
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import NoSuchTableError

_ASKS = re.compile(r"^\W*(select|with|show|explain|pragma|values|describe|table)\b", re.IGNORECASE)
_RETURNS = re.compile(r"\breturning\b", re.IGNORECASE)
_ONE_ROW = re.compile(r"^\W*select\s+(count|max|min|sum|avg|exists|coalesce|not\s+exists)\b", re.IGNORECASE)

_VALUES: tuple[Any, ...] = (
    "x", "{}", 1, True, 1.5, decimal.Decimal(1), datetime.datetime(2020, 1, 1), datetime.date(2020, 1, 1),
    datetime.timedelta(1), uuid.UUID(int=1), b"x", [], {}, "2020-01-01", str(uuid.UUID(int=1)), "1", None,
)  # fmt: skip


class Everything(list[Any]):
    """A list that says of everything that it is in it."""

    def __contains__(self, item: object) -> bool:
        return True


class Answers:
    """What the database says, and what it was sent."""

    def __init__(self, mode: str, names: Sequence[str], note: Callable[[Any], None]) -> None:
        self.full = mode == "everything"
        self.names = Everything(names) if self.full else []
        self.note = note
        self.context: Any = None  # of the statement that SQLAlchemy is about to send
        self.seen: dict[str, int] = {}

    def describe(self, text: str, context: Any) -> tuple[list[Any] | None, list[tuple[Any, ...]]]:
        """The columns and rows of a statement's result; None: it has none."""
        columns: list[tuple[str, Any]] = []
        compiled = getattr(context, "compiled", None)
        for entry in getattr(compiled, "_result_columns", None) or ():
            columns.append((str(entry[0]), entry[3]))
        returning = bool(_RETURNS.search(text)) and not _ASKS.match(text)
        if not columns:
            if not _ASKS.match(text) and not returning:
                return None, []
            columns = [(name, None) for name in selected(text)]
        if not (_ASKS.match(text) or returning):
            return None, []
        self.seen[text] = self.seen.get(text, 0) + 1
        dialect = getattr(context, "dialect", None)
        row = tuple(self._value(name, type_, dialect) for name, type_ in columns)
        if returning and text.lstrip().lower().startswith("insert"):
            rows = [row]
        elif self.full:
            rows = [row] if self.seen[text] < 3 else []
        elif _ONE_ROW.match(text):
            rows = [tuple(0 for _ in columns)]
        else:
            rows = []
        return [(name, None, None, None, None, None, None) for name, _ in columns], rows

    def _value(self, name: str, type_: Any, dialect: Any) -> Any:
        if type_ is None or type(type_).__name__ == "NullType":
            return _named_value(name)
        enums = getattr(type_, "enums", None)
        if enums:
            return enums[0]
        try:
            process = type_.dialect_impl(dialect).result_processor(dialect, None)
        except Exception:
            process = None
        try:
            wanted: Any = type_.python_type
        except Exception:
            wanted = None
        fitting = [each for each in _VALUES if wanted and type(each) is wanted]
        for value in (*fitting, *_VALUES):
            if process is None:
                return value
            try:
                process(value)
            except Exception:
                continue
            return value
        return None


def _named_value(name: str) -> Any:
    if re.search(r"(^|_)(id|count|size|length|number|exists|1|version_num)$", name, re.IGNORECASE):
        return 1
    return "x"


def selected(text: str) -> list[str]:
    """The names of the columns that a text selects, as far as they can be seen."""
    found = re.search(r"\breturning\b(.*)$", text, re.IGNORECASE | re.DOTALL)
    if found is None:
        found = re.search(r"\bselect\b(?:\s+distinct\b)?(.*?)(?:\bfrom\b|$)", text, re.IGNORECASE | re.DOTALL)
    if found is None:
        return ["value"]
    depth, parts = 0, [""]
    for character in found.group(1):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    names = []
    for number, part in enumerate(parts):
        if part.strip().endswith("*"):
            names += ["id", "name", "value"]
            continue
        last = re.search(r"[\"`]?(\w+)[\"`]?\s*$", part)
        names.append(last.group(1) if last else f"column{number}")
    return names


class Cursor:
    """A DBAPI cursor."""

    arraysize = 1
    lastrowid = 1

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.description: list[Any] | None = None
        self.rows: list[tuple[Any, ...]] = []
        self.rowcount = 0

    def execute(self, statement: Any, parameters: Any = None, **kw: Any) -> Any:
        context, self.answers.context = self.answers.context, None
        compiled = getattr(context, "compiled", None)
        self.answers.note(statement if compiled is None else compiled.statement)
        text = str(statement)
        self.description, self.rows = self.answers.describe(text, context)
        self.answers.seen[text] = self.answers.seen.get(text, 0) + (self.description is None)
        self.rowcount = int(self.answers.full and self.answers.seen[text] < 3)
        return self

    def executemany(self, statement: Any, parameters: Any = None, **kw: Any) -> Any:
        return self.execute(statement, parameters)

    def fetchone(self) -> Any:
        return self.rows.pop(0) if self.rows else None

    def fetchall(self) -> Any:
        rows, self.rows = self.rows, []
        return rows

    def fetchmany(self, size: int | None = None) -> Any:
        return self.fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kw: None


class Connection:
    """A DBAPI connection."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    def cursor(self, *args: Any, **kw: Any) -> Cursor:
        return Cursor(self.answers)

    def execute(self, statement: Any, *args: Any) -> Any:
        return self.cursor().execute(statement)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kw: None


class _Dbapi:
    """What SQLAlchemy wants of a DBAPI module."""

    Error = type("Error", (Exception,), {})
    DatabaseError = OperationalError = ProgrammingError = IntegrityError = InterfaceError = Error
    DataError = NotSupportedError = InternalError = Error
    apilevel = "2.0"
    threadsafety = 1
    sqlite_version_info = (3, 45, 0)
    version = "8.0"

    def __init__(self, paramstyle: str) -> None:
        self.paramstyle = paramstyle

    @staticmethod
    def Binary(value: Any) -> Any:
        return value

    def connect(self, *args: Any, **kw: Any) -> Any:
        raise RuntimeError("the engine has a creator")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kw: None


def _initialize(self: Any, connection: Any) -> None:
    self.server_version_info = _VERSIONS[self.name]
    self.default_schema_name = {"postgresql": "public", "mssql": "dbo", "mysql": "db"}.get(self.name)
    self.default_isolation_level = "READ COMMITTED"


_VERSIONS = {
    "postgresql": (16, 2), "mysql": (8, 0, 36), "mariadb": (10, 11, 2), "sqlite": (3, 45, 0),
    "mssql": (15, 0, 0), "oracle": (19, 0, 0),
}  # fmt: skip

#: SQLAlchemy's dialect, its parameter style, and the driver whose name people ask for.
_DIALECTS: dict[str, tuple[Any, str, str]] = {
    "postgresql": (postgresql.base.PGDialect, "pyformat", "psycopg2"),
    "mysql": (mysql.base.MySQLDialect, "format", "pymysql"),
    "mariadb": (mysql.base.MySQLDialect, "format", "pymysql"),
    "sqlite": (sqlite.base.SQLiteDialect, "qmark", "pysqlite"),
    "mssql": (mssql.base.MSDialect, "qmark", "pyodbc"),
    "oracle": (oracle.base.OracleDialect, "named", "oracledb"),
}


def _dialect(name: str) -> type[Any]:
    kind, paramstyle, driver = _DIALECTS[name]
    members: dict[str, Any] = {
        "driver": driver,
        "default_paramstyle": paramstyle,
        "supports_statement_cache": True,
        "initialize": _initialize,
        "import_dbapi": classmethod(lambda cls: _Dbapi(paramstyle)),
        "dbapi": classmethod(lambda cls: _Dbapi(paramstyle)),
        "create_connect_args": lambda self, url: ([], {}),
        "on_connect": lambda self: None,
        "on_connect_url": lambda self, url: None,
        "do_ping": lambda self, connection: True,
        "get_isolation_level": lambda self, connection: "READ COMMITTED",
        "get_default_isolation_level": lambda self, connection: "READ COMMITTED",
        "set_isolation_level": lambda self, connection, level: None,
        "reset_isolation_level": lambda self, connection: None,
        "get_isolation_level_values": lambda self, connection: [
            "AUTOCOMMIT", "READ COMMITTED", "SERIALIZABLE", "REPEATABLE READ", "READ UNCOMMITTED"
        ],
        "_get_server_version_info": lambda self, connection: _VERSIONS[name],
        "use_insertmanyvalues": False,
    }  # fmt: skip
    return type(f"Recording{name.title()}", (kind,), members)


def engine(name: str, answers: Answers) -> Any:
    """An engine whose every connection sends to `answers`."""
    from sqlalchemy.dialects import registry

    globals()["_made"] = _dialect(name)
    registry.register(f"{name}.truth", __name__, "_made")
    made = create_engine(
        f"{name}+truth://user@server/db",
        creator=lambda *args: Connection(answers),
        poolclass=pool.NullPool,
    )
    if name == "mariadb":
        made.dialect.is_mariadb = True
    made.dialect.insertmanyvalues_implicit_sentinel = None
    made.dialect.use_insertmanyvalues = False

    @event.listens_for(made, "before_cursor_execute")
    def before(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        answers.context = context

    return made


def patch_reflection(answers: Answers) -> None:
    """Make SQLAlchemy's inspection ask `answers`."""
    full, names = answers.full, answers.names

    def listed(make: Callable[[str], Any]) -> Callable[..., Any]:
        return lambda self, *args, **kw: Everything(make(name) for name in names) if full else []

    def columns(self: Any, *args: Any, **kw: Any) -> Any:
        return Everything(
            {
                "name": name, "type": sqlalchemy.types.String(), "nullable": True, "default": None,
                "autoincrement": False, "comment": None,
            }
            for name in names
        ) if full else []  # fmt: skip

    def foreign_key(name: str) -> Any:
        return {
            "name": name, "constrained_columns": list(names), "referred_table": name,
            "referred_columns": list(names), "referred_schema": None, "options": {},
        }  # fmt: skip

    def index(name: str) -> Any:
        return {"name": name, "column_names": list(names), "unique": True, "sqltext": "x"}

    def always(value: Any) -> Callable[..., Any]:
        return lambda self, *args, **kw: value

    def primary_key(self: Any, *args: Any, **kw: Any) -> Any:
        return {"name": "pk" if full else None, "constrained_columns": ["id"] if full else []}

    methods: dict[str, Any] = {
        "get_table_names": listed(str),
        "get_view_names": listed(str),
        "get_materialized_view_names": listed(str),
        "get_schema_names": listed(str),
        "get_sequence_names": listed(str),
        "get_temp_table_names": listed(str),
        "get_columns": columns,
        "get_indexes": listed(index),
        "get_unique_constraints": listed(index),
        "get_check_constraints": listed(index),
        "get_foreign_keys": listed(foreign_key),
        "get_enums": listed(lambda name: {"name": name, "labels": list(names), "schema": "public"}),
        "get_pk_constraint": primary_key,
        "get_primary_keys": always(["id"] if full else []),
        "get_table_comment": always({"text": None}),
        "get_table_options": always({}),
        "get_view_definition": always("select 1" if full else None),
        "get_sorted_table_and_fkc_names": always([]),
        "has_table": always(full),
        "has_index": always(full),
        "has_sequence": always(full),
        "has_schema": always(full),
        "has_type": always(full),
    }

    def reflect_table(self: Any, table: Any, *args: Any, **kw: Any) -> None:
        if not full:
            raise NoSuchTableError(table.name)
        for name in ["id", *list(names)[:80]]:
            if name not in table.c:
                table.append_column(
                    sqlalchemy.Column(name, sqlalchemy.types.String(), primary_key=name == "id")
                )

    def has_multi_table(self: Any, connection: Any, table_names: Sequence[str], **kw: Any) -> dict[Any, bool]:
        return {(kw.get("schema"), name): full for name in table_names}

    for kind in {kind for kind, _, _ in _DIALECTS.values()}:
        kind.has_multi_table = has_multi_table  # so SQLAlchemy 2.1 asks before `create_all` and its like
    for name, method in methods.items():
        if name != "has_type":
            setattr(Inspector, name, method)
        for kind in {kind for kind, _, _ in _DIALECTS.values()}:
            if hasattr(kind, name):
                setattr(kind, name, method)
    Inspector.reflect_table = reflect_table
    Inspector.reflecttable = reflect_table
    inspectors = [postgresql.base.PGInspector]
    for each in inspectors:
        for name, method in methods.items():
            if name in vars(each):
                setattr(each, name, method)
