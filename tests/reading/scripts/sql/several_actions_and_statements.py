from alembic import op

revision = "h2"
down_revision = None


def upgrade():
    op.execute(
        """
        -- the old columns; DROP COLUMN not_this
        ALTER TABLE t
            DROP COLUMN a, /* and
            DROP COLUMN nor_this */
            DROP b,
            ADD COLUMN c int NOT NULL DEFAULT 0,
            ALTER COLUMN d DROP NOT NULL,
            ALTER e SET DEFAULT 'x; y';
        DROP TABLE u;
        """
    )


def downgrade():
    pass
