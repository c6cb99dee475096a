revision = "0001"
down_revision = None

from alembic import op
import sqlalchemy as sa


def upgrade():
    op.drop_column("deployment_events", "hint")
    op.alter_column("deployment_events", "kind", new_column_name="event_kind")
    op.alter_column("deployment_events", "exit_code", existing_type=sa.Integer(), type_=sa.BigInteger())
    op.rename_table("deployments", "releases")
    op.drop_table("autopsies")


def downgrade():
    op.create_table("autopsies", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("body", sa.Text()))
    op.rename_table("releases", "deployments")
    op.alter_column("deployment_events", "exit_code", existing_type=sa.BigInteger(), type_=sa.Integer())
    op.alter_column("deployment_events", "event_kind", new_column_name="kind")
    op.add_column("deployment_events", sa.Column("hint", sa.Text(), server_default="", nullable=False))
