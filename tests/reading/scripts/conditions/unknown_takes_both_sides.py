import os

from alembic import op

revision = "e2"
down_revision = None


def upgrade():
    if os.environ.get("DROP_HINT"):
        op.drop_column("t", "hint")
    else:
        op.alter_column("t", "hint", new_column_name="note")
    op.drop_column("t", "always")


def downgrade():
    pass
