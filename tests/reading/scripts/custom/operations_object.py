from alembic.migration import MigrationContext
from alembic.operations import Operations

from alembic import op

revision = "o2"
down_revision = None


def upgrade():
    operations = Operations(op.get_context())
    operations.drop_column("t", "a")
    with operations.batch_alter_table("t") as batch:
        batch.drop_column("b")
    context = MigrationContext.configure(op.get_bind())
    Operations(context).drop_column("t", "c")


def downgrade():
    op.get_context().impl.execute("ALTER TABLE t DROP COLUMN d")
    op.get_context().execute("ALTER TABLE t DROP COLUMN e")
