from alembic import op

revision = "n2"
down_revision = None


def upgrade():
    text = "x"
    for _ in range(10**9):
        text += text
    op.drop_column("t", text)


def downgrade():
    op.drop_column("t", "a" * 10**12)
