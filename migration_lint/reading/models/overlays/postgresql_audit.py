"""PostgreSQL-Audit 0.18: what was recorded of a table is brought in line with it, in the audit's own rows."""

from __future__ import annotations

import sqlalchemy


def add_column(conn, table, column_name, default_value=None, schema=None):
    _update(conn, schema)


def alter_column(conn, table, column_name, func, schema=None):
    _update(conn, schema)


def change_column_name(conn, table, old_column_name, new_column_name, schema=None):
    _update(conn, schema)


def remove_column(conn, table, column_name, schema=None):
    _update(conn, schema)


def rename_table(conn, old_table_name, new_table_name, schema=None):
    _update(conn, schema)


def _update(conn, schema):
    activity = sqlalchemy.table("activity", schema=schema)
    conn.execute(activity.update().where(sqlalchemy.text("table_name = ?")))
