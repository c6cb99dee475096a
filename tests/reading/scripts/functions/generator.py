from alembic import op

revision = "c7"
down_revision = None


def names():
    yield "a"
    for suffix in ("x", "y"):
        yield f"b_{suffix}"


def upgrade():
    for name in names():
        op.drop_column("t", name)


def downgrade():
    pass
