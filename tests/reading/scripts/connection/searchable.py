from alembic import op
from sqlalchemy_searchable import drop_trigger, sql_expressions, sync_trigger

revision = "i10"
down_revision = None


def upgrade():
    conn = op.get_bind()
    op.execute(sql_expressions)
    sync_trigger(conn, "queries", "search_vector", ["name"])
    op.drop_column("queries", "a")


def downgrade():
    drop_trigger(op.get_bind(), "queries", "search_vector")
