"""No default"""

import sqlalchemy as sa
from alembic import op

revision = "aaaaaaaaaaaa"
down_revision = "e05a9d74c3b6"


def upgrade():
    op.alter_column("deployment_events", "created_at", server_default=None)


def downgrade():
    pass
