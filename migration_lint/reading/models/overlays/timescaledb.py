"""timescaledb 0.2: tables are cut into chunks, and policies say what becomes of old ones."""

from __future__ import annotations

from sqlalchemy import text


def activate_timescaledb_extension(session):
    session.execute(text("CREATE EXTENSION IF NOT EXISTS timescaledb"))


def create_hypertable(session, commit=True, model=None, table_name=None, *args, **kwargs):
    _select(session, "create_hypertable", table_name, model)


def add_compression_policy(session, model=None, table_name=None, *args, **kwargs):
    _select(session, "add_compression_policy", table_name, model)


def add_retention_policy(session, model=None, table_name=None, drop_after=None):
    _select(session, "add_retention_policy", table_name, model)


def enable_table_compression(session, model=None, table_name=None, *args, **kwargs):
    session.execute(text(f"ALTER TABLE {_name(table_name, model)} SET (timescaledb.compress)"))


def enable_columnstore(session, model=None, table_name=None, *args, **kwargs):
    session.execute(text(f"ALTER TABLE {_name(table_name, model)} SET (timescaledb.enable_columnstore)"))


def show_chunks(session, table_name=None, model=None, *args, **kwargs):
    _select(session, "show_chunks", table_name, model)


def drop_chunks(session, table_name=None, model=None, *args, **kwargs):
    _select(session, "drop_chunks", table_name, model)


def create_continuous_aggregate(session, view_name, select_query, column_names=None, *args, **kwargs):
    columns = f" ({', '.join(column_names)})" if column_names else ""
    session.execute(
        text(f"CREATE MATERIALIZED VIEW {view_name}{columns} WITH (timescaledb.continuous) AS {select_query}")
    )


def refresh_continuous_aggregate(session, continuous_aggregate, *args, **kwargs):
    session.execute(text(f"CALL refresh_continuous_aggregate('{continuous_aggregate}', NULL, NULL)"))


def add_continuous_aggregate_policy(session, continuous_aggregate, *args, **kwargs):
    _select(session, "add_continuous_aggregate_policy", continuous_aggregate, None)


def remove_continuous_aggregate_policy(session, continuous_aggregate, *args, **kwargs):
    _select(session, "remove_continuous_aggregate_policy", continuous_aggregate, None)


def add_columnstore_policy(session, model=None, table_name=None, *args, **kwargs):
    session.execute(text(f"CALL add_columnstore_policy('{_name(table_name, model)}')"))


def remove_columnstore_policy(session, table_name, *args, **kwargs):
    session.execute(text(f"CALL remove_columnstore_policy('{table_name}')"))


def convert_to_columnstore(session, chunk_name, *args, **kwargs):
    session.execute(text(f"CALL convert_to_columnstore('{chunk_name}')"))


def convert_to_rowstore(session, chunk_name, *args, **kwargs):
    session.execute(text(f"CALL convert_to_rowstore('{chunk_name}')"))


def create_all(engine):
    activate_timescaledb_extension(engine)
    sync_all_hypertables(engine)
    sync_compression_policies(engine)
    sync_retention_policies(engine)


def sync_all_hypertables(session, *models):
    session.execute(text("SELECT create_hypertable('?', '?')"))


def sync_compression_policies(session, *models, **kwargs):
    session.execute(text("SELECT add_compression_policy('?')"))


def sync_columnstore_policies(session, *models, **kwargs):
    session.execute(text("CALL add_columnstore_policy('?')"))


def sync_retention_policies(session, *models, **kwargs):
    session.execute(text("SELECT add_retention_policy('?')"))


def _select(session, function, table_name, model):
    session.execute(text(f"SELECT {function}('{_name(table_name, model)}')"))


def _name(table_name, model):
    return table_name if model is None else model.__tablename__
