"""Add attempt"""

import sqlalchemy as sa
from alembic import op

revision = "aaaaaaaaaaaa"
down_revision = "e05a9d74c3b6"


def upgrade():
    op.add_column("deployment_events", sa.Column("attempt", sa.Integer(), nullable=False))


def downgrade():
    pass
