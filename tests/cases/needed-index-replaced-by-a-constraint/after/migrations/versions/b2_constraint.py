from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.drop_index("deployment_events_kind", "deployment_events")
    op.create_unique_constraint("deployment_events_kind_key", "deployment_events", ["kind"])
