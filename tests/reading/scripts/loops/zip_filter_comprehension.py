from alembic import op

revision = "d3"
down_revision = None

OLD = ["a", "b"]
NEW = ["x", "y"]
SKIP = {"z"}


def upgrade():
    for old, new in zip(OLD, NEW):
        op.alter_column("t", old, new_column_name=new)
    for name in [n.upper() for n in OLD + ["z"] if n not in SKIP]:
        op.drop_table(name.lower() + "_log")
    pairs = {k: v for k, v in zip(OLD, NEW)}
    for k in pairs:
        op.rename_table(k, pairs[k])


def downgrade():
    list(map(op.drop_table, NEW))
