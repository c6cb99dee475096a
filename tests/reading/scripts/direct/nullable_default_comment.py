from alembic import op
import sqlalchemy as sa

revision = "a3"
down_revision = "a2"


def upgrade():
    op.alter_column("t", "a", nullable=False)
    op.alter_column("t", "b", nullable=True, existing_type=sa.Text())
    op.alter_column("t", "c", server_default="x")
    op.alter_column("t", "d", server_default=sa.text("now()"))
    op.alter_column("t", "e", server_default=None)
    op.alter_column("t", "f", comment="what it is")
    op.create_table_comment("t", "a table")
    op.drop_table_comment("t")


def downgrade():
    pass
