"""GeoAlchemy2 0.20: Alembic's own directives, for what spatial extensions keep beside a table."""

from __future__ import annotations


def add_geospatial_column(operations, table_name, column, schema=None):
    # By itself: the index is left to a directive of its own.
    operations.get_context().impl.add_column(table_name, column, schema=schema)


def drop_geospatial_column(operations, table_name, column_name, schema=None, **kw):
    operations.drop_column(table_name, column_name, schema=schema, **kw)


def create_geospatial_table(operations, table_name, *columns, **kw):
    operations.create_table(table_name, *columns, **kw)


def drop_geospatial_table(operations, table_name, schema=None, **kw):
    operations.drop_table(table_name, schema=schema, **kw)


def create_geospatial_index(operations, index_name, table_name, columns, schema=None, unique=False, **kw):
    operations.create_index(index_name, table_name, columns, schema=schema, unique=unique, **kw)


def drop_geospatial_index(
    operations, index_name, table_name=None, column_name=None, schema=None, unique=False, **kw
):
    operations.drop_index(index_name, table_name, schema=schema, **kw)


def create_geospatial_constraints(operations, table_name, column, schema=None):
    pass  # of SQL Server, on the spatial column alone: which SRID and which kind of geometry it takes


def drop_geospatial_constraints(operations, table_name, column_name, schema=None):
    pass


def batch_add_geospatial_column(operations, column, insert_before=None, insert_after=None):
    operations.add_column(column)  # of which the batch makes no index


def batch_drop_geospatial_column(operations, column_name, **kw):
    operations.drop_column(column_name, **kw)


def batch_create_geospatial_index(operations, index_name, columns, **kw):
    operations.create_index(index_name, columns, **kw)


def batch_drop_geospatial_index(operations, index_name, column_name=None, **kw):
    operations.drop_index(index_name, **kw)
