from alembic import op

revision = "h5"
down_revision = None


def upgrade():
    op.execute("SET search_path TO jobs, public")
    op.execute("ALTER TABLE events DROP COLUMN a")
    op.drop_column("events", "b", schema="other")


def downgrade():
    pass
