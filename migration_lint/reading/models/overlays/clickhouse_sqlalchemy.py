"""clickhouse-sqlalchemy 0.3: directives for materialized views, whose SQL is ClickHouse's own."""

from __future__ import annotations

from overlay import view


def create_mat_view(operations, name, selectable, engine, *columns, **kwargs):
    operations.execute(view(name))


def create_mat_view_to_table(operations, name, selectable, inner_name, **kwargs):
    operations.execute(view(name))


def attach_mat_view(operations, name, selectable, engine, *columns, **kwargs):
    operations.execute(view(name))


def drop_mat_view(operations, name, **kwargs):
    operations.execute(f"DROP VIEW {name}")


def drop_mat_view_to_table(operations, name, **kwargs):
    operations.execute(f"DROP VIEW {name}")


def detach_mat_view(operations, name, **kwargs):
    operations.execute(f"DROP VIEW {name}")
