"""PostgreSQL-Audit 0.18: what was recorded of a table is brought in line with it, in the audit's own rows."""

from __future__ import annotations


def add_column(conn, table, column_name, default_value=None, schema=None):
    _update(conn, schema, "old_data = old_data, changed_data = changed_data", table)


def alter_column(conn, table, column_name, func, schema=None):
    _update(conn, schema, "old_data = old_data, changed_data = changed_data", table)


def change_column_name(conn, table, old_column_name, new_column_name, schema=None):
    _update(conn, schema, "old_data = old_data, changed_data = changed_data", table)


def remove_column(conn, table, column_name, schema=None):
    _update(conn, schema, "old_data = old_data, changed_data = changed_data", table)


def rename_table(conn, old_table_name, new_table_name, schema=None):
    _update(conn, schema, f"table_name = '{new_table_name}'", old_table_name)


def _update(conn, schema, values, table):
    activity = f"{schema}.activity" if schema else "activity"
    conn.execute(f"UPDATE {activity} SET {values} WHERE table_name = '{table}'")
