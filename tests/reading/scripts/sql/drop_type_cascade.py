from alembic import op

revision = "h11"
down_revision = None


def upgrade():
    op.execute("DROP TYPE IF EXISTS jobs.kind CASCADE")
    op.execute("DROP SCHEMA old CASCADE")
    op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_a, jobs.ix_b")


def downgrade():
    pass
