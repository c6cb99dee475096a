from alembic import op

revision = "h10"
down_revision = None


def upgrade():
    op.execute("DO $$ BEGIN EXECUTE format('ALTER TABLE %I DROP COLUMN %I', 't', 'a'); END $$")
    op.execute("DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'u' || ' CASCADE'; END $$")


def downgrade():
    op.execute(
        """
        DO $$
        DECLARE r record;
        BEGIN
            FOR r IN SELECT tablename FROM pg_tables LOOP
                EXECUTE format('ALTER TABLE %I DROP COLUMN a', r.tablename);
            END LOOP;
        END $$
        """
    )
