import sqlalchemy as sa
from alembic import op

revision = "c3"
down_revision = "b2"


def upgrade():
    op.add_column("deployment_events", sa.Column("hint", sa.Text(), nullable=False, server_default=""))
