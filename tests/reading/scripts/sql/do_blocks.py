from alembic import op

revision = "h4"
down_revision = None


def upgrade():
    op.execute(
        """
        DO $$
        BEGIN
            ALTER TABLE t DROP COLUMN a;
            EXECUTE 'ALTER TABLE t DROP COLUMN b';
        END
        $$;
        """
    )


def downgrade():
    op.execute(
        """
        DO $body$
        BEGIN
            IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 't') THEN
                ALTER TABLE t RENAME COLUMN c TO d;
            END IF;
        END $body$ LANGUAGE plpgsql
        """
    )
