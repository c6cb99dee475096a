"""Drop the index"""

import sqlalchemy as sa
from alembic import op

revision = "aaaaaaaaaaaa"
down_revision = "e05a9d74c3b6"


def upgrade():
    op.drop_index("deployment_events_autopsy_uniq", table_name="deployment_events")


def downgrade():
    pass
