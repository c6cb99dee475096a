from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "k3"
down_revision = "k2"

size = postgresql.ENUM("s", "m", name="size")


def upgrade():
    # Alembic does not make the type of a column that it adds: that is left to the script.
    op.add_column("paints", sa.Column("finish", sa.Enum("matt", "silk", name="finish")))
    size.create(op.get_bind(), checkfirst=True)
    op.add_column("paints", sa.Column("size", size))
    with op.batch_alter_table("paints") as batch_op:
        batch_op.add_column(sa.Column("look", sa.Enum("old", "new", name="look")))


def downgrade():
    op.drop_column("paints", "size")
    size.drop(op.get_bind())
