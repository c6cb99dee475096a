"""The context's `impl` is what every directive ends in; whoever calls it goes around them."""

from alembic import op
import sqlalchemy as sa

revision = "o3"
down_revision = None


def upgrade():
    impl = op.get_context().impl
    impl.drop_table(sa.Table("gone", sa.MetaData()))
    impl.drop_column("t", sa.Column("a", sa.Integer))


def downgrade():
    pass
