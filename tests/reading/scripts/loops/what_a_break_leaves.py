from alembic import op
import sqlalchemy as sa

revision = "l90"
down_revision = None


def upgrade():
    bind = op.get_bind()
    found = False
    for table in ["jobs", "runs"]:
        try:
            if bind.execute(sa.text(f"SELECT 1 FROM {table}")).fetchone():
                found = True
                break
        except Exception:
            pass
    if not found:
        return
    op.drop_table("jobs")


def downgrade():
    bind = op.get_bind()
    empty = True
    try:
        if bind.execute(sa.text("SELECT 1 FROM jobs")).scalar():
            empty = False
            raise ValueError
    except ValueError:
        pass
    if not empty:
        op.drop_column("jobs", "note")
