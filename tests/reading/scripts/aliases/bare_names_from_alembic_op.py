from alembic.op import add_column, drop_column, execute as run, get_bind
from sqlalchemy import Column, String

revision = "b2"
down_revision = None


def upgrade():
    add_column("t", Column("a", String(10)))
    drop_column("t", "b")
    run("ALTER TABLE t DROP COLUMN c")


def downgrade():
    drop_column("t", "a")
