from alembic import op

revision = "d2"
down_revision = None


def upgrade():
    names = ["a", "b", "skip", "c", "stop", "d"]
    while names:
        name = names.pop(0)
        if name == "skip":
            continue
        if name == "stop":
            break
        op.drop_column("t", name)


def downgrade():
    n = 0
    while n < 2:
        op.drop_table("t%d" % n)
        n += 1
    else:
        op.drop_table("last")
