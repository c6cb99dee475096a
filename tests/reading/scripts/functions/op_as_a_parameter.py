revision = "c11"
down_revision = None


def upgrade(op, tables, tester):
    op.drop_column("t", "a")
    with op.batch_alter_table("t") as batch_op:
        batch_op.drop_column("b")


def downgrade(op, tables, tester):
    op.drop_table("t")
