import sqlalchemy as sa
from alembic import op

from somewhere_else import engine, settings

revision = "i8"
down_revision = None


def upgrade():
    engine.execute("ALTER TABLE t DROP COLUMN a")
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE t DROP COLUMN b"))
    settings.load("ALTER is a word here")


def downgrade():
    op.drop_column("t", "c")
