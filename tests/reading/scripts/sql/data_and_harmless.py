from alembic import op

revision = "h7"
down_revision = None


def upgrade():
    op.execute("UPDATE events SET kind = 'DROP TABLE events' WHERE reason = 'ALTER TABLE x DROP COLUMN y'")
    op.execute("INSERT INTO kinds (name) SELECT DISTINCT kind FROM events")
    op.execute("DELETE FROM events WHERE kind IS NULL")
    op.drop_column("events", "kind")


def downgrade():
    pass
