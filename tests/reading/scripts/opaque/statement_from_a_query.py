from alembic import op
import sqlalchemy as sa

revision = "m4"
down_revision = None


def upgrade():
    conn = op.get_bind()
    statements = conn.execute(sa.text("SELECT format('DROP TABLE %I', tablename) FROM pg_tables")).scalars()
    for statement in statements:
        conn.execute(sa.text(statement))


def downgrade():
    op.execute("DO $$ BEGIN EXECUTE (SELECT string_agg(stmt, ';') FROM pending); END $$")
