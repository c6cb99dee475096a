"""drop hint

Revision ID: 4f1c2a9d7b31
Revises: e05a9d74c3b6
Create Date: 2026-11-02 10:12:44.120331

"""
import sqlalchemy as sa
from alembic import op

revision = "4f1c2a9d7b31"
down_revision = "e05a9d74c3b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("deployment_events", "hint")


def downgrade() -> None:
    op.add_column("deployment_events", sa.Column("hint", sa.Text(), server_default="", nullable=False))
