from alembic import op
import sqlalchemy as sa

revision = "d4"
down_revision = None


def upgrade():
    bind = op.get_bind()
    for row in bind.execute(sa.text("SELECT tablename FROM pg_tables WHERE tablename LIKE 'audit_%'")):
        op.drop_column(row[0], "who")
    op.drop_column("t", "a")


def downgrade():
    pass
