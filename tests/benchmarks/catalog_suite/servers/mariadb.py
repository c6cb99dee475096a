"""A connection to a MariaDB, and the facts of its information_schema, of the databases that users make.

It looks by a connection of its own, whatever the file makes of its session. What would change or end the
whole server is not run.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pymysql
from pymysql.constants import SERVER_STATUS
from sqlalchemy.engine import make_url

from migration_lint.catalog.model import Catalog
from migration_lint.operations import Constraint, Index
from tests.benchmarks.catalog_suite.facts import KINDS, Column, Name, Relation, mentioned
from tests.benchmarks.catalog_suite.servers import Lost, Opener, Snapshot, taken
from tests.database.servers import mariadb

#: Seconds that a statement may take.
PATIENCE = 20
_DATABASE = "test"
#: Thousands of tables are made and dropped, each in a file of its own.
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_OTHERS = "('mysql', 'information_schema', 'performance_schema', 'sys')"
_NOT_RUN = re.compile(
    r"""(?ix) \A \s* (?:
        shutdown | kill | (?:un)?install | lock\s+tables? | flush | reset | change\s+master | purge | help
      | set \s+ (?:@@)?global\b | (?:set|drop|create|alter|rename|grant|revoke)\b .*
            \b(?:password|user|role|server|tablespace|event|mysql\.\w+|`mysql`|database\s+(?:if\s+exists\s+)?mysql)\b
      | (?:drop|create|alter|rename|insert|update|delete|truncate|replace|use|load)\b [^'"]* \bmysql\b
      | start\s+slave | stop\s+slave | xa \b | backup
    )""",
    re.DOTALL,
)
_QUERIES = (
    f"""SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
        WHERE TABLE_SCHEMA NOT IN {_OTHERS}""",
    f"""SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA,
        GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE TABLE_SCHEMA NOT IN {_OTHERS}
        ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION""",
    f"""SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME
        FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA NOT IN {_OTHERS} ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX""",
    f"""SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA,
        REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE
        WHERE TABLE_SCHEMA NOT IN {_OTHERS} AND REFERENCED_TABLE_NAME IS NOT NULL
        ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION""",
    f"""SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, DELETE_RULE, UPDATE_RULE
        FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA NOT IN {_OTHERS}""",
    f"""SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE
        FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA NOT IN {_OTHERS}
        ORDER BY CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME""",
    f"""SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS
        WHERE TABLE_SCHEMA NOT IN {_OTHERS}""",
    """SELECT NAME, TABLE_ID FROM information_schema.INNODB_SYS_TABLES
        WHERE NAME REGEXP '^[0-9a-z_]+/[0-9A-Za-z_]+$'""",
)
_READ = re.compile(r"`((?:[^`]|``)+)`\.`((?:[^`]|``)+)`")


class MariaDB:
    """One connection, as mysqltest has its first."""

    kinds = frozenset(KINDS)

    def __init__(self, url: str) -> None:
        #: Indexes that the server has made for foreign keys, and leaves where those go.
        self._made: set[tuple[Name, str]] = set()
        address = make_url(url)
        given: dict[str, Any] = {
            "host": address.host,
            "port": address.port,
            "user": address.username,
            "charset": "utf8mb4",
            "read_timeout": PATIENCE + 5,
            "autocommit": True,
            "init_command": f"SET max_statement_time = {PATIENCE}, lock_wait_timeout = 2",
        }
        try:
            self.own = pymysql.connect(**given)
            self._emptied()
            self.connection = pymysql.connect(**given, database=_DATABASE)
        except pymysql.Error as error:
            raise Lost(str(error)) from error

    def _emptied(self) -> None:
        databases = self._rows("SHOW DATABASES")
        with self.own.cursor() as cursor:
            for (name,) in databases:
                if f"'{name}'" not in _OTHERS:
                    cursor.execute("DROP DATABASE `{}`".format(name.replace("`", "``")))
            cursor.execute(f"CREATE DATABASE {_DATABASE} CHARACTER SET utf8mb4")

    def close(self) -> None:
        for connection in (self.connection, self.own):
            with suppress(pymysql.Error):
                connection.close()

    def run(self, statement: str) -> bool:
        """Whether the server took the statement. Raises Lost."""
        if _NOT_RUN.match(statement):
            return False
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(statement)
                while cursor.nextset():
                    pass
        except (pymysql.OperationalError, pymysql.InterfaceError) as error:
            if not self.connection.open or error.args[:1] in ((2006,), (2013,), (0,)):
                raise Lost(str(error)) from error
            return False
        except (pymysql.Error, UnicodeError, ValueError, KeyError):
            return False
        return True

    @property
    def in_transaction(self) -> bool:
        return bool(self.connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)

    @property
    def failed(self) -> bool:
        """MariaDB has no such state."""
        return False

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        try:
            with self.own.cursor() as cursor:
                cursor.execute(query)
                return [*cursor.fetchall()]
        except pymysql.Error as error:
            raise Lost(str(error)) from error

    def snapshot(self, before: Snapshot | None = None) -> Snapshot:
        """The catalog by now; the very `before` where nothing has changed. Raises Lost."""
        state = [self._rows(query) for query in _QUERIES]
        if before is not None and state == before.state:
            return before
        tables, columns, keys, foreign, rules, checks, views, ids = state
        parts: dict[Name, _Parts] = defaultdict(_Parts)
        for schema, name, *column in columns:
            parts[Name(schema, name)].columns.append(_column(*column))
        for schema, name, *check in checks:
            parts[Name(schema, name)].check(*check)
        for schema, name, *key in keys:
            parts[Name(schema, name)].keys[key[0], bool(key[1])].append(key[2])
        for schema, name, *reference in foreign:
            parts[Name(schema, name)].foreign[reference[0]].append(reference[1:])
        for schema, name, called, *rule in rules:
            parts[Name(schema, name)].rules[called] = rule
        for name, part in parts.items():
            self._made |= {(name, key) for key in part.made_for_foreign_keys()}
            part.keys = {key: of for key, of in part.keys.items() if (name, key[0]) not in self._made}
        of_id = dict(ids)
        relations: dict[Name, Relation] = {}
        for schema, called, kind in tables:
            name = Name(schema, called)
            if kind not in ("SEQUENCE", "TEMPORARY", "TEMPORARY SEQUENCE"):
                oid = of_id.get(f"{schema}/{called}")
                relations[name] = parts[name].relation(name, kind == "VIEW", oid)
        for schema, called, text in views:
            name = Name(schema, called)
            reads = tuple(f"{one}.{two}" for one, two in _READ.findall(text) if Name(one, two) in relations)
            relations[name] = relations[name]._replace(reads=tuple(dict.fromkeys(reads)))
        sequences = frozenset(Name(schema, name) for schema, name, kind in tables if kind == "SEQUENCE")
        return taken(state, relations, {}, sequences, self.kinds, str.lower)

    def whole(self, relation: Relation) -> Relation:
        """The relation: a snapshot has all of it."""
        return relation

    def empty(self) -> Catalog:
        """A catalog of ours, whose tables are told apart by case as they are on Linux."""
        return Catalog("mariadb", _DATABASE, tables_by_case=True)


class _Parts:
    """What rows of several queries say of one table."""

    def __init__(self) -> None:
        self.columns: list[Column] = []
        self.checks: list[Constraint] = []
        self.keys: dict[tuple[str, bool], list[str]] = defaultdict(list)  # by name, and whether not unique
        self.foreign: dict[str, list[list[Any]]] = defaultdict(list)
        self.rules: dict[str, list[str]] = {}  # ON DELETE, ON UPDATE

    def check(self, name: str, clause: str) -> None:
        columns = mentioned((each.name for each in self.columns), clause, str.lower)
        self.checks.append(Constraint("check", name, columns, expression=clause))

    def made_for_foreign_keys(self) -> Iterator[str]:
        """The indexes that are called as a foreign key, or as the column of one that nobody named."""
        for called, rows in self.foreign.items():
            columns = [row[0] for row in rows]
            for (index, several), of in self.keys.items():
                own = index == called or ("_ibfk_" in called and index.startswith(columns[0]))
                if several and own and of == columns:
                    yield index

    def relation(self, name: Name, is_view: bool, oid: object) -> Relation:
        constraints = [*self.checks]
        indexes: list[Index] = []
        for (called, several), columns in self.keys.items():
            if called == "PRIMARY":
                constraints.append(Constraint("primary_key", None, tuple(columns)))
            elif several:
                indexes.append(Index(called, tuple(columns)))
            else:
                constraints.append(Constraint("unique", called, tuple(columns)))
        for called, rows in self.foreign.items():
            own, schemas, tables, referred = zip(*rows, strict=True)
            rules = self.rules.get(called, ())
            constraints.append(
                Constraint("foreign_key", called, own, tables[0], schemas[0], referred, *rules)
            )
        return Relation(
            name, is_view, tuple(self.columns), tuple(constraints), indexes=tuple(indexes), oid=oid
        )


def _column(
    name: str, type: str, null: str, default: str | None, extra: str, expression: str | None
) -> Column:
    generated = None
    if "auto_increment" in extra:
        generated = "identity"
    elif "GENERATED" in extra:
        generated = "virtual" if "VIRTUAL" in extra else "stored"
    type = re.sub(r"\s*/\*.*?\*/", "", type)  # COMPRESSED, for MariaDB alone
    has_default = default not in (None, "NULL") and generated is None
    return Column(
        name,
        type,
        null == "NO" or generated == "identity",
        has_default,
        generated,
        default if has_default else expression,
    )


@contextmanager
def opened() -> Iterator[Opener]:
    """A server, and what empties it for each file; a new server where it is gone."""
    with ExitStack() as running:
        urls = [running.enter_context(mariadb(_MEMORY))]

        @contextmanager
        def fresh(_: Path) -> Iterator[MariaDB]:
            try:
                server = MariaDB(urls[-1])
            except Lost:
                urls.append(running.enter_context(mariadb(_MEMORY)))
                server = MariaDB(urls[-1])
            try:
                yield server
            finally:
                server.close()

        yield fresh
