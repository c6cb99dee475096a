import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.alter_column("deployment_events", "exit_code", type_=sa.INT())
    op.execute("ALTER TABLE deployment_events ALTER exit_code TYPE pg_catalog.int4")
