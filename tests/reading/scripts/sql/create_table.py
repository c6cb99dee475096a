from alembic import op

revision = "h6"
down_revision = None


def upgrade():
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS jobs.events (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            kind text NOT NULL CHECK (kind <> ''),
            n numeric(10, 2),
            at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (kind, at)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX CONCURRENTLY ix_kind ON jobs.events USING btree (kind) WHERE kind = 'a'")
    op.execute("CREATE VIEW jobs.recent AS SELECT * FROM jobs.events")


def downgrade():
    op.execute("DROP VIEW jobs.recent")
    op.execute("DROP INDEX jobs.ix_kind")
    op.execute("DROP TABLE jobs.events")
