"""An SQLite database in memory, and the facts of its sqlite_schema and pragmas."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from migration_lint.catalog.model import Catalog
from migration_lint.operations import Constraint, Index
from tests.benchmarks.catalog_suite.facts import KINDS, Column, Name, Relation, mentioned
from tests.benchmarks.catalog_suite.servers import Lost, Opener, Snapshot, taken

#: Thousands of instructions that a statement may take.
PATIENCE = 2_000
_GENERATED = {2: "virtual", 3: "stored"}
#: What writes past the database into its own tables, so that they and what it works by are two things.
_ITS_OWN = re.compile(r"(?i)\s*create\s+table\s+sqlite_|\s*pragma\s+(?:\w+\.)?writable_schema")
_PIECE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|\w+|.""", re.DOTALL
)


class SQLite:
    """One connection. It makes no files."""

    kinds = frozenset(KINDS) - {"sequence"}

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.text_factory = lambda text: text.decode(errors="surrogateescape")
        self.connection.set_authorizer(_allowed)
        self._steps = 0
        self.connection.set_progress_handler(self._patient, 1000)
        self._catalog = self.empty()

    def close(self) -> None:
        self.connection.close()

    def _patient(self) -> bool:
        self._steps += 1
        return self._steps > PATIENCE

    def run(self, statement: str) -> bool:
        """Whether the database took the statement. What writes into its own tables is not run."""
        if _ITS_OWN.match(statement):
            return False
        self._steps = 0
        try:
            self.connection.execute(statement).fetchall()
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError):
            return False
        return True

    @property
    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    @property
    def failed(self) -> bool:
        """SQLite has no such state."""
        return False

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        self._steps = 0
        return self.connection.execute(query, values).fetchall()

    def snapshot(self, before: Snapshot | None = None) -> Snapshot:
        """The catalog by now; the very `before` where nothing has changed. Raises Lost."""
        try:
            schemas = [name for _, name, _ in self._rows("PRAGMA database_list") if name != "temp"]
            hidden = self._rows("SELECT schema, name FROM pragma_table_list WHERE type = 'shadow'")
            state = [
                (schema, *row)
                for schema in schemas
                for row in self._rows(
                    'SELECT type, name, tbl_name, rootpage, sql FROM "{}".sqlite_schema'.format(
                        schema.replace('"', '""')
                    )
                )
                if (not str(row[1]).lower().startswith("sqlite_") or row[0] == "index")
                and (schema, row[2]) not in hidden  # of a virtual table, which has made it for itself
            ]
            if before is not None and state == before.state:
                return before
            # What was written into sqlite_schema itself may lack a name or a text.
            made = [self._relation(*row) for row in state if row[1] in ("table", "view") and all(row[2::3])]
        except sqlite3.Error as error:
            raise Lost(str(error)) from error
        relations = {each.name: each for each in made}
        return taken(state, relations, {}, frozenset(), self.kinds, str.lower)

    def _relation(self, schema: str, kind: str, called: str, _: str, page: int, sql: str) -> Relation:
        name = Name(*self._catalog.key(schema, called))
        words = re.findall(r"\w+", sql)
        try:
            listed = self._rows("SELECT * FROM pragma_table_xinfo(?, ?)", called, schema)
            rows = [row for row in listed if row[6] != 1]  # a virtual table's hidden ones
        except sqlite3.Error:  # a view of something that is not there, a module that is not there
            rows = []
        if kind == "view":
            columns = tuple(Column(column, type) for _, column, type, *_ in rows)
            return Relation(name, True, columns, reads=tuple(f"{schema}.{word}" for word in words))
        numbered = self._numbered(called, schema, rows)
        columns = tuple(
            _column(row, len(rows), generated="identity" if row[1] == numbered else _GENERATED.get(row[6]))
            for row in rows
        )
        constraints = [*_checks(sql, [each.name for each in columns])]
        keyed = sorted((row[5], row[1]) for row in rows if row[5])
        if keyed:
            constraints.append(Constraint("primary_key", None, tuple(column for _, column in keyed)))
        uniques, indexes = self._indexes(called, schema)
        references = self._foreign(called, schema)
        oid = (schema, page) if page else None
        return Relation(name, False, columns, (*constraints, *uniques, *references), indexes=indexes, oid=oid)

    def _numbered(self, table: str, schema: str, rows: list[tuple[Any, ...]]) -> str | None:
        """The column that is the number of the row: an INTEGER PRIMARY KEY that has no index of its own."""
        keyed = [row for row in rows if row[5]]
        if len(keyed) != 1 or keyed[0][2].upper() != "INTEGER":
            return None
        indexes = self._rows("SELECT origin FROM pragma_index_list(?, ?)", table, schema)
        return None if ("pk",) in indexes else keyed[0][1]

    def _indexes(self, table: str, schema: str) -> tuple[list[Constraint], tuple[Index, ...]]:
        """The UNIQUE constraints, and the indexes."""
        constraints: list[Constraint] = []
        indexes: list[Index] = []
        listed = self._rows(
            'SELECT name, "unique", origin, partial FROM pragma_index_list(?, ?)', table, schema
        )
        for name, unique, origin, _ in listed:
            keys = self._rows(
                "SELECT name, cid FROM pragma_index_xinfo(?, ?) WHERE key ORDER BY seqno", name, schema
            )
            columns = tuple("?" if number == -2 else column or "rowid" for column, number in keys)
            if origin == "c":
                indexes.append(Index(name, columns, expressions="?" in columns, unique=bool(unique)))
            elif origin == "u":
                constraints.append(Constraint("unique", None, columns))
        return constraints, tuple(indexes)

    def _foreign(self, table: str, schema: str) -> Iterator[Constraint]:
        rows = self._rows("SELECT * FROM pragma_foreign_key_list(?, ?) ORDER BY id, seq", table, schema)
        for _, given in groupby(rows, key=lambda row: row[0]):
            reference = [*given]
            own, referred = zip(*((row[3], row[4]) for row in reference), strict=True)
            to = self._catalog.key(schema, reference[0][2])
            yield Constraint(
                "foreign_key", None, own, to[1], to[0], () if None in referred else referred, reference[0][6]
            )

    def whole(self, relation: Relation) -> Relation:
        """The relation: a snapshot has all of it."""
        return relation

    def empty(self) -> Catalog:
        """A catalog of ours."""
        return Catalog("sqlite")


