from alembic import op
import sqlalchemy as sa

revision = "a1"
down_revision = None


def upgrade():
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("note", sa.Text()),
        sa.Column("seen_at", sa.DateTime()),
    )


def downgrade():
    op.drop_table("audit")
