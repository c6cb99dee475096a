from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.execute("CREATE SCHEMA audit")
    op.execute("ALTER TABLE deployment_events SET SCHEMA audit")
