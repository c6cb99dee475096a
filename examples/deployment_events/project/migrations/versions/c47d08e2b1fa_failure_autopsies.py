"""failure autopsies

One autopsy for each failed deployment: written again when the worker knows more.

Revision ID: c47d08e2b1fa
Revises: b91e6a3f5c20
Create Date: 2026-03-02 11:20:31.664018

"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "c47d08e2b1fa"
down_revision = "b91e6a3f5c20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("deployment_events", "cause", new_column_name="reason")
    op.add_column("deployment_events", sa.Column("event", sa.Text(), server_default="", nullable=False))
    op.add_column("deployment_events", sa.Column("last_lines", JSONB(), server_default="[]", nullable=False))
    op.execute(
        """
        CREATE UNIQUE INDEX deployment_events_autopsy_uniq
            ON deployment_events (deployment_id, kind)
            WHERE kind = 'failure_autopsy'
        """
    )


def downgrade() -> None:
    op.drop_index("deployment_events_autopsy_uniq", "deployment_events")
    op.drop_column("deployment_events", "last_lines")
    op.drop_column("deployment_events", "event")
    op.alter_column("deployment_events", "reason", new_column_name="cause")
