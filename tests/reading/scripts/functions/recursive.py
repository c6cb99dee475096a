from alembic import op

revision = "c5"
down_revision = None


def drop_all(names):
    if not names:
        return
    op.drop_table(names[0])
    drop_all(names[1:])


def upgrade():
    drop_all(["a", "b", "c"])


def downgrade():
    pass
