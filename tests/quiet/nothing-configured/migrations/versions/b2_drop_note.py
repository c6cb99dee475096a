from alembic import op
import sqlalchemy as sa

revision = "b2"
down_revision = "a1"


def upgrade():
    op.drop_column("audit", "note")


def downgrade():
    op.add_column("audit", sa.Column("note", sa.Text()))
