from pathlib import Path

from alembic import op

revision = "m2"
down_revision = None


def upgrade():
    op.execute(open("/etc/passwd").read())
    op.execute(Path("/etc/hosts").read_text())


def downgrade():
    with open("/dev/zero") as f:
        op.execute(f.read())
