from contextlib import contextmanager

from alembic import op

revision = "c9"
down_revision = None


@contextmanager
def on(table):
    with op.batch_alter_table(table) as batch:
        yield batch


def upgrade():
    with on("t") as batch:
        batch.drop_column("a")
        batch.alter_column("b", new_column_name="c")


def downgrade():
    pass
