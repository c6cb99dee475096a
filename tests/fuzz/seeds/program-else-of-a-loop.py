from alembic import op


def upgrade():
    for _ in range(3):
        if not op.get_bind().execute("SELECT 1").scalar():
            break
    else:
        op.drop_table("whole")
        raise ValueError
    while not op.get_bind().execute("SELECT 1").scalar():
        op.drop_table("while")
        break
    else:
        op.drop_table("else")
    op.drop_table("last")
