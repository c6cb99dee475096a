from alembic import op
import sqlalchemy as sa

revision = "g2"
down_revision = None


def drop(batch, *names):
    for name in names:
        batch.drop_column(name)


def upgrade():
    for table in ("users", "teams"):
        with op.batch_alter_table(table, recreate="never") as b:
            drop(b, "a", "b")
    with op.batch_alter_table("t"):
        op.drop_column("u", "x")
    batch = op.batch_alter_table("v")
    with batch as entered:
        getattr(entered, "drop_column")("y")


def downgrade():
    pass
