"""a hint for the person whose deployment failed

Revision ID: e05a9d74c3b6
Revises: c47d08e2b1fa
Create Date: 2026-05-19 14:47:12.905573

"""
from alembic import op

revision = "e05a9d74c3b6"
down_revision = "c47d08e2b1fa"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE deployment_events ADD COLUMN hint text NOT NULL DEFAULT ''")


def downgrade() -> None:
    op.execute("ALTER TABLE deployment_events DROP COLUMN hint")
