from alembic import op


def upgrade():
    while True:
        with op.batch_alter_table("events") as batch_op:
            batch_op.drop_column("a")
            batch_op.drop_column("b")
            batch_op.drop_column("c")
            batch_op.drop_index("d")
            batch_op.drop_index("e")
