"""SQLAlchemy-Searchable 3.0: a trigger keeps a vector of search terms up to date."""

from __future__ import annotations

from sqlalchemy import DDL, text

sql_expressions = DDL(
    "CREATE OR REPLACE FUNCTION parse_websearch(config regconfig, search_query text) RETURNS tsquery AS $$ "
    "SELECT websearch_to_tsquery(config, search_query) $$ LANGUAGE sql; "
    "CREATE OR REPLACE FUNCTION parse_websearch(search_query text) RETURNS tsquery AS $$ "
    "SELECT websearch_to_tsquery(search_query) $$ LANGUAGE sql"
)


class SearchOptions:
    def __init__(self, *args, **kwargs):
        pass


def sync_trigger(
    conn,
    table_name,
    tsvector_column,
    indexed_columns,
    metadata=None,
    options=None,
    schema=None,
    update_rows=True,
):
    drop_trigger(conn, table_name, tsvector_column, schema=schema)
    function = f"{table_name}_{tsvector_column}_update"
    conn.execute(
        text(
            f"CREATE FUNCTION {function}() RETURNS TRIGGER AS $$ BEGIN "
            f"NEW.{tsvector_column} = to_tsvector(NEW.{tsvector_column}::text); RETURN NEW; END "
            "$$ LANGUAGE 'plpgsql'"
        )
    )
    conn.execute(
        text(
            f"CREATE TRIGGER {table_name}_{tsvector_column}_trigger BEFORE UPDATE OR INSERT "
            f"ON {_table(table_name, schema)} FOR EACH ROW EXECUTE PROCEDURE {function}()"
        )
    )
    if update_rows:
        column = indexed_columns[0]
        conn.execute(text(f"UPDATE {_table(table_name, schema)} SET {column} = {column}"))


def drop_trigger(conn, table_name, tsvector_column, metadata=None, options=None, schema=None):
    name = f"{table_name}_{tsvector_column}"
    conn.execute(text(f"DROP TRIGGER IF EXISTS {name}_trigger ON {_table(table_name, schema)}"))
    conn.execute(text(f"DROP FUNCTION IF EXISTS {name}_update()"))


def _table(name, schema):
    return f'{schema}."{name}"' if schema else f'"{name}"'
