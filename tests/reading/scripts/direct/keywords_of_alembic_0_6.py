from alembic import op

revision = "a1"
down_revision = None


def upgrade():
    op.drop_index(name="ix_events_kind", tablename="events")
    op.alter_column("events", "kind", name="event_kind")
    op.drop_constraint("uq_events", "events", type="unique")


def downgrade():
    op.create_unique_constraint(name="uq_events", source="events", local_cols=["event_kind"])
