from alembic import op


def upgrade():
    for t in ["a", "b"]:
        if op.get_bind().execute("SELECT 1").scalar() and t == "a":
            continue
        op.drop_table(t)
        break
    n = 0
    while n < 3:
        n += 1
        if op.get_bind().execute("SELECT 1").scalar():
            continue
        return
    op.drop_table("t8")
