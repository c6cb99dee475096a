import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger())
