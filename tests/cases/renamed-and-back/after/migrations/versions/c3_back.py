from alembic import op

revision = "c3"
down_revision = "b2"


def upgrade():
    op.alter_column("deployment_events", "hint_text", new_column_name="hint")
