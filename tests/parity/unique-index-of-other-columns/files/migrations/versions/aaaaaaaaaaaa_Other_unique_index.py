"""Other unique index"""

import sqlalchemy as sa
from alembic import op

revision = "aaaaaaaaaaaa"
down_revision = "e05a9d74c3b6"


def upgrade():
    op.drop_index("deployment_events_autopsy_uniq", table_name="deployment_events")
    op.create_index(
        "deployment_events_autopsy_uniq",
        "deployment_events",
        ["deployment_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'failure_autopsy'"),
    )


def downgrade():
    pass
