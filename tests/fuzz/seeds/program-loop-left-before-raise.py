from alembic import op


def upgrade():
    for t in ["a", "b"]:
        try:
            continue
        except LookupError:
            pass
        raise KeyError(1)
    for _ in range(3):
        if not op.get_bind().execute("SELECT 1").scalar():
            continue
        raise ValueError
    op.drop_table("t8")
