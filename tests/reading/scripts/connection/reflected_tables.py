import sqlalchemy as sa
from alembic import op

revision = "i9"
down_revision = None


def upgrade():
    bind = op.get_bind()
    meta = sa.MetaData()
    meta.reflect(bind=bind, only=("jobs",))
    jobs = meta.tables["jobs"]
    for key, name in bind.execute(sa.text("SELECT id, name FROM kinds")).fetchall():
        bind.execute(jobs.update().where(jobs.c.kind == name).values(kind_id=key))
    meta.tables["old.jobs"].drop(bind)


def downgrade():
    meta = sa.MetaData()
    meta.reflect(bind=op.get_bind())
    for table in meta.sorted_tables:
        op.drop_column(table.name, "kind_id")
