import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.add_column("deployment_events", sa.Column("attempt", sa.Integer()))


def downgrade():
    op.drop_column("deployment_events", "attempt")
    op.drop_column("deployment_events", "hint")
