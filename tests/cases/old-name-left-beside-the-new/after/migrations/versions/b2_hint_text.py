from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.alter_column("deployment_events", "hint", new_column_name="hint_text")
