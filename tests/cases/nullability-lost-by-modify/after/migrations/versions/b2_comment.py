import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.alter_column("deployment_events", "hint", existing_type=sa.String(40), comment="what to do")
