from alembic import op

revision = "l3"
down_revision = None


def upgrade():
    def inner():
        op.drop_column("t", "a")

    inner()
    (lambda: op.drop_column("t", "b"))()
    [op.drop_column("t", c) for c in "cd"]
    _ = op.drop_column("t", "e") if revision else op.drop_table("wrong")
    for f in (inner,):
        f()


downgrade = upgrade
