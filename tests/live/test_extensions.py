"""What extensions own, as the servers have it that are here."""

from __future__ import annotations

from typing import Any

from migration_lint.reading.sql.shipped import extension, is_harmless, is_operator

#: They own what a catalog does not hold: foreign tables, languages, ways to sample, triggers that fill a row.
_OTHERS = frozenset(
    "autoinc file_fdw insert_username plpgsql postgres_fdw tsm_system_rows tsm_system_time".split()
)
_OWNED = """
SELECT {name} FROM {catalog} o JOIN pg_depend d ON d.objid = o.oid AND d.classid = '{catalog}'::regclass
WHERE d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = %s) AND {those}
"""
_TYPES = "o.typtype <> 'p' AND o.typelem = 0 AND o.typrelid = 0"
_CALLED = "o.prorettype NOT IN ('cstring'::regtype, 'internal'::regtype, 'trigger'::regtype)" + "".join(
    f" AND '{each}'::regtype <> ALL (o.proargtypes::oid[])" for each in ("cstring", "internal")
)


def owned(connection: Any, name: str, catalog: str, column: str, those: str = "true") -> set[str]:
    query = _OWNED.format(name=column, catalog=catalog, those=those)
    return {row[0] for row in connection.execute(query, (name,)).fetchall()}


def test_what_is_known_is_what_they_own(connection: Any) -> None:
    rows = connection.execute("SELECT name FROM pg_available_extensions").fetchall()
    for name in sorted({row[0] for row in rows} - _OTHERS):
        connection.execute("SAVEPOINT before")
        connection.execute(f'CREATE EXTENSION "{name}" CASCADE')
        said = extension(name)
        assert said is not None, name
        assert owned(connection, name, "pg_type", "typname", _TYPES) <= said.types
        functions = owned(connection, name, "pg_proc", "proname", _CALLED)
        assert {each for each in functions if not is_harmless(each, "postgresql")} <= said.functions
        operators = owned(connection, name, "pg_operator", "oprname")
        assert {each for each in operators if not is_operator(each)} <= said.operators
        assert owned(connection, name, "pg_am", "amname") == said.methods
        relations = owned(connection, name, "pg_class", "relname", "o.relkind IN ('r', 'v', 'm')")
        assert relations <= said.relations
        assert owned(connection, name, "pg_ts_dict", "dictname") == said.dictionaries
        connection.execute("ROLLBACK TO before")
