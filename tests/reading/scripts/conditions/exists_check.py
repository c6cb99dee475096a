from alembic import op
import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector

revision = "e3"
down_revision = None


def has_column(table, column):
    inspector = sa.inspect(op.get_bind())
    return column in [c["name"] for c in inspector.get_columns(table)]


def upgrade():
    if has_column("t", "a"):
        op.drop_column("t", "a")
    inspector = Inspector.from_engine(op.get_bind())
    if "gone" in inspector.get_table_names():
        op.drop_table("gone")
    if not inspector.has_table("t2"):
        op.create_table("t2", sa.Column("id", sa.Integer()))


def downgrade():
    pass
