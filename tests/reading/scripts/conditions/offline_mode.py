from alembic import context, op

revision = "e8"
down_revision = None


def upgrade():
    if not context.is_offline_mode():
        op.drop_column("t", "a")
    else:
        op.execute("ALTER TABLE t DROP COLUMN a")


def downgrade():
    pass
