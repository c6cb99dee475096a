"""exit_code is a bigint

Revision ID: d18c7f60a2e9
Revises: e05a9d74c3b6
Create Date: 2026-11-11 08:55:39.771204

"""
from alembic import op

revision = "d18c7f60a2e9"
down_revision = "e05a9d74c3b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE deployment_events
            ALTER COLUMN exit_code TYPE bigint
        """
    )


def downgrade() -> None:
    op.execute("ALTER TABLE deployment_events ALTER COLUMN exit_code TYPE integer")
