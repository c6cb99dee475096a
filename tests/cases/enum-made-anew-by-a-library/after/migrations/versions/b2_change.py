from alembic import op
from alembic_postgresql_enum import TableReference

revision = "b2"
down_revision = "a1"


def upgrade():
    op.sync_enum_values(
        enum_schema="public",
        enum_name="event_kind",
        new_values=["crash", "post_mortem"],
        affected_columns=[
            TableReference(table_schema="public", table_name="deployment_events", column_name="kind")
        ],
        enum_values_to_rename=[("autopsy", "post_mortem")],
    )
