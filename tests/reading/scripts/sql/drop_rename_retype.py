from alembic import op

revision = "h1"
down_revision = None


def upgrade():
    op.execute("ALTER TABLE t DROP COLUMN a")
    op.execute("alter table t drop b")
    op.execute("ALTER TABLE IF EXISTS ONLY t DROP COLUMN IF EXISTS c CASCADE")
    op.execute("ALTER TABLE t RENAME COLUMN d TO e")
    op.execute("ALTER TABLE t RENAME f TO g")
    op.execute("ALTER TABLE t ALTER COLUMN h TYPE bigint USING h::bigint")
    op.execute("ALTER TABLE t ALTER i SET DATA TYPE varchar(20)")
    op.execute("ALTER TABLE t RENAME TO u")
    op.execute("DROP TABLE v, s.w CASCADE")
    op.execute("ALTER TABLE s.x SET SCHEMA archive")


def downgrade():
    pass
