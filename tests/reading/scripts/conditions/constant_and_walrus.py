from alembic import op

revision = "e5"
down_revision = None

DROP = True
VERSION = (3, 4)


def upgrade():
    if DROP and not None:
        op.drop_column("t", "a")
    if VERSION < (3, 0):
        op.drop_column("t", "wrong")
    if (table := "u" if DROP else "wrong") and len(table) == 1:
        op.drop_column(table, "b")
    op.drop_column("t", "c" or "wrong")


def downgrade():
    assert revision
    not DROP or op.drop_table("t")
