from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.alter_column("audit", "note", nullable=False)
    op.alter_column("plans", "name", nullable=False)


def downgrade():
    op.alter_column("plans", "name", nullable=True)
    op.alter_column("audit", "note", nullable=True)
