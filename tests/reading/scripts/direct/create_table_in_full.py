from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "a6"
down_revision = None


def upgrade():
    op.create_table(
        "deployment_events",
        sa.Column("id", postgresql.UUID(as_uuid=True), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("deployment_id", sa.UUID(), sa.ForeignKey("deployments.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, index=True),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("last_lines", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="deployment_events_pkey"),
        sa.UniqueConstraint("deployment_id", "kind"),
        schema="jobs",
    )


def downgrade():
    op.drop_table("deployment_events", schema="jobs")
