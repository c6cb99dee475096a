"""count the attempts

Revision ID: f72b94d3e0c8
Revises: e05a9d74c3b6
Create Date: 2026-11-16 13:08:17.002938

"""
import sqlalchemy as sa
from alembic import op

revision = "f72b94d3e0c8"
down_revision = "e05a9d74c3b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deployment_events", sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("deployment_events", "attempt")
