import os

from alembic import op

revision = "f3"
down_revision = None


def upgrade():
    op.drop_column("audit_" + os.environ["TENANT"], "who")
    op.drop_column("t", os.environ["COLUMN"])
    op.execute(f"DROP TABLE {os.environ['NAME']}_log")


def downgrade():
    pass
