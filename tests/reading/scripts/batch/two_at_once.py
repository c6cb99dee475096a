"""Alembic runs a batch when its `with` ends: the inner one first."""

from alembic import op

revision = "g4"
down_revision = None


def upgrade():
    with op.batch_alter_table("one") as first, op.batch_alter_table("two") as second:
        first.drop_column("a")
        second.drop_column("b")
        op.drop_table("gone")


def downgrade():
    pass
