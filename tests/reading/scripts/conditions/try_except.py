from alembic import op
import sqlalchemy as sa

revision = "e7"
down_revision = None

try:
    from sqlalchemy.dialects.postgresql import JSONB
except ImportError:
    JSONB = sa.Text


def upgrade():
    try:
        op.drop_column("t", "a")
    except sa.exc.ProgrammingError:
        op.drop_column("t", "a_old")
    finally:
        op.drop_column("t", "b")


def downgrade():
    op.add_column("t", sa.Column("a", JSONB()))
