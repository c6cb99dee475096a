import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.add_column("deployment_events", sa.Column("attempt", sa.Integer(), nullable=False))
