"""SQLAlchemy-Continuum 2.0: version tables are brought up to date, and the triggers that write them."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text


def update_end_tx_column(
    table, end_tx_column_name="end_transaction_id", tx_column_name="transaction_id", conn=None
):
    (conn or op).execute(table.update().where(text("true")).values({end_tx_column_name: None}))


def update_property_mod_flags(
    table,
    tracked_columns,
    mod_suffix="_mod",
    end_tx_column_name="end_transaction_id",
    tx_column_name="transaction_id",
    conn=None,
):
    (conn or op).execute(table.update().where(text("true")).values({end_tx_column_name: None}))


def sync_trigger(session, table_name, **kwargs):
    parent = table_name[: -len("_version")]
    drop_trigger(session, parent)
    _create_trigger(session, parent)


def create_trigger(session, table, **kwargs):
    _create_trigger(session, table.name)


def drop_trigger(session, table_name):
    session.execute(text(f'DROP TRIGGER IF EXISTS {table_name}_trigger ON "{table_name}"'))
    session.execute(text(f"DROP FUNCTION IF EXISTS {table_name}_audit()"))


def _create_trigger(session, name):
    # The function writes a row of the version table for each row that is written.
    session.execute(
        text(
            f"CREATE OR REPLACE FUNCTION {name}_audit() RETURNS TRIGGER AS $$ BEGIN "
            f"INSERT INTO {name}_version DEFAULT VALUES; RETURN NEW; END; $$ LANGUAGE plpgsql"
        )
    )
    session.execute(
        text(
            f'CREATE TRIGGER {name}_trigger AFTER INSERT OR UPDATE OR DELETE ON "{name}" '
            f"FOR EACH ROW EXECUTE PROCEDURE {name}_audit()"
        )
    )
