from alembic import op
import sqlalchemy as sa

revision = "a2"
down_revision = "a1"


def upgrade() -> None:
    op.create_index("ix_e_kind", "events", ["kind", sa.text("lower(reason)")], unique=True)
    op.create_index(op.f("ix_events_at"), "events", ["created_at"], postgresql_concurrently=True)
    op.create_foreign_key("fk_e_d", "events", "deployments", ["deployment_id"], ["id"], ondelete="CASCADE")
    op.create_unique_constraint("uq_e", "events", ["deployment_id", "kind"])
    op.create_check_constraint("ck_e", "events", "exit_code >= 0")
    op.create_primary_key("pk_e", "events", ["id"])
    op.drop_constraint("ck_old", "events", type_="check")
    op.drop_index("ix_old", table_name="events")


def downgrade() -> None:
    pass
