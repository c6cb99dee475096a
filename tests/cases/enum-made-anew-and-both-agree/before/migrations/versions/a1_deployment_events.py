import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None


def upgrade():
    op.create_table(
        "deployment_events",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Enum("crash", "autopsy", "deploy", name="event_kind"), nullable=False),
    )
