from alembic import op

revision = "n1"
down_revision = None


def forever(n):
    return forever(n + 1)


def upgrade():
    op.drop_column("t", "a")
    while True:
        pass


def downgrade():
    op.drop_column("t", "b")
    forever(0)
