"""A connection to a PostgreSQL, and the facts of its catalog, of the schemas that users make."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import pq

from migration_lint.catalog.model import Catalog
from migration_lint.operations import Constraint, Index
from tests.benchmarks.catalog_suite.facts import KINDS, Column, Name, Relation
from tests.benchmarks.catalog_suite.languages import psql
from tests.benchmarks.catalog_suite.servers import Lost, Opener, Snapshot, taken
from tests.database.servers import postgresql

#: Runs before each file, where a folder has it: the suite's own tables.
SETUP = "test_setup.sql"

#: Milliseconds that a statement may take.
PATIENCE = 20_000

_OWN = r"n.nspname !~ '^(pg_|information_schema$)'"
_TYPE = r"""
CASE WHEN en.nspname = 'pg_catalog' OR e.typelem IS NULL
     THEN replace(format_type(a.atttypid, a.atttypmod), 'pg_catalog.', '')
     ELSE quote_ident(en.nspname) || '.' || quote_ident(e.typname)
          || CASE WHEN e.oid <> t.oid THEN '[]' ELSE '' END END
"""
_COLUMNS = """ARRAY(SELECT attname::text FROM unnest({keys}) WITH ORDINALITY o (number, place)
    JOIN pg_attribute b ON b.attrelid = {of} AND b.attnum = o.number ORDER BY place)"""

_RELATIONS = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
"""
_ATTRIBUTES = f"""
SELECT c.oid, a.attnum, a.attname, {_TYPE}, a.attnotnull, a.atthasdef AND a.attgenerated = '',
    CASE a.attidentity WHEN 'a' THEN 'identity_always' WHEN 'd' THEN 'identity' ELSE
    CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
JOIN pg_namespace en ON en.oid = e.typnamespace
WHERE {_OWN} AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.oid, a.attnum
"""
#: But for the foreign keys that the server makes of one for each partition of the table that it refers to.
_CONSTRAINTS = f"""
SELECT k.conrelid, k.contype, {_COLUMNS.format(keys="k.conkey", of="k.conrelid")}, fn.nspname, f.relname,
    {_COLUMNS.format(keys="k.confkey", of="k.confrelid")}, k.confdeltype, k.conname, k.convalidated,
    CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_constraint o ON o.oid = k.conparentid
WHERE {_OWN} AND k.contype IN ('p', 'u', 'f', 'c') AND o.conrelid IS DISTINCT FROM k.conrelid ORDER BY k.oid
"""
_PARENTS = f"""
SELECT c.oid, pn.nspname, p.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
JOIN pg_class p ON p.oid = i.inhparent OR p.reltype = nullif(c.reloftype, 0)
JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE {_OWN} AND c.relkind IN ('r', 'p', 'f') AND (i.inhparent IS NOT NULL OR c.reloftype <> 0)
"""
_ENUMS = f"""
SELECT n.nspname, t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE {_OWN} GROUP BY n.nspname, t.typname
"""
_ALL = "SELECT json_build_array({})::text".format(
    ", ".join(
        "(SELECT coalesce(json_agg(json_build_array({})), '[]') FROM ({}) x ({}))".format(
            ", ".join(f"x.c{number}" for number in range(count)),
            query,
            ", ".join(f"c{number}" for number in range(count)),
        )
        for query, count in (
            (_RELATIONS, 4), (_ATTRIBUTES, 7), (_CONSTRAINTS, 10), (_PARENTS, 3), (_ENUMS, 3)
        )
    )
)  # fmt: skip

_DEFAULTS = """
SELECT a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = {oid}
"""
_READS = """
SELECT DISTINCT n.nspname, c.relname FROM pg_rewrite r
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.ev_class = {oid}
"""
_INDEXES = """
SELECT c.relname, i.indisunique, pg_get_expr(i.indpred, i.indrelid), i.indexprs IS NOT NULL,
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = {oid} AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
"""


_ON_DELETE = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "r": "RESTRICT"}
_KINDS = {"p": "primary_key", "u": "unique", "f": "foreign_key", "c": "check"}


