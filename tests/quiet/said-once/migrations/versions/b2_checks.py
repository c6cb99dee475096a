from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.create_check_constraint("audit_note_said", "audit", "note <> ''")
    op.create_check_constraint("audit_seen_said", "audit", "seen_at > '2020-01-01'")
    op.create_check_constraint("audit_seen_once", "audit", "seen_at < '2100-01-01'")


def downgrade():
    op.drop_constraint("audit_note_said", "audit")
    op.drop_constraint("audit_seen_said", "audit")
    op.drop_constraint("audit_seen_once", "audit")
