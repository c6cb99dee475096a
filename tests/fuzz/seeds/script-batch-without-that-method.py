from alembic import op


def upgrade():
    with op.batch_alter_table("t") as op_:
        op_.drop_table("t")
        op_.nonsense("t")
