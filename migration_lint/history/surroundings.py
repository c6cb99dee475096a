"""What stands around a history and speaks of databases: what the project installs, and what env.py imports.

An address of SQLite in a configuration is what a project begins with, whatever it is deployed to. One that
code returns, or makes an engine of, is what it runs on, unless it installs the driver of another database.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from migration_lint.change.tree import Tree
from migration_lint.history.folders import joined
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect

if TYPE_CHECKING:
    from migration_lint.history.environment import Environment

#: The drivers that SQLAlchemy's documentation lists, by the dialect they are for.
_DRIVERS: Mapping[Dialect, bytes] = {
    "postgresql": rb"psycopg\w*|asyncpg|pg8000|aiopg|pygresql|py-postgresql",
    "mysql": rb"mysqlclient|mysqldb|mysql-python|pymysql|aiomysql|asyncmy|mysql-connector[\w-]*|cymysql",
    "mariadb": rb"mariadb",
    "mssql": rb"pyodbc|aioodbc|pymssql|mssql-python",
    "oracle": rb"cx[_-]oracle|oracledb",
}
_REQUIRED: Mapping[Dialect, bytes] = {
    name: rb"(?i)(?<![\w.-])(?:%s)(?![\w.])" % drivers for name, drivers in _DRIVERS.items()
}
#: Words of each, beside its drivers.
_WORDS: Mapping[Dialect, bytes] = {
    "postgresql": rb"postgres|pgvector|postgis|supabase|timescale",
    "mysql": rb"mysql",
    "mariadb": rb"maria_?db",
    "mssql": rb"mssql|sql_?server|odbc",
    "oracle": rb"oracle",
}
#: Words of databases for which there is no dialect here.
_STRANGE = (
    rb"cockroach|redshift|snowflake|bigquery|ibm_db|clickhouse|databricks|duckdb|trino|presto|teradata|firebird"
    rb"|sybase|vertica|hana\b|crate\b|aurora|vitess|planetscale"
)
_INSTALLS = rb"(?i)(?<![\w-])(?:sqlalchemy|alembic|sqlmodel|flask-sqlalchemy|flask-migrate)(?![\w-])"

#: Files that say what is installed, and with what a project runs.
_FILES = (
    r"(?:[\w.-]*requirements?[\w.-]*\.(?:txt|in)|pyproject\.toml|setup\.cfg|setup\.py|Pipfile|METADATA|PKG-INFO"
    r"|environment\.ya?ml|(?:docker-)?compose[\w.-]*\.ya?ml|Dockerfile[\w.-]*|\.env[\w.-]*)"
)
#: Folders whose files speak for the folder above.
_BESIDE = r"requirements|.*\.dist-info|.*\.egg-info|docker|deploy"

_IMPORT = rb"(?m)^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b[ \t]*([^#\n]*)|import[ \t]+([\w.]+))"
_NAMED = rb"""["'](sqlite|postgresql|postgres|mysql|mariadb|mssql|oracle)(?:\+\w+)?(?:(://)|["'])"""
_GIVEN = rb"(?:\breturn|\bcreate_(?:async_)?engine\()\s*\(?\s*[rRfF]?$"
_REACH = 80  # characters that are looked through for what is done with an address


class Mentioned(NamedTuple):
    """A dialect that a module names, as it is written there."""

    name: str
    path: str
    line: int
    address: bool  # it is where an address begins, and no mere name
    given: bool  # an address that is returned, or that an engine is made of


def only_sqlite(tree: Tree, environment: Environment) -> bool:
    """Whether what the project installs is said, and no database but SQLite with it."""
    texts = list(_installed(tree, environment).values())
    return any(re.search(_INSTALLS, text) for text in texts) and not _speak_of_another(texts)


def only_driver(tree: Tree, environment: Environment) -> tuple[Dialect, str] | None:
    """The dialect whose drivers alone are installed, where no other is spoken of; a file that names one."""
    installed = _installed(tree, environment)
    named = {
        dialect: path
        for path, text in sorted(installed.items(), reverse=True)
        for dialect, pattern in _REQUIRED.items()
        if re.search(pattern, text)
    }
    found = next(iter(named.items())) if len(named) == 1 else None
    return None if found is None or _speak_of_another(installed.values(), found[0]) else found


def another_is_installed(tree: Tree, environment: Environment, than: Dialect) -> bool:
    """Whether what the project installs speaks of a database of another dialect."""
    return _speak_of_another(_installed(tree, environment).values(), than)


def _speak_of_another(texts: Iterable[bytes], than: Dialect | None = None) -> bool:
    """Whether a word of any database stands in some texts but of SQLite and of one dialect."""
    words = [rb"%s|%s" % (_DRIVERS[each], _WORDS[each]) for each in _WORDS if each != than]
    another = rb"(?i)%s|%s" % (b"|".join(words), _STRANGE)
    return any(re.search(another, text) for text in texts)


def mentioned(tree: Tree, environment: Environment, env: bytes) -> Iterator[Mentioned]:
    """The dialects that texts name, in the modules that env.py imports."""
    for path in _modules(tree, environment, env):
        data = tree.read(path)
        for found in re.finditer(_NAMED, data):
            at = found.start()
            given = re.search(_GIVEN, data[max(0, at - _REACH) : at]) is not None
            line = data.count(b"\n", 0, at) + 1
            yield Mentioned(found[1].decode(), path, line, bool(found[2]), bool(found[2]) and given)


def _installed(tree: Tree, environment: Environment) -> dict[str, bytes]:
    """The files above the scripts, or beside those folders, that say what is installed."""
    above = {""}
    folder = environment.script_location
    while folder:
        above.add(folder)
        folder = folder.rpartition("/")[0]
    wanted: list[str] = []
    for path in tree.files():
        place, _, name = path.rpartition("/")
        outer, _, inner = place.rpartition("/")
        speaks = place in above or (outer in above and re.fullmatch(_BESIDE, inner))
        if speaks and re.fullmatch(_FILES, name):
            wanted.append(path)
    return tree.read_many(wanted)


def _modules(tree: Tree, environment: Environment, env: bytes) -> list[str]:
    """The files of the tree that the import statements of env.py name."""
    files = tree.files()
    above = environment.script_location
    roots = list(environment.import_roots)
    while above:
        above = above.rpartition("/")[0]
        roots.append(above)
    found: list[str] = []
    for each in re.finditer(_IMPORT, env):
        module = (each[1] or each[3]).decode()
        names = re.findall(r"\w+", (each[2] or b"").decode())
        for dotted in (module, *(f"{module}.{name}" for name in names)):
            tail = dotted.replace(".", "/")
            places = (joined(root, f"{tail}{end}") for root in roots for end in (".py", "/__init__.py"))
            path = next((posixpath.normpath(place) for place in places if place in files), None)
            if path is not None:
                found.append(path)
    return list(dict.fromkeys(found))
