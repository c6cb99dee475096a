import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None


def upgrade():
    op.execute(sa.DDL("DO $$ BEGIN EXECUTE format('DROP TABLE %%I', 'users'); END $$"))


def downgrade():
    pass
