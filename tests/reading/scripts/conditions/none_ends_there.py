import sqlalchemy as sa
from alembic import op

revision = "c9"
down_revision = None


def table_of(bind):
    if bind.dialect.has_table(bind, "jobs"):
        return sa.table("jobs", sa.column("kind"))


def upgrade():
    bind = op.get_bind()
    jobs = table_of(bind)
    if jobs is None:
        return
    bind.execute(jobs.update().values(kind="x"))
    op.drop_column("jobs", "reason")


def downgrade():
    # Not configured, so it is None.
    schema = op.get_context().version_table_schema
    op.drop_column("jobs", "kind", schema=schema)
    prefix = schema + "." if schema else ""
    op.execute("ALTER TABLE " + prefix + "jobs DROP COLUMN other")
