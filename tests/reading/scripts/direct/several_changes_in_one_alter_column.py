from alembic import op
import sqlalchemy as sa

revision = "a8"
down_revision = None


def upgrade():
    op.alter_column(
        "t", "a", nullable=False, server_default="0", new_column_name="b", type_=sa.BigInteger(), existing_type=sa.Integer()
    )


def downgrade():
    pass
