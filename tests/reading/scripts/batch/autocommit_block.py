from alembic import op

revision = "g3"
down_revision = None


def upgrade():
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE kind ADD VALUE IF NOT EXISTS 'retry'")
        op.create_index("ix_a", "t", ["a"], postgresql_concurrently=True)
    with op.get_context().begin_transaction():
        op.drop_column("t", "b")


def downgrade():
    pass