def _allowed(action: int, first: str | None, *_: object) -> int:
    """No files are attached."""
    if action == sqlite3.SQLITE_ATTACH and first not in ("", ":memory:"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _column(row: tuple[Any, ...], count: int, generated: str | None) -> Column:
    number, name, type, not_null, default, *_ = row
    fixed = bool(not_null) or generated == "identity"
    # A statement renames a column or adds or takes one, so that of as many as before each has its place.
    has_default = default is not None and default.upper() != "NULL"
    return Column(name, type, fixed, has_default, generated, default, (count, number))


def _checks(sql: str, columns: list[str]) -> Iterator[Constraint]:
    """The CHECKs of a table, of which there is no pragma."""
    depth, start = 0, None
    at = 0
    word = ""
    for found in _PIECE.finditer(sql):
        piece = found[0]
        at = found.end()
        if piece == "(":
            depth += 1
            if start is None and word == "CHECK":
                start, inside = at, depth
        elif piece == ")":
            if start is not None and depth == inside:
                text = sql[start : at - 1]
                yield Constraint("check", None, mentioned(columns, text, str.lower), expression=text)
                start = None
            depth -= 1
        if not piece.isspace() and not piece.startswith(("--", "/*")):
            word = piece.upper()


@contextmanager
def opened() -> Iterator[Opener]:
    """What gives a fresh database for each file."""

    @contextmanager
    def fresh(_: Path) -> Iterator[SQLite]:
        server = SQLite()
        try:
            yield server
        finally:
            server.close()

    yield fresh
