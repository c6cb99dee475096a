from alembic import op

revision = "h8"
down_revision = None


def upgrade():
    op.execute("ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 0) NOT VALID")
    op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck")
    op.execute("ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES u (id) ON DELETE CASCADE")
    op.execute("ALTER TABLE t RENAME CONSTRAINT ck TO ck_a")
    op.execute("ALTER TABLE t DROP CONSTRAINT IF EXISTS uq")
    op.execute("ALTER INDEX ix RENAME TO ix_t")


def downgrade():
    pass
