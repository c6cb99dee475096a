from alembic import op
import sqlalchemy as sa

revision = "e4"
down_revision = None


def upgrade():
    op.drop_column("t", "before")
    if "t" not in sa.inspect(op.get_bind()).get_table_names():
        return
    op.drop_column("t", "after")


def downgrade():
    if op.get_bind().execute(sa.text("SELECT 1 FROM t")).scalar():
        raise RuntimeError("there are rows")
    op.drop_table("t")
