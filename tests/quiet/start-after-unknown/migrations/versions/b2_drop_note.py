import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.drop_column("audit", "note")


def downgrade():
    op.add_column("audit", sa.Column("note", sa.Text()))
