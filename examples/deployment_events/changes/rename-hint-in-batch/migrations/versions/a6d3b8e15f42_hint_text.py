"""hint becomes hint_text

Revision ID: a6d3b8e15f42
Revises: e05a9d74c3b6
Create Date: 2026-11-09 15:30:02.448170

"""
from alembic import op

revision = "a6d3b8e15f42"
down_revision = "e05a9d74c3b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deployment_events") as batch_op:
        batch_op.alter_column("hint", new_column_name="hint_text")


def downgrade() -> None:
    with op.batch_alter_table("deployment_events") as batch_op:
        batch_op.alter_column("hint_text", new_column_name="hint")
