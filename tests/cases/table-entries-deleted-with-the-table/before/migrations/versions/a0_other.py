import sqlalchemy as sa
from alembic import op

revision = "a0"
down_revision = None


def upgrade():
    op.create_table("other", sa.Column("id", sa.Uuid(), nullable=False))