class PostgreSQL:
    """One connection, as psql has one."""

    kinds = frozenset(KINDS) - {"index", "sequence"}

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(
            url, autocommit=True, options=f"-c statement_timeout={PATIENCE} -c client_min_messages=error"
        )
        self.pgconn = self.connection.pgconn
        self._written = b""  # the next transaction that will write, when the last snapshot was taken

    def close(self) -> None:
        self.connection.close()

    def run(self, statement: str) -> bool:
        """Whether the server took the statement. Raises Lost."""
        try:
            result = self.pgconn.exec_(statement.encode("utf-8", "surrogateescape"))
        except psycopg.OperationalError as error:
            raise Lost from error
        if self.pgconn.status != pq.ConnStatus.OK:
            raise Lost
        return result.status in (
            pq.ExecStatus.COMMAND_OK,
            pq.ExecStatus.TUPLES_OK,
            pq.ExecStatus.EMPTY_QUERY,
        )

    @property
    def in_transaction(self) -> bool:
        return self.pgconn.transaction_status == pq.TransactionStatus.INTRANS

    @property
    def failed(self) -> bool:
        """Whether a transaction waits to be taken back."""
        return self.pgconn.transaction_status == pq.TransactionStatus.INERROR

    def rows(self, query: str) -> list[list[Any]]:
        """What a query of the judge's own gives. Raises Lost."""
        try:
            result = self.pgconn.exec_(
                f"SELECT coalesce(json_agg(to_json(x)), '[]')::text FROM ({query}) x".encode()
            )
            return [list(row.values()) for row in json.loads(result.get_value(0, 0) or b"[]")]
        except psycopg.OperationalError as error:
            raise Lost from error

    def snapshot(self, before: Snapshot | None = None) -> Snapshot:
        """The catalog by now; the very `before` where nothing has changed. Raises Lost."""
        if not self.in_transaction:
            asked = self.pgconn.exec_(b"SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())")
            written, self._written = self._written, asked.get_value(0, 0) or b""
            if before is not None and written and written == self._written:
                return before
        else:
            self._written = b""
        result = self.pgconn.exec_(_ALL.encode())
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise Lost(result.error_message.decode(errors="replace"))
        text = (result.get_value(0, 0) or b"").decode()
        if before is not None and text == before.state:
            return before
        relations, columns, constraints, parents, enums = json.loads(text)
        of_oid: dict[int, tuple[list[Column], list[Constraint], list[Name]]] = {
            oid: ([], [], []) for oid, *_ in relations
        }
        for oid, number, name, type, not_null, default, generated in columns:
            of_oid[oid][0].append(Column(name, type, not_null, default, generated, number=number))
        for oid, *constraint in constraints:
            if oid in of_oid:
                of_oid[oid][1].append(_constraint(constraint))
        for oid, *parent in parents:
            of_oid[oid][2].append(Name(*parent))
        made = []
        for oid, schema, name, kind in relations:
            own = of_oid[oid]
            of = Name(schema, name)
            made.append(
                Relation(of, kind in ("v", "m"), tuple(own[0]), tuple(own[1]), tuple(own[2]), oid=oid)
            )
        found = {Name(schema, name): tuple(values) for schema, name, values in enums}
        return taken(text, {each.name: each for each in made}, found, frozenset(), self.kinds, str)

    def whole(self, relation: Relation) -> Relation:
        """The relation with its defaults, its indexes, and what it reads."""
        oid = relation.oid
        if relation.is_view:
            reads = tuple(f"{schema}.{name}" for schema, name in self.rows(_READS.format(oid=oid)))
            return relation._replace(reads=reads)
        texts = dict(self.rows(_DEFAULTS.format(oid=oid)))
        indexes = tuple(
            Index(name, tuple(keys), expressions=expressions, unique=unique, where=where)
            for name, unique, where, expressions, keys in self.rows(_INDEXES.format(oid=oid))
        )
        columns = tuple(each._replace(text=texts.get(each.name)) for each in relation.columns)
        return relation._replace(columns=columns, indexes=indexes)

    def empty(self) -> Catalog:
        """A catalog of ours."""
        return Catalog("postgresql")


def _constraint(row: list[Any]) -> Constraint:
    kind, columns, schema, table, referred, on_delete, name, valid, expression = row
    return Constraint(
        _KINDS[kind],  # type: ignore[arg-type]
        name,
        tuple(columns),
        table,
        schema,
        tuple(referred),
        _ON_DELETE.get(on_delete),
        expression=expression,
        not_valid=not valid,
    )


@contextmanager
def opened() -> Iterator[Opener]:
    """A server, and what gives a fresh database of it for each file."""
    with postgresql() as url:
        yield opener(url.replace("postgresql+psycopg://", "postgresql://"))


def opener(url: str) -> Opener:
    """What gives fresh databases of the server at `url`, with the suite's own tables where it has some."""

    @contextmanager
    def fresh(file: Path) -> Iterator[PostgreSQL]:
        admin, name, setup = PostgreSQL(url), "suite", file.with_name(SETUP)
        admin.run(f'CREATE DATABASE {name} TEMPLATE template0 ENCODING "UTF8" LC_COLLATE "C" LC_CTYPE "C"')
        server = PostgreSQL(url.replace("/postgres?", f"/{name}?"))
        try:
            if setup.is_file() and setup != file:
                for statement in psql.statements(setup.read_text(errors="surrogateescape")):
                    server.run(statement.text)
                server.run("RESET ALL")
            yield server
        finally:
            server.close()
            admin.run(f"DROP DATABASE {name} WITH (FORCE)")
            admin.close()

    return fresh
