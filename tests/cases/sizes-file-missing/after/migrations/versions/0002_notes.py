from alembic import op
import sqlalchemy as sa

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_index("audit_note", "audit", ["note"])
    op.alter_column("plans", "name", nullable=False)
    op.execute("ALTER TABLE plans SET UNLOGGED")
    op.alter_column("days", "day", type_=sa.BigInteger())
    op.execute("REINDEX TABLE audit")
    op.rename_table("audit", "log")
    op.alter_column("log", "note", nullable=False)


def downgrade():
    pass
